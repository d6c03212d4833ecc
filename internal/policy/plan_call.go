package policy

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// overloadsOf returns the bindings of all functions of an environment, by the ids
// of their overloads and by their names.
func overloadsOf(env *cel.Env) (map[string]*functions.Overload, error) {
	out := map[string]*functions.Overload{}
	for name, f := range env.Functions() {
		bindings, err := f.Bindings()
		if err != nil {
			return nil, fmt.Errorf("bind %s: %w", name, err)
		}
		for _, b := range bindings {
			out[b.Operator] = b
		}
	}
	return out, nil
}

// call plans an operator or a function.
func (p *planner) call(x ast.Expr) (node, error) {
	c := x.AsCall()
	switch c.FunctionName() {
	case operators.LogicalAnd, operators.LogicalOr:
		return p.logical(x)
	}
	of := c.Args()
	if c.IsMemberFunction() {
		of = append([]ast.Expr{c.Target()}, of...)
	}
	args, err := p.nodes(of)
	if err != nil {
		return node{}, err
	}
	switch c.FunctionName() {
	case operators.LogicalNot:
		return node{run: not(as[bool](args[0]))}, nil
	case operators.Conditional:
		return conditional(args), nil
	case operators.Equals, operators.NotEquals:
		return equality(args, c.FunctionName() == operators.Equals), nil
	case operators.Index:
		return p.index(x, args[0], args[1])
	case operators.In:
		return p.within(args), nil
	}
	if n, ok, err := p.native(x, args); ok || err != nil {
		return n, err
	}
	return p.function(x, args)
}

// native plans the functions that are worth calling without values of CEL around
// what they take; ok is false for others, and for arguments whose kind is not known.
func (p *planner) native(x ast.Expr, args []node) (n node, ok bool, err error) {
	ids := p.checked.GetOverloadIDs(x.ID())
	if len(ids) != 1 {
		return node{}, false, nil
	}
	var run any
	switch ids[0] {
	case overloads.SizeList, overloads.SizeListInst, overloads.SizeMap, overloads.SizeMapInst:
		run = sizeOf(boxed(args[0]))
	case overloads.SizeString, overloads.SizeStringInst:
		run = with(args, func(s string) int64 { return int64(utf8.RuneCountInString(s)) })
	case overloads.AddString:
		run = joined(args)
	case overloads.ContainsString:
		run = onTexts(args, strings.Contains)
	case overloads.StartsWithString:
		run = onTexts(args, strings.HasPrefix)
	case overloads.EndsWithString:
		run = onTexts(args, strings.HasSuffix)
	case overloads.Matches, overloads.MatchesString:
		pattern, known := args[1].value.(types.String)
		if !known || !args[1].literal {
			return node{}, false, nil
		}
		re, err := regexp.Compile(string(pattern))
		if err != nil {
			return node{}, false, err
		}
		run = with(args, re.MatchString)
	case "same_string_string":
		run = onTexts(args, strings.EqualFold)
	case "wildcard_string_string":
		run = onTexts(args, covers)
	case "days_int":
		run = with(args, func(n int64) time.Duration { return time.Duration(n) * 24 * time.Hour })
	case "present":
		run = present(args)
	default:
		run = ordering(x.AsCall().FunctionName(), args)
	}
	return node{run: run}, !reflect.ValueOf(run).IsNil(), nil
}

// with plans a function of its first argument that has no errors of its own.
func with[A, B any](args []node, f func(A) B) expr[B] {
	of, ok := args[0].run.(expr[A])
	if !ok {
		return nil
	}
	return func(act *activation) (out B, why *fault) {
		v, why := of(act)
		if why == nil {
			out = f(v)
		}
		return out, why
	}
}

// onTexts plans a question about two texts.
func onTexts(args []node, ask func(string, string) bool) expr[bool] {
	l, ok := args[0].run.(expr[string])
	r, too := args[1].run.(expr[string])
	if !ok || !too {
		return nil
	}
	if c, ok := args[1].value.(types.String); ok {
		return with(args, func(s string) bool { return ask(s, string(c)) })
	}
	return func(act *activation) (bool, *fault) {
		a, b, why := both(act, l, r)
		return why == nil && ask(a, b), why
	}
}

func joined(args []node) expr[string] {
	l, ok := args[0].run.(expr[string])
	r, too := args[1].run.(expr[string])
	if !ok || !too {
		return nil
	}
	return func(act *activation) (string, *fault) {
		a, b, why := both(act, l, r)
		if why != nil {
			return "", why
		}
		return a + b, nil
	}
}

// present plans has(config.Member), which the macro makes a call.
func present(args []node) expr[bool] {
	of, ok := args[0].run.(expr[*object])
	name, known := args[1].value.(types.String)
	if !ok || !known {
		return nil
	}
	return func(act *activation) (bool, *fault) {
		o, why := of(act)
		if why != nil {
			return false, why
		}
		return o.has(string(name))
	}
}

// function plans a call of what is bound to a function. It is strict: without a
// value of each argument there is none of the function.
func (p *planner) function(x ast.Expr, args []node) (node, error) {
	name, ids := x.AsCall().FunctionName(), p.checked.GetOverloadIDs(x.ID())
	var f *functions.Overload
	if len(ids) == 1 {
		f = p.overloads[ids[0]]
	}
	if f == nil {
		f = p.overloads[name]
	}
	if f == nil || f.NonStrict || f.LateBound || f.Async != nil {
		return node{}, foreign(x)
	}
	vals := make([]expr[ref.Val], len(args))
	for i, arg := range args {
		vals[i] = boxed(arg)
	}
	missing := &fault{fmt.Errorf("no such overload: %s", name)}
	suits := func(v ref.Val) bool { return f.OperandTrait == 0 || v.Type().HasTrait(f.OperandTrait) }
	var run expr[ref.Val]
	switch {
	case len(args) == 1 && f.Unary != nil:
		of := vals[0]
		run = func(act *activation) (ref.Val, *fault) {
			v, why := of(act)
			switch {
			case why != nil:
				return nil, why
			case !suits(v):
				return nil, missing
			}
			return split[ref.Val](f.Unary(v))
		}
	case len(args) == 2 && f.Binary != nil:
		l, r := vals[0], vals[1]
		run = func(act *activation) (ref.Val, *fault) {
			a, b, why := both(act, l, r)
			switch {
			case why != nil:
				return nil, why
			case !suits(a):
				return nil, missing
			}
			return split[ref.Val](f.Binary(a, b))
		}
	case len(args) > 0 && f.Function != nil:
		run = func(act *activation) (ref.Val, *fault) {
			vals, why := all(act, vals)
			switch {
			case why != nil:
				return nil, why
			case !suits(vals[0]):
				return nil, missing
			}
			return split[ref.Val](f.Function(vals...))
		}
	default:
		return node{}, foreign(x)
	}
	if overloads.IsTypeConversionFunction(name) {
		return p.once(run, args)
	}
	return node{run: run}, nil
}
