package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stance-sec/stance/internal/model"
)

func azureEngine(t testing.TB) *Engine {
	t.Helper()
	properties := func() *model.Schema { return shape(map[string]*model.Schema{"properties": kind(model.Any)}) }
	e, err := New(map[string]*model.Schema{
		azureSubscriptionType: properties(), azureAssignmentType: properties(), azureDefinitionType: properties(),
		graphUserType:  shape(map[string]*model.Schema{"userType": kind(model.String)}),
		graphGroupType: shape(map[string]*model.Schema{"transitiveMembers": kind(model.Any)}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const (
	subPath   = "tenants/t/managementGroups/prod/subscriptions/s1"
	ownerID   = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	ownerRole = "/subscriptions/s1/providers/Microsoft.Authorization/roleDefinitions/" + ownerID
)

func azureAsset(typ, id, account, path string, config model.Document) *model.Asset {
	return &model.Asset{
		ID: id, Name: id[strings.LastIndexByte(id, '/')+1:], Type: typ, Config: config,
		Scope: model.Scope{Provider: model.Azure, Account: account, OrgPath: path},
	}
}

func subscription() *model.Asset {
	return azureAsset(azureSubscriptionType, "/subscriptions/s1", "s1", subPath, model.Document{})
}

func assignment(id, principal, kind, role, scope, condition string) *model.Asset {
	p := map[string]any{"principalId": principal, "principalType": kind, "roleDefinitionId": role, "scope": scope}
	if condition != "" {
		p["condition"] = condition
	}
	return azureAsset(azureAssignmentType, "/subscriptions/s1/a/"+id, "s1", subPath, model.Document{"properties": p})
}

func definitionAsset(guid, name, kind string, permissions map[string]any) *model.Asset {
	return azureAsset(azureDefinitionType, "/subscriptions/s1/providers/microsoft.authorization/roledefinitions/"+guid, "s1", subPath, model.Document{
		"properties": map[string]any{
			"roleName": name, "type": kind, "assignableScopes": []any{"/subscriptions/s1"}, "permissions": []any{permissions},
		},
	})
}

func principal(typ, id string, config model.Document) *model.Asset {
	return azureAsset(typ, id, "t", "tenants/t", config)
}

func evaluateAzure(t testing.TB, eng *Engine, a *model.Asset, holds string, gaps []*model.Gap, more ...*model.Asset) Result {
	t.Helper()
	all := NewInventories()
	for _, x := range append([]*model.Asset{a}, more...) {
		all.Of(x.Scope).Add(x)
	}
	for _, g := range gaps {
		all.Of(g.Scope).AddGap(g)
	}
	p, err := eng.Compile(model.Control{ID: "test", Type: a.Type, Holds: holds, Title: "t", Message: "m"})
	if err != nil {
		t.Fatal(err)
	}
	return NewEvaluator(all.View(a.Scope), now).Evaluate(p, a)
}

func TestRoleDefinitionFunctions(t *testing.T) {
	everything := map[string]any{"actions": []any{"*"}}
	contributor := map[string]any{"actions": []any{"*"}, "notActions": []any{"Microsoft.Authorization/*/Write"}}
	reader := map[string]any{"actions": []any{"*/read"}}
	locks := map[string]any{"actions": []any{"Microsoft.Authorization/locks/*"}}
	data := map[string]any{"dataActions": []any{"Microsoft.KeyVault/vaults/secrets/*"}}
	tests := []struct {
		name, holds string
		kind        string
		permissions map[string]any
		gap         string
		want        model.Verdict
	}{
		{"owner-like", `!asset.role_owner_like()`, "CustomRole", everything, "-", model.Fail},
		{"built in", `!asset.role_owner_like()`, "BuiltInRole", everything, "-", model.Pass},
		{"contributor", `!asset.role_owner_like()`, "CustomRole", contributor, "-", model.Pass},
		{"permissions not understood", `!asset.role_owner_like()`, "CustomRole", nil, "-", model.Pass},
		{"not read", `!asset.role_owner_like()`, "CustomRole", reader, "properties", model.Unknown},
		{"partly not read", `!asset.role_owner_like()`, "CustomRole", reader, "properties.permissions", model.Unknown},
		{"allows", `asset.role_allows("Microsoft.Authorization/locks/write")`, "CustomRole", locks, "-", model.Pass},
		{"allows not", `asset.role_allows("Microsoft.Authorization/locks/write")`, "CustomRole", reader, "-", model.Fail},
		{"allows all", `asset.role_allows("*")`, "CustomRole", everything, "-", model.Pass},
		{"allows data", `asset.role_allows_data("Microsoft.KeyVault/vaults/secrets/getSecret/action")`, "CustomRole", data, "-", model.Pass},
		{"allows no data", `asset.role_allows_data("Microsoft.KeyVault/vaults/secrets/getSecret/action")`, "CustomRole", everything, "-", model.Fail},
		{"no action", `asset.role_allows("locks")`, "CustomRole", locks, "-", model.Unknown},
		{"escalates", `!asset.role_escalates()`, "CustomRole", everything, "-", model.Fail},
		{"escalates not", `!asset.role_escalates()`, "CustomRole", locks, "-", model.Pass},
		{"writes", `!asset.role_writes()`, "CustomRole", locks, "-", model.Fail},
		{"reads", `!asset.role_writes()`, "CustomRole", reader, "-", model.Pass},
	}
	eng := azureEngine(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := definitionAsset("r", "r", tt.kind, tt.permissions)
			if tt.gap != "-" {
				gapOn(a, tt.gap)
			}
			if tt.permissions == nil {
				a.Config["properties"].(map[string]any)["permissions"] = "x"
				tt.want = model.Unknown
			}
			got := evaluateAzure(t, eng, a, tt.holds, nil)
			if got.Verdict != tt.want {
				t.Errorf("%s = %s, want %s (%s, %v)", tt.holds, got.Verdict, tt.want, got.Message, got.Evidence)
			}
			if len(got.Evidence) == 0 && len(got.Gaps) == 0 {
				t.Errorf("no evidence: %+v", got)
			}
		})
	}
	if got := evaluateAzure(t, eng, subscription(), `asset.role_escalates()`, nil); got.Verdict != model.Unknown || !strings.Contains(got.Message, "is a question about") {
		t.Errorf("of a subscription: %s %s", got.Verdict, got.Message)
	}
}

func TestRoleHolders(t *testing.T) {
	const group = "/providers/Microsoft.Management/managementGroups/"
	denied := func(typ, account, path string) *model.Gap {
		return &model.Gap{Scope: model.Scope{Provider: model.Azure, Account: account, OrgPath: path}, Type: typ, Reason: model.Denied, Operation: "list " + typ}
	}
	user := func(n string) *model.Asset {
		return assignment(n, n, "User", ownerRole, "/subscriptions/s1", "")
	}
	elsewhere := assignment("g", "carl", "User", ownerRole, group+"prod", "")
	elsewhere.ID = "/providers/microsoft.management/managementgroups/prod/a/g"
	elsewhere.Scope.Account, elsewhere.Scope.OrgPath = "managementGroups/prod", "tenants/t/managementGroups/prod"
	custom := "/subscriptions/s1/providers/Microsoft.Authorization/roleDefinitions/c1"
	team := assignment("team", "team", "Group", ownerRole, "/subscriptions/s1", "")
	members := principal(graphGroupType, "team", model.Document{"transitiveMembers": []any{
		map[string]any{"id": "dora", "@odata.type": "#microsoft.graph.user"},
		map[string]any{"id": "inner", "@odata.type": "#microsoft.graph.group"},
		map[string]any{"id": "robot", "@odata.type": "#microsoft.graph.servicePrincipal"},
	}})
	membersUnread := principal(graphGroupType, "team", model.Document{})
	gapOn(membersUnread, "transitiveMembers")
	unread := user("ana")
	gapOn(unread, "properties")
	homeless := subscription()
	homeless.Scope.OrgPath = ""
	guest := func(kind string) *model.Asset {
		return principal(graphUserType, "ana", model.Document{"userType": kind})
	}
	tests := []struct {
		name, holds string
		subject     *model.Asset
		with        []*model.Asset
		gaps        []*model.Gap
		want        model.Verdict
	}{
		{"none", `asset.role_holder_count("Owner") == 0`, nil, nil, nil, model.Pass},
		{"two", `asset.role_holder_count("owner") == 2`, nil, []*model.Asset{user("ana"), user("bo")}, nil, model.Pass},
		{"one of two assignments", `asset.role_holder_count("Owner") == 1`, nil, []*model.Asset{user("ana"), assignment("x", "ANA", "User", ownerRole, "/", "")}, nil, model.Pass},
		{"the same assignment twice", `asset.role_holder_count("Owner") == 1`, nil, []*model.Asset{user("ana"), user("ana")}, nil, model.Pass},
		{"of a management group", `asset.role_holder_count("Owner") == 2`, nil, []*model.Asset{user("ana"), elsewhere}, nil, model.Pass},
		{"of another management group", `asset.role_holder_count("Owner") == 0`, nil, []*model.Asset{assignment("x", "ana", "User", ownerRole, group+"dev", "")}, nil, model.Pass},
		{"of a resource group", `asset.role_holder_count("Owner") == 0`, nil, []*model.Asset{assignment("x", "ana", "User", ownerRole, "/subscriptions/s1/resourceGroups/g", "")}, nil, model.Pass},
		{"of another role", `asset.role_holder_count("Reader") == 0`, nil, []*model.Asset{user("ana")}, nil, model.Pass},
		{"listing failed", `asset.role_holder_count("Owner") == 0`, nil, nil, []*model.Gap{denied(azureAssignmentType, "s1", subPath)}, model.Unknown},
		{"listing above failed", `asset.role_holder_count("Owner") == 0`, nil, nil, []*model.Gap{denied(azureAssignmentType, "managementGroups/prod", "tenants/t/managementGroups/prod")}, model.Unknown},
		{"an assignment not read", `asset.role_holder_count("Owner") == 1`, nil, []*model.Asset{unread}, nil, model.Unknown},
		{"place not known", `asset.role_holder_count("Owner") == 1`, homeless, []*model.Asset{user("ana")}, nil, model.Unknown},
		{"on a condition", `asset.role_holder_count("Owner") == 1`, nil, []*model.Asset{assignment("x", "ana", "User", ownerRole, "/subscriptions/s1", "@Resource[x] StringEquals 'y'")}, nil, model.Unknown},
		{"role not read", `asset.role_holder_count("Owner") == 0`, nil, []*model.Asset{assignment("x", "ana", "User", custom, "/subscriptions/s1", "")}, nil, model.Unknown},
		{"role read", `asset.role_holder_count("Team") == 1`, nil, []*model.Asset{assignment("x", "ana", "User", custom, "/subscriptions/s1", ""), definitionAsset("c1", "Team", "CustomRole", nil)}, nil, model.Pass},
		{"by action", `asset.role_holder_count("Microsoft.Authorization/locks/write") == 1`, nil, []*model.Asset{assignment("x", "ana", "User", custom, "/subscriptions/s1", ""), definitionAsset("c1", "Team", "CustomRole", map[string]any{"actions": []any{"Microsoft.Authorization/*"}})}, nil, model.Pass},
		{"at least, and a listing failed", `asset.role_holders_at_least("Owner", 2)`, nil, []*model.Asset{user("ana"), user("bo")}, []*model.Gap{denied(azureAssignmentType, "s1", subPath)}, model.Pass},
		{"at least more, and a listing failed", `asset.role_holders_at_least("Owner", 3)`, nil, []*model.Asset{user("ana"), user("bo")}, []*model.Gap{denied(azureAssignmentType, "s1", subPath)}, model.Unknown},
		{"at least", `asset.role_holders_at_least("Owner", 3)`, nil, []*model.Asset{user("ana"), user("bo")}, nil, model.Fail},
		{"at most, and a listing failed", `asset.role_holders_at_most("Owner", 1)`, nil, []*model.Asset{user("ana"), user("bo")}, []*model.Gap{denied(azureAssignmentType, "s1", subPath)}, model.Fail},
		{"at most more, and a listing failed", `asset.role_holders_at_most("Owner", 2)`, nil, []*model.Asset{user("ana"), user("bo")}, []*model.Gap{denied(azureAssignmentType, "s1", subPath)}, model.Unknown},
		{"at most", `asset.role_holders_at_most("Owner", 2)`, nil, []*model.Asset{user("ana"), user("bo")}, nil, model.Pass},
		{"a group that is not known", `asset.role_holders_at_most("Owner", 3)`, nil, []*model.Asset{team}, nil, model.Unknown},
		{"a group whose members were not read", `asset.role_holders_at_most("Owner", 3)`, nil, []*model.Asset{team, membersUnread}, nil, model.Unknown},
		{"a group without members in its document", `asset.role_holders_at_most("Owner", 3)`, nil, []*model.Asset{team, principal(graphGroupType, "team", model.Document{})}, nil, model.Unknown},
		{"a group", `asset.role_holder_count("Owner") == 3`, nil, []*model.Asset{user("ana"), team, members}, nil, model.Pass},
		{"what the principal is, is not known", `asset.role_holder_count("Owner") == 1`, nil, []*model.Asset{assignment("x", "ana", "", ownerRole, "/subscriptions/s1", "")}, nil, model.Unknown},
		{"a guest", `!asset.role_held_by_guest("Owner")`, nil, []*model.Asset{user("ana"), guest("Guest")}, nil, model.Fail},
		{"no guest", `!asset.role_held_by_guest("Owner")`, nil, []*model.Asset{user("ana"), guest("Member")}, nil, model.Pass},
		{"a user of an old kind", `!asset.role_held_by_guest("Owner")`, nil, []*model.Asset{user("ana"), principal(graphUserType, "ana", model.Document{})}, nil, model.Pass},
		{"a user that is not known", `!asset.role_held_by_guest("Owner")`, nil, []*model.Asset{user("ana")}, nil, model.Unknown},
		{"a guest, and a user that is not known", `!asset.role_held_by_guest("Owner")`, nil, []*model.Asset{user("ana"), user("bo"), guest("Guest")}, nil, model.Fail},
		{"a service principal", `!asset.role_held_by_guest("Owner")`, nil, []*model.Asset{assignment("x", "robot", "ServicePrincipal", ownerRole, "/subscriptions/s1", "")}, nil, model.Pass},
	}
	eng := azureEngine(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			subject := tt.subject
			if subject == nil {
				subject = subscription()
			}
			got := evaluateAzure(t, eng, subject, tt.holds, tt.gaps, tt.with...)
			if got.Verdict != tt.want {
				t.Errorf("%s = %s, want %s (%s, %v)", tt.holds, got.Verdict, tt.want, got.Message, got.Evidence)
			}
			if got.Verdict == model.Unknown && len(got.Gaps) == 0 {
				t.Errorf("unknown without a gap: %q", got.Message)
			}
		})
	}
}

