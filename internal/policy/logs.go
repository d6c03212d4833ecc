package policy

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/logpattern"
)

func init() { families = append(families, logFunctions) }

// logFunctions are the questions about log filters:
//
//	filter_covers(pattern, required)   does a filter match every event that the
//	    required pattern describes, however it is written?
func logFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("filter_covers", cel.Overload("filter_covers_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(have, want ref.Val) ref.Val {
				filter, err := logpattern.Parse(string(have.(types.String)))
				if err != nil {
					return types.False // what CloudWatch would refuse matches nothing
				}
				required, err := logpattern.Parse(string(want.(types.String)))
				if err != nil {
					return types.WrapErr(fmt.Errorf("required pattern: %w", err))
				}
				answer, missing := logpattern.Covers(filter, required)
				switch answer {
				case logpattern.True:
					return types.True
				case logpattern.False:
					return types.False
				}
				return types.NewErr("whether the filter covers %s cannot be decided", strings.Join(missing, ", "))
			}))),
	}
}
