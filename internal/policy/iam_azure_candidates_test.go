package policy

import (
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

func eligibility(id, principal, kind, scope, condition string) *model.Asset {
	a := assignment(id, principal, kind, ownerRole, scope, condition)
	a.ID, a.Type = "/subscriptions/s1/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/"+id, azureEligibilityType
	return a
}

// TestRoleCandidates holds that who may activate a role counts where candidates are
// asked for, and nowhere else.
func TestRoleCandidates(t *testing.T) {
	const sub = "/subscriptions/s1"
	owner := assignment("a1", "u1", "User", ownerRole, sub, "")
	guest := principal(graphUserType, "u2", model.Document{"userType": "Guest"})
	member := principal(graphUserType, "u1", model.Document{"userType": "Member"})
	group := principal(graphGroupType, "g", model.Document{"transitiveMembers": []any{map[string]any{"id": "u2"}, map[string]any{"id": "u3"}}})
	denied := &model.Gap{Scope: subscription().Scope, Type: azureEligibilityType, Reason: model.Denied, Operation: "list"}
	for _, c := range []struct {
		name, holds string
		with        []*model.Asset
		gaps        []*model.Gap
		want        model.Verdict
		because     string
	}{
		{"one of each", `asset.role_candidates_at_most("Owner", 2)`, []*model.Asset{owner, eligibility("e1", "u2", "User", sub, "")}, nil, model.Pass, "user u2 may activate it at " + sub},
		{"too many", `asset.role_candidates_at_most("Owner", 1)`, []*model.Asset{owner, eligibility("e1", "u2", "User", sub, "")}, nil, model.Fail, ""},
		{"enough", `asset.role_candidates_at_least("Owner", 2)`, []*model.Asset{owner, eligibility("e1", "u2", "User", sub, "")}, nil, model.Pass, ""},
		{"too few", `asset.role_candidates_at_least("Owner", 3)`, []*model.Asset{owner, eligibility("e1", "u2", "User", sub, "")}, nil, model.Fail, ""},
		{"the same user counts once", `asset.role_candidates_at_most("Owner", 1)`, []*model.Asset{owner, eligibility("e1", "u1", "User", sub, "")}, nil, model.Pass, "user u1 has it at " + sub},
		{"members of a group", `asset.role_candidates_at_most("Owner", 2)`, []*model.Asset{owner, eligibility("e1", "g", "Group", sub, ""), group}, nil, model.Fail, "u3 may activate it at " + sub + " as member of group g"},
		{"of another scope", `asset.role_candidates_at_most("Owner", 1)`, []*model.Asset{owner, eligibility("e1", "u2", "User", "/subscriptions/s2", "")}, nil, model.Pass, ""},
		{"on a condition", `asset.role_candidates_at_most("Owner", 1)`, []*model.Asset{owner, eligibility("e1", "u2", "User", sub, "x StringEquals 'y'")}, nil, model.Unknown, "condition"},
		{"not listed", `asset.role_candidates_at_most("Owner", 1)`, []*model.Asset{owner}, []*model.Gap{denied}, model.Unknown, "list"},
		{"not listed, and too many already", `asset.role_candidates_at_most("Owner", 0)`, []*model.Asset{owner}, []*model.Gap{denied}, model.Fail, ""},
		{"not listed, and enough already", `asset.role_candidates_at_least("Owner", 1)`, []*model.Asset{owner}, []*model.Gap{denied}, model.Pass, ""},
		{"holders do not count them", `asset.role_holders_at_most("Owner", 1)`, []*model.Asset{owner, eligibility("e1", "u2", "User", sub, "")}, []*model.Gap{denied}, model.Pass, ""},
		{"a guest", `!asset.role_candidate_is_guest("Owner")`, []*model.Asset{owner, member, guest, eligibility("e1", "u2", "User", sub, "")}, nil, model.Fail, "Guest"},
		{"a member", `!asset.role_candidate_is_guest("Owner")`, []*model.Asset{owner, member, eligibility("e1", "u1", "User", sub, "")}, nil, model.Pass, ""},
		{"a guest does not hold it", `!asset.role_held_by_guest("Owner")`, []*model.Asset{owner, member, guest, eligibility("e1", "u2", "User", sub, "")}, nil, model.Pass, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := evaluateAzure(t, azureEngine(t), subscription(), c.holds, c.gaps, c.with...)
			if got.Verdict != c.want {
				t.Errorf("verdict %s, want %s: %s %+v", got.Verdict, c.want, got.Message, got.Evidence)
			}
			if said := told(got); !strings.Contains(said, c.because) {
				t.Errorf("%s does not say %q", said, c.because)
			}
		})
	}
}

// told is all that a result says.
func told(r Result) string {
	var b strings.Builder
	b.WriteString(r.Message)
	for _, e := range r.Evidence {
		b.WriteString("; " + e.Path + " " + e.Note)
		if s, ok := e.Value.(string); ok {
			b.WriteString(" " + s)
		}
	}
	return b.String()
}

// TestConditionLimitsRoles holds what the function adds to the package of roles: which
// documents it looks into, and what it says of those that it cannot.
func TestConditionLimitsRoles(t *testing.T) {
	const (
		backup = "5e467623-bb1f-42f4-a55d-6e525e11384b"
		holds  = "asset.condition_limits_roles()"
		role   = "/providers/Microsoft.Authorization/roleDefinitions/18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
		list   = "(!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {" + backup + "})"
	)
	reads := map[string]any{"actions": []any{"*/read"}}
	unread := definitionAsset(backup, "Backup", "BuiltInRole", reads)
	unread.Gaps = []model.Gap{{Type: azureDefinitionType, Asset: unread.ID, Path: "properties.permissions", Reason: model.Denied, Operation: "get"}}
	denied := &model.Gap{Scope: subscription().Scope, Type: azureDefinitionType, Reason: model.Denied, Operation: "list"}
	for _, c := range []struct {
		name, condition string
		with            []*model.Asset
		gaps            []*model.Gap
		want            model.Verdict
		because         string
	}{
		{"none", "", nil, nil, model.Fail, "no condition"},
		{"a role that gives none", list, []*model.Asset{definitionAsset(backup, "Backup", "BuiltInRole", reads)}, nil, model.Pass, "limits"},
		{"a role that gives roles", list, []*model.Asset{definitionAsset(backup, "Backup", "BuiltInRole", map[string]any{"actions": []any{"Microsoft.Authorization/*/write"}})}, nil, model.Fail, "Backup"},
		{"a role that may be changed", list, []*model.Asset{definitionAsset(backup, "Ours", "CustomRole", reads)}, nil, model.Fail, "may change"},
		{"a role that is not there", list, nil, nil, model.Unknown, backup},
		{"roles were not listed", list, nil, []*model.Gap{denied}, model.Unknown, "list"},
		{"a role that was not read", list, []*model.Asset{unread}, nil, model.Unknown, "get"},
		{"a condition that is none", "(", nil, nil, model.Unknown, "comparison"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := evaluateAzure(t, azureEngine(t), assignment("a1", "p", "User", role, "/subscriptions/s1", c.condition), holds, c.gaps, c.with...)
			if got.Verdict != c.want {
				t.Errorf("verdict %s, want %s: %s %+v", got.Verdict, c.want, got.Message, got.Evidence)
			}
			if said := told(got); !strings.Contains(said, c.because) {
				t.Errorf("%s does not say %q", said, c.because)
			}
		})
	}
}
