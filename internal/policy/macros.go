package policy

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Names that controls cannot write themselves.
const (
	accountVar      = "@account"
	regionVar       = "@region"
	aboveVar        = "@above"
	parentVar       = "@parent"
	elsewhereVar    = "@elsewhere"
	presentFunction = "@present"
	// elsewhereFunction takes the assets of a type and the name of an account.
	elsewhereFunction = "@elsewhere_in"
)

// macros are CEL's own comprehensions, has() with three values, and the forms
// that name asset types:
//
//	assets("AWS::S3::Bucket")         the assets of the type in the account
//	region_assets("AWS::EC2::VPC")    those in the asset's region
//	assets_above("TYPE")              those of the accounts above
//	account_assets("shop", "TYPE")    those of the account of that name
//	parent("TYPE")                    the asset below which this one stands
//	age(config.CreateDate)            now minus a time
func macros() []cel.Macro {
	return []cel.Macro{
		cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro, cel.MapMacro, cel.MapFilterMacro, cel.FilterMacro,
		cel.GlobalMacro(operators.Has, 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
			if args[0].Kind() != ast.SelectKind {
				return nil, f.NewError(args[0].ID(), "has() takes a member: has(config.KmsKeyId)")
			}
			s := args[0].AsSelect()
			return f.NewCall(presentFunction, s.Operand(), f.NewLiteral(types.String(s.FieldName()))), nil
		}),
		cel.GlobalMacro("assets", 1, typed(accountVar)),
		cel.GlobalMacro("region_assets", 1, typed(regionVar)),
		cel.GlobalMacro("assets_above", 1, typed(aboveVar)),
		cel.GlobalMacro("account_assets", 2, func(f cel.MacroExprFactory, target ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
			assets, err := typed(elsewhereVar)(f, target, args[1:])
			if err != nil {
				return nil, err
			}
			return f.NewCall(elsewhereFunction, assets, args[0]), nil
		}),
		cel.GlobalMacro("parent", 1, typed(parentVar)),
		cel.GlobalMacro("age", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
			return f.NewCall(operators.Subtract, f.NewIdent("now"), args[0]), nil
		}),
	}
}

func typed(variable string) cel.MacroFactory {
	return func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		if args[0].Kind() != ast.LiteralKind {
			return nil, f.NewError(args[0].ID(), "takes an asset type in quotes")
		}
		name, ok := args[0].AsLiteral().Value().(string)
		if !ok {
			return nil, f.NewError(args[0].ID(), "takes an asset type in quotes")
		}
		return f.NewSelect(f.NewIdent(variable), name), nil
	}
}
