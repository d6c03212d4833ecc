package logalert

import (
	"fmt"
	"strings"

	"github.com/stance-sec/stance/internal/logfilter"
	"github.com/stance-sec/stance/internal/truth"
)

// Metric is a log-based metric and what is known of the entries that it shall tell
// of.
type Metric struct {
	// Name is what follows "logging.googleapis.com/user/" in its type.
	Name string
	// Distribution is true of a metric of values that are taken out of entries; one
	// that holds no such value is not counted.
	Distribution bool
	// Resource is the monitored resource type of the entries, "" when they have many.
	Resource string
	// Project is the project that writes the entries.
	Project string
}

func (m Metric) typeName() string { return "logging.googleapis.com/user/" + m.Name }

// Fires reports whether a condition of an alert policy is met by each single entry
// that the metric counts, whatever else happens. The condition is the document of
// the API; without an answer the text says what cannot be told.
// https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#Condition
func Fires(condition map[string]any, m Metric) (truth.Truth, string) {
	for _, k := range kinds {
		switch c := condition[k.member].(type) {
		case nil:
		case map[string]any:
			return k.decide(c, m)
		default:
			return truth.Unknown, k.member + " of its alert is no object"
		}
	}
	return truth.Unknown, "what its alert, whose condition is of no known kind, waits for"
}

// kinds are the kinds of condition by the member that holds one.
var kinds = []struct {
	member string
	decide func(map[string]any, Metric) (truth.Truth, string)
}{
	{"conditionThreshold", threshold},
	{"conditionPrometheusQueryLanguage", prometheus},
	{"conditionMonitoringQueryLanguage", monitoringQuery},
	{"conditionSql", func(map[string]any, Metric) (truth.Truth, string) {
		return truth.Unknown, "which entries the SQL query of its alert finds"
	}},
	// One is met by silence, the other reads entries and no metric.
	{"conditionAbsent", never},
	{"conditionMatchedLog", never},
}

func never(map[string]any, Metric) (truth.Truth, string) { return truth.False, "" }

// covers reports whether a filter of Cloud Monitoring selects the time series to
// which an entry adds. They have the resource type of the entry, or "global" where
// Monitoring does not know that one; which types it knows is not told per metric, so
// either is taken. What a filter asks of other labels narrows it.
// https://cloud.google.com/monitoring/api/v3/filters
func covers(filter string, m Metric) (truth.Truth, string) {
	have, err := logfilter.Parse(filter)
	if err != nil {
		return truth.Unknown, fmt.Sprintf("the filter of its alert: %v", err)
	}
	project := fmt.Sprintf(" resource.labels.project_id=%q", m.Project)
	series := []string{project}
	if m.Resource != "" {
		series = []string{fmt.Sprintf(" resource.type=%q", m.Resource) + project, ` resource.type="global"` + project}
	}
	answer := truth.False
	for _, s := range series {
		want, err := logfilter.Parse(fmt.Sprintf("metric.type=%q", m.typeName()) + s)
		if err != nil {
			return truth.Unknown, fmt.Sprintf("the name of metric %s: %v", m.Name, err)
		}
		covered, _ := logfilter.Covers(have, want)
		if answer = answer.Or(covered); answer == truth.True {
			break
		}
	}
	if answer == truth.True && !strings.Contains(filter, m.typeName()) && strings.Contains(strings.ToLower(filter), strings.ToLower(m.typeName())) {
		answer = truth.Unknown // case counts in Cloud Monitoring, and not in the language of logs
	}
	if answer == truth.Unknown {
		return answer, fmt.Sprintf("whether the filter of its alert selects metric %s", m.Name)
	}
	return answer, ""
}
