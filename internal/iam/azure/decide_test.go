package azure

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	sub1 = "/subscriptions/s1"
	rg1  = sub1 + "/resourceGroups/rg1"
	sa1  = rg1 + "/providers/Microsoft.Storage/storageAccounts/sa1"
	prod = "/providers/Microsoft.Management/managementGroups/prod"
	blob = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/"
)

func definitions(t testing.TB) map[string]Definition {
	t.Helper()
	out := map[string]Definition{}
	for name, permissions := range map[string]string{
		"owner": ownerBlock, "contributor": contributorBlock, "reader": `{"actions": ["*/read"]}`,
		"uaa":   `{"actions": ["*/read", "Microsoft.Authorization/*"]}`,
		"blobs": `{"dataActions": ["` + blob + `read", "` + blob + `write"]}`,
	} {
		out[name] = role(t, name, permissions)
	}
	return out
}

func assigned(t testing.TB, principal, role, scope, more string) Assignment {
	t.Helper()
	return ParseAssignment(doc(t, `{"id": "/a/`+principal+role+`", "properties": {"principalId": "`+principal+`", "principalType": "User", "roleDefinitionId": "/p/roleDefinitions/`+role+`", "scope": "`+scope+`"`+more+`}}`))
}

func denied(t testing.TB, scope, action, more string) Deny {
	t.Helper()
	return ParseDeny(doc(t, `{"id": "/d/1", "properties": {"denyAssignmentName": "locked", "scope": "`+scope+`", "permissions": [{"actions": ["`+action+`"]}]`+more+`}}`))
}

const all = `, "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}]`

