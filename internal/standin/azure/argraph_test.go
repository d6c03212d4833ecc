package azure

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const graphPath = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01"

func (c *client) query(text string, options map[string]any, scopes ...string) (map[string]any, http.Header, error) {
	c.t.Helper()
	req := map[string]any{"query": text, "options": options}
	for _, s := range scopes {
		kind, id, _ := strings.Cut(s, ":")
		list, _ := req[kind].([]string)
		req[kind] = append(list, id)
	}
	body, err := json.Marshal(req)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do(http.MethodPost, graphPath, string(body))
}

func (c *client) rows(text string, scopes ...string) []any {
	c.t.Helper()
	out, _, err := c.query(text, map[string]any{"resultFormat": "objectArray", "authorizationScopeFilter": "AtScopeAboveAndBelow"}, scopes...)
	if err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
	return out["data"].([]any)
}

func TestResourceGraphPages(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	const q = "resources | where type in~ ('Microsoft.Storage/storageAccounts', 'microsoft.web/sites', 'microsoft.network/networkinterfaces') | project id, name, type, kind, location, sku, properties, tags, identity, zones | order by id asc"
	var got []string
	opt := map[string]any{"$top": 2, "resultFormat": "objectArray", "allowPartialScopes": false}
	pages, total := 0, 0
	for {
		out, header, err := c.query(q, opt)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		got = append(got, names(out["data"], "name")...)
		if n, _ := number(out["totalRecords"]); pages == 1 {
			total = int(n)
		}
		if header.Get("x-ms-user-quota-remaining") == "" || len(header.Get("x-ms-user-quota-resets-after")) != len("00:00:05") {
			t.Error("the quota headers are missing")
		}
		tok := text(out["$skipToken"])
		if tok == "" {
			if out["resultTruncated"] != "false" {
				t.Errorf("last page: resultTruncated %v", out["resultTruncated"])
			}
			break
		}
		opt["$skipToken"] = tok
	}
	if d := cmp.Diff([]string{"nic", "logs", "app", "lab"}, got); d != "" || pages != 2 || total != 4 {
		t.Errorf("%d pages, total %d, rows (-want +got):\n%s", pages, total, d)
	}
	if _, _, err := c.query(q+" | where true", opt); err == nil || !strings.Contains(err.Error(), "InvalidSkipToken") {
		t.Errorf("a token is taken for another query: %v", err)
	}
}

func TestResourceGraphTruncates(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	for _, q := range []string{
		"resources | project id | order by id asc | limit 1",
		"resources | take 1", "resources | top 1 by name asc",
		"resources | project properties", // nothing scalar: no pages
	} {
		out, _, err := c.query(q, map[string]any{"$top": 1})
		if err != nil {
			t.Fatal(err)
		}
		if out["resultTruncated"] != "true" || out["$skipToken"] != nil || len(out["data"].([]any)) != 1 {
			t.Errorf("%s: resultTruncated %v, token %v, %v rows", q, out["resultTruncated"], out["$skipToken"], out["count"])
		}
	}
}

