package logalert

import (
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/truth"
)

// signs are the comparisons of the API.
var signs = map[string]string{
	"COMPARISON_GT": ">", "COMPARISON_GE": ">=", "COMPARISON_LT": "<", "COMPARISON_LE": "<=", "COMPARISON_EQ": "==", "COMPARISON_NE": "!=",
}

// threshold decides a condition that compares what a filter selects with a number.
// https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#MetricThreshold
func threshold(c map[string]any, m Metric) (truth.Truth, string) {
	filter := text(c["filter"])
	if filter == "" {
		return truth.Unknown, "its alert has no filter"
	}
	if strings.HasPrefix(strings.TrimSpace(filter), "select_") {
		return truth.False, "" // of processes or of levels of service
	}
	b := one
	return all(
		func() (truth.Truth, string) { return covers(filter, m) },
		func() (truth.Truth, string) { return counts(m) },
		func() (truth.Truth, string) {
			if text(c["denominatorFilter"]) != "" || c["forecastOptions"] != nil {
				return truth.Unknown, "whether one entry changes the ratio or the forecast of its alert enough"
			}
			var ok bool
			if b, ok = aggregate(c["aggregations"]); !ok {
				return truth.Unknown, "what its alert makes of one entry by aggregation"
			}
			limit, ok := number(c["thresholdValue"])
			if !ok {
				return truth.Unknown, "the threshold of its alert"
			}
			return b.compare(signs[text(c["comparison"])], limit), "whether one entry passes the threshold of its alert"
		},
		func() (truth.Truth, string) { return b.sustained(c) },
		func() (truth.Truth, string) { return triggered(c) },
	)
}

// counts is true of a metric that counts every entry that it matches.
func counts(m Metric) (truth.Truth, string) {
	if m.Distribution {
		return truth.Unknown, "whether metric " + m.Name + ", a distribution of values, finds one in every entry"
	}
	return truth.True, ""
}

// aggregate follows one entry through the aggregations, in their order; not ok when
// one of them may lose it.
// https://cloud.google.com/monitoring/api/ref_v3/rest/v3/Aggregation
func aggregate(v any) (bounds, bool) {
	list, _ := v.([]any)
	b := one
	if v != nil && list == nil {
		return b, false
	}
	for _, e := range list {
		a, ok := e.(map[string]any)
		if !ok {
			return b, false
		}
		if b, ok = align(b, a); !ok {
			return b, false
		}
		switch text(a["crossSeriesReducer"]) {
		case "", "REDUCE_NONE", "REDUCE_SUM", "REDUCE_MAX":
		case "REDUCE_MEAN":
			b = b.diluted()
		case "REDUCE_COUNT":
			b = b.counted()
		default:
			return b, false
		}
	}
	return b, true
}

func align(b bounds, a map[string]any) (bounds, bool) {
	aligner := text(a["perSeriesAligner"])
	if aligner == "" || aligner == "ALIGN_NONE" {
		return b, true
	}
	period, ok := duration(a["alignmentPeriod"])
	if !ok || period < time.Second {
		return b, false
	}
	b.lasts = max(b.lasts, period)
	switch aligner {
	case "ALIGN_DELTA", "ALIGN_SUM", "ALIGN_MAX":
		return b, true
	case "ALIGN_RATE":
		return b.per(period), true
	case "ALIGN_MEAN":
		return b.diluted(), true
	case "ALIGN_COUNT":
		return b.counted(), true
	}
	return b, false
}
