package azure

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/google/go-cmp/cmp"
)

func TestScopes(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	if got := names(c.get("/subscriptions?api-version=2022-12-01")["value"], "displayName"); !cmp.Equal(got, []string{"production", "sandbox"}) {
		t.Errorf("subscriptions %v: the denied one must not be listed", got)
	}
	if got := names(c.get("/tenants?api-version=2022-12-01")["value"], "tenantId"); !cmp.Equal(got, []string{tenantID}) {
		t.Errorf("tenants %v", got)
	}
	var below []string
	for path := "/providers/Microsoft.Management/managementGroups/root/descendants?api-version=2021-04-01"; path != ""; {
		page := c.get(path)
		below = append(below, names(page["value"], "name")...)
		path = text(page["nextLink"])
	}
	if d := cmp.Diff([]string{"platform", "workloads", subA, subB, "aaaaaaaa-0000-4000-8000-000000000003"}, below); d != "" {
		t.Errorf("descendants (-want +got):\n%s", d)
	}
	states := map[string]string{}
	for path := "/subscriptions/" + subA + "/providers?api-version=2021-04-01"; path != ""; {
		page := c.get(path)
		for _, p := range page["value"].([]any) {
			m := p.(map[string]any)
			states[text(m["namespace"])] = text(m["registrationState"])
		}
		path = text(page["nextLink"])
	}
	if states["Microsoft.Storage"] != "Registered" || states["Microsoft.DocumentDB"] != "NotRegistered" {
		t.Errorf("Storage is %q, DocumentDB is %q", states["Microsoft.Storage"], states["Microsoft.DocumentDB"])
	}
}

func TestListHasThreePages(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	var got []string
	pages := 0
	for path := accountA + "/blobServices/default/containers?api-version=2024-01-01"; path != ""; pages++ {
		page := c.get(path)
		got = append(got, names(page["value"], "name")...)
		path = text(page["nextLink"])
	}
	if d := cmp.Diff([]string{"a", "b", "c", "d", "e"}, got); d != "" || pages != 3 {
		t.Errorf("%d pages, containers (-want +got):\n%s", pages, d)
	}
}

func TestArmReads(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	doc := c.get(strings.ToUpper(accountA) + "?api-version=2024-01-01") // ids have no case
	if doc["type"] != "Microsoft.Storage/storageAccounts" || doc["name"] != "logs" {
		t.Errorf("got %v", doc)
	}
	for path, want := range map[string][]string{
		"/subscriptions/" + subA + "/providers/Microsoft.Storage/storageAccounts?api-version=2024-01-01":                         {"logs"},
		rgA + "/providers/Microsoft.Storage/storageAccounts?api-version=2024-01-01":                                              {"logs"},
		"/subscriptions/" + subA + "/providers/Microsoft.Security/pricings?api-version=2024-01-01":                               {"VirtualMachines"},
		"/subscriptions/" + subA + "/providers/Microsoft.Security/automations?api-version=2023-12-01-preview":                    nil, // known to be empty
		"/subscriptions/" + subA + "/providers/Microsoft.DocumentDB/databaseAccounts?api-version=2025-04-15":                     nil, // not registered
		"/subscriptions/" + subA + "/providers/Microsoft.Authorization/locks?api-version=2020-05-01":                             {"keep"},
		"/subscriptions/" + subA + "/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01":                   {"00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"},
		rgA + "/providers/Microsoft.Authorization/locks?$filter=atScope()&api-version=2020-05-01":                                {"keep"},
		"/subscriptions/" + subA + "/providers/Microsoft.Authorization/locks?$filter=atScope()&api-version=2020-05-01":           nil,
		"/subscriptions/" + subA + "/resources?$filter=resourceType%20eq%20'Microsoft.Web/sites'&api-version=2021-04-01":         {"app"},
		"/subscriptions/" + subB + "/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()&api-version=2022-04-01": {"00000000-0000-0000-0000-000000000002"},
		"/subscriptions/" + subA + "/resourceGroups?api-version=2021-04-01":                                                      {"rg"},
	} {
		if d := cmp.Diff(want, names(c.get(path)["value"], "name")); d != "" {
			t.Errorf("%s (-want +got):\n%s", path, d)
		}
	}
	out, _, err := c.do(http.MethodPost, rgA+"/providers/Microsoft.Web/sites/app/config/appsettings/list?api-version=2022-09-01", "")
	if err != nil || out["properties"].(map[string]any)["MODE"] != "live" {
		t.Errorf("app settings: %v %v", out, err)
	}
}