func TestAzureUses(t *testing.T) {
	e := azureEngine(t)
	p, err := e.Compile(model.Control{ID: "test", Type: azureDefinitionType, Holds: `!asset.role_owner_like()`})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Uses{Members: map[string][]string{azureDefinitionType: {"properties"}}}, p.Uses); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}

// TestAzureGapsNeverPass holds that a gap turns no verdict into another but
// unknown.
func TestAzureGapsNeverPass(t *testing.T) {
	eng := azureEngine(t)
	controls := []string{
		`asset.role_holder_count("Owner") == 1`, `asset.role_holders_at_least("Owner", 2)`, `asset.role_holders_at_most("Owner", 1)`,
		`!asset.role_held_by_guest("Owner")`, `asset.role_holders_at_most("Microsoft.Authorization/locks/write", 1)`,
	}
	rapid.Check(t, func(rt *rapid.T) {
		type drawn struct{ who, kind, scope string }
		var list []drawn
		for range rapid.IntRange(0, 3).Draw(rt, "assignments") {
			list = append(list, drawn{
				rapid.SampledFrom([]string{"ana", "bo", "team"}).Draw(rt, "who"), rapid.SampledFrom([]string{"User", "Group"}).Draw(rt, "kind"),
				rapid.SampledFrom([]string{"/", "/subscriptions/s1", "/providers/Microsoft.Management/managementGroups/prod", "/subscriptions/s1/resourceGroups/g"}).Draw(rt, "scope"),
			})
		}
		build := func() []*model.Asset {
			out := []*model.Asset{
				subscription(), definitionAsset(ownerID, "Owner", "BuiltInRole", map[string]any{"actions": []any{"*"}}),
				principal(graphUserType, "ana", model.Document{"userType": "Guest"}), principal(graphUserType, "bo", model.Document{"userType": "Member"}),
				principal(graphGroupType, "team", model.Document{"transitiveMembers": []any{map[string]any{"id": "bo", "@odata.type": "#microsoft.graph.user"}}}),
			}
			for i, d := range list {
				out = append(out, assignment(string(rune('a'+i)), d.who, d.kind, ownerRole, d.scope, ""))
			}
			return out
		}
		holds := rapid.SampledFrom(controls).Draw(rt, "control")
		all := build()
		before := evaluateAzure(t, eng, all[0], holds, nil, all[1:]...).Verdict
		all = build()
		var gaps []*model.Gap
		switch hit := rapid.IntRange(0, len(all)+1).Draw(rt, "gap"); {
		case hit < len(all):
			if hit == 0 {
				all[0].Scope.OrgPath = ""
			} else {
				gapOn(all[hit], "")
			}
		default:
			// One asset is not listed at all, and the listing says so.
			hit = rapid.IntRange(1, len(all)-1).Draw(rt, "missing")
			gaps = []*model.Gap{{Scope: all[hit].Scope, Type: all[hit].Type, Reason: model.Denied, Operation: "list"}}
			all = append(all[:hit:hit], all[hit+1:]...)
		}
		if after := evaluateAzure(t, eng, all[0], holds, gaps, all[1:]...).Verdict; after != before && after != model.Unknown {
			rt.Fatalf("%s: a gap turned %s into %s", holds, before, after)
		}
	})
}
