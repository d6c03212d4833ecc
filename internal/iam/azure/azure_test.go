package azure

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func doc(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// role builds a definition with one block of permissions.
func role(t testing.TB, name, permissions string) Definition {
	t.Helper()
	return ParseDefinition(doc(t, `{"id": "/x/roleDefinitions/`+name+`", "properties": {"roleName": "`+name+`", "type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [`+permissions+`]}}`))
}

const (
	ownerBlock       = `{"actions": ["*"], "notActions": []}`
	contributorBlock = `{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"]}`
)

func TestAllows(t *testing.T) {
	tests := []struct {
		name, permissions, action string
		plane                     Plane
		want                      Truth
	}{
		{"exact", `{"actions": ["Microsoft.Compute/virtualMachines/read"]}`, "Microsoft.Compute/virtualMachines/read", Control, True},
		{"case does not matter", `{"actions": ["*/read"]}`, "MICROSOFT.compute/VIRTUALMACHINES/Read", Control, True},
		{"a star crosses slashes", `{"actions": ["Microsoft.Compute/*/read"]}`, "Microsoft.Compute/virtualMachines/extensions/read", Control, True},
		{"a star in the middle of a segment", `{"actions": ["Microsoft.Com*/read"]}`, "Microsoft.Compute/virtualMachines/read", Control, True},
		{"ends differ", `{"actions": ["Microsoft.Compute/*/read"]}`, "Microsoft.Compute/virtualMachines/write", Control, False},
		{"the ends of a pattern do not overlap", `{"actions": ["ab*ba"]}`, "aba", Control, False},
		{"left out", contributorBlock, "Microsoft.Authorization/roleAssignments/write", Control, False},
		{"not left out", contributorBlock, "Microsoft.Compute/virtualMachines/write", Control, True},
		{"a block leaves out of itself only", contributorBlock + `,{"actions": ["Microsoft.Authorization/roleAssignments/*"]}`, "Microsoft.Authorization/roleAssignments/write", Control, True},
		{"control actions give no data", ownerBlock, "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", Data, False},
		{"data actions", `{"dataActions": ["Microsoft.Storage/*"], "notDataActions": ["*/delete"]}`, "Microsoft.Storage/x/read", Data, True},
		{"data actions left out", `{"dataActions": ["Microsoft.Storage/*"], "notDataActions": ["*/delete"]}`, "Microsoft.Storage/x/delete", Data, False},
		{"all of a pattern", `{"actions": ["Microsoft.Storage/*"]}`, "Microsoft.Storage/*/read", Control, True},
		{"some of a pattern", `{"actions": ["Microsoft.Storage/storageAccounts/read"]}`, "Microsoft.Storage/*/read", Control, False},
		{"everything", ownerBlock, "*", Control, True},
		{"null lists are empty", `{"actions": null, "notActions": null, "dataActions": null}`, "a/b", Control, False},
		{"a list that is none", `{"actions": "*"}`, "a/b", Control, Unknown},
		{"what leaves out is not understood", `{"actions": ["*"], "notActions": [1]}`, "a/b", Control, Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := role(t, "r", tt.permissions).Allows(tt.action, tt.plane)
			if got.Value != tt.want {
				t.Errorf("%s: %v, want %v (%q, %q)", tt.action, got.Value, tt.want, got.Because, got.Missing)
			}
			if got.Value == Unknown != (len(got.Missing) > 0) {
				t.Errorf("%v with missing %q", got.Value, got.Missing)
			}
		})
	}
}