func TestArmRefuses(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	site := rgA + "/providers/Microsoft.Web/sites/app"
	for _, tt := range []struct {
		name, method, path string
		status             int
		code, text         string
	}{
		{"child that the seed does not know", "GET", accountA + "/queueServices/default?api-version=2024-01-01", 403, "AuthorizationFailed", "perform action 'Microsoft.Storage/storageAccounts/queueServices/read' over scope '" + accountA + "/queueServices/default'"},
		{"list that the seed does not know", "GET", accountA + "/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview", 403, "AuthorizationFailed", "'Microsoft.Insights/diagnosticSettings/read'"},
		{"list of the subscription that the seed does not know", "GET", "/subscriptions/" + subA + "/providers/Microsoft.Security/securityContacts?api-version=2023-12-01-preview", 403, "AuthorizationFailed", objectID},
		{"setting that only a POST gives", "GET", site + "/config/appsettings?api-version=2022-09-01", 403, "AuthorizationFailed", "Microsoft.Web/sites/config/read"},
		{"list action that the seed does not know", "POST", site + "/config/connectionstrings/list?api-version=2022-09-01", 403, "AuthorizationFailed", "'Microsoft.Web/sites/config/list/action'"},
		{"child that is known to be absent", "GET", accountA + "/managementPolicies/default?api-version=2024-01-01", 404, "ResourceNotFound", "Microsoft.Storage/storageAccounts/managementPolicies/default"},
		{"resource that is not there", "GET", rgA + "/providers/Microsoft.Storage/storageAccounts/gone?api-version=2024-01-01", 404, "ResourceNotFound", "storageAccounts/gone"},
		{"child of what is not there", "GET", rgA + "/providers/Microsoft.Storage/storageAccounts/gone/blobServices/default?api-version=2024-01-01", 404, "ParentResourceNotFound", "storageAccounts/gone"},
		{"group that is not there", "GET", "/subscriptions/" + subA + "/resourceGroups/gone?api-version=2021-04-01", 404, "ResourceGroupNotFound", "gone"},
		{"subscription that is not there", "GET", "/subscriptions/" + tenantID + "/resourceGroups?api-version=2021-04-01", 404, "SubscriptionNotFound", tenantID},
		{"subscription that is denied", "GET", "/subscriptions/aaaaaaaa-0000-4000-8000-000000000003/resourceGroups?api-version=2021-04-01", 403, "AuthorizationFailed", "Microsoft.Resources/subscriptions/resourceGroups/read"},
		{"no api-version", "GET", accountA, 400, "MissingApiVersionParameter", ""},
		{"wrong api-version", "GET", accountA + "?api-version=2011-01-01", 400, "NoRegisteredProviderFound", "2024-01-01"},
		{"malformed api-version", "GET", accountA + "?api-version=latest", 400, "InvalidApiVersionParameter", "latest"},
		{"wrong api-version of ARM itself", "GET", "/subscriptions?api-version=1999-01-01", 400, "InvalidApiVersionParameter", "2022-12-01"},
		{"unknown type", "GET", rgA + "/providers/Microsoft.Storage/storageAcounts/logs?api-version=2024-01-01", 404, "InvalidResourceType", "storageAcounts"},
		{"filter that is not known", "GET", "/subscriptions/" + subA + "/providers/Microsoft.Authorization/roleAssignments?$filter=assignedTo('x')&api-version=2022-04-01", 400, "InvalidFilterInQueryString", "assignedTo"},
		{"write", "DELETE", accountA + "?api-version=2024-01-01", 403, "AuthorizationFailed", "Microsoft.Storage/storageAccounts/delete"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			if got := c.refused(tt.method, tt.path, tt.status, tt.code); !strings.Contains(got, tt.text) {
				t.Errorf("%s\nwant %q in it", got, tt.text)
			}
		})
	}
}

func TestLongRunningOperation(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	req, err := runtime.NewRequest(t.Context(), http.MethodPost, c.base+rgA+"/providers/Microsoft.Network/networkInterfaces/nic/effectiveNetworkSecurityGroups?api-version=2025-05-01")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.pl.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("status %d, want 202", resp.StatusCode)
	}
	p, err := runtime.NewPoller(resp, c.pl, &runtime.NewPollerOptions[map[string]any]{FinalStateVia: runtime.FinalStateViaLocation})
	if err != nil {
		t.Fatal(err)
	}
	polls := 0
	for ; !p.Done(); polls++ {
		answer, err := p.Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	out, err := p.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if list, _ := out["value"].([]any); len(list) != 1 || polls < 3 {
		t.Errorf("%d polls, result %v", polls, out)
	}
}

