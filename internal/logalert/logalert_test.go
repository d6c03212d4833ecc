package logalert

import (
	"encoding/json"
	"testing"

	"github.com/stance-sec/stance/internal/truth"
)

// condition reads a condition as a document of the API.
func condition(t *testing.T, kind, text string) map[string]any {
	t.Helper()
	var c map[string]any
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return map[string]any{"name": "n", "displayName": "d", kind: c}
}

var rules = Metric{Name: "rules", Resource: "gce_firewall_rule", Project: "shop"}

func check(t *testing.T, c map[string]any, m Metric, want truth.Truth) {
	t.Helper()
	got, why := Fires(c, m)
	if got != want {
		t.Errorf("fires: %s, want %s (%s)", got, want, why)
	}
	if (got == truth.Unknown) != (why != "") {
		t.Errorf("%s with the reason %q", got, why)
	}
}

func TestThreshold(t *testing.T) {
	const selects = `"filter": "metric.type=\"logging.googleapis.com/user/rules\" resource.type=\"gce_firewall_rule\""`
	const above = selects + `, "comparison": "COMPARISON_GT"`
	for _, c := range []struct {
		name, text string
		want       truth.Truth
	}{
		{"above nothing", above, truth.True},
		{"above zero", above + `, "thresholdValue": 0.0, "duration": "0s"`, truth.True},
		{"above a half", above + `, "thresholdValue": 0.5`, truth.True},
		{"above one", above + `, "thresholdValue": 1`, truth.False},
		{"above a hundred", above + `, "thresholdValue": 100`, truth.False},
		{"at least one", selects + `, "comparison": "COMPARISON_GE", "thresholdValue": 1`, truth.True},
		{"at least two", selects + `, "comparison": "COMPARISON_GE", "thresholdValue": 2`, truth.False},
		{"not zero", selects + `, "comparison": "COMPARISON_NE"`, truth.True},
		{"exactly one", selects + `, "comparison": "COMPARISON_EQ", "thresholdValue": 1`, truth.Unknown},
		{"exactly zero", selects + `, "comparison": "COMPARISON_EQ"`, truth.False},
		{"below one", selects + `, "comparison": "COMPARISON_LT", "thresholdValue": 1`, truth.False},
		{"no comparison", selects, truth.Unknown},
		{"the threshold is text", above + `, "thresholdValue": "0"`, truth.Unknown},
		{"no filter", `"comparison": "COMPARISON_GT"`, truth.Unknown},
		{"the filter cannot be read", `"filter": "metric.type=(", "comparison": "COMPARISON_GT"`, truth.Unknown},
		{"processes", `"filter": "select_process_count(\"x\") resource.type=\"gce_instance\"", "comparison": "COMPARISON_GT"`, truth.False},
		{"without a type", `"filter": "metric.type=\"logging.googleapis.com/user/rules\"", "comparison": "COMPARISON_GT"`, truth.True},
		{"of the type that stands for unknown ones", `"filter": "metric.type=\"logging.googleapis.com/user/rules\" AND resource.type=\"global\"", "comparison": "COMPARISON_GT"`, truth.True},
		{"of another type", `"filter": "metric.type=\"logging.googleapis.com/user/rules\" AND resource.type=\"gce_instance\"", "comparison": "COMPARISON_GT"`, truth.False},
		{"of the project itself", `"filter": "metric.type=\"logging.googleapis.com/user/rules\" AND resource.labels.project_id=\"shop\"", "comparison": "COMPARISON_GT"`, truth.True},
		{"of another project", `"filter": "metric.type=\"logging.googleapis.com/user/rules\" AND resource.labels.project_id=\"pay\"", "comparison": "COMPARISON_GT"`, truth.False},
		{"of one label", `"filter": "metric.type=\"logging.googleapis.com/user/rules\" AND metric.labels.user=\"ann\"", "comparison": "COMPARISON_GT"`, truth.False},
		{"of a longer name", `"filter": "metric.type=\"logging.googleapis.com/user/rules-2\"", "comparison": "COMPARISON_GT"`, truth.False},
		{"of a name in another case", `"filter": "metric.type=\"logging.googleapis.com/user/Rules\"", "comparison": "COMPARISON_GT"`, truth.Unknown},
		{"of all metrics of logs", `"filter": "metric.type=starts_with(\"logging.googleapis.com/user/\")", "comparison": "COMPARISON_GT"`, truth.True},
		{"summed", above + `, "aggregations": [{"alignmentPeriod": "300s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_SUM", "groupByFields": ["metric.label.user"]}]`, truth.True},
		{"a rate above zero", above + `, "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_RATE"}]`, truth.True},
		{"a rate above a half", above + `, "thresholdValue": 0.5, "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_RATE"}]`, truth.False},
		{"a rate above a thousandth", above + `, "thresholdValue": 0.001, "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_RATE"}]`, truth.True},
		{"a mean above zero", above + `, "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_MEAN"}]`, truth.True},
		{"a mean above a tenth", above + `, "thresholdValue": 0.1, "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_MEAN"}]`, truth.Unknown},
		{"a count of series above zero", above + `, "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_COUNT"}]`, truth.True},
		{"a count of points above five", above + `, "thresholdValue": 5, "aggregations": [{"alignmentPeriod": "600s", "perSeriesAligner": "ALIGN_COUNT"}]`, truth.Unknown},
		{"the least of all series", above + `, "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_MIN"}]`, truth.Unknown},
		{"a percentile", above + `, "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_PERCENTILE_99"}]`, truth.Unknown},
		{"no period", above + `, "aggregations": [{"perSeriesAligner": "ALIGN_DELTA"}]`, truth.Unknown},
		{"aggregated twice", above + `, "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_RATE"}, {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_MEAN"}]`, truth.True},
		{"a ratio", above + `, "denominatorFilter": "metric.type=\"x\""`, truth.Unknown},
		{"a forecast", above + `, "forecastOptions": {"forecastHorizon": "3600s"}`, truth.Unknown},
		{"longer than one entry lasts", above + `, "duration": "300s"`, truth.False},
		{"as long as the window", above + `, "duration": "300s", "aggregations": [{"alignmentPeriod": "300s", "perSeriesAligner": "ALIGN_DELTA"}]`, truth.Unknown},
		{"longer, and silence counts", above + `, "duration": "300s", "evaluationMissingData": "EVALUATION_MISSING_DATA_ACTIVE"`, truth.Unknown},
		{"an odd duration", above + `, "duration": "5m"`, truth.Unknown},
		{"one series", above + `, "trigger": {"count": 1}`, truth.True},
		{"five series", above + `, "trigger": {"count": 5}`, truth.False},
		{"half of the series", above + `, "trigger": {"percent": 50}`, truth.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, condition(t, "conditionThreshold", "{"+c.text+"}"), rules, c.want)
		})
	}
}