func TestAllowsExplains(t *testing.T) {
	got := role(t, "Contributor", contributorBlock).Allows("Microsoft.Authorization/roleAssignments/write", Control)
	want := Answer{Value: False, Because: []string{
		`role "Contributor" permissions[0]: "*" would grant microsoft.authorization/roleassignments/write, "Microsoft.Authorization/*/Write" leaves it out`,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestRoles(t *testing.T) {
	tests := []struct {
		name, doc                          string
		ownerLike, administrator, escalate Truth
		writes                             Truth
	}{
		{"a custom owner", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [` + ownerBlock + `]}}`, True, True, True, True},
		{"of a management group", `{"properties": {"type": "CustomRole", "assignableScopes": ["/providers/Microsoft.Management/managementGroups/m"], "permissions": [` + ownerBlock + `]}}`, True, True, True, True},
		{"of the root", `{"properties": {"type": "CustomRole", "assignableScopes": ["/"], "permissions": [` + ownerBlock + `]}}`, True, True, True, True},
		{"of a resource group", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1/resourceGroups/g"], "permissions": [` + ownerBlock + `]}}`, False, True, True, True},
		{"built in", `{"properties": {"type": "BuiltInRole", "assignableScopes": ["/"], "permissions": [` + ownerBlock + `]}}`, False, True, True, True},
		{"all but one harmless thing", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [{"actions": ["*"], "notActions": ["Microsoft.Billing/*"]}]}}`, True, True, True, True},
		{"all in two blocks", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [` + contributorBlock + `, {"actions": ["Microsoft.Authorization/*"]}]}}`, True, True, True, True},
		{"all in verbs", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [{"actions": ["*/read", "*/write", "*/delete", "*/action"]}]}}`, True, True, True, True},
		{"a contributor", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [` + contributorBlock + `]}}`, False, False, True, True},
		{"a reader", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [{"actions": ["*/read"]}]}}`, False, False, False, False},
		{"a writer of role definitions", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [{"actions": ["Microsoft.Authorization/roleDefinitions/*"]}]}}`, False, False, True, True},
		{"who attaches identities to machines", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [{"actions": ["Microsoft.ManagedIdentity/userAssignedIdentities/*", "Microsoft.Compute/virtualMachines/write"], "notActions": ["*/federatedIdentityCredentials/*"]}]}}`, False, False, True, True},
		{"a writer of tags", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [{"actions": ["Microsoft.Resources/tags/write"]}]}}`, False, False, False, True},
		{"a reader of data", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"], "permissions": [{"dataActions": ["Microsoft.Storage/*/read"]}]}}`, False, False, False, False},
		{"no permissions", `{"properties": {"type": "CustomRole", "assignableScopes": ["/subscriptions/s1"]}}`, Unknown, Unknown, Unknown, Unknown},
		{"not known whether custom", `{"properties": {"assignableScopes": ["/subscriptions/s1"], "permissions": [` + ownerBlock + `]}}`, Unknown, True, True, True},
		{"no properties", `{}`, Unknown, Unknown, Unknown, Unknown},
		{"no object", `[]`, Unknown, Unknown, Unknown, Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := ParseDefinition(doc(t, tt.doc))
			escalates, _ := d.Escalations()
			got := []Truth{d.OwnerLike().Value, d.Administrator().Value, escalates.Value, d.MoreThanRead().Value}
			if diff := cmp.Diff([]Truth{tt.ownerLike, tt.administrator, tt.escalate, tt.writes}, got); diff != "" {
				t.Errorf("owner-like, administrator, escalates, more than read (-want +got):\n%s", diff)
			}
		})
	}
	if got := (Definition{}).OwnerLike().Value; got != Unknown {
		t.Errorf("the zero definition is owner-like: %v", got)
	}
}

func TestEscalationsNameTheRow(t *testing.T) {
	_, ways := role(t, "r", `{"actions": ["Microsoft.Authorization/roleAssignments/write"]}`).Escalations()
	if len(ways) != 1 || !strings.HasPrefix(ways[0].String(), "Z001 Microsoft.Authorization/roleAssignments/write: any role") {
		t.Errorf("ways: %v", ways)
	}
}

func TestCovers(t *testing.T) {
	const group = "/providers/Microsoft.Management/managementGroups/prod"
	tests := []struct {
		name, scope, target string
		groups              []string
		read                bool
		want                Truth
	}{
		{"itself", "/subscriptions/S1", "/subscriptions/s1", nil, true, True},
		{"below", "/subscriptions/s1", "/subscriptions/s1/resourceGroups/g/providers/M.S/a/b", nil, true, True},
		{"by segments", "/subscriptions/s1/resourceGroups/rg1", "/subscriptions/s1/resourceGroups/rg10", nil, true, False},
		{"above", "/subscriptions/s1/resourceGroups/rg1", "/subscriptions/s1", nil, true, False},
		{"the root", "/", "/subscriptions/s1", nil, false, True},
		{"a group above", group, "/subscriptions/s1", []string{"PROD"}, true, True},
		{"a group above by id", group, "/subscriptions/s1", []string{group}, false, True},
		{"another group", group, "/subscriptions/s1", []string{"dev"}, true, False},
		{"groups not read", group, "/subscriptions/s1", []string{"dev"}, false, Unknown},
		{"no scope", "", "/subscriptions/s1", nil, true, Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Covers(tt.scope, tt.target, tt.groups, tt.read); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestCondition(t *testing.T) {
	const read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
	guard := `(!(ActionMatches{'` + read + `'}) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike 'pub AND (lic/*'))`
	tests := []struct {
		name, condition, action string
		want                    Truth
	}{
		{"guarded", guard, read, Unknown},
		{"not guarded", guard, "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write", True},
		{"two guards", guard + " AND " + guard, "a/b", True},
		{"only this action", `ActionMatches{'a/*'} && @Principal[x] ForAnyOfAnyValues:GuidEquals {1, 2}`, "b/c", False},
		{"by signs", `!(ActionMatches{'a/b'}) || (Exists @Resource[x:y] && NOT @Request[z] BoolEquals true)`, "A/B", Unknown},
		{"suboperation", `(!(ActionMatches{'a/b'} AND NOT SubOperationMatches{'Blob.List'})) OR (@Resource[x] StringEquals 'y')`, "a/c", True},
		{"no action at all", `@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Engineering_Project] StringEquals 'x'`, "a/b", Unknown},
		{"several actions", `!(ActionMatches{'a/b', 'c/*'}) OR @Resource[x] StringEquals 'y'`, "c/d", Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseCondition(tt.condition)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Admits(tt.action); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
	for _, bad := range []string{"", "(", "()", "a AND", "ActionMatches{", "ActionMatches{'a'", "ActionMatches{a}", "a)", "@Resource[x", "'x", "!", "a OR OR b", strings.Repeat("(", 5000)} {
		if c, err := ParseCondition(bad); err == nil {
			t.Errorf("%q is a condition: %+v", bad, c.root)
		}
	}
}