func TestResourceGraphRows(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	app := c.rows("resources | where type == 'microsoft.web/sites'")[0].(map[string]any)
	want := map[string]any{
		"id": rgA + "/providers/Microsoft.Web/sites/app", "name": "app", "type": "microsoft.web/sites", "tenantId": tenantID, "kind": "app,linux", "location": "westeurope",
		"resourceGroup": "rg", "subscriptionId": subA, "managedBy": "", "sku": nil, "plan": nil, "properties": map[string]any{"httpsOnly": true}, "tags": nil,
		"identity": map[string]any{"type": "SystemAssigned"}, "zones": nil, "extendedLocation": nil,
	}
	if d := cmp.Diff(want, app); d != "" {
		t.Errorf("row (-want +got):\n%s", d)
	}
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"resourcecontainers | where type == 'microsoft.management/managementgroups' | order by name asc | project name", []string{"platform", "root", "workloads"}},
		{"resourcecontainers | where type =~ 'Microsoft.Resources/subscriptions' | order by id asc", []string{"production", "sandbox"}},
		{"resourcecontainers | where type == 'microsoft.resources/subscriptions/resourcegroups'", []string{"rg"}},
		{"authorizationresources | where type =~ 'microsoft.authorization/roleassignments' | order by name asc", []string{"00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"}},
		{"authorizationresources | where type =~ 'microsoft.authorization/roledefinitions'", []string{"8e3af657-a8ff-443c-a75c-2fe8c4bcb635"}},
		{"securityresources | where type == 'microsoft.security/pricings'", []string{"VirtualMachines"}},
		{"appserviceresources | where type == 'microsoft.web/sites/config/web'", []string{"web"}},
		{"resources | where name has 'logs' and not(kind =~ 'x') or name contains 'NI' | order by name asc", []string{"logs", "nic"}},
		{"resources | where properties.allowBlobPublicAccess == true", []string{"lab"}},
		{"resources | where properties.networkAcls.ipRules[0].value == '203.0.113.0/24'", []string{"logs"}},
		{"resources | where tags['team'] == 'ops' // a comment\n| extend n = tolower(name) | where n startswith 'l' | project name = n", []string{"logs"}},
		{"resources | where subscriptionId !in ('" + subA + "')", []string{"lab"}},
	} {
		if d := cmp.Diff(tt.want, names(c.rows(tt.query), "name")); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.query, d)
		}
	}
	counts := map[string]string{}
	for _, r := range c.rows("resources | summarize count() by type") {
		m := r.(map[string]any)
		counts[text(m["type"])] = text(m["count_"])
	}
	if d := cmp.Diff(map[string]string{"microsoft.storage/storageaccounts": "2", "microsoft.web/sites": "1", "microsoft.network/networkinterfaces": "1"}, counts); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
}

func TestResourceGraphScopes(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	const accounts = "resources | where type =~ 'microsoft.storage/storageaccounts' | order by id asc"
	const roles = "authorizationresources | where type =~ 'microsoft.authorization/roleassignments' | order by id asc"
	for _, tt := range []struct {
		query, filter string
		scopes        []string
		want          int
	}{
		{accounts, "", []string{"subscriptions:" + subB}, 1},
		{accounts, "", []string{"subscriptions:" + subA, "subscriptions:" + subB}, 2},
		{accounts, "", []string{"managementGroups:root"}, 2},
		{accounts, "", []string{"managementGroups:platform"}, 1},
		{accounts, "", []string{"managementGroups:" + tenantID}, 2},
		{roles, "", []string{"subscriptions:" + subA}, 1},
		{roles, "AtScopeAboveAndBelow", []string{"subscriptions:" + subA}, 2},
		{roles, "AtScopeAboveAndBelow", []string{"managementGroups:platform"}, 1},
		{roles, "", []string{"managementGroups:root"}, 2},
		{roles, "AtScopeExact", []string{"subscriptions:" + subA}, 1},
		{roles, "AtScopeExact", []string{"managementGroups:root"}, 2}, // the group's own, and that at a subscription itself
		{roles, "AtScopeAndAbove", []string{"managementGroups:platform"}, 1},
	} {
		opt := map[string]any{}
		if tt.filter != "" {
			opt["authorizationScopeFilter"] = tt.filter
		}
		out, _, err := c.query(tt.query, opt, tt.scopes...)
		if err != nil || len(out["data"].([]any)) != tt.want {
			t.Errorf("%v %s: %v rows, %v, want %d", tt.scopes, tt.filter, out["count"], err, tt.want)
		}
	}
	for query, code := range map[string]string{
		"resources | join x": "InvalidQuery", "resources | where name ==": "InvalidQuery", "nosuchtable | project id": "DisallowedLogicalTableName",
		"resources | where name == 'open": "InvalidQuery",
	} {
		if _, _, err := c.query(query, nil); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v, want %s", query, err, code)
		}
	}
	if _, _, err := c.query(accounts, nil, "subscriptions:aaaaaaaa-0000-4000-8000-000000000003"); err == nil || !strings.Contains(err.Error(), "NoValidSubscriptionsInQueryRequest") {
		t.Errorf("only a denied subscription: %v", err)
	}
	if _, _, err := c.query(accounts, nil, "managementGroups:elsewhere"); err == nil || !strings.Contains(err.Error(), "AuthorizationFailed") {
		t.Errorf("unknown group: %v", err)
	}
}