func TestDecide(t *testing.T) {
	guard := `, "condition": "!(ActionMatches{'` + blob + `read'}) OR @Resource[x:path] StringLike 'public/*'"`
	ask := func(action, scope string) Request {
		return Request{Principals: []string{"ANA", "team"}, Action: action, Scope: scope, Groups: []string{"prod"}, GroupsRead: true}
	}
	data := func(action, scope string) Request {
		q := ask(action, scope)
		q.Plane = Data
		return q
	}
	unread := ask("a/read", sub1)
	unread.GroupsRead, unread.Groups = false, nil
	tests := []struct {
		name        string
		request     Request
		assignments []Assignment
		denies      []Deny
		want        Truth
	}{
		{"inherited from a management group", ask("Microsoft.Storage/storageAccounts/read", sa1), []Assignment{assigned(t, "ana", "reader", prod, "")}, nil, True},
		{"on another branch", ask("Microsoft.Storage/storageAccounts/read", sa1), []Assignment{assigned(t, "ana", "reader", "/subscriptions/s2", "")}, nil, False},
		{"of another", ask("a/read", sa1), []Assignment{assigned(t, "bo", "owner", sub1, "")}, nil, False},
		{"by group", ask("a/read", sa1), []Assignment{assigned(t, "team", "reader", sub1, "")}, nil, True},
		{"left out", ask("Microsoft.Authorization/roleAssignments/write", sub1), []Assignment{assigned(t, "ana", "contributor", sub1, "")}, nil, False},
		{"restored by another assignment", ask("Microsoft.Authorization/roleAssignments/write", rg1), []Assignment{assigned(t, "ana", "contributor", sub1, ""), assigned(t, "ana", "uaa", rg1, "")}, nil, True},
		{"no data by control actions", data(blob+"read", sa1), []Assignment{assigned(t, "ana", "owner", sub1, "")}, nil, False},
		{"guarded by a condition", data(blob+"read", sa1), []Assignment{assigned(t, "ana", "blobs", sub1, guard)}, nil, Unknown},
		{"not guarded by it", data(blob+"write", sa1), []Assignment{assigned(t, "ana", "blobs", sub1, guard)}, nil, True},
		{"with and without condition", data(blob+"read", sa1), []Assignment{assigned(t, "ana", "blobs", sub1, guard), assigned(t, "team", "blobs", sub1, "")}, nil, True},
		{"a condition that is none", ask("a/read", sa1), []Assignment{assigned(t, "ana", "reader", sub1, `, "condition": "(("`)}, nil, Unknown},
		{"role not read", ask("a/read", sa1), []Assignment{assigned(t, "ana", "other", sub1, "")}, nil, Unknown},
		{"groups not read", unread, []Assignment{assigned(t, "ana", "reader", prod, "")}, nil, Unknown},
		{"denied", ask("Microsoft.Storage/storageAccounts/delete", sa1), []Assignment{assigned(t, "ana", "owner", sub1, "")}, []Deny{denied(t, rg1, "*/delete", all)}, False},
		{"denied another action", ask("Microsoft.Storage/storageAccounts/read", sa1), []Assignment{assigned(t, "ana", "owner", sub1, "")}, []Deny{denied(t, rg1, "*/delete", all)}, True},
		{"not below", ask("a/delete", sa1), []Assignment{assigned(t, "ana", "owner", sub1, "")}, []Deny{denied(t, rg1, "*/delete", all+`, "doNotApplyToChildScopes": true`)}, True},
		{"not below, but here", ask("a/delete", rg1), []Assignment{assigned(t, "ana", "owner", sub1, "")}, []Deny{denied(t, rg1, "*/delete", all+`, "doNotApplyToChildScopes": true`)}, False},
		{"excluded", ask("a/delete", sa1), []Assignment{assigned(t, "ana", "owner", sub1, "")}, []Deny{denied(t, rg1, "*/delete", all+`, "excludePrincipals": [{"id": "TEAM"}]`)}, True},
		{"denied by name", ask("a/delete", sa1), []Assignment{assigned(t, "ana", "owner", sub1, "")}, []Deny{denied(t, rg1, "*/delete", `, "principals": [{"id": "ana"}]`)}, False},
		{"another is denied", ask("a/delete", sa1), []Assignment{assigned(t, "ana", "owner", sub1, "")}, []Deny{denied(t, rg1, "*/delete", `, "principals": [{"id": "bo"}]`)}, True},
		{"a deny that is not understood", ask("a/delete", sa1), []Assignment{assigned(t, "ana", "owner", sub1, "")}, []Deny{denied(t, rg1, "*/delete", `, "principals": "all"`)}, Unknown},
		{"nothing", ask("a/read", sa1), nil, nil, False},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Decide(tt.request, tt.assignments, definitions(t), tt.denies)
			if got.Value != tt.want {
				t.Errorf("%v, want %v (%q, %q)", got.Value, tt.want, got.Because, got.Missing)
			}
			if got.Value == Unknown != (len(got.Missing) > 0) || got.Value != Unknown && len(got.Because) == 0 {
				t.Errorf("%v because %q, missing %q", got.Value, got.Because, got.Missing)
			}
		})
	}
}

func TestDecideExplains(t *testing.T) {
	q := Request{Principals: []string{"ana"}, Action: "a/delete", Scope: rg1, GroupsRead: true}
	got := Decide(q, []Assignment{assigned(t, "ana", "owner", sub1, "")}, definitions(t), []Deny{denied(t, rg1, "*/delete", all)})
	if diff := cmp.Diff(Answer{Value: False, Because: []string{`deny assignment "locked" at ` + rg1 + ` denies a/delete`}}, got); diff != "" {
		t.Errorf("denied (-want +got):\n%s", diff)
	}
	got = Decide(q, []Assignment{assigned(t, "ana", "owner", sub1, "")}, definitions(t), nil)
	want := Answer{Value: True, Because: []string{"assignment anaowner at " + sub1 + " admits the caller", `role "owner" permissions[0]: "*" grants a/delete`}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("allowed (-want +got):\n%s", diff)
	}
}

func TestBuiltInName(t *testing.T) {
	if got := BuiltInName("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/8E3AF657-a8ff-443c-a75c-2fe8c4bcb635"); got != "Owner" {
		t.Errorf("got %q", got)
	}
	if got := BuiltInName(""); got != "" {
		t.Errorf("got %q", got)
	}
}
