package azure

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// estate is a tenant with two groups below the root and three subscriptions, of
// which the caller sees two and Resource Graph one.
func estate(change map[string]string) *handler {
	const third = "00000000-0000-0000-0000-000000000003"
	group := func(name, parent string) string {
		return fmt.Sprintf(`{"id": "/providers/Microsoft.Management/managementGroups/%s", "type": "Microsoft.Management/managementGroups", "name": %q, "properties": {"displayName": "The %s", "parent": {"id": "/providers/Microsoft.Management/managementGroups/%s"}}}`, name, name, name, parent)
	}
	sub := func(id, parent string) string {
		return fmt.Sprintf(`{"id": "/subscriptions/%s", "type": "/subscriptions", "name": %q, "properties": {"displayName": "sub", "parent": {"id": "/providers/Microsoft.Management/managementGroups/%s"}}}`, id, id, parent)
	}
	descendants := `{"value": [` + strings.Join([]string{group("Prod", testTenant), group("Dev", testTenant), sub(testSubscription, "Prod"), sub(otherSubscription, "Dev"), sub(third, "Dev")}, ", ") + `]}`
	answers := map[string]string{
		"/subscriptions": `{"value": [{"subscriptionId": "` + strings.ToUpper(testSubscription) + `", "displayName": "shop", "state": "Enabled", "tenantId": "` + testTenant + `", "tags": {"env": "prod"}, "subscriptionPolicies": {"quotaId": "Q"}},
			{"subscriptionId": "` + otherSubscription + `", "displayName": "old", "state": "Disabled", "tenantId": "` + testTenant + `"}]}`,
		"/tenants":                  `{"value": [{"id": "/tenants/` + testTenant + `", "tenantId": "` + testTenant + `", "displayName": "Example", "defaultDomain": "example.com", "domains": ["example.com", "example.onmicrosoft.com"]}]}`,
		testTenant + "/descendants": descendants,
		"Prod/descendants":          `{"value": [` + sub(testSubscription, "Prod") + `]}`,
		"/resources": `{"totalRecords": 2, "count": 2, "data": [
			{"id": "/subscriptions/` + testSubscription + `", "name": "shop", "type": "microsoft.resources/subscriptions", "properties": {"state": "Old", "managementGroupAncestorsChain": [{"name": "Prod", "displayName": "The Prod"}, {"name": "` + testTenant + `", "displayName": "Root"}]}, "tags": {"env": "prod"}},
			{"id": "/providers/Microsoft.Management/managementGroups/Prod", "name": "Prod", "type": "microsoft.management/managementgroups", "properties": {"displayName": "The Prod", "details": {"managementGroupAncestorsChain": [{"name": "` + testTenant + `"}]}}}]}`,
	}
	for k, v := range change {
		answers[k] = v
	}
	return &handler{reply: func(_ int, req *http.Request, _ string) (int, map[string]string, string) {
		for suffix, body := range answers {
			if strings.HasSuffix(req.URL.Path, suffix) {
				if code, ok := strings.CutPrefix(body, "!"); ok {
					status := http.StatusForbidden
					if code == "InternalServerError" {
						status = http.StatusInternalServerError
					}
					return status, nil, fmt.Sprintf(`{"error": {"code": %q}}`, code)
				}
				return http.StatusOK, nil, body
			}
		}
		return http.StatusNotFound, nil, `{"error": {"code": "NotFound"}}`
	}}
}

// opened opens a session as Open does, without waiting between tries.
func opened(t *testing.T, h http.RoundTripper, opts Options, tokenTenant string) (*Session, error) {
	t.Helper()
	opts.Transport = h
	s, err := open(opts)
	if err != nil {
		return nil, err
	}
	s.arm, s.graph = s.pipelineFor(staticToken{}, s.env.ARMAudience), s.pipelineFor(staticToken{}, s.env.GraphAudience)
	s.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	if err := s.discover(t.Context(), tokenTenant); err != nil {
		return nil, discoverError(err, &s.opts, &s.env)
	}
	return s, nil
}

