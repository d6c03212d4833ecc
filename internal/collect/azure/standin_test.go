package azure

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
	standin "github.com/stance-sec/stance/internal/standin/azure"
)

const (
	standinTenant = "11111111-1111-4111-8111-111111111111"
	standinClient = "cccccccc-0000-4000-8000-000000000001"
	standinFirst  = "aaaaaaaa-0000-4000-8000-000000000001"
	standinDenied = "aaaaaaaa-0000-4000-8000-000000000003"
)

// standinSeed is an estate with a subscription that is read, and one that the
// caller does not see: five storage accounts, of which one has five containers,
// five users of the directory, and nothing else. Lists have pages of two.
func standinSeed(t *testing.T) standin.Seed {
	t.Helper()
	seed := standin.Seed{
		Tenant: standin.Tenant{ID: standinTenant, DisplayName: "Example", Domains: []string{"example.com"}},
		Principals: []standin.Principal{{
			ClientID: standinClient, ObjectID: "cccccccc-0000-4000-8000-0000000000ff", Secret: "s3cret", Certificate: true, Federated: true, ManagedIdentity: true,
		}},
		ManagementGroups: []standin.ManagementGroup{{ID: standinTenant, DisplayName: "Root"}, {ID: "prod", DisplayName: "Prod", Parent: standinTenant}},
		Subscriptions: []standin.Subscription{
			{ID: standinFirst, Name: "shop", ManagementGroup: "prod", Tags: map[string]string{"env": "prod"}, Providers: []string{"Microsoft.Storage"}},
			{ID: standinDenied, Name: "hidden", ManagementGroup: "prod", Denied: true},
		},
		Graph:    map[string]json.RawMessage{},
		Empty:    []string{"/subscriptions/*/providers/**", "/subscriptions/" + standinFirst + "/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/**"},
		PageSize: 2,
		Limits:   standin.Limits{ResourceGraphPer5s: 1e5, ReadsPerSecond: 1e5, ReadsBurst: 1e5},
	}
	group := "/subscriptions/" + standinFirst + "/resourceGroups/rg"
	add := func(format string, args ...any) {
		seed.Resources = append(seed.Resources, json.RawMessage(fmt.Sprintf(format, args...)))
	}
	add(`{"id": %q, "name": "rg", "type": "Microsoft.Resources/subscriptions/resourceGroups", "location": "westeurope", "properties": {"provisioningState": "Succeeded"}}`, group)
	for i := range 5 {
		id := fmt.Sprintf("%s/providers/Microsoft.Storage/storageAccounts/st%d", group, i)
		add(`{"id": %q, "name": "st%d", "type": "Microsoft.Storage/storageAccounts", "location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {"minimumTlsVersion": "TLS1_2", "supportsHttpsTrafficOnly": true}}`, id, i)
		add(`{"id": "%s/blobServices/default", "name": "default", "type": "Microsoft.Storage/storageAccounts/blobServices", "properties": {"isVersioningEnabled": true}}`, id)
	}
	for i := range 5 {
		add(`{"id": "%s/providers/Microsoft.Storage/storageAccounts/st0/blobServices/default/containers/c%d", "name": "c%d", "type": "Microsoft.Storage/storageAccounts/blobServices/containers", "properties": {"publicAccess": "None"}}`, group, i, i)
	}
	var users []string
	for i := range 5 {
		users = append(users, fmt.Sprintf(`{"id": "dddddddd-0000-4000-8000-00000000000%d", "displayName": "User %d", "userPrincipalName": "u%d@example.com", "accountEnabled": true, "userType": "Member"}`, i, i, i))
	}
	seed.Graph["users"] = json.RawMessage("[" + strings.Join(users, ", ") + "]")
	return seed
}

// standinTypes are the types that the runs read: one of a table with a side
// read, one that is listed below it, and one of the directory.
func standinTypes() []Type {
	return []Type{
		{Name: "Microsoft.Storage/storageAccounts", Class: "object store account", Table: "resources", Version: "2024-01-01", Properties: storageAccount{}, Side: []Read{
			{Member: "blobServices", Path: "blobServices/default", Version: "2024-01-01", Item: blobServices{}},
		}},
		{
			Name: "Microsoft.Storage/storageAccounts/blobServices/containers", Class: "bucket", Properties: struct {
				PublicAccess string `json:"publicAccess"`
			}{},
			List: &List{Parent: "Microsoft.Storage/storageAccounts", Path: "blobServices/default/containers", Version: "2024-01-01"},
		},
		{Name: "graph/user", Class: "user", Properties: struct {
			ID          string `json:"id"`
			DisplayName string `json:"displayName"`
		}{}, Graph: &GraphList{Path: "users", Select: []string{"id", "displayName"}, Permission: "User.Read.All"}},
	}
}

