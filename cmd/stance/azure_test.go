package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	standin "github.com/stance-sec/stance/internal/standin/azure"
)

// The tenant of the whole-run tests: a subscription with two storage accounts, of
// which one is open, one with nothing in it, and one that the caller does not see.
const (
	azureTenant = "11111111-1111-4111-8111-111111111111"
	azureClient = "cccccccc-0000-4000-8000-000000000001"
	azureShop   = "aaaaaaaa-0000-4000-8000-000000000001"
	azureEmpty  = "aaaaaaaa-0000-4000-8000-000000000002"
	azureHidden = "aaaaaaaa-0000-4000-8000-000000000003"
)

func azureEstate() standin.Seed {
	group := "/subscriptions/" + azureShop + "/resourceGroups/rg"
	storage := group + "/providers/Microsoft.Storage/storageAccounts/"
	var resources []json.RawMessage
	add := func(id, rest string) {
		resources = append(resources, json.RawMessage(fmt.Sprintf(`{"id": %q, %s}`, id, rest)))
	}
	add(group, `"location": "westeurope", "properties": {"provisioningState": "Succeeded"}`)
	add(storage+"closed", `"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_GRS"}, "tags": {"team": "shop"}, "properties": {
		"supportsHttpsTrafficOnly": true, "minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": false, "allowSharedKeyAccess": false,
		"allowCrossTenantReplication": false, "defaultToOAuthAuthentication": true, "publicNetworkAccess": "Disabled",
		"networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}, "encryption": {"keySource": "Microsoft.Keyvault", "requireInfrastructureEncryption": true,
		"keyvaultproperties": {"keyname": "k", "keyvaulturi": "https://shop.vault.azure.net"}}}`)
	add(storage+"open", `"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {
		"supportsHttpsTrafficOnly": false, "minimumTlsVersion": "TLS1_0", "allowBlobPublicAccess": true, "allowSharedKeyAccess": true,
		"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow", "bypass": "None"}, "encryption": {"keySource": "Microsoft.Storage"}}`)
	add(storage+"closed/blobServices/default", `"properties": {"isVersioningEnabled": true, "deleteRetentionPolicy": {"enabled": true, "days": 30}, "containerDeleteRetentionPolicy": {"enabled": true, "days": 30}}`)
	add(storage+"open/blobServices/default/containers/images", `"properties": {"publicAccess": "Container"}`)
	add(storage+"open/blobServices/default/containers/internal", `"properties": {"publicAccess": "None"}`)
	add(group+"/providers/Microsoft.Network/networkSecurityGroups/door", `"location": "westeurope", "properties": {"securityRules": [
		{"name": "ssh", "properties": {"priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "Internet", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "20-30"}},
		{"name": "rdp", "properties": {"priority": 110, "direction": "Inbound", "access": "Deny", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "3389"}},
		{"name": "all", "properties": {"priority": 120, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourceAddressPrefixes": ["0.0.0.0/1", "128.0.0.0/1"], "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "3389"}}]}`)
	return standin.Seed{
		Tenant: standin.Tenant{ID: azureTenant, DisplayName: "Example", Domains: []string{"example.com"}},
		Principals: []standin.Principal{{
			ClientID: azureClient, ObjectID: "cccccccc-0000-4000-8000-0000000000ff", Secret: "s3cret", Certificate: true, Federated: true, ManagedIdentity: true,
		}},
		ManagementGroups: []standin.ManagementGroup{{ID: azureTenant, DisplayName: "Root"}, {ID: "prod", DisplayName: "Prod", Parent: azureTenant}},
		Subscriptions: []standin.Subscription{
			{ID: azureShop, Name: "shop", ManagementGroup: "prod"},
			{ID: azureEmpty, Name: "empty", ManagementGroup: "prod"},
			{ID: azureHidden, Name: "hidden", ManagementGroup: "prod", Denied: true},
		},
		Resources: resources,
		Graph: map[string]json.RawMessage{"users": json.RawMessage(`[
			{"id": "dddddddd-0000-4000-8000-000000000001", "displayName": "Ann", "userPrincipalName": "ann@example.com", "accountEnabled": true, "userType": "Member"}]`)},
		// Nothing is said of the blob services of "open", and of the directory only the
		// users: those are denied.
		Empty: []string{
			"/subscriptions/*/providers/**", "/providers/**", storage + "closed/**", storage + "*/fileServices/**", storage + "*/providers/**",
			storage + "*/queueServices/**", storage + "*/tableServices/**", storage + "*/managementPolicies/**", storage + "*/inventoryPolicies/**", group + "/providers/Microsoft.Network/**",
		},
		PageSize: 1, Limits: standin.Limits{ResourceGraphPer5s: 1e5, ReadsPerSecond: 1e5, ReadsBurst: 1e5},
	}
}

