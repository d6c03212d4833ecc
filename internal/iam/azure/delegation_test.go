package azure

import (
	"strings"
	"testing"
)

const (
	vmLogin   = "1c0163c0-47e6-4577-8991-ea5c82e286e4"
	custom    = "aaaaaaaa-0000-4000-8000-000000000001"
	unheardOf = "aaaaaaaa-0000-4000-8000-000000000002"
	giver     = "aaaaaaaa-0000-4000-8000-000000000003"
	owner     = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	uaa       = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
	rbac      = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
	reader    = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	group     = "bbbbbbbb-0000-4000-8000-000000000001"
)

// known are the role definitions of the tenant.
func known() map[string]Definition {
	role := func(id, kind string, actions ...any) Definition {
		return ParseDefinition(map[string]any{"id": "/providers/Microsoft.Authorization/roleDefinitions/" + id, "properties": map[string]any{
			"roleName": id[:4], "type": kind, "assignableScopes": []any{"/"}, "permissions": []any{map[string]any{"actions": actions}},
		}})
	}
	return map[string]Definition{
		vmLogin: role(vmLogin, "BuiltInRole", "Microsoft.Compute/virtualMachines/*/read"),
		custom:  role(custom, "CustomRole", "Microsoft.Storage/*/read"),
		giver:   role(giver, "BuiltInRole", "Microsoft.Authorization/*"),
	}
}

// guarded is the condition that the portal's templates write about what may be given.
func guarded(expression string) string {
	return "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (" + expression + ")) AND " +
		"((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR (" + strings.ReplaceAll(expression, "@Request", "@Resource") + "))"
}

func roles(quantifier string, ids ...string) string {
	return "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] " + quantifier + " {" + strings.Join(ids, ", ") + "}"
}

func TestConditionLimits(t *testing.T) {
	const (
		equal  = "ForAnyOfAnyValues:GuidEquals"
		except = "ForAnyOfAllValues:GuidNotEquals"
		kinds  = "@Request[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'User', 'Group'}"
		whom   = "@Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {" + group + "}"
	)
	noDefine := " AND (!(ActionMatches{'Microsoft.Authorization/roleDefinitions/write'}))"
	for _, c := range []struct {
		name, condition string
		want            Truth
		because         string
	}{
		{"a list of harmless roles", guarded(roles(equal, vmLogin, reader)), True, "limits which roles"},
		{"the same without spaces, in capitals", strings.ToUpper(guarded(roles(equal, vmLogin))), True, ""},
		{"a list, and kinds of principals", guarded(roles(equal, vmLogin) + " AND " + kinds), True, ""},
		{"a list, to a group", guarded(roles(equal, vmLogin) + " AND " + whom), True, ""},
		{"a list with Owner", guarded(roles(equal, vmLogin, owner)), False, "Owner"},
		{"a list with one that gives roles", guarded(roles(equal, giver)), False, "role"},
		{"a list with a role of its own", guarded(roles(equal, custom)), False, "which it may change"},
		{"a list with a role of its own, which it may not change", guarded(roles(equal, custom)) + noDefine, True, ""},
		{"a list with a role that nobody knows", guarded(roles(equal, unheardOf)), Unknown, "what role " + unheardOf},
		{"Owner, to a group", guarded(roles(equal, owner) + " AND " + whom), Unknown, "principals"},
		{"any role, to a group", guarded(whom), Unknown, "principals"},
		{"any role, to users and groups", guarded(kinds), False, "Owner"},
		{"all but the roles that give roles", guarded(roles(except, owner, uaa, rbac)), False, "a role that it makes itself"},
		{"all but those, and it makes none", guarded(roles(except, owner, uaa, rbac)) + noDefine, True, ""},
		{"all but two of those, and it makes none", guarded(roles(except, owner, uaa)) + noDefine, False, "Role Based Access Control"},
		{"unequal to any of several is true of all", guarded(roles("ForAnyOfAnyValues:GuidNotEquals", owner, uaa, rbac)) + noDefine, False, "Owner"},
		{"unequal to one", guarded(roles("ForAnyOfAnyValues:GuidNotEquals", vmLogin)), False, "Owner"},
		{"or anything else", guarded(roles(equal, vmLogin) + " OR " + kinds), False, "Owner"},
		{"not in a list", guarded("!(" + roles(equal, owner, uaa, rbac) + ")"), False, "makes itself"},
		{"always true", "true", False, "Owner"},
		{"always true beside a limit", guarded(roles(equal, vmLogin)) + " OR (true)", False, "Owner"},
		{"never true", "false", True, ""},
		{"about blobs only", "(!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR (@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'x')", False, "Owner"},
		{"about taking roles away only", "(!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR (" + roles(equal, vmLogin) + ")", False, "Owner"},
		{"no role can be given", "!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})", True, ""},
		{"an attribute of the holder", guarded("@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Team] StringEquals 'red'"), Unknown, "Owner"},
		{"an attribute of the holder with a list", guarded("@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Team] StringEquals 'red' AND " + roles(equal, vmLogin)), True, ""},
		{"a comparison that is not known", guarded("@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidLike {" + vmLogin + "}"), Unknown, "Owner"},
		{"names in the place of ids", guarded(roles(equal, "'Reader'")), Unknown, "Owner"},
	} {
		t.Run(c.name, func(t *testing.T) {
			parsed, err := ParseCondition(c.condition)
			if err != nil {
				t.Fatal(err)
			}
			got := parsed.Limits(known())
			if got.Value != c.want {
				t.Errorf("limits: %s, want %s: %v %v", got.Value, c.want, got.Because, got.Missing)
			}
			if said := strings.Join(append(got.Because, got.Missing...), "; "); !strings.Contains(said, c.because) {
				t.Errorf("%q does not say %q", said, c.because)
			}
			if (got.Value == Unknown) != (len(got.Missing) > 0) {
				t.Errorf("%s with what is missing %v", got.Value, got.Missing)
			}
		})
	}
	if got := (*Condition)(nil).Limits(nil); got.Value != False {
		t.Errorf("no condition limits: %s", got.Value)
	}
}
