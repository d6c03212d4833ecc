package policy

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/logalert"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/truth"
)

func init() { families = append(families, metricAlertFunctions) }

// metricAlertFunctions are the questions about alert policies of Cloud Monitoring:
//
//	metric_alert_fires(condition, metric, valueType, resource, project)   is the
//	    condition met by each single log entry that the log-based metric counts?
func metricAlertFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("metric_alert_fires", cel.Overload("metric_alert_fires_dyn_strings",
			[]*cel.Type{cel.DynType, cel.StringType, cel.StringType, cel.StringType, cel.StringType}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				c, ok := args[0].(*object)
				if !ok {
					return types.NewErr("metric_alert_fires() takes a condition of an alert policy")
				}
				if gap := firstGap(c.gaps); gap != nil {
					return c.unknown(gap)
				}
				text := func(i int) string { return string(args[i].(types.String)) }
				m := logalert.Metric{Name: text(1), Distribution: text(2) == "DISTRIBUTION", Resource: text(3), Project: text(4)}
				switch answer, why := logalert.Fires(c.fields, m); answer {
				case truth.True:
					c.st.note(model.Evidence{Asset: c.owner.ID, Path: c.path(""), Value: m.Name, Note: "fires for each entry of the metric"})
					return types.True
				case truth.False:
					return types.False
				default:
					return types.NewErr("it cannot be told %s", why)
				}
			}))),
	}
}
