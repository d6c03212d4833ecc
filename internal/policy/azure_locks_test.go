package policy

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

func TestLocked(t *testing.T) {
	const (
		server = "Microsoft.Sql/servers"
		group  = "/subscriptions/s1/resourcegroups/data"
		id     = group + "/providers/microsoft.sql/servers/shop"
		holds  = `asset.locked(["CanNotDelete", "ReadOnly"])`
	)
	eng, err := New(map[string]*model.Schema{
		server:                shape(map[string]*model.Schema{"properties": kind(model.Any)}),
		graphUserType:         shape(map[string]*model.Schema{"userType": kind(model.String)}),
		azureSubscriptionType: shape(map[string]*model.Schema{"properties": kind(model.Any)}),
		azureLockType: shape(map[string]*model.Schema{
			"properties": shape(map[string]*model.Schema{"level": kind(model.String)}),
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	lock := func(scope, level string, gaps ...string) *model.Asset {
		a := azureAsset(azureLockType, scope+"/providers/Microsoft.Authorization/locks/keep", "s1", subPath, model.Document{"properties": map[string]any{}})
		if level != "" {
			a.Config["properties"] = map[string]any{"level": level}
		}
		for _, path := range gaps {
			a.Gaps = append(a.Gaps, model.Gap{Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: path, Reason: model.Denied, Operation: "locks"})
		}
		return a
	}
	scope := func(account, path string) model.Scope {
		return model.Scope{Provider: model.Azure, Account: account, OrgPath: path}
	}
	denied := func(s model.Scope, below bool) []*model.Gap {
		return []*model.Gap{{Scope: s, Type: azureLockType, Reason: model.Denied, Operation: "locks", Below: below}}
	}
	own := scope("s1", subPath)
	tests := []struct {
		name  string
		id    string
		holds string
		gaps  []*model.Gap
		locks []*model.Asset
		want  model.Verdict
	}{
		{"none", id, holds, nil, nil, model.Fail},
		{"at the asset", id, holds, nil, []*model.Asset{lock(id, "CanNotDelete")}, model.Pass},
		{"at the asset, whose id is in capitals", "/Subscriptions/S1/resourceGroups/data/providers/Microsoft.Sql/servers/shop", holds, nil, []*model.Asset{lock(id, "CanNotDelete")}, model.Pass},
		{"written in capitals", id, holds, nil, []*model.Asset{lock("/subscriptions/S1/resourceGroups/Data/providers/Microsoft.Sql/servers/Shop", "cannotdelete")}, model.Pass},
		{"at its group", id, holds, nil, []*model.Asset{lock(group, "ReadOnly")}, model.Pass},
		{"at its subscription", id, holds, nil, []*model.Asset{lock("/subscriptions/s1", "CanNotDelete")}, model.Pass},
		{"a database is below its server", id + "/databases/orders", holds, nil, []*model.Asset{lock(id, "CanNotDelete")}, model.Pass},
		{"below the asset", id, holds, nil, []*model.Asset{lock(id+"/databases/orders", "CanNotDelete")}, model.Fail},
		{"at a group whose name goes on", id, holds, nil, []*model.Asset{lock("/subscriptions/s1/resourcegroups/dat", "CanNotDelete")}, model.Fail},
		{"at another server", id, holds, nil, []*model.Asset{lock(id+"2", "CanNotDelete")}, model.Fail},
		{"another level is asked for", id, `asset.locked(["ReadOnly"])`, nil, []*model.Asset{lock(id, "CanNotDelete")}, model.Fail},
		{"the subscription itself", "/subscriptions/s1", holds, nil, []*model.Asset{lock("/subscriptions/s1", "ReadOnly")}, model.Pass},
		{"the listing failed", id, holds, denied(own, false), nil, model.Unknown},
		{"the listing failed for the whole tenant", id, holds, denied(scope("t", "tenants/t"), true), nil, model.Unknown},
		{"the listing failed after one was found", id, holds, denied(own, false), []*model.Asset{lock(group, "CanNotDelete")}, model.Pass},
		{"its level was not read", id, holds, nil, []*model.Asset{lock(id, "", "properties")}, model.Unknown},
		{"its level was not read, another's was", id, holds, nil, []*model.Asset{lock(id, "", "properties.level"), lock(group, "ReadOnly")}, model.Pass},
		{"the level of a lock elsewhere was not read", id, holds, nil, []*model.Asset{lock(id+"2", "", "properties")}, model.Fail},
		{"without level", id, holds, nil, []*model.Asset{lock(id, "")}, model.Unknown},
		{"with a level of its own", id, holds, nil, []*model.Asset{lock(id, "NotSpecified")}, model.Fail},
		{"a lock whose id is not understood", id, holds, nil, []*model.Asset{azureAsset(azureLockType, "keep", "s1", subPath, model.Document{})}, model.Unknown},
		{"a misspelt level", id, `asset.locked(["CantDelete"])`, nil, nil, model.Unknown},
		{"no asset of Resource Manager", "graph/users/1", holds, nil, nil, model.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := evaluateAzure(t, eng, azureAsset(server, tt.id, "s1", subPath, model.Document{}), tt.holds, tt.gaps, tt.locks...); got.Verdict != tt.want {
				t.Errorf("got %s, want %s: %s", got.Verdict, tt.want, got.Message)
			}
		})
	}
	t.Run("uses", func(t *testing.T) {
		p, err := eng.Compile(model.Control{ID: "test", Type: server, Holds: holds})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Uses.Inventory) != 1 || p.Uses.Inventory[0] != azureLockType || len(p.Uses.Members[azureLockType]) != 1 {
			t.Errorf("uses %v", p.Uses)
		}
	})
}
