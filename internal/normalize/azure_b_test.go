package normalize_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/normalize"
)

// TestAzureServices holds the relations of compute, applications and databases.
func TestAzureServices(t *testing.T) {
	type object = map[string]any
	id := func(v string) object { return object{"id": v} }
	const server = "/subscriptions/s/resourcegroups/g/providers/microsoft.sql/servers/s1"
	for _, c := range []struct {
		name, typ, id string
		config        model.Document
		facts         model.Facts
		want          []model.Relation
	}{
		{
			name: "a machine", typ: "Microsoft.Compute/virtualMachines",
			config: model.Document{
				"identity": object{"type": "SystemAssigned, UserAssigned", "principalId": "AB-1", "userAssignedIdentities": object{"/S/ID2": object{}, "/S/ID1": object{}}},
				"properties": object{
					"networkProfile": object{"networkInterfaces": []any{id("/S/NIC")}},
					"storageProfile": object{
						"imageReference": id("/S/Image"), "osDisk": object{"managedDisk": object{"id": "/S/OS", "diskEncryptionSet": id("/S/Set")}},
						"dataDisks": []any{object{"managedDisk": id("/S/Data")}},
					},
				},
			},
			want: []model.Relation{
				{Kind: model.RunsAs, To: "graph/servicePrincipals/ab-1", Type: "graph/servicePrincipal"},
				{Kind: model.RunsAs, To: "/s/id1", Type: "Microsoft.ManagedIdentity/userAssignedIdentities"},
				{Kind: model.RunsAs, To: "/s/id2", Type: "Microsoft.ManagedIdentity/userAssignedIdentities"},
				{Kind: model.Uses, To: "/s/nic", Type: "Microsoft.Network/networkInterfaces"},
				{Kind: model.Uses, To: "/s/os", Type: "Microsoft.Compute/disks"},
				{Kind: model.EncryptsWith, To: "/s/set", Type: "Microsoft.Compute/diskEncryptionSets"},
				{Kind: model.Uses, To: "/s/data", Type: "Microsoft.Compute/disks"},
				{Kind: model.Uses, To: "/s/image"},
			},
		},
		{
			name: "a disk", typ: "Microsoft.Compute/disks", facts: model.Facts{"holds_data": true},
			config: model.Document{"managedBy": "/S/VM", "properties": object{"encryption": object{"diskEncryptionSetId": "/S/Set"}}},
			want: []model.Relation{
				{Kind: model.AttachedTo, To: "/s/vm", Type: "Microsoft.Compute/virtualMachines"},
				{Kind: model.EncryptsWith, To: "/s/set", Type: "Microsoft.Compute/diskEncryptionSets"},
			},
		},
		{
			name: "an encryption set", typ: "Microsoft.Compute/diskEncryptionSets",
			config: model.Document{"properties": object{"activeKey": object{"keyUrl": "https://v.vault.azure.net/keys/disk/1", "sourceVault": id("/S/V")}}},
			want: []model.Relation{
				{Kind: model.EncryptsWith, To: "https://v.vault.azure.net/keys/disk", Type: "Microsoft.KeyVault/vaults/keys"},
				{Kind: model.Uses, To: "/s/v", Type: "Microsoft.KeyVault/vaults"},
			},
		},
		{
			name: "a gallery that everybody sees", typ: "Microsoft.Compute/galleries", facts: model.Facts{"holds_data": true, "exposed_by": "its sharing with everybody"},
			config: model.Document{"properties": object{"sharingProfile": object{"permissions": "Community"}}},
		},
		{
			name: "a database", typ: "Microsoft.Sql/servers/databases", id: server + "/databases/shop", facts: model.Facts{"holds_data": true},
			want: []model.Relation{{Kind: model.MemberOf, To: server, Type: "Microsoft.Sql/servers"}},
		},
		{
			name: "a cluster with a subnet and a shared identity", typ: "Microsoft.ContainerService/managedClusters",
			config: model.Document{"properties": object{
				"apiServerAccessProfile": object{"enablePrivateCluster": true},
				"agentPoolProfiles":      []any{object{"vnetSubnetID": "/S/Subnet"}},
				"identityProfile":        object{"kubeletidentity": object{"resourceId": "/S/Kubelet"}},
			}},
			want: []model.Relation{
				{Kind: model.MemberOf, To: "/s/subnet", Type: "Microsoft.Network/virtualNetworks/subnets"},
				{Kind: model.RunsAs, To: "/s/kubelet", Type: "Microsoft.ManagedIdentity/userAssignedIdentities"},
			},
		},
		{
			name: "a registry with private endpoints, one of them refused", typ: "Microsoft.ContainerRegistry/registries", facts: model.Facts{"holds_data": true},
			config: model.Document{"properties": object{"privateEndpointConnections": []any{
				object{"properties": object{"privateEndpoint": id("/S/PE1"), "privateLinkServiceConnectionState": object{"status": "Approved"}}},
				object{"properties": object{"privateEndpoint": id("/S/PE2"), "privateLinkServiceConnectionState": object{"status": "Rejected"}}},
			}}},
			want: []model.Relation{{Kind: model.AttachedTo, To: "/s/pe1", Type: "Microsoft.Network/privateEndpoints"}},
		},
		{
			name: "a namespace with a key of its own", typ: "Microsoft.ServiceBus/namespaces", facts: model.Facts{"holds_data": true},
			config: model.Document{"properties": object{"encryption": object{"keyVaultProperties": []any{object{"keyName": "k", "keyVaultUri": "https://v.vault.azure.net/"}}}}},
			want:   []model.Relation{{Kind: model.EncryptsWith, To: "https://v.vault.azure.net/keys/k", Type: "Microsoft.KeyVault/vaults/keys"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &model.Asset{ID: c.id, Type: c.typ, Config: c.config}
			normalize.Asset(a)
			if diff := cmp.Diff(c.want, a.Relations); diff != "" {
				t.Errorf("relations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.facts, a.Facts); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAzureExposure holds what makes a service of Azure exposed, and that what
// was not read never does.
func TestAzureExposure(t *testing.T) {
	type object = map[string]any
	rules := func(ranges ...string) []any {
		var out []any
		for i := 0; i+1 < len(ranges); i += 2 {
			out = append(out, object{"properties": object{"startIpAddress": ranges[i], "endIpAddress": ranges[i+1]}})
		}
		return out
	}
	public := object{"publicNetworkAccess": "Enabled"}
	site := func(restrictions ...any) model.Document {
		return model.Document{"properties": object{"siteConfig": object{"ipSecurityRestrictions": restrictions}}}
	}
	all := object{"ipAddress": "Any", "action": "Allow"}
	office := object{"ipAddress": "203.0.113.0/24", "action": "Allow"}
	deny := object{"ipAddress": "Any", "action": "Deny"}
	for _, c := range []struct {
		name, typ string
		config    model.Document
		gaps      []string
		want      any
	}{
		{"sql: everybody", "Microsoft.Sql/servers", model.Document{"properties": public, "firewallRules": rules("0.0.0.0", "255.255.255.255")}, nil, "its firewall rules"},
		{"sql: both halves", "Microsoft.Sql/servers", model.Document{"properties": public, "firewallRules": rules("0.0.0.0", "127.255.255.255", "128.0.0.0", "255.255.255.255")}, nil, "its firewall rules"},
		{"sql: an office", "Microsoft.Sql/servers", model.Document{"properties": public, "firewallRules": rules("203.0.113.1", "203.0.113.9")}, nil, nil},
		{"sql: all of Azure", "Microsoft.Sql/servers", model.Document{"properties": public, "firewallRules": rules("0.0.0.0", "0.0.0.0")}, nil, nil},
		{"sql: not public", "Microsoft.Sql/servers", model.Document{"properties": object{"publicNetworkAccess": "Disabled"}, "firewallRules": rules("0.0.0.0", "255.255.255.255")}, nil, nil},
		{"sql: rules not read", "Microsoft.Sql/servers", model.Document{"properties": public}, []string{"firewallRules"}, nil},
		{"cosmos: no filter", "Microsoft.DocumentDB/databaseAccounts", model.Document{"properties": public}, nil, "its firewall"},
		{"cosmos: subnets", "Microsoft.DocumentDB/databaseAccounts", model.Document{"properties": object{"publicNetworkAccess": "Enabled", "isVirtualNetworkFilterEnabled": true}}, nil, nil},
		{"cosmos: not read", "Microsoft.DocumentDB/databaseAccounts", model.Document{}, []string{"properties"}, nil},
		{"redis: no rules", "Microsoft.Cache/redis", model.Document{"properties": public, "firewallRules": []any{}}, nil, "its firewall"},
		{"redis: rules not read", "Microsoft.Cache/redis", model.Document{"properties": public}, []string{"firewallRules"}, nil},
		{"site: the rule for all", "Microsoft.Web/sites", site(all), nil, "its public network access"},
		{"site: an office", "Microsoft.Web/sites", site(office, deny), nil, nil},
		{"site: denied first", "Microsoft.Web/sites", site(deny, all), nil, nil},
		{"site: settings not read", "Microsoft.Web/sites", site(), []string{"properties.siteConfig"}, nil},
		{"site: never read", "Microsoft.Web/sites", model.Document{"properties": object{"httpsOnly": true}}, nil, nil},
		{"cluster: never limited", "Microsoft.ContainerService/managedClusters", model.Document{"properties": object{"enableRBAC": true}}, nil, "its API"},
		{"cluster: an office", "Microsoft.ContainerService/managedClusters", model.Document{"properties": object{"apiServerAccessProfile": object{"authorizedIPRanges": []any{"203.0.113.0/24"}}}}, nil, nil},
		{"cluster: not read", "Microsoft.ContainerService/managedClusters", model.Document{"properties": object{"enableRBAC": true}}, []string{"properties.apiServerAccessProfile"}, nil},
		{"containers: a public address", "Microsoft.ContainerInstance/containerGroups", model.Document{"properties": object{"ipAddress": object{"type": "Public"}}}, nil, "its public address"},
		{"registry: anonymous pulls", "Microsoft.ContainerRegistry/registries", model.Document{"properties": object{"anonymousPullEnabled": true}}, nil, "its anonymous pulls"},
		{"gateway: inside", "Microsoft.ApiManagement/service", model.Document{"properties": object{"virtualNetworkType": "Internal"}}, nil, nil},
		{"gateway: outside", "Microsoft.ApiManagement/service", model.Document{"properties": object{"virtualNetworkType": "None"}}, nil, "its gateway"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &model.Asset{Type: c.typ, Config: c.config}
			for _, path := range c.gaps {
				a.Gaps = append(a.Gaps, model.Gap{Path: path, Reason: model.Denied})
			}
			normalize.Asset(a)
			if got := a.Facts["exposed_by"]; got != c.want {
				t.Errorf("exposed by %v, want %v", got, c.want)
			}
		})
	}
}