func startStandin(t *testing.T) (*standin.Server, Options) {
	t.Helper()
	server, err := standin.New(standinSeed(t), standin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	ca, err := server.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return server, Options{
		CAFile: ca, Timeout: 10 * time.Second, Attempts: 3,
		Endpoints: Endpoints{Authority: server.URL(), ARM: server.URL() + "/arm", Graph: server.URL() + "/graph", Logs: server.URL() + "/logs"},
	}
}

// signInBy sets the environment to one kind of credential and nothing else.
func signInBy(t *testing.T, vars map[string]string) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AZURE_") || strings.HasPrefix(name, "IDENTITY_") || strings.HasPrefix(name, "MSI_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("HTTPS_PROXY", "")
	for k, v := range vars {
		t.Setenv(k, v)
	}
}

func bySecret(t *testing.T) {
	t.Helper()
	signInBy(t, map[string]string{"AZURE_TENANT_ID": standinTenant, "AZURE_CLIENT_ID": standinClient, "AZURE_CLIENT_SECRET": "s3cret"})
}

// firstManagedIdentity is true once a test signed in as a managed identity: under
// -count a second stand-in would be shown the token of the first.
var firstManagedIdentity atomic.Bool

// TestStandinSignIn holds that every kind of credential signs in over https with
// an authority of its own, through the SDK's chain.
func TestStandinSignIn(t *testing.T) {
	server, opts := startStandin(t)
	dir := t.TempDir()
	certificate, err := server.Certificate(dir, standinClient)
	if err != nil {
		t.Fatal(err)
	}
	token, err := server.FederatedToken(dir, standinClient)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, header := server.ManagedIdentity()
	for _, tt := range []struct {
		name string
		vars map[string]string
		says string // what the error says, where it is one
	}{
		// Where there are none the machine's own (a metadata service, a developer's
		// session) must not be found instead.
		{"nothing", map[string]string{"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}, "none found: run az login"},
		{"client secret", map[string]string{"AZURE_TENANT_ID": standinTenant, "AZURE_CLIENT_ID": standinClient, "AZURE_CLIENT_SECRET": "s3cret"}, ""},
		{"certificate", map[string]string{"AZURE_TENANT_ID": standinTenant, "AZURE_CLIENT_ID": standinClient, "AZURE_CLIENT_CERTIFICATE_PATH": certificate}, ""},
		{"workload identity", map[string]string{"AZURE_TENANT_ID": standinTenant, "AZURE_CLIENT_ID": standinClient, "AZURE_FEDERATED_TOKEN_FILE": token}, ""},
		{"wrong secret", map[string]string{"AZURE_TENANT_ID": standinTenant, "AZURE_CLIENT_ID": standinClient, "AZURE_CLIENT_SECRET": "guess"}, "AZURE_CLIENT_SECRET is wrong"},
		{"unknown application", map[string]string{"AZURE_TENANT_ID": standinTenant, "AZURE_CLIENT_ID": standinTenant, "AZURE_CLIENT_SECRET": "s3cret"}, "not in this tenant"},
		{"no such certificate", map[string]string{"AZURE_TENANT_ID": standinTenant, "AZURE_CLIENT_ID": standinClient, "AZURE_CLIENT_CERTIFICATE_PATH": "none.pem", "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}, "none.pem"},
		{"half of it", map[string]string{"AZURE_TENANT_ID": standinTenant, "AZURE_CLIENT_ID": standinClient, "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}, "AZURE_CLIENT_SECRET"},
		{"unknown tenant", map[string]string{"AZURE_TENANT_ID": standinClient, "AZURE_CLIENT_ID": standinClient, "AZURE_CLIENT_SECRET": "s3cret"}, "no such tenant"},
		{"managed identity", map[string]string{"IDENTITY_ENDPOINT": endpoint, "IDENTITY_HEADER": header}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.vars["IDENTITY_ENDPOINT"] != "" && !firstManagedIdentity.CompareAndSwap(false, true) {
				t.Skip("the SDK keeps the token of a managed identity for the life of the process")
			}
			signInBy(t, tt.vars)
			s, err := Open(t.Context(), opts)
			switch {
			case tt.says != "":
				if !errors.Is(err, model.ErrCredentials) || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("error %v, want one that says %q", err, tt.says)
				}
				return
			case err != nil:
				t.Fatal(err)
			}
			defer s.Close()
			want := []string{standinTenant, "managementGroups/" + standinTenant, "managementGroups/prod", standinFirst, standinDenied}
			if diff := gocmp.Diff(want, s.Accounts()); diff != "" {
				t.Errorf("accounts (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("unknown authority", func(t *testing.T) {
		bySecret(t)
		o := opts
		o.CAFile = ""
		if _, err := Open(t.Context(), o); !errors.Is(err, model.ErrUnreachable) || !strings.Contains(err.Error(), "CA file") {
			t.Errorf("error %v, want one that names the CA file", err)
		}
	})
	t.Run("nothing listens", func(t *testing.T) {
		bySecret(t)
		o := opts
		o.Endpoints.Authority, o.Endpoints.ARM = "https://127.0.0.1:1", "https://127.0.0.1:1"
		if _, err := Open(t.Context(), o); !errors.Is(err, model.ErrUnreachable) {
			t.Errorf("error %v, want unreachable", err)
		}
	})
}

// standinRun opens a session and reads the types of the runs.
func standinRun(t *testing.T, opts Options) (collected, error) {
	t.Helper()
	s, err := Open(t.Context(), opts)
	if err != nil {
		return collected{}, err
	}
	defer s.Close()
	s.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	withTypes(s, standinTypes()...)
	var out collected
	for a, err := range s.Frame() {
		out.add(t, a, err)
	}
	out.units(t, s.Units())
	slices.SortFunc(out.Gaps, func(a, b model.Gap) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Key(), b.Key())) })
	return out, nil
}

// TestStandinRun holds a whole run: every asset, and a gap for the subscription
// that the caller does not see.
func TestStandinRun(t *testing.T) {
	_, opts := startStandin(t)
	bySecret(t)
	out, err := standinRun(t, opts)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, a := range out.Assets {
		count[a.Type]++
		if a.Type == "Microsoft.Storage/storageAccounts" && at(map[string]any(a.Config), "blobServices.properties.isVersioningEnabled") != true {
			t.Errorf("%s has %v for blob services", a.ID, a.Config["blobServices"])
		}
	}
	want := map[string]int{
		TenantType: 1, GroupType: 2, SubscriptionType: 2,
		"Microsoft.Storage/storageAccounts": 5, "Microsoft.Storage/storageAccounts/blobServices/containers": 5, "graph/user": 5,
	}
	if diff := gocmp.Diff(want, count); diff != "" {
		t.Errorf("assets (-want +got):\n%s", diff)
	}
	var gaps []string
	for _, g := range out.Gaps {
		gaps = append(gaps, g.Type+" "+string(g.Reason)+" "+g.Scope.Account)
	}
	if diff := gocmp.Diff([]string{
		"Microsoft.Storage/storageAccounts denied " + standinDenied, "Microsoft.Storage/storageAccounts/blobServices/containers denied " + standinDenied,
	}, gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

// TestStandinFaults holds that a fault of any call costs a gap and never an
// asset that is known, nor a member that reads as absent.
func TestStandinFaults(t *testing.T) {
	server, opts := startStandin(t)
	bySecret(t)
	const accounts, blobs, users = "Microsoft.Storage/storageAccounts", "GET Microsoft.Storage/storageAccounts/blobServices", "GET graph/users"
	const containers = accounts + "/blobServices/containers"
	const both = accounts + " %[1]s, " + containers + " %[1]s"
	below := func(kind string) standin.Fault {
		return standin.Fault{Operation: "GET " + containers, URL: "st0/", Kind: kind}
	}
	query := func(kind string) standin.Fault {
		return standin.Fault{Operation: "POST Microsoft.ResourceGraph/resources", Body: "microsoft.storage", Kind: kind}
	}
	side := func(kind string) standin.Fault { return standin.Fault{Operation: blobs, URL: "st3/", Kind: kind} }
	list := func(kind string) standin.Fault { return standin.Fault{Operation: users, Kind: kind} }
	once := func(f standin.Fault) standin.Fault { f.Times, f.RetryAfter = 1, 1; return f }
	for _, tt := range []struct {
		name  string
		fault standin.Fault
		want  string // the gap, type or asset and member and reason; none where the run gets over it
	}{
		{"query denied", query(standin.FaultDenied), fmt.Sprintf(both, "denied")},
		{"query throttled", query(standin.FaultThrottled), fmt.Sprintf(both, "throttled")},
		{"query throttled once", once(query(standin.FaultThrottled)), ""},
		{"query fails", query(standin.FaultError), fmt.Sprintf(both, "failed")},
		{"query fails once", once(query(standin.FaultError)), ""},
		{"query is cut", query(standin.FaultTruncated), fmt.Sprintf(both, "failed")},
		{"query is garbage", query(standin.FaultGarbage), fmt.Sprintf(both, "failed")},
		{"query loses rows", query(standin.FaultTruncatedResult), fmt.Sprintf(both, "failed")},
		{"query counts wrong", query(standin.FaultWrongCount), fmt.Sprintf(both, "failed")},
		{"query hits the limit", query(standin.FaultSubscriptionLimit), fmt.Sprintf(both, "failed")},
		{"own rows denied", standin.Fault{Operation: "POST Microsoft.ResourceGraph/resources", Body: "resourcecontainers", Kind: standin.FaultDenied}, fmt.Sprintf(both, "denied")},
		{"groups denied", standin.Fault{URL: "/descendants", Kind: standin.FaultDenied}, GroupType + " denied"},
		{"tenants denied", standin.Fault{URL: "/tenants", Kind: standin.FaultDenied}, ""},
		{"side read denied", side(standin.FaultDenied), "st3 blobServices denied"},
		{"side read throttled", side(standin.FaultThrottled), "st3 blobServices throttled"},
		{"side read throttled once", once(side(standin.FaultThrottled)), ""},
		{"side read fails", side(standin.FaultError), "st3 blobServices failed"},
		{"side read is cut", side(standin.FaultTruncated), "st3 blobServices failed"},
		{"side read is garbage", side(standin.FaultGarbage), "st3 blobServices failed"},
		{"side read is locked", side(standin.FaultLocked), "st3 blobServices denied"},
		{"list denied", below(standin.FaultDenied), containers + " denied"},
		{"list throttled", below(standin.FaultThrottled), containers + " throttled"},
		{"list throttled once", once(below(standin.FaultThrottled)), ""},
		{"list repeats", below(standin.FaultRepeatedToken), containers + " failed"},
		{"second page is denied", standin.Fault{Operation: "GET " + containers, URL: "st0/", Skip: 1, Kind: standin.FaultDenied}, containers + " denied"},
		{"second page of users fails", standin.Fault{Operation: users, Skip: 1, Kind: standin.FaultError}, "graph/user failed"},
		{"users denied", list(standin.FaultDenied), "graph/user denied"},
		{"users throttled", list(standin.FaultThrottled), "graph/user throttled"},
		{"users unavailable", list(standin.FaultUnavailable), "graph/user throttled"},
		{"users are cut", list(standin.FaultTruncated), "graph/user failed"},
		{"users are garbage", list(standin.FaultGarbage), "graph/user failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server.ClearFaults()
			if err := server.Fault(tt.fault); err != nil {
				t.Fatal(err)
			}
			out, err := standinRun(t, opts)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			complete := map[string]int{}
			for _, a := range out.Assets {
				if a.Type == accounts && (a.Config["blobServices"] == nil) != (len(a.Gaps) > 0) {
					t.Errorf("%s has blob services %v and gaps %v", a.ID, a.Config["blobServices"], a.Gaps)
				}
				if a.Type != accounts && a.Type != containers && a.Type != "graph/user" {
					continue
				}
				complete[a.Type]++
				for _, g := range a.Gaps {
					got = append(got, a.Name+" "+g.Path+" "+string(g.Reason))
				}
			}
			listed := map[string]bool{}
			for _, g := range out.Gaps {
				if g.Scope.Account != standinDenied {
					got = append(got, g.Type+" "+string(g.Reason))
					listed[g.Type] = true
				}
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("gaps %v, want %q", got, tt.want)
			}
			for _, typ := range []string{accounts, containers, "graph/user"} {
				if complete[typ] != 5 && !listed[typ] {
					t.Errorf("%d of 5 %s without a gap", complete[typ], typ)
				}
			}
		})
	}
}
