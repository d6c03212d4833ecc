package azure

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGraphPages(t *testing.T) {
	s := start(t, testSeed(t))
	c := graphClient(t, s)
	var got []any
	pages := 0
	for path := "/users?$select=id,accountEnabled,userType&$top=999"; path != ""; pages++ {
		page := c.get(path)
		got = append(got, page["value"].([]any)...)
		path = text(page["@odata.nextLink"])
	}
	if pages != 3 || len(got) != 5 {
		t.Fatalf("%d users on %d pages, want 5 on 3", len(got), pages)
	}
	// Only what was selected, and null for what is not set.
	want := map[string]any{"id": "dddddddd-0000-4000-8000-000000000003", "accountEnabled": false, "userType": nil}
	if d := cmp.Diff(want, got[1]); d != "" {
		t.Errorf("user (-want +got):\n%s", d)
	}
	plain := c.get("/users")["value"].([]any)[0].(map[string]any)
	if _, ok := plain["accountEnabled"]; ok {
		t.Error("accountEnabled comes without being selected")
	}
}

func TestGraphReads(t *testing.T) {
	s := start(t, testSeed(t))
	c := graphClient(t, s)
	if got := names(c.get("/groups/dddddddd-0000-4000-8000-000000000002/transitiveMembers?$select=id")["value"], "@odata.type"); !cmp.Equal(got, []string{"#microsoft.graph.user"}) {
		t.Errorf("transitive members %v", got)
	}
	if got := c.get("/groups/dddddddd-0000-4000-8000-000000000002/owners")["value"].([]any); len(got) != 0 {
		t.Errorf("owners %v", got)
	}
	if got := c.get("/policies/authorizationPolicy")["allowInvitesFrom"]; got != "adminsAndGuestInviters" {
		t.Errorf("allowInvitesFrom %v", got)
	}
	if got := c.get("/users/ada@example.com?$select=displayName")["displayName"]; got != "Ada" {
		t.Errorf("displayName %v", got)
	}
	ra := c.get("/roleManagement/directory/roleAssignments?$expand=principal")["value"].([]any)[0].(map[string]any)
	if p, _ := ra["principal"].(map[string]any); p["@odata.type"] != "#microsoft.graph.user" {
		t.Errorf("principal %v", ra["principal"])
	}
	if got := names(c.get("/users?$filter=accountEnabled%20eq%20true%20and%20userType%20eq%20'Guest'&$select=displayName")["value"], "displayName"); !cmp.Equal(got, []string{"Cy"}) {
		t.Errorf("filtered %v", got)
	}
}

func TestGraphRefuses(t *testing.T) {
	seed := testSeed(t)
	seed.Tenant.Licence = "free"
	s := start(t, seed)
	c := graphClient(t, s)
	c.refused(http.MethodGet, "/applications", 403, "Authorization_RequestDenied")
	c.refused(http.MethodGet, "/groups/x/members", 403, "Authorization_RequestDenied")
	c.refused(http.MethodGet, "/users/00000000-0000-0000-0000-000000000000", 404, "Request_ResourceNotFound")
	c.refused(http.MethodGet, "/users?$select=id,acountEnabled", 400, "BadRequest")
	c.refused(http.MethodGet, "/users?$top=1000", 400, "BadRequest")
	c.refused(http.MethodGet, "/users?$filter=startswith(displayName,'A')", 400, "Request_UnsupportedQuery")
	c.refused(http.MethodGet, "/nosuch", 400, "BadRequest")
	c.refused(http.MethodGet, "/users?$select=id,signInActivity", 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")
	c.refused(http.MethodGet, "/identityProtection/riskyUsers", 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")
	c.refused(http.MethodPost, "/users", 403, "Authorization_RequestDenied")
	if err := s.Fault(Fault{Operation: "GET graph/users", Kind: FaultThrottled}); err != nil {
		t.Fatal(err)
	}
	c.refused(http.MethodGet, "/users", 429, "TooManyRequests")
}

func TestGraphBatch(t *testing.T) {
	s := start(t, testSeed(t))
	c := graphClient(t, s)
	if err := s.Fault(Fault{Operation: "GET graph/groups", Kind: FaultThrottled, RetryAfter: 3}); err != nil {
		t.Fatal(err)
	}
	out, _, err := c.do(http.MethodPost, "/$batch", `{"requests":[
		{"id":"1","method":"GET","url":"/groups/dddddddd-0000-4000-8000-000000000002/transitiveMembers?$select=id"},
		{"id":"2","method":"GET","url":"/applications"},
		{"id":"3","method":"GET","url":"/groups"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	var status []string
	for _, r := range out["responses"].([]any) {
		m := r.(map[string]any)
		status = append(status, text(m["id"])+":"+text(m["status"])+":"+text(m["headers"].(map[string]any)["Retry-After"]))
	}
	if d := cmp.Diff([]string{"1:200:", "2:403:", "3:429:3"}, status); d != "" {
		t.Errorf("answers (-want +got):\n%s", d)
	}
	var many []map[string]string
	for range maxBatch + 1 {
		many = append(many, map[string]string{"id": "x", "method": "GET", "url": "/users"})
	}
	body, err := json.Marshal(map[string]any{"requests": many})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.do(http.MethodPost, "/$batch", string(body)); err == nil || !strings.Contains(err.Error(), "Invalid batch payload") {
		t.Errorf("21 requests: %v", err)
	}
}

func TestGraphCount(t *testing.T) {
	s := start(t, testSeed(t))
	c := graphClient(t, s)
	if _, ok := c.get("/users?$count=true")["@odata.count"]; ok {
		t.Error("a count comes without ConsistencyLevel")
	}
}

func TestGraphResolvesPrincipals(t *testing.T) {
	seed := testSeed(t)
	body := `{"ids": ["dddddddd-0000-4000-8000-000000000002", "dddddddd-0000-4000-8000-000000000001", "none"], "types": ["user", "group"]}`
	s := start(t, seed)
	c := graphClient(t, s)
	out, _, err := c.do(http.MethodPost, "/directoryObjects/getByIds", body)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"#microsoft.graph.group", "#microsoft.graph.user"}, names(out["value"], "@odata.type")); d != "" {
		t.Errorf("types (-want +got):\n%s", d)
	}
	// Service principals are not in the seed: who asks for all types is denied.
	if _, _, err := c.do(http.MethodPost, "/directoryObjects/getByIds", `{"ids": ["x"]}`); err == nil || !strings.Contains(err.Error(), "Authorization_RequestDenied") {
		t.Errorf("all types: %v", err)
	}
}

func TestGraphBetaProperties(t *testing.T) {
	seed := testSeed(t)
	seed.Graph["roleManagement/directory/roleDefinitions"] = json.RawMessage(`[{"id": "r", "displayName": "Global Administrator", "isPrivileged": true}]`)
	s := start(t, seed)
	c := graphClient(t, s)
	const path = "/roleManagement/directory/roleDefinitions?$select=id,isPrivileged"
	c.refused(http.MethodGet, path, 400, "BadRequest")
	c.base = s.URL() + "/graph/beta"
	if got := c.get(path)["value"].([]any)[0].(map[string]any)["isPrivileged"]; got != true {
		t.Errorf("isPrivileged %v", got)
	}
}
