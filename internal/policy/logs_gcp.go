package policy

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/logfilter"
	"github.com/stance-sec/stance/internal/truth"
)

func init() { families = append(families, googleLogFunctions) }

// googleLogFunctions are the questions about filters of Cloud Logging:
//
//	log_filter_covers(filter, required)   does a filter match every entry that the
//	    required filter describes, however it is written?
//	log_destination_account(destination)  the project that a sink routes to, directly
//	    or into one of its log buckets; "" for what is not Cloud Logging
func googleLogFunctions() []cel.EnvOption {
	known := filterAnswers{decide: filterCovers}
	return []cel.EnvOption{
		cel.Function("log_destination_account", cel.Overload("log_destination_account_string", []*cel.Type{cel.StringType}, cel.StringType,
			cel.UnaryBinding(func(destination ref.Val) ref.Val {
				rest, ok := strings.CutPrefix(string(destination.(types.String)), "logging.googleapis.com/projects/")
				project, _, _ := strings.Cut(rest, "/")
				if !ok {
					project = ""
				}
				return types.String(project)
			}))),
		cel.Function("log_filter_covers", cel.Overload("log_filter_covers_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(have, want ref.Val) ref.Val {
				return known.covers(filterPair{string(have.(types.String)), string(want.(types.String))})
			}))),
	}
}

func filterCovers(p filterPair) ref.Val {
	required, err := logfilter.Parse(p.want)
	if err != nil {
		return types.WrapErr(fmt.Errorf("required filter: %w", err))
	}
	filter, err := logfilter.Parse(p.have)
	if err != nil {
		// The service took it, so it means something that is not known here.
		return types.WrapErr(fmt.Errorf("read the filter: %w", err))
	}
	switch answer, missing := logfilter.Covers(filter, required); answer {
	case truth.True:
		return types.True
	case truth.False:
		return types.False
	default:
		return types.NewErr("whether the filter covers %s cannot be decided", strings.Join(missing, ", "))
	}
}
