package policy

import (
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestMetricAlertFires holds what the function adds to package logalert: it judges the
// whole condition, so that a gap in it counts, and says why it cannot tell.
func TestMetricAlertFires(t *testing.T) {
	const policyType = "monitoring.googleapis.com/AlertPolicy"
	condition := shape(map[string]*model.Schema{
		"conditionThreshold": shape(map[string]*model.Schema{"filter": kind(model.String), "comparison": kind(model.String), "duration": kind(model.String)}),
	})
	engine, err := New(map[string]*model.Schema{policyType: shape(map[string]*model.Schema{"conditions": {Kind: model.List, Elem: condition}})})
	if err != nil {
		t.Fatal(err)
	}
	const holds = `config.conditions.exists(c, metric_alert_fires(c, "rules", "", "gce_route", "shop"))`
	threshold := func(members map[string]any) model.Document {
		members["filter"] = `metric.type="logging.googleapis.com/user/rules"`
		return model.Document{"conditions": []any{map[string]any{"displayName": "c", "conditionThreshold": members}}}
	}
	gap := func(path string) []model.Gap {
		return []model.Gap{{Type: policyType, Asset: "//p", Path: path, Reason: model.Denied, Operation: "get"}}
	}
	for _, c := range []struct {
		name    string
		config  model.Document
		gaps    []model.Gap
		want    model.Verdict
		because string
	}{
		{"it fires", threshold(map[string]any{"comparison": "COMPARISON_GT"}), nil, model.Pass, "fires for each entry"},
		{"it does not", threshold(map[string]any{"comparison": "COMPARISON_LT"}), nil, model.Fail, ""},
		{"it cannot be told", threshold(map[string]any{}), nil, model.Unknown, "threshold of its alert"},
		{"no condition", model.Document{}, nil, model.Fail, ""},
		{"a member was not read", threshold(map[string]any{"comparison": "COMPARISON_GT"}), gap("conditions.conditionThreshold.duration"), model.Unknown, "get"},
		{"conditions were not read", model.Document{}, gap("conditions"), model.Unknown, "get"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &model.Asset{ID: "//p", Type: policyType, Scope: model.Scope{Provider: model.GCP, Account: "shop"}, Config: c.config, Gaps: c.gaps}
			got := evaluateAzure(t, engine, a, holds, nil)
			if got.Verdict != c.want {
				t.Errorf("verdict %s, want %s: %s %+v", got.Verdict, c.want, got.Message, got.Evidence)
			}
			if said := told(got); !strings.Contains(said, c.because) {
				t.Errorf("%s does not say %q", said, c.because)
			}
		})
	}
}