func TestResourceGraphFaults(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	const q, op = "resources | project id, name | order by id asc", "POST Microsoft.ResourceGraph/resources"
	ask := func(f Fault, token string) (map[string]any, http.Header, error) {
		s.ClearFaults()
		f.Operation, f.Body = op, "resources | project"
		if err := s.Fault(f); err != nil {
			t.Fatal(err)
		}
		opt := map[string]any{"$top": 2}
		if token != "" {
			opt["$skipToken"] = token
		}
		return c.query(q, opt)
	}
	out, _, err := ask(Fault{Kind: FaultTruncatedResult}, "")
	if err != nil || out["resultTruncated"] != "true" || out["$skipToken"] != nil {
		t.Errorf("truncated result: %v %v", out, err)
	}
	out, _, err = ask(Fault{Kind: FaultWrongCount}, "")
	if n, _ := number(out["totalRecords"]); err != nil || n != 6 {
		t.Errorf("wrong count: totalRecords %v, %v", out["totalRecords"], err)
	}
	out, _, err = ask(Fault{Kind: FaultTruncatedFlag}, "")
	token := text(out["$skipToken"])
	if err != nil || out["resultTruncated"] != "true" || token == "" {
		t.Errorf("flag beside token: %v %v", out, err)
	}
	opt := map[string]any{"$top": 1}
	s.ClearFaults()
	if out, _, err = c.query(q, opt); err != nil {
		t.Fatal(err)
	}
	opt["$skipToken"] = out["$skipToken"]
	if err := s.Fault(Fault{Operation: op, Kind: FaultRepeatedToken}); err != nil {
		t.Fatal(err)
	}
	if again, _, err := c.query(q, opt); err != nil || again["$skipToken"] != opt["$skipToken"] {
		t.Errorf("repeated token: %v %v", again["$skipToken"], err)
	}
	if _, _, err = ask(Fault{Kind: FaultExpiredToken}, token); err == nil || !strings.Contains(err.Error(), "InvalidSkipToken") {
		t.Errorf("expired token: %v", err)
	}
	if _, _, err = ask(Fault{Kind: FaultThrottled}, ""); err == nil || !strings.Contains(err.Error(), "RateLimiting") {
		t.Errorf("throttle: %v", err)
	}
	if _, header, err := ask(Fault{Kind: FaultSubscriptionLimit}, ""); err != nil || header.Get("x-ms-tenant-subscription-limit-hit") != "true" {
		t.Errorf("subscription limit: %v", err)
	}
}