func TestFaults(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	const op = "GET Microsoft.Storage/storageAccounts"
	path := accountA + "?api-version=2024-01-01"
	for _, tt := range []struct {
		name  string
		fault Fault
		want  string // in the error; none when the SDK's retries overcome it
	}{
		{"throttle, then good", Fault{Operation: op, Kind: FaultThrottled, Times: 2}, ""},
		{"throttle for good", Fault{Operation: op, Kind: FaultThrottled}, "TooManyRequests"},
		{"denied", Fault{Operation: op, Kind: FaultDenied, Times: 1}, "AuthorizationFailed"},
		{"own code", Fault{Operation: op, Kind: FaultDenied, Code: "LinkedAuthorizationFailed"}, "LinkedAuthorizationFailed"},
		{"not found", Fault{Operation: op, Kind: FaultNotFound}, "ResourceNotFound"},
		{"locked", Fault{URL: "storageaccounts/LOGS", Kind: FaultLocked}, "ScopeLocked"},
		{"error", Fault{Operation: "Microsoft.Storage/storageAccounts", Kind: FaultError}, "InternalServerError"},
		{"unavailable, then good", Fault{Operation: op, Kind: FaultUnavailable, Times: 1}, ""},
		{"status", Fault{Operation: op, Kind: FaultStatus, Status: 418, Code: "Teapot"}, "Teapot"},
		{"garbage", Fault{Operation: op, Kind: FaultGarbage}, "invalid character"},
		{"truncated for good", Fault{Operation: op, Kind: FaultTruncated}, "stream error"},
		{"other operation", Fault{Operation: "GET Microsoft.KeyVault/vaults", Kind: FaultError}, ""},
		{"after one", Fault{Operation: op, Kind: FaultDenied, Skip: 1}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.ClearFaults()
			if err := s.Fault(tt.fault); err != nil {
				t.Fatal(err)
			}
			out, _, err := c.do(http.MethodGet, path, "")
			switch {
			case tt.want == "" && (err != nil || out["name"] != "logs"):
				t.Errorf("got %v, %v", out, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want an error with %s", err, tt.want)
			}
		})
	}
	if err := s.Fault(Fault{Kind: "mischief"}); err == nil {
		t.Error("an unknown kind is accepted")
	}
}