// azureStandin is a stand-in and a configuration that leads to it.
func azureStandin(t *testing.T) (server *standin.Server, config string) {
	t.Helper()
	server, err := standin.New(azureEstate(), standin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	ca, err := server.CAFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	return server, azureConfig(t, dir, server.URL(), "ca_file: "+ca)
}

// azureConfig writes a configuration whose endpoints are all below one base URL.
func azureConfig(t *testing.T, dir, base string, more ...string) string {
	t.Helper()
	text := fmt.Sprintf("azure:\n  endpoints:\n    authority: %[1]s\n    resource_manager: %[1]s/arm\n    graph: %[1]s/graph\n    logs: %[1]s/logs\n", base)
	for _, line := range more {
		text += "  " + line + "\n"
	}
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// azureSignIn is the environment of a sign-in, and nothing else of Azure's.
func azureSignIn(more ...string) []string {
	return append([]string{"AZURE_TENANT_ID=" + azureTenant, "AZURE_CLIENT_ID=" + azureClient}, more...)
}

// TestAzure scans a tenant with the program as people run it, from an empty home,
// and looks at everything that it prints.
func TestAzure(t *testing.T) {
	server, config := azureStandin(t)
	dir := t.TempDir()
	certificate, err := server.Certificate(dir, azureClient)
	if err != nil {
		t.Fatal(err)
	}
	token, err := server.FederatedToken(dir, azureClient)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, header := server.ManagedIdentity()
	var first map[string]string
	for _, tt := range []struct {
		name string
		env  []string
	}{
		{"client secret", azureSignIn("AZURE_CLIENT_SECRET=s3cret")},
		{"certificate", azureSignIn("AZURE_CLIENT_CERTIFICATE_PATH=" + certificate)},
		{"workload identity", azureSignIn("AZURE_FEDERATED_TOKEN_FILE=" + token)},
		{"managed identity", []string{"IDENTITY_ENDPOINT=" + endpoint, "IDENTITY_HEADER=" + header}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProgram(t, tt.env...)
			var scan wireScan
			stderr := p.json(exitIncomplete, &scan, "scan", "azure", "--config", config, "--format", "json", "--stats", "--quiet")
			if first != nil {
				if got := scan.verdicts(); len(got) != len(first) {
					t.Errorf("%d findings, %d with the client secret", len(got), len(first))
				}
				return
			}
			first = scan.verdicts()
			checkAzureScan(t, &scan)
			checkStats(t, stderr, "resourcegraph:resources", "arm:Microsoft.Storage/storageAccounts/blobServices/read", "graph:users")
			var assets []wireAsset
			p.json(exitClean, &assets, "inventory", "--format", "json")
			checkAssets(t, assets, map[string]int{
				"Microsoft.Resources/subscriptions": 3, "Microsoft.Resources/tenants": 1, "Microsoft.Management/managementGroups": 2,
				"Microsoft.Storage/storageAccounts": 2, "Microsoft.Storage/storageAccounts/blobServices/containers": 2,
				"Microsoft.Network/networkSecurityGroups": 1, "graph/user": 1,
			})
		})
	}
}

func checkAzureScan(t *testing.T, scan *wireScan) {
	t.Helper()
	want := []string{azureTenant, azureShop, azureEmpty, azureHidden, "managementGroups/prod", "managementGroups/" + azureTenant}
	for _, account := range want {
		if !slices.Contains(scan.Scan.Accounts, account) {
			t.Errorf("accounts %v lack %s", scan.Scan.Accounts, account)
		}
	}
	checkControls(t, scan, []controlVerdicts{
		{"azure-storage-account-requires-https", map[string]string{"closed": "pass", "open": "fail"}},
		{"azure-storage-account-requires-modern-tls", map[string]string{"closed": "pass", "open": "fail"}},
		{"azure-storage-account-blocks-anonymous-access", map[string]string{"closed": "pass", "open": "fail"}},
		{"azure-storage-account-denies-networks-by-default", map[string]string{"closed": "pass", "open": "fail"}},
		{"azure-storage-account-refuses-keys", map[string]string{"closed": "pass", "open": "fail"}},
		{"azure-storage-account-refuses-public-network", map[string]string{"closed": "pass", "open": "fail"}},
		{"azure-storage-account-is-geo-redundant", map[string]string{"closed": "pass", "open": "fail"}},
		{"storage-is-encrypted-with-own-key", map[string]string{"closed": "pass", "open": "fail"}},
		{"azure-storage-account-has-infrastructure-encryption", map[string]string{"closed": "pass", "open": "fail"}},
		{"azure-storage-account-admits-trusted-services", map[string]string{"closed": "pass", "open": "not_applicable"}},
		{"storage-keeps-versions", map[string]string{"closed": "pass", "open": "unknown"}},
		{"azure-storage-account-undeletes-blobs", map[string]string{"closed": "pass", "open": "unknown"}},
		{"azure-storage-account-undeletes-containers", map[string]string{"closed": "pass", "open": "unknown"}},
		{"storage-is-not-public", map[string]string{"images": "fail", "internal": "pass"}},
		{"firewall-closes-ssh", map[string]string{"door": "fail"}},
		{"firewall-closes-rdp", map[string]string{"door": "pass"}},
		{"azure-monitor-alert-service-health", map[string]string{"shop": "fail", "empty": "fail", azureHidden: "unknown"}},
		{"azure-monitor-application-insights-exists", map[string]string{"empty": "fail", azureHidden: "unknown"}},
	})
	checkPermissions(t, scan, map[string]string{
		"arm:Microsoft.Storage/storageAccounts/blobServices/read": "Microsoft.Storage/storageAccounts/blobServices/read",
		"graph:groups": "GroupMember.Read.All",
	})
}

// TestAzureSignIn holds what the program says when it cannot scan.
func TestAzureSignIn(t *testing.T) {
	server, config := azureStandin(t)
	dir := t.TempDir()
	noCA := azureConfig(t, t.TempDir(), server.URL())
	proxy := azureConfig(t, t.TempDir(), "https://login.example.invalid", "proxy: http://"+closedPort(t))
	absent := azureConfig(t, t.TempDir(), server.URL(), "ca_file: "+filepath.Join(dir, "none.pem"))
	nobody := azureConfig(t, t.TempDir(), "https://"+closedPort(t))
	misspelt := filepath.Join(dir, "misspelt.yaml")
	if err := os.WriteFile(misspelt, []byte("azure:\n  tenat: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := azureSignIn("AZURE_CLIENT_SECRET=s3cret")
	for _, tt := range []struct {
		name   string
		env    []string
		config string
		args   []string
		code   int
		want   []string
	}{
		{"wrong secret", azureSignIn("AZURE_CLIENT_SECRET=guess"), config, nil, exitError, []string{"AZURE_CLIENT_SECRET is wrong or has expired"}},
		{"unknown application", []string{"AZURE_TENANT_ID=" + azureTenant, "AZURE_CLIENT_ID=" + azureTenant, "AZURE_CLIENT_SECRET=s3cret"}, config, nil, exitError, []string{"is not in this tenant"}},
		{"unknown tenant", []string{"AZURE_TENANT_ID=" + azureClient, "AZURE_CLIENT_ID=" + azureClient, "AZURE_CLIENT_SECRET=s3cret"}, config, nil, exitError, []string{"no such tenant", "AZURE_TENANT_ID"}},
		{"tenant of the command line", secret, config, []string{"--tenant", azureClient}, exitError, []string{"--tenant " + azureClient}},
		{"token of somebody else", azureSignIn("AZURE_FEDERATED_TOKEN_FILE=" + federated(t)), config, nil, exitError, []string{"AZURE_FEDERATED_TOKEN_FILE"}},
		{"no certificate there", azureSignIn("AZURE_CLIENT_CERTIFICATE_PATH=none.pem", "AZURE_TOKEN_CREDENTIALS=EnvironmentCredential"), config, nil, exitError, []string{"none.pem"}},
		{"nothing to sign in with", []string{"AZURE_TOKEN_CREDENTIALS=EnvironmentCredential"}, config, nil, exitError, []string{"credentials", "run az login"}},
		{"authority that nobody knows", secret, noCA, nil, exitError, []string{"unreachable", "CA file"}},
		{"CA file that is not there", secret, absent, nil, exitUsage, []string{"CA file", "none.pem"}},
		{"proxy that does not answer", secret, proxy, nil, exitError, []string{"unreachable", "the proxy on the way", "does not answer"}},
		{"nothing listens", secret, nobody, nil, exitError, []string{"unreachable", "connection refused"}},
		{"no such cloud", secret, config, []string{"--cloud", "AzureMoon"}, exitUsage, []string{"AzureMoon", "AzureUSGovernment"}},
		{"key that is misspelt", secret, misspelt, nil, exitUsage, []string{"line 2: field tenat not found"}},
		{"configuration that is not there", secret, filepath.Join(dir, "none.yaml"), nil, exitUsage, []string{"--config", "none.yaml"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t, tt.env...)
			code, stdout, stderr := p.run(append([]string{"scan", "azure", "--config", tt.config}, tt.args...)...)
			checkRefusal(t, code, tt.code, stdout, stderr, tt.want)
		})
	}
}

// federated is the token of another tenant's stand-in, which signs with its own
// key.
func federated(t *testing.T) string {
	t.Helper()
	other, err := standin.New(azureEstate(), standin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close() //nolint:errcheck // of a test
	path, err := other.FederatedToken(t.TempDir(), azureClient)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// closedPort is an address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // that is the point
	return l.Addr().String()
}

// controlVerdicts are what a control says, by name of the asset.
type controlVerdicts struct {
	control string
	want    map[string]string
}

func checkControls(t *testing.T, scan *wireScan, list []controlVerdicts) {
	t.Helper()
	got := map[string]string{}
	for _, f := range scan.Findings {
		got[f.Control+" on "+f.Asset.Name] = f.Verdict
		if f.Verdict == "pass" && len(f.Gaps) > 0 {
			t.Errorf("%s passes on %s with the gap %s", f.Control, f.Asset.ID, f.Gaps[0])
		}
	}
	for _, c := range list {
		for name, want := range c.want {
			if v := got[c.control+" on "+name]; v != want {
				t.Errorf("%s on %s: got %q, want %q", c.control, name, v, want)
			}
		}
	}
}

// checkPermissions holds that denied operations are gaps that name what to grant.
func checkPermissions(t *testing.T, scan *wireScan, want map[string]string) {
	t.Helper()
	for operation, permission := range want {
		i := slices.IndexFunc(scan.Gaps, func(g wireGap) bool { return g.Operation == operation && g.Reason == "denied" })
		if i < 0 {
			t.Errorf("no gap says that %s was denied", operation)
		} else if scan.Gaps[i].Permission != permission {
			t.Errorf("the gap of %s names %q, want %q", operation, scan.Gaps[i].Permission, permission)
		}
	}
}

func checkStats(t *testing.T, stderr string, operations ...string) {
	t.Helper()
	for _, part := range append([]string{"Time", "Memory", "Calls", "Assets"}, operations...) {
		if !strings.Contains(stderr, part) {
			t.Errorf("--stats says nothing of %s:\n%s", part, stderr)
		}
	}
}

func checkAssets(t *testing.T, assets []wireAsset, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, a := range assets {
		got[a.Type]++
	}
	for typ, n := range want {
		if got[typ] != n {
			t.Errorf("%d assets of %s, want %d", got[typ], typ, n)
		}
	}
}
