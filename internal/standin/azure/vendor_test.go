package azure

import (
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVendorModulesAreKeptInTheModuleFile(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "modules.go", nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, strings.TrimPrefix(path, moduleRoot))
	}
	if d := cmp.Diff(moduleOf, kept); d != "" {
		t.Errorf("moduleOf and the imports of modules.go differ (-moduleOf +modules.go):\n%s", d)
	}
}

// The parser reads generated code by its form; should the generator change it,
// this test says where.
func TestVendorIsUnderstood(t *testing.T) {
	c, err := vendor()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range c.modules {
		if err := m.load(); err != nil {
			t.Fatal(err)
		}
		var gets, mute int
		for _, call := range m.calls {
			body, item, _, err := m.response(call.response)
			if err != nil {
				t.Fatal(err)
			}
			if call.verb == "GET" {
				gets++
				if body == "" && item == "" {
					mute++
				}
			}
		}
		if mute*20 > gets {
			t.Errorf("%s: %d of %d GET calls have no answer type", m.path, mute, gets)
		}
		for name, model := range m.models {
			if name != model.name || model.open || strings.HasSuffix(name, "Options") || strings.HasSuffix(name, "Response") {
				continue
			}
			if len(model.members) < len(model.fields) {
				t.Errorf("%s.%s: %d of %d fields have a JSON name", m.path, name, len(model.members), len(model.fields))
			}
		}
	}
}