func TestPrometheus(t *testing.T) {
	for _, c := range []struct {
		name, query string
		want        truth.Truth
	}{
		{"an increase", `increase(logging_googleapis_com:user_rules[5m]) > 0`, truth.True},
		{"summed", `sum(increase(logging_googleapis_com:user_rules{monitored_resource="gce_firewall_rule"}[1h30m])) > 0`, truth.True},
		{"summed by a label", `sum by (user) (rate(logging_googleapis_com:user_rules[5m])) > 0`, truth.True},
		{"summed without one, behind", `(sum(rate(logging_googleapis_com:user_rules[5m])) without (user)) > 0`, truth.True},
		{"the other way round", `0 < increase(logging_googleapis_com:user_rules[5m])`, truth.True},
		{"by its type", `increase({"logging.googleapis.com/user/rules"}[5m]) > 0`, truth.True},
		{"by its name as a label", `increase({__name__="logging_googleapis_com:user_rules", project_id="shop",}[5m]) > 0 # any`, truth.True},
		{"of the type that stands for unknown ones", `increase(logging_googleapis_com:user_rules{monitored_resource="global"}[5m]) > 0`, truth.True},
		{"of another type", `increase(logging_googleapis_com:user_rules{monitored_resource="gce_route"}[5m]) > 0`, truth.False},
		{"of another project", `increase(logging_googleapis_com:user_rules{project_id="pay"}[5m]) > 0`, truth.False},
		{"of one label", `increase(logging_googleapis_com:user_rules{user="ann"}[5m]) > 0`, truth.False},
		{"of all but one label", `increase(logging_googleapis_com:user_rules{user!="ann"}[5m]) > 0`, truth.Unknown},
		{"of labels like this", `increase(logging_googleapis_com:user_rules{user=~"a.*"}[5m]) > 0`, truth.Unknown},
		{"of a longer name", `increase(logging_googleapis_com:user_rules_2[5m]) > 0`, truth.False},
		{"of a longer name that is not understood", `absent(logging_googleapis_com:user_rules_2)`, truth.False},
		{"of another name that is not understood", `histogram_quantile(0.9, run_googleapis_com:request_latencies_bucket) > 1`, truth.False},
		{"of names like this", `increase({__name__=~"logging_googleapis_com:user_.*"}[5m]) > 0`, truth.Unknown},
		{"above ten", `increase(logging_googleapis_com:user_rules[5m]) > 10`, truth.False},
		{"above a half", `increase(logging_googleapis_com:user_rules[5m]) > 0.5`, truth.Unknown},
		{"at least one", `increase(logging_googleapis_com:user_rules[5m]) >= 1`, truth.Unknown},
		{"below one", `increase(logging_googleapis_com:user_rules[5m]) < 1`, truth.False},
		{"what was counted ever", `logging_googleapis_com:user_rules > 0`, truth.Unknown},
		{"without a comparison", `increase(logging_googleapis_com:user_rules[5m])`, truth.Unknown},
		{"some time ago", `increase(logging_googleapis_com:user_rules[5m] offset 1h) > 0`, truth.Unknown},
		{"with another condition", `increase(logging_googleapis_com:user_rules[5m]) > 0 and on() up == 1`, truth.Unknown},
		{"unless", `increase(logging_googleapis_com:user_rules[5m]) > 0 unless on() maintenance > 0`, truth.Unknown},
		{"the least", `min(increase(logging_googleapis_com:user_rules[5m])) > 0`, truth.Unknown},
		{"a window that is shorter than the interval", `increase(logging_googleapis_com:user_rules[10s]) > 0`, truth.Unknown},
		{"a text that does not end", `increase(logging_googleapis_com:user_rules{user="ann}[5m]) > 0`, truth.Unknown},
		{"nothing", ``, truth.False},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, why := Fires(map[string]any{"conditionPrometheusQueryLanguage": map[string]any{"query": c.query}}, rules)
			if got != c.want {
				t.Errorf("fires: %s, want %s (%s)", got, c.want, why)
			}
		})
	}
	const query = `"query": "increase(logging_googleapis_com:user_rules[5m]) > 0"`
	for _, c := range []struct {
		name, text string
		want       truth.Truth
	}{
		{"no duration", query + `, "duration": "0s", "evaluationInterval": "60s"`, truth.True},
		{"longer than the window", query + `, "duration": "600s"`, truth.False},
		{"within the window", query + `, "duration": "60s"`, truth.Unknown},
		{"seldom", query + `, "evaluationInterval": "3600s"`, truth.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, condition(t, "conditionPrometheusQueryLanguage", "{"+c.text+"}"), rules, c.want)
		})
	}
	dashed := Metric{Name: "firewall-rules.v1", Resource: "gce_firewall_rule", Project: "shop"}
	check(t, map[string]any{"conditionPrometheusQueryLanguage": map[string]any{"query": `increase(logging_googleapis_com:user_firewall_rules_v1[5m]) > 0`}}, dashed, truth.True)
}

