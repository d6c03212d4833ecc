package policy

import (
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

func TestAlertCovers(t *testing.T) {
	leaf := func(field string, value any) map[string]any { return map[string]any{"field": field, "equals": value} }
	all := func(members ...any) any { return map[string]any{"allOf": members} }
	anyOf := func(members ...any) any { return map[string]any{"anyOf": members} }
	const operation = "Microsoft.Network/networkSecurityGroups/write"
	administrative := leaf("category", "Administrative")
	write := leaf("operationName", operation)
	for _, tt := range []struct {
		name      string
		condition any
		want      model.Verdict
	}{
		{"category and operation", all(administrative, write), model.Pass},
		{"the other way round", all(write, administrative), model.Pass},
		{"any case", all(leaf("CATEGORY", "administrative"), leaf("OperationName", strings.ToLower(operation))), model.Pass},
		{"the operation alone", all(write), model.Pass},
		{"the category alone", all(administrative), model.Pass},
		{"a list of operations", all(administrative, map[string]any{"field": "operationName", "containsAny": []any{"x/y/delete", operation}}), model.Pass},
		{"one of several", all(administrative, anyOf(leaf("operationName", "x/y/delete"), write)), model.Pass},
		{"null beside what is set", all(map[string]any{"field": "category", "equals": "Administrative", "containsAny": nil, "anyOf": nil}), model.Pass},
		{"its type", all(administrative, leaf("resourceType", "microsoft.network/networksecuritygroups")), model.Pass},
		{"its provider", all(leaf("resourceProvider", "Microsoft.Network")), model.Pass},
		{"another provider", all(leaf("resourceProvider", "Microsoft.Sql")), model.Fail},
		{"another operation", all(administrative, leaf("operationName", "Microsoft.Network/networkSecurityGroups/delete")), model.Fail},
		{"another category", all(leaf("category", "Policy"), write), model.Fail},
		{"none of several", all(administrative, anyOf(leaf("operationName", "x/y/delete"))), model.Fail},
		{"any of nothing", all(administrative, anyOf()), model.Fail},
		{"one caller only", all(administrative, write, leaf("caller", "ann@shop.example")), model.Fail},
		{"one group only", all(administrative, write, leaf("resourceGroup", "shop")), model.Fail},
		{"one caller or all", all(administrative, anyOf(leaf("caller", "ann@shop.example"), write)), model.Pass},
		{"success", all(write, leaf("status", "Succeeded")), model.Pass},
		{"failure", all(write, leaf("status", "Failed")), model.Fail},
		{"a number", all(leaf("category", int64(1)), write), model.Fail},
		{"no condition", nil, model.Fail},
		{"no list", map[string]any{"anyOf": []any{write}}, model.Unknown},
		{"an empty list", all(), model.Unknown},
		{"no field", all(administrative, map[string]any{"equals": operation}), model.Unknown},
		{"compared with nothing", all(administrative, map[string]any{"field": "operationName"}), model.Unknown},
		{"not understood, but another part fails", all(leaf("category", "Policy"), map[string]any{"field": "operationName"}), model.Fail},
		{"not understood, but another part of several holds", all(anyOf(map[string]any{"equals": "x"}, write)), model.Pass},
		{"text", "category = Administrative", model.Unknown},
		{"a member that is no object", all("x"), model.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := alertVerdict(t, tt.condition, `{"category": "Administrative", "operationName": "`+operation+`", "status": "Succeeded"}`)
			if got.Verdict != tt.want {
				t.Errorf("verdict is %s, want %s: %s %v", got.Verdict, tt.want, got.Message, got.Evidence)
			}
		})
	}
}

// TestAlertCoversEvents holds events of other categories, whose fields are named.
func TestAlertCoversEvents(t *testing.T) {
	health := map[string]any{"field": "category", "equals": "ServiceHealth"}
	incident := map[string]any{"field": "properties.incidentType", "equals": "Incident"}
	region := map[string]any{"field": "properties.impactedServices[*].ImpactedRegions[*].RegionName", "containsAny": []any{"West Europe"}}
	for _, tt := range []struct {
		name string
		all  []any
		want model.Verdict
	}{
		{"incidents", []any{health, incident}, model.Pass},
		{"everything about health", []any{health}, model.Pass},
		{"some regions", []any{health, incident, region}, model.Fail},
		{"maintenance", []any{health, map[string]any{"field": "properties.incidentType", "equals": "Maintenance"}}, model.Fail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := alertVerdict(t, map[string]any{"allOf": tt.all}, `{"category": "ServiceHealth", "properties.incidentType": "Incident"}`)
			if got.Verdict != tt.want {
				t.Errorf("verdict is %s, want %s: %s", got.Verdict, tt.want, got.Message)
			}
		})
	}
}

// TestAlertCoversGap holds that a condition which was not read decides nothing.
func TestAlertCoversGap(t *testing.T) {
	a := alertAsset(nil)
	gapOn(a, "properties.condition")
	if got := evaluateAzure(t, alertEngine(t), a, `alert_covers(config.properties.condition, {"category": "Policy"})`, nil); got.Verdict != model.Unknown || len(got.Gaps) != 1 {
		t.Errorf("verdict is %s with %d gaps", got.Verdict, len(got.Gaps))
	}
}

const alertType = "Microsoft.Insights/activityLogAlerts"

func alertEngine(t *testing.T) *Engine {
	t.Helper()
	eng, err := New(map[string]*model.Schema{alertType: shape(map[string]*model.Schema{
		"properties": shape(map[string]*model.Schema{"condition": kind(model.Any)}),
	})})
	if err != nil {
		t.Fatal(err)
	}
	return eng
}

func alertAsset(condition any) *model.Asset {
	properties := map[string]any{}
	if condition != nil {
		properties["condition"] = condition
	}
	return azureAsset(alertType, "/subscriptions/s1/alert", "s1", subPath, model.Document{"properties": properties})
}

func alertVerdict(t *testing.T, condition any, event string) Result {
	t.Helper()
	return evaluateAzure(t, alertEngine(t), alertAsset(condition), `alert_covers(config.properties.condition, `+event+`)`, nil)
}