// Every type with the version that the collection specification pins.
func TestRoutesKnowThePinnedVersions(t *testing.T) {
	c, err := vendor()
	if err != nil {
		t.Fatal(err)
	}
	const sub, rg = "/subscriptions/s", "/subscriptions/s/resourceGroups/g/providers/"
	for _, tt := range []struct{ verb, path, version string }{
		{"GET", rg + "Microsoft.Storage/storageAccounts/a", "2024-01-01"},
		{"GET", rg + "Microsoft.Storage/storageAccounts/a/blobServices/default", "2024-01-01"},
		{"GET", rg + "Microsoft.Storage/storageAccounts/a/fileServices/default", "2024-01-01"},
		{"GET", rg + "Microsoft.Storage/storageAccounts/a/queueServices/default", "2024-01-01"},
		{"GET", rg + "Microsoft.Storage/storageAccounts/a/tableServices/default", "2024-01-01"},
		{"GET", rg + "Microsoft.Storage/storageAccounts/a/managementPolicies/default", "2024-01-01"},
		{"GET", rg + "Microsoft.Storage/storageAccounts/a/blobServices/default/containers", "2024-01-01"},
		{"GET", rg + "Microsoft.Storage/storageAccounts/a/providers/Microsoft.Security/defenderForStorageSettings/current", "2025-09-01-preview"},
		{"GET", rg + "Microsoft.Storage/storageAccounts/a/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview"},
		{"GET", rg + "Microsoft.Storage/storageAccounts/a/blobServices/default/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview"},
		{"GET", rg + "Microsoft.KeyVault/vaults/v/keys", "2024-11-01"},
		{"GET", rg + "Microsoft.KeyVault/vaults/v/secrets", "2024-11-01"},
		{"GET", rg + "Microsoft.Compute/virtualMachines/v/extensions", "2025-04-01"},
		{"GET", rg + "Microsoft.Compute/virtualMachines/v/instanceView", "2025-04-01"},
		{"GET", rg + "Microsoft.Compute/virtualMachineScaleSets/v/virtualMachines", "2025-04-01"},
		{"GET", rg + "Microsoft.Compute/galleries/v", "2025-03-03"},
		{"GET", rg + "Microsoft.Web/sites/w/config/web", "2022-09-01"},
		{"GET", rg + "Microsoft.Web/sites/w/slots/s/config/authsettingsV2", "2022-09-01"},
		{"POST", rg + "Microsoft.Web/sites/w/config/appsettings/list", "2022-09-01"},
		{"POST", rg + "Microsoft.Network/networkInterfaces/n/effectiveNetworkSecurityGroups", "2025-05-01"},
		{"POST", rg + "Microsoft.Network/networkInterfaces/n/effectiveRouteTable", "2025-05-01"},
		{"GET", rg + "Microsoft.Network/firewallPolicies/f/ruleCollectionGroups", "2025-05-01"},
		{"GET", rg + "Microsoft.Sql/servers/s/encryptionProtector/current", "2023-08-01"},
		{"GET", rg + "Microsoft.Sql/servers/s/databases/d/transparentDataEncryption/current", "2023-08-01"},
		{"GET", rg + "Microsoft.Sql/managedInstances/m/azureADOnlyAuthentications/Default", "2023-08-01"},
		{"GET", rg + "Microsoft.DBforPostgreSQL/flexibleServers/p/configurations", "2024-08-01"},
		{"GET", rg + "Microsoft.DBforMySQL/flexibleServers/p/firewallRules", "2023-12-30"},
		{"GET", rg + "Microsoft.Synapse/workspaces/w/azureADOnlyAuthentications", "2021-06-01"},
		{"GET", rg + "Microsoft.EventHub/namespaces/n/networkRuleSets/default", "2024-01-01"},
		{"GET", rg + "Microsoft.ServiceBus/namespaces/n/authorizationRules", "2024-01-01"},
		{"GET", rg + "Microsoft.ManagedIdentity/userAssignedIdentities/i/federatedIdentityCredentials", "2023-01-31"},
		{"GET", sub + "/providers/Microsoft.Security/pricings", "2024-01-01"},
		{"GET", sub + "/providers/Microsoft.Security/securityContacts", "2023-12-01-preview"},
		{"GET", sub + "/providers/Microsoft.Security/autoProvisioningSettings", "2017-08-01-preview"},
		{"GET", sub + "/providers/Microsoft.Security/settings", "2022-05-01"},
		{"GET", sub + "/providers/Microsoft.Security/serverVulnerabilityAssessmentsSettings", "2023-05-01"},
		{"GET", sub + "/providers/Microsoft.Security/workspaceSettings", "2017-08-01-preview"},
		{"GET", sub + "/providers/Microsoft.Security/automations", "2023-12-01-preview"},
		{"GET", sub + "/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview"},
		{"GET", sub + "/providers/Microsoft.Insights/logProfiles", "2016-03-01"},
		{"GET", sub + "/providers/Microsoft.Authorization/locks", "2020-05-01"},
		{"GET", sub + "/providers/Microsoft.Authorization/denyAssignments", "2022-04-01"},
		{"GET", sub + "/providers/Microsoft.Authorization/roleAssignmentScheduleInstances", "2020-10-01"},
		{"GET", sub + "/providers/Microsoft.Authorization/roleEligibilityScheduleInstances", "2020-10-01"},
		{"GET", sub + "/providers/Microsoft.Authorization/roleManagementPolicyAssignments", "2020-10-01"},
		{"GET", sub + "/providers/Microsoft.Authorization/classicAdministrators", "2015-07-01"},
		{"GET", sub + "/providers/Microsoft.Authorization/permissions", "2022-04-01"},
		{"POST", "/providers/Microsoft.Management/getEntities", "2021-04-01"},
		{"GET", "/providers/Microsoft.Management/managementGroups/m/descendants", "2021-04-01"},
		{"POST", "/providers/Microsoft.ResourceGraph/resources", "2024-04-01"},
	} {
		accepted, known := c.routes.versions(tt.verb, segments(tt.path))
		if !known || !slices.Contains(accepted, tt.version) {
			t.Errorf("%s %s: accepts %v, want %s among them", tt.verb, tt.path, accepted, tt.version)
		}
	}
	if accepted, known := c.routes.versions("GET", segments(rg+"Microsoft.Storage/storageAccount/a")); known {
		t.Errorf("a misspelt type is known with versions %v", accepted)
	}
}

func TestRecordedLiteralSingletons(t *testing.T) {
	c, err := vendor()
	if err != nil {
		t.Fatal(err)
	}
	path := segments("/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default")
	hits := c.routes.match("GET", path)
	if len(hits) != 1 || hits[0].response != "blobservicesclientgetservicepropertiesresponse" {
		t.Errorf("blobServices/default matches %d calls", len(hits))
	}
}