func TestRetryAfterIsSent(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	if err := s.Fault(Fault{URL: "storageAccounts/logs", Kind: FaultThrottled, RetryAfter: 7}); err != nil {
		t.Fatal(err)
	}
	req, err := runtime.NewRequest(policy.WithRetryOptions(t.Context(), noRetry), http.MethodGet, c.base+accountA+"?api-version=2024-01-01")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.pl.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var re *azcore.ResponseError
	if !errors.As(runtime.NewResponseError(resp), &re) || re.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "7" {
		t.Errorf("%d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
}

func TestTimeoutEndsWithTheClient(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	if _, _, err := c.do(http.MethodGet, accountA+"?api-version=2024-01-01", ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Fault(Fault{URL: "storageAccounts/logs", Kind: FaultTimeout}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := shortContext(t)
	defer cancel()
	req, err := runtime.NewRequest(ctx, http.MethodGet, c.base+accountA+"?api-version=2024-01-01")
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := c.pl.Do(req); err == nil {
		resp.Body.Close()
		t.Error("an answer came")
	}
}

func TestRepeatedAndExpiredPageTokens(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	list := accountA + "/blobServices/default/containers?api-version=2024-01-01"
	if err := s.Fault(Fault{URL: "containers", Kind: FaultRepeatedToken}); err != nil {
		t.Fatal(err)
	}
	second := text(c.get(list)["nextLink"])
	if got := text(c.get(second)["nextLink"]); got != second {
		t.Errorf("the second page's nextLink is %s, want itself", got)
	}
	s.ClearFaults()
	if err := s.Fault(Fault{URL: "containers", Kind: FaultExpiredToken}); err != nil {
		t.Fatal(err)
	}
	c.refused(http.MethodGet, text(c.get(list)["nextLink"]), 400, "InvalidSkipToken")
}

func TestReadLimits(t *testing.T) {
	seed := testSeed(t)
	seed.Limits = Limits{ReadsPerSecond: 1, ReadsBurst: 2}
	s := start(t, seed)
	c := armClient(t, s)
	_, header, err := c.do(http.MethodGet, accountA+"?api-version=2024-01-01", "")
	if err != nil || header.Get("X-Ms-Ratelimit-Remaining-Subscription-Reads") != "1" {
		t.Fatalf("remaining %q, %v", header.Get("X-Ms-Ratelimit-Remaining-Subscription-Reads"), err)
	}
	throttled := false
	for range 4 {
		req, err := runtime.NewRequest(policy.WithRetryOptions(t.Context(), noRetry), http.MethodGet, c.base+accountA+"?api-version=2024-01-01")
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.pl.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		throttled = throttled || resp.StatusCode == http.StatusTooManyRequests
	}
	if !throttled {
		t.Error("five reads at once pass a bucket of two")
	}
}

func TestAnswersAndPermissions(t *testing.T) {
	seed := testSeed(t)
	vm := rgA + "/providers/Microsoft.Compute/virtualMachines/vm"
	seed.Answers = map[string]json.RawMessage{vm + "/instanceView": json.RawMessage(`{"statuses": [{"code": "PowerState/running", "level": "Info"}]}`)}
	s := start(t, seed)
	c := armClient(t, s)
	if got := names(c.get(vm + "/instanceView?api-version=2025-04-01")["statuses"], "code"); !cmp.Equal(got, []string{"PowerState/running"}) {
		t.Errorf("instance view %v", got)
	}
	if got := c.get("/subscriptions/" + subA + "/providers/Microsoft.Authorization/permissions?api-version=2022-04-01")["value"].([]any); len(got) != 1 {
		t.Errorf("permissions %v", got)
	}
	seed.Answers = map[string]json.RawMessage{vm + "/instanceView": json.RawMessage(`{"status": []}`)}
	if _, err := New(seed, Options{}); err == nil || !strings.Contains(err.Error(), `did you mean "statuses"?`) {
		t.Errorf("a misspelt answer: %v", err)
	}
}

func TestCallsAreRecorded(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	c.get(accountA + "/blobServices/default?api-version=2024-01-01")
	c.refused(http.MethodGet, accountA+"/fileServices/default?api-version=2024-01-01", 403, "AuthorizationFailed")
	var got []string
	for _, call := range s.Calls() {
		got = append(got, fmt.Sprintf("%s %d %v", call.Operation, call.Status, call.Client == clientID))
	}
	want := []string{
		"GET openid-configuration 200 false", "POST token 200 false",
		"GET Microsoft.Storage/storageAccounts/blobServices 200 true", "GET Microsoft.Storage/storageAccounts/fileServices 403 true",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

func TestTree(t *testing.T) {
	s := start(t, testSeed(t))
	c := armClient(t, s)
	out, _, err := c.do(http.MethodPost, "/providers/Microsoft.Management/getEntities?api-version=2021-04-01", "")
	var all []any
	for err == nil {
		all = append(all, out["value"].([]any)...)
		next := text(out["nextLink"])
		if next == "" {
			break
		}
		out, _, err = c.do(http.MethodPost, next, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range all {
		m := e.(map[string]any)
		p := m["properties"].(map[string]any)
		got[text(p["displayName"])] = text(p["permissions"]) + " " + text(p["parentNameChain"])
	}
	want := map[string]string{
		"Tenant Root Group": "view []", "Platform": `view ["root"]`, "Workloads": `view ["root"]`, "production": `view ["root","workloads"]`,
		"sandbox": `view ["root","platform"]`, "secret": `noaccess ["root","platform"]`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("entities (-want +got):\n%s", d)
	}
	root := c.get("/providers/Microsoft.Management/managementGroups/" + tenantID + "?$expand=children&$recurse=true&api-version=2021-04-01")
	if n := names(root["properties"].(map[string]any)["children"], "name"); !cmp.Equal(n, []string{"platform", "workloads"}) {
		t.Errorf("children %v", n)
	}
	c.refused(http.MethodGet, "/providers/Microsoft.Management/managementGroups/elsewhere/descendants?api-version=2021-04-01", 403, "AuthorizationFailed")
}

// Many callers at once, of all services, see the same estate.
func TestManyCallers(t *testing.T) {
	s := start(t, testSeed(t))
	arm, graph := armClient(t, s), graphClient(t, s)
	var wg sync.WaitGroup
	errs := make(chan error, 60)
	for i := range 60 {
		wg.Go(func() {
			var err error
			switch i % 3 {
			case 0:
				_, _, err = arm.do(http.MethodGet, accountA+"?api-version=2024-01-01", "")
			case 1:
				_, _, err = arm.do(http.MethodPost, graphPath, `{"query": "resources | extend n = tolower(name) | order by id asc"}`)
			default:
				_, _, err = graph.do(http.MethodGet, "/users?$select=id", "")
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}