// TestScopes holds which accounts are read, and where they stand.
func TestScopes(t *testing.T) {
	const third = "00000000-0000-0000-0000-000000000003"
	root, prod, dev := "managementGroups/"+testTenant, "managementGroups/Prod", "managementGroups/Dev"
	for _, tt := range []struct {
		name   string
		opts   Options
		change map[string]string
		want   []string
	}{
		{"everything", Options{}, nil, []string{testTenant, root, dev, prod, testSubscription, otherSubscription, third}},
		{"a group", Options{ManagementGroups: []string{"dev"}}, nil, []string{testTenant, root, dev, otherSubscription, third}},
		{"a subscription by id", Options{Subscriptions: []string{testSubscription}}, nil, []string{testTenant, root, prod, testSubscription}},
		{"a subscription by name", Options{Subscriptions: []string{"OLD"}}, nil, []string{testTenant, root, dev, otherSubscription}},
		{"exclusion wins", Options{Subscriptions: []string{"shop", "old"}, ExcludeSubscriptions: []string{"shop"}}, nil, []string{testTenant, root, dev, otherSubscription}},
		{"groups are denied", Options{}, map[string]string{testTenant + "/descendants": "!AuthorizationFailed"}, []string{testTenant, root, prod, testSubscription, otherSubscription}},
		{"a group while the root is denied", Options{ManagementGroups: []string{"Prod"}}, map[string]string{testTenant + "/descendants": "!AuthorizationFailed"}, []string{testTenant, root, prod, testSubscription}},
		{"rows are denied", Options{}, map[string]string{"/resources": "!AuthorizationFailed"}, []string{testTenant, root, dev, prod, testSubscription, otherSubscription, third}},
		{"tenants are denied", Options{}, map[string]string{"/tenants": "!AuthorizationFailed"}, []string{testTenant, root, dev, prod, testSubscription, otherSubscription, third}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := opened(t, estate(tt.change), tt.opts, testTenant)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(tt.want, s.Accounts()); diff != "" {
				t.Errorf("accounts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFrame holds that the accounts' own assets exist whatever could be read.
func TestFrame(t *testing.T) {
	const third = "00000000-0000-0000-0000-000000000003"
	frame := func(change map[string]string) (*Session, collected) {
		s, err := opened(t, estate(change), Options{}, testTenant)
		if err != nil {
			t.Fatal(err)
		}
		withTypes(s)
		s.types[strings.ToLower(SubscriptionType)] = &Type{Name: SubscriptionType, Class: "account"}
		var out collected
		for a, err := range s.Frame() {
			out.add(t, a, err)
		}
		out.units(t, s.Units())
		return s, out
	}
	_, out := frame(nil)
	chain := "  properties.managementGroupAncestorsChain denied resourcegraph:resourcecontainers Microsoft.Resources/subscriptions/read"
	unseen := []string{"  properties denied arm:Microsoft.Resources/subscriptions/read Microsoft.Resources/subscriptions/read", "  tags denied arm:Microsoft.Resources/subscriptions/read Microsoft.Resources/subscriptions/read"}
	want := []string{
		GroupType + " " + testTenant, GroupType + " dev", GroupType + " prod", SubscriptionType + " " + testSubscription,
		SubscriptionType + " " + otherSubscription, chain, SubscriptionType + " " + third, unseen[0], unseen[1], TenantType + " " + testTenant,
	}
	if diff := gocmp.Diff(want, out.lines()); diff != "" {
		t.Errorf("frame (-want +got):\n%s", diff)
	}
	shop := out.Assets[3]
	path := "tenants/" + testTenant + "/managementGroups/" + testTenant + "/managementGroups/Prod/subscriptions/" + testSubscription
	if shop.Scope.OrgPath != path || shop.Scope.Account != testSubscription || shop.Tags["env"] != "prod" {
		t.Errorf("subscription %+v", shop.Scope)
	}
	if diff := gocmp.Diff([]string{"managementGroups/Prod", "managementGroups/" + testTenant, testTenant}, shop.Scope.Above()); diff != "" {
		t.Errorf("above the subscription (-want +got):\n%s", diff)
	}
	if state := at(map[string]any(shop.Config), "properties.state"); state != "Enabled" {
		t.Errorf("state %v, want what Azure Resource Manager says", state)
	}

	_, out = frame(map[string]string{testTenant + "/descendants": "!AuthorizationFailed", "/resources": "!AuthorizationFailed", "/tenants": "!AuthorizationFailed"})
	chain = "  properties.managementGroupAncestorsChain denied resourcegraph:resourcecontainers AuthorizationFailed"
	want = []string{
		SubscriptionType + " " + testSubscription, strings.Replace(chain, " AuthorizationFailed", "  AuthorizationFailed", 1),
		SubscriptionType + " " + otherSubscription, strings.Replace(chain, " AuthorizationFailed", "  AuthorizationFailed", 1),
		TenantType + " " + testTenant,
		"gap " + GroupType + " denied " + opDescendants + " AuthorizationFailed " + testTenant + " and below",
	}
	if diff := gocmp.Diff(want, out.lines()); diff != "" {
		t.Errorf("frame where all is denied (-want +got):\n%s", diff)
	}
}

// TestOpenErrors holds that what cannot be opened says what to do.
func TestOpenErrors(t *testing.T) {
	for _, tt := range []struct {
		name   string
		opts   Options
		change map[string]string
		token  string
		is     error
		says   string
	}{
		{"refused", Options{}, map[string]string{"/subscriptions": "!AuthorizationFailed"}, testTenant, model.ErrCredentials, "assign Reader"},
		{"another tenant", Options{}, map[string]string{"/subscriptions": "!InvalidAuthenticationTokenTenant"}, testTenant, model.ErrCredentials, "--tenant"},
		{"broken", Options{}, map[string]string{"/subscriptions": "!InternalServerError"}, testTenant, model.ErrUnreachable, "InternalServerError"},
		{"not ARM", Options{}, map[string]string{"/subscriptions": "<html>"}, testTenant, model.ErrUnreachable, "endpoints"},
		{"no such subscription", Options{Subscriptions: []string{"nope"}}, nil, testTenant, model.ErrInvalid, "az account list"},
		{"no such group", Options{ManagementGroups: []string{"nope"}}, nil, testTenant, model.ErrCredentials, "nope"},
		{"no such cloud", Options{Cloud: "AzureMoon"}, nil, testTenant, model.ErrInvalid, "AzureUSGovernment"},
		{"plain http", Options{Endpoints: Endpoints{ARM: "http://arm.example"}}, nil, testTenant, model.ErrInvalid, "https://"},
		{"unknown tenant", Options{}, map[string]string{"/tenants": `{"value": []}`}, "", model.ErrInvalid, "--tenant"},
		{"unknown domain", Options{Tenant: "nowhere.example"}, nil, "", model.ErrInvalid, "--tenant"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("AZURE_TENANT_ID", "")
			_, err := opened(t, estate(tt.change), tt.opts, tt.token)
			if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %v that says %q", err, tt.is, tt.says)
			}
		})
	}
}

// TestTenant holds how the tenant is found.
func TestTenant(t *testing.T) {
	for name, tt := range map[string]struct {
		opts  Options
		token string
	}{
		"the token's":      {Options{}, testTenant},
		"the only one":     {Options{}, ""},
		"by its id":        {Options{Tenant: strings.ToUpper(testTenant)}, ""},
		"by a domain":      {Options{Tenant: "example.onmicrosoft.com"}, ""},
		"named before all": {Options{Tenant: testTenant}, "11111111-0000-0000-0000-000000000000"},
	} {
		t.Setenv("AZURE_TENANT_ID", "")
		s, err := opened(t, estate(nil), tt.opts, tt.token)
		if err != nil || s.Tenant != testTenant {
			t.Errorf("%s: %v", name, err)
		}
	}
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"tid": "` + strings.ToUpper(testTenant) + `"}`))
	for token, want := range map[string]string{"x." + claims + ".y": testTenant, "opaque": "", "a.b.c": "", "a.e30.c": ""} {
		if got := tokenTenant(token); got != want {
			t.Errorf("tenant %q of token %q, want %q", got, token, want)
		}
	}
}

// failingToken is a credential that has none.
type failingToken struct{ err error }

// GetToken implements azcore.TokenCredential.
func (f failingToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, f.err
}

// TestSignInErrors holds that Open says what to do where there are no
// credentials.
func TestSignInErrors(t *testing.T) {
	_, err := Open(t.Context(), Options{Credential: failingToken{errors.New("DefaultAzureCredential: failed to acquire a token")}, Transport: estate(nil)})
	if !errors.Is(err, model.ErrCredentials) || !strings.Contains(err.Error(), "az login") || !strings.Contains(err.Error(), "AZURE_CLIENT_ID") {
		t.Errorf("error %v, want one that says how to sign in", err)
	}
	_, err = Open(t.Context(), Options{CAFile: "testdata/no.pem"})
	if !errors.Is(err, model.ErrInvalid) {
		t.Errorf("error %v, want an invalid CA file", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = Open(ctx, Options{Credential: staticToken{}, Transport: estate(nil)}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a cancelled context", err)
	}
}

func TestClouds(t *testing.T) {
	t.Setenv("AZURE_AUTHORITY_HOST", "")
	for name, want := range map[string][2]string{
		"":                  {"azure", "https://management.azure.com"},
		"azurecloud":        {"azure", "https://management.azure.com"},
		"AzurePublic":       {"azure", "https://management.azure.com"},
		"AZUREUSGOVERNMENT": {"azure-gov", "https://management.usgovcloudapi.net"},
		"AzureChinaCloud":   {"azure-china", "https://management.chinacloudapi.cn"},
	} {
		env, err := environmentOf(name, Endpoints{})
		if err != nil || env.partition != want[0] || env.ARM != want[1] || env.ResourceGraph != want[1] || env.custom || env.ownAuthority {
			t.Errorf("%q: %+v %v", name, env, err)
		}
	}
	env, err := environmentOf("AzureUSGovernment", Endpoints{Authority: "https://login.example/", ARM: "https://arm.example/", ARMAudience: "https://aud"})
	if err != nil || env.Authority != "https://login.example" || env.ARM != "https://arm.example" || env.ResourceGraph != "https://arm.example" ||
		env.Graph != "https://graph.microsoft.us" || env.ARMAudience != "https://aud" || !env.custom || !env.ownAuthority {
		t.Errorf("own endpoints: %+v %v", env, err)
	}
	t.Setenv("AZURE_AUTHORITY_HOST", "https://login.chinacloudapi.cn/")
	if env, err := environmentOf("", Endpoints{}); err != nil || env.partition != "azure-china" {
		t.Errorf("by the environment: %+v %v", env, err)
	}
}