func TestMonitoringQuery(t *testing.T) {
	const fetch = `fetch gce_firewall_rule | metric 'logging.googleapis.com/user/rules' `
	for _, c := range []struct {
		name, query string
		want        truth.Truth
	}{
		{"aligned", fetch + `| align delta(5m) | every 1m | condition val() > 0`, truth.True},
		{"a rate", fetch + `| align rate(1m) | every 1m | condition val() > 0 '1/s'`, truth.True},
		{"a rate above a half", fetch + `| align rate(1m) | every 1m | condition val() > 0.5`, truth.False},
		{"a rate over what is said elsewhere", fetch + `| align rate() | every 1m | condition val() > 0.001`, truth.Unknown},
		{"in one", "fetch gce_firewall_rule::logging.googleapis.com/user/rules\n| align delta(1m)\n| condition val() > 0 '1'", truth.True},
		{"in one, quoted", `fetch gce_firewall_rule::'logging.googleapis.com/user/rules' | condition val() > 0`, truth.True},
		{"grouped", fetch + `| align delta(1m) | every 1m | group_by [metric.user], [n: sum(value.rules)] | condition n > 0`, truth.True},
		{"grouped, another spelling", fetch + `| group_by 1m, [row_count: aggregate(val())] | every 1m | condition row_count >= 1`, truth.True},
		{"grouped by a method", fetch + `| align delta(1m) | group_by [], .sum | condition 0 < val(0)`, truth.True},
		{"of the type that stands for unknown ones", `fetch global | metric 'logging.googleapis.com/user/rules' | align delta(1m) | condition val() > 0`, truth.True},
		{"of another type", `fetch gce_route | metric 'logging.googleapis.com/user/rules' | align delta(1m) | condition val() > 0`, truth.False},
		{"of a longer name", `fetch gce_firewall_rule | metric 'logging.googleapis.com/user/rules-2' | align delta(1m) | condition val() > 0`, truth.False},
		{"of another metric", `fetch gce_instance | metric 'compute.googleapis.com/instance/cpu/utilization' | condition val() > 0.9`, truth.False},
		{"a filter", fetch + `| filter metric.user == 'ann' | align delta(1m) | condition val() > 0`, truth.Unknown},
		{"above a hundred", fetch + `| align delta(1m) | every 1m | condition val() > 100`, truth.False},
		{"in thousands", fetch + `| align delta(1m) | condition val() > 0.001 'k'`, truth.Unknown},
		{"below one", fetch + `| align delta(1m) | condition val() < 1`, truth.False},
		{"a label", fetch + `| align delta(1m) | condition code > 0`, truth.Unknown},
		{"another column", fetch + `| align delta(1m) | condition val(1) > 0`, truth.Unknown},
		{"two comparisons", fetch + `| align delta(1m) | condition val() > 0 && val() < 5`, truth.Unknown},
		{"no condition", fetch + `| align delta(1m)`, truth.Unknown},
		{"joined", `{ ` + fetch + `; fetch x | metric 'y' } | join | condition val() > 0`, truth.Unknown},
		{"another aligner", fetch + `| align next_older(1m) | condition val() > 0`, truth.Unknown},
		{"the least", fetch + `| align delta(1m) | group_by [], min(val()) | condition val() > 0`, truth.Unknown},
		{"of something made of it", fetch + `| align delta(1m) | group_by [], sum(abs(val())) | condition val() > 0`, truth.Unknown},
		{"less often than the window", fetch + `| align delta(1m) | every 1h | condition val() > 0`, truth.Unknown},
		{"top series", fetch + `| align delta(1m) | top 3 | condition val() > 0`, truth.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, map[string]any{"conditionMonitoringQueryLanguage": map[string]any{"query": c.query}}, rules, c.want)
		})
	}
}