func TestResourceGraphQuota(t *testing.T) {
	seed := testSeed(t)
	seed.Limits.ResourceGraphPer5s = 2
	now := time.Now()
	s, err := New(seed, Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, want := range []struct{ remaining, retry string }{{"1", ""}, {"0", ""}, {"0", "5"}} {
		w := newBuffer()
		retry := ""
		if e := s.takeGraphQuota(w); e != nil {
			retry = e.retryAfter
		}
		if got := w.header.Get("X-Ms-User-Quota-Remaining"); got != want.remaining || retry != want.retry {
			t.Errorf("query %d: %s remaining, Retry-After %q, want %s and %q", i+1, got, retry, want.remaining, want.retry)
		}
	}
	now = now.Add(graphWindow)
	if e := s.takeGraphQuota(newBuffer()); e != nil {
		t.Errorf("after the window: %v", e.code)
	}
}

func TestHiddenFromResourceGraph(t *testing.T) {
	seed := testSeed(t)
	seed.HiddenFromGraph = []string{"/subscriptions/*/resourceGroups/rg/providers/Microsoft.Web/**"}
	seed.Tables = map[string][]json.RawMessage{"healthresources": {json.RawMessage(`{"id": "` + accountA + `/providers/Microsoft.ResourceHealth/availabilityStatuses/current", "name": "h"}`)}}
	s := start(t, seed)
	c := armClient(t, s)
	if rows := c.rows("resources | where type =~ 'Microsoft.Web/sites'"); len(rows) != 0 {
		t.Errorf("hidden rows %v", rows)
	}
	c.get(rgA + "/providers/Microsoft.Web/sites/app?api-version=2022-09-01")
	if got := names(c.rows("healthresources | order by id asc"), "name"); !cmp.Equal(got, []string{"h"}) {
		t.Errorf("rows of the table %v", got)
	}
}

// A made-up tenant is read to the end without being held.
func TestSyntheticTenant(t *testing.T) {
	seed := SyntheticSeed()
	seed.Tenant.ID = tenantID
	seed.Principals[0].ClientID, seed.Principals[0].Secret = clientID, "s3cret"
	seed.Synthetic = Synthetic{Subscriptions: 40, PerSubscription: 103}
	s := start(t, seed)
	c := armClient(t, s)
	opt := map[string]any{"$top": 1000}
	seen := map[string]bool{}
	last := ""
	for pages := 0; ; pages++ {
		out, _, err := c.query("resources | where type in~ ('microsoft.storage/storageaccounts', 'microsoft.compute/disks', 'microsoft.keyvault/vaults', 'microsoft.network/networksecuritygroups', 'microsoft.network/publicipaddresses') | project id, type, properties | order by id asc", opt)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := number(out["totalRecords"]); n != 40*103 {
			t.Fatalf("totalRecords %v", n)
		}
		for _, id := range names(out["data"], "id") {
			if id = strings.ToLower(id); seen[id] || id < last {
				t.Fatalf("%s comes twice or out of order", id)
			}
			seen[id], last = true, id
		}
		tok := text(out["$skipToken"])
		if tok == "" {
			break
		}
		opt["$skipToken"] = tok
	}
	if len(seen) != 40*103 {
		t.Errorf("%d rows, want %d", len(seen), 40*103)
	}
	account := fmt.Sprintf("/subscriptions/%s000000000007/resourceGroups/%s/providers/Microsoft.Storage/storageAccounts/s00007x000003", syntheticSub, syntheticGroup)
	if got := c.get(account + "/blobServices/default?api-version=2024-01-01")["name"]; got != "default" {
		t.Errorf("blob service %v", got)
	}
	if got := c.get(account + "/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview")["value"]; len(got.([]any)) != 0 {
		t.Errorf("diagnostic settings %v", got)
	}
	c.refused(http.MethodGet, account+"/queueServices/default?api-version=2024-01-01", 404, "ResourceNotFound")
	list := c.get("/subscriptions/" + syntheticSub + "000000000007/providers/Microsoft.KeyVault/vaults?api-version=2024-11-01")
	if n := len(list["value"].([]any)); n != 21 {
		t.Errorf("%d vaults, want 21", n)
	}
}

// The generator's documents must be the vendor's, like any seed.
func TestSyntheticDocumentsPassTheSchema(t *testing.T) {
	cat, err := vendor()
	if err != nil {
		t.Fatal(err)
	}
	s := newSynthetic(Synthetic{Subscriptions: 2, PerSubscription: 20})
	n := 0
	for r := range s.after("") {
		raw, err := json.Marshal(r.doc)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := decode(raw, &doc); err != nil {
			t.Fatal(err)
		}
		if err := checkResource("synthetic", &resource{id: r.id, key: r.key, path: r.path, doc: doc}, cat, false); err != nil {
			t.Errorf("%s: %v", r.id, err)
		}
		if got := s.get(r.key); got == nil || got.id != r.id {
			t.Errorf("%s is not found by its id", r.id)
		}
		n++
	}
	if n != 42 {
		t.Errorf("%d resources, want 42", n)
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, q := range []string{"resources", "resources | where type in~ ('a') | project id | order by id asc", "x | summarize n = count() by a, b.c", "| top 1 by x", "resources | where a['b'] !has 'c'"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseQuery(text)
		if err == nil {
			q.apply([]row{{"id": "a", "type": "b", "properties": map[string]any{"x": []any{1.0}}}})
		}
	})
}
