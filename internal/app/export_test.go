package app

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
	azurestandin "github.com/stance-sec/stance/internal/standin/azure"
	"github.com/stance-sec/stance/internal/standin/google"
)

// exportTest scans one estate live and as an export.
type exportTest struct {
	a   *App
	dir string
}

func newExportTest(t *testing.T) *exportTest {
	t.Helper()
	a, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	a.Now = func() time.Time { clock = clock.Add(time.Millisecond); return clock }
	return &exportTest{a: a, dir: t.TempDir()}
}

// findings runs a scan into a store of its own.
func (x *exportTest) findings(t *testing.T, name string, run func(scan.Store) error) map[string]model.Finding {
	t.Helper()
	store, err := x.a.OpenStore(t.Context(), filepath.Join(x.dir, name+".db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := run(store); err != nil {
		t.Fatal(err)
	}
	out := map[string]model.Finding{}
	for f, err := range store.Findings(t.Context(), model.FindingQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		out[f.Control+" "+f.Asset.ID] = f
	}
	return out
}

// exported scans files, as they were made of everything.
func (x *exportTest) exported(t *testing.T, files map[string]string) map[string]model.Finding {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return x.findings(t, strings.ReplaceAll(t.Name(), "/", " "), func(store scan.Store) error {
		found, err := FindExports([]string{dir})
		if err != nil {
			return err
		}
		runs := x.a.ScanFrom(t.Context(), store, found, ExportOptions{Complete: true}, ScanOptions{})
		if len(runs) != 1 {
			return fmt.Errorf("%d scans, want one", len(runs))
		}
		return runs[0].Err
	})
}

// same holds that the export's findings are those of the live scan: each is the
// same, or unknown because of what is not part of the export.
func same(t *testing.T, live, export map[string]model.Finding, form exportForm) {
	t.Helper()
	decided := 0
	for key, got := range export {
		want, ok := live[key]
		if got.Verdict == model.Unknown {
			if ok && want.Verdict != model.Unknown && !slices.ContainsFunc(got.Gaps, func(g model.Gap) bool { return g.Reason == model.Unsupported }) {
				t.Errorf("%s: unknown, and no gap says that the export lacks something: %+v", key, got.Gaps)
			}
			continue
		}
		if !ok {
			t.Errorf("%s: %s, and the live scan has no such finding", key, got.Verdict)
			continue
		}
		if want.Verdict == model.Unknown {
			t.Errorf("%s: %s, and live it is unknown: %s", key, got.Verdict, want.Message)
			continue
		}
		if got.Verdict != want.Verdict || got.Message != want.Message || got.Severity != want.Severity {
			t.Errorf("%s: %s %q, want %s %q", key, got.Verdict, got.Message, want.Verdict, want.Message)
		}
		decided++
	}
	for key, want := range live {
		if form.lacks != "" && strings.HasPrefix(want.Asset.ID, form.lacks) {
			continue
		}
		if _, ok := export[key]; !ok && want.Verdict != model.NotApplicable {
			t.Errorf("%s: %s live, and not said of the export", key, want.Verdict)
		}
	}
	if decided < form.least {
		t.Errorf("%d findings were decided by the export, want at least %d", decided, form.least)
	}
	t.Logf("%d findings decided alike, of %d of the export and %d live", decided, len(export), len(live))
}

const googleSeed = `{
  "organizations": [{"name": "organizations/811", "displayName": "toys.example", "directoryCustomerId": "C0toys"}],
  "projects": [
    {"name": "projects/604", "projectId": "toys-shop", "parent": "organizations/811", "displayName": "Shop"},
    {"name": "projects/605", "projectId": "toys-lab", "parent": "organizations/811", "displayName": "Lab"}
  ],
  "assets": [
    {
      "name": "//storage.googleapis.com/toys-images", "assetType": "storage.googleapis.com/Bucket", "ancestors": ["projects/604", "organizations/811"],
      "resource": {"version": "v1", "discoveryDocumentUri": "https://www.googleapis.com/discovery/v1/apis/storage/v1/rest", "discoveryName": "Bucket", "location": "EU", "data": {
        "id": "toys-images", "name": "toys-images", "projectNumber": "604", "location": "EU", "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": false}, "publicAccessPrevention": "inherited"}}},
      "iamPolicy": {"etag": "CAE=", "bindings": [{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]}
    },
    {
      "name": "//storage.googleapis.com/toys-books", "assetType": "storage.googleapis.com/Bucket", "ancestors": ["projects/604", "organizations/811"],
      "resource": {"version": "v1", "discoveryDocumentUri": "https://www.googleapis.com/discovery/v1/apis/storage/v1/rest", "discoveryName": "Bucket", "location": "europe-west3", "data": {
        "id": "toys-books", "name": "toys-books", "projectNumber": "604", "location": "EUROPE-WEST3", "versioning": {"enabled": true}, "logging": {"logBucket": "toys-logs"},
        "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": true}, "publicAccessPrevention": "enforced"}, "encryption": {"defaultKmsKeyName": "projects/toys-shop/locations/europe-west3/keyRings/r/cryptoKeys/k"}}}
    },
    {
      "name": "//compute.googleapis.com/projects/toys-lab/global/firewalls/ssh", "assetType": "compute.googleapis.com/Firewall", "ancestors": ["projects/605", "organizations/811"],
      "resource": {"version": "v1", "discoveryDocumentUri": "https://www.googleapis.com/discovery/v1/apis/compute/v1/rest", "discoveryName": "Firewall", "location": "global", "data": {
        "id": "7001", "name": "ssh", "direction": "INGRESS", "priority": 1000, "sourceRanges": ["0.0.0.0/0"], "allowed": [{"IPProtocol": "tcp", "ports": ["22"]}],
        "network": "https://www.googleapis.com/compute/v1/projects/toys-lab/global/networks/default"}}
    },
    {
      "name": "//compute.googleapis.com/projects/toys-lab/global/networks/default", "assetType": "compute.googleapis.com/Network", "ancestors": ["projects/605", "organizations/811"],
      "resource": {"version": "v1", "discoveryDocumentUri": "https://www.googleapis.com/discovery/v1/apis/compute/v1/rest", "discoveryName": "Network", "location": "global", "data": {"id": "7000", "name": "default", "autoCreateSubnetworks": true}}
    }
  ]
}`

func TestGoogleExportIsLive(t *testing.T) {
	x := newExportTest(t)
	seedFile := filepath.Join(x.dir, "seed.json")
	if err := os.WriteFile(seedFile, []byte(googleSeed), 0o600); err != nil {
		t.Fatal(err)
	}
	seed, err := google.ReadSeed(seedFile)
	if err != nil {
		t.Fatal(err)
	}
	server, err := google.New(seed, google.Options{PageSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close() //nolint:errcheck // it only listens
	ca, err := server.CAFile(x.dir)
	if err != nil {
		t.Fatal(err)
	}
	key, err := server.ServiceAccountKey(x.dir)
	if err != nil {
		t.Fatal(err)
	}
	live := x.findings(t, "live", func(store scan.Store) error {
		_, _, err := x.a.ScanGCP(t.Context(), store, gcp.Options{
			CredentialsFile: key, CAFile: ca, Endpoints: map[string]string{"*": server.URL + "/{api}/"}, Attempts: 1, Timeout: 10 * time.Second,
		}, ScanOptions{})
		return err
	})
	resources, policies := listAssets(t, server, "RESOURCE"), listAssets(t, server, "IAM_POLICY")
	for _, form := range googleForms(t, resources, policies) {
		t.Run(form.name, func(t *testing.T) { same(t, live, x.exported(t, form.files), form) })
	}
}

// listAssets asks the stand-in for what gcloud asset list --format json prints.
func listAssets(t *testing.T, server *google.Server, content string) []any {
	t.Helper()
	var out []any
	for token := ""; ; {
		q := url.Values{"contentType": {content}, "pageToken": {token}}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/cloudasset/v1/organizations/811/assets?"+q.Encode(), nil)
		req.Header.Set("Authorization", "Bearer "+server.Token())
		w := httptest.NewRecorder()
		server.ServeHTTP(w, req)
		var page struct {
			Assets        []any  `json:"assets"`
			NextPageToken string `json:"nextPageToken"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %s: %v", w.Code, w.Body, err)
		}
		out = append(out, page.Assets...)
		if token = page.NextPageToken; token == "" {
			return out
		}
	}
}

const (
	exportTenant = "0d3e5a1c-97a4-4f0a-8a52-6d5a1f0f7a10"
	exportShop   = "6b1f8a52-3c1e-4c55-9d0e-2f6f0c1a7b33"
	exportClient = "5f2f1f5e-33aa-4d9b-8c1c-0d3f7c2b9a11"
)

func azureDocuments() []map[string]any {
	group := "/subscriptions/" + exportShop + "/resourceGroups/shop"
	doc := func(typ, name string, more map[string]any) map[string]any {
		out := map[string]any{"id": group + "/providers/" + typ + "/" + name, "name": name, "type": typ, "location": "westeurope"}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	rule := func(name, port, source string, priority int) map[string]any {
		return map[string]any{"name": name, "properties": map[string]any{
			"access": "Allow", "direction": "Inbound", "priority": priority, "protocol": "Tcp", "sourceAddressPrefix": source, "sourcePortRange": "*",
			"destinationAddressPrefix": "*", "destinationPortRange": port,
		}}
	}
	return []map[string]any{
		{"id": group, "name": "shop", "type": "Microsoft.Resources/subscriptions/resourceGroups", "location": "westeurope", "properties": map[string]any{"provisioningState": "Succeeded"}},
		doc("Microsoft.Storage/storageAccounts", "shopmedia", map[string]any{
			"kind": "StorageV2", "sku": map[string]any{"name": "Standard_LRS"},
			"properties": map[string]any{"supportsHttpsTrafficOnly": false, "minimumTlsVersion": "TLS1_0", "allowBlobPublicAccess": true, "publicNetworkAccess": "Enabled"},
		}),
		doc("Microsoft.Storage/storageAccounts", "shopbooks", map[string]any{
			"kind": "StorageV2", "sku": map[string]any{"name": "Standard_GRS"}, "tags": map[string]any{"team": "books"},
			"properties": map[string]any{
				"supportsHttpsTrafficOnly": true, "minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": false, "publicNetworkAccess": "Disabled", "allowSharedKeyAccess": false,
				"networkAcls": map[string]any{"defaultAction": "Deny", "bypass": "AzureServices"},
			},
		}),
		doc("Microsoft.Network/networkSecurityGroups", "front", map[string]any{
			"properties": map[string]any{"securityRules": []any{rule("ssh", "22", "*", 100), rule("web", "443", "*", 110)}},
		}),
		doc("Microsoft.Network/networkSecurityGroups", "back", map[string]any{
			"properties": map[string]any{"securityRules": []any{rule("ssh", "22", "10.0.0.0/8", 100)}},
		}),
	}
}

func TestAzureExportIsLive(t *testing.T) {
	x := newExportTest(t)
	seed := azurestandin.Seed{
		Tenant:           azurestandin.Tenant{ID: exportTenant, DisplayName: "Toys", Domains: []string{"toys.example"}},
		Principals:       []azurestandin.Principal{{ClientID: exportClient, ObjectID: "5f2f1f5e-33aa-4d9b-8c1c-0d3f7c2b9aff", Secret: "s3cret"}},
		ManagementGroups: []azurestandin.ManagementGroup{{ID: exportTenant, DisplayName: "Root"}},
		Subscriptions:    []azurestandin.Subscription{{ID: exportShop, Name: "shop", ManagementGroup: exportTenant, Providers: []string{"Microsoft.Storage", "Microsoft.Network"}}},
		PageSize:         2,
	}
	var resources, containers []map[string]any
	for _, doc := range azureDocuments() {
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		seed.Resources = append(seed.Resources, raw)
		// The same as a row of Resource Graph, which has every column.
		row := map[string]any{
			"tenantId": exportTenant, "subscriptionId": exportShop, "resourceGroup": "shop", "kind": "", "managedBy": "", "sku": nil, "plan": nil,
			"tags": nil, "identity": nil, "zones": nil, "extendedLocation": nil,
		}
		for k, v := range doc {
			row[k] = v
		}
		typ := strings.ToLower(fmt.Sprint(doc["type"]))
		row["type"] = typ
		if strings.HasPrefix(typ, "microsoft.resources/") {
			containers = append(containers, row)
			continue
		}
		resources = append(resources, row)
	}
	containers = append(containers, map[string]any{
		"id": "/subscriptions/" + exportShop, "name": "shop", "type": "microsoft.resources/subscriptions", "tenantId": exportTenant, "subscriptionId": exportShop,
		"properties": map[string]any{"state": "Enabled", "managementGroupAncestorsChain": []any{map[string]any{"name": exportTenant, "displayName": "Root"}}},
	})
	server, err := azurestandin.New(seed, azurestandin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close() //nolint:errcheck // it only listens
	ca, err := server.CAFile(x.dir)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"AZURE_TENANT_ID": exportTenant, "AZURE_CLIENT_ID": exportClient, "AZURE_CLIENT_SECRET": "s3cret", "HTTPS_PROXY": ""} {
		t.Setenv(k, v)
	}
	live := x.findings(t, "live", func(store scan.Store) error {
		_, _, err := x.a.ScanAzure(t.Context(), store, azure.Options{
			CAFile: ca, Attempts: 1, Timeout: 10 * time.Second,
			Endpoints: azure.Endpoints{Authority: server.URL(), ARM: server.URL() + "/arm", Graph: server.URL() + "/graph", Logs: server.URL() + "/logs"},
		}, ScanOptions{})
		return err
	})
	for _, form := range azureForms(t, resources, containers) {
		t.Run(form.name, func(t *testing.T) { same(t, live, x.exported(t, form.files), form) })
	}
}