func TestOtherConditions(t *testing.T) {
	const above = `{"filter": "metric.type=\"logging.googleapis.com/user/rules\" resource.type=\"gce_instance\"", "comparison": "COMPARISON_GT"}`
	all := `{"filter": "metric.type=\"logging.googleapis.com/user/rules\"", "comparison": "COMPARISON_GT"}`
	t.Run("SQL", func(t *testing.T) {
		check(t, condition(t, "conditionSql", `{"query": "SELECT 1"}`), rules, truth.Unknown)
	})
	t.Run("silence", func(t *testing.T) { check(t, condition(t, "conditionAbsent", `{}`), rules, truth.False) })
	t.Run("entries", func(t *testing.T) {
		check(t, condition(t, "conditionMatchedLog", `{"filter": ""}`), rules, truth.False)
	})
	t.Run("a new kind", func(t *testing.T) { check(t, condition(t, "conditionDream", `{}`), rules, truth.Unknown) })
	t.Run("text", func(t *testing.T) { check(t, map[string]any{"conditionThreshold": "x"}, rules, truth.Unknown) })
	t.Run("entries of many types", func(t *testing.T) {
		m := Metric{Name: "rules", Project: "shop"}
		check(t, condition(t, "conditionThreshold", above), m, truth.False)
		check(t, condition(t, "conditionThreshold", all), m, truth.True)
	})
	t.Run("a distribution", func(t *testing.T) {
		m := Metric{Name: "rules", Distribution: true, Project: "shop"}
		check(t, condition(t, "conditionThreshold", all), m, truth.Unknown)
		check(t, condition(t, "conditionPrometheusQueryLanguage", `{"query": "increase(logging_googleapis_com:user_rules_count[5m]) > 0"}`), m, truth.Unknown)
	})
}

// FuzzQueries holds that no text makes the readers fail, and that only one that
// names the metric fires.
func FuzzQueries(f *testing.F) {
	f.Add(`sum(increase(logging_googleapis_com:user_rules[5m])) > 0`)
	f.Add(`fetch global | metric 'logging.googleapis.com/user/rules' | align delta(1m) | condition val() > 0`)
	f.Add(`group_by [`)
	f.Fuzz(func(t *testing.T, query string) {
		other := Metric{Name: "another", Resource: "gce_route", Project: "shop"}
		for _, kind := range []string{"conditionPrometheusQueryLanguage", "conditionMonitoringQueryLanguage"} {
			c := map[string]any{kind: map[string]any{"query": query}}
			Fires(c, rules)
			if got, _ := Fires(c, other); got == truth.True && len(query) < 30 {
				t.Errorf("%q fires for another metric", query)
			}
		}
	})
}
