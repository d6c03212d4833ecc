package normalize_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/normalize"
)

// TestAzureClasses holds that assets of every type that is collected get the
// class that the declaration names, whatever source they come from.
func TestAzureClasses(t *testing.T) {
	for _, c := range azure.Collectors() {
		for _, typ := range c.Types {
			a := &model.Asset{Type: typ.Name}
			normalize.Asset(a)
			if a.Class != typ.Class {
				t.Errorf("%s of collector %s is a %q, want %q", typ.Name, c.Name, a.Class, typ.Class)
			}
		}
	}
}

func object(id string) map[string]any { return map[string]any{"id": id} }

func wrap(v any) map[string]any { return map[string]any{"properties": v} }

func TestAzureAssets(t *testing.T) {
	const sub = "/subscriptions/s/resourcegroups/rg/providers/"
	for _, c := range []struct {
		name, typ, id string
		config        model.Document
		facts         model.Facts
		want          []model.Relation
	}{
		{
			name: "a storage account", typ: "Microsoft.Storage/storageAccounts", facts: model.Facts{"holds_data": true},
			config: model.Document{
				"properties": map[string]any{
					"encryption":                 map[string]any{"keyvaultproperties": map[string]any{"keyvaulturi": "https://v.vault.azure.net/", "keyname": "k"}},
					"privateEndpointConnections": []any{wrap(map[string]any{"privateEndpoint": object("/Subscriptions/S/PE")})},
				},
				"blobServices": map[string]any{"diagnosticSettings": []any{
					wrap(map[string]any{"workspaceId": "/Subscriptions/S/W", "logs": []any{map[string]any{"enabled": true}}}),
					wrap(map[string]any{"storageAccountId": "/off", "logs": []any{map[string]any{"enabled": false}}}),
				}},
			},
			want: []model.Relation{
				{Kind: model.EncryptsWith, To: "https://v.vault.azure.net/keys/k", Type: "Microsoft.KeyVault/vaults/keys"},
				{Kind: model.AttachedTo, To: "/subscriptions/s/pe", Type: "Microsoft.Network/privateEndpoints"},
				{Kind: model.LogsTo, To: "/subscriptions/s/w", Type: "Microsoft.OperationalInsights/workspaces"},
			},
		},
		{
			name: "a container", typ: "Microsoft.Storage/storageAccounts/blobServices/containers", facts: model.Facts{"holds_data": true},
			id:   sub + "microsoft.storage/storageaccounts/a/blobservices/default/containers/c",
			want: []model.Relation{{Kind: model.MemberOf, To: sub + "microsoft.storage/storageaccounts/a", Type: "Microsoft.Storage/storageAccounts"}},
		},
		{
			name: "an owner", typ: "Microsoft.Authorization/roleAssignments", facts: model.Facts{"privileged": true},
			config: model.Document{"properties": map[string]any{
				"roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
				"principalType":    "Group", "principalId": "g1", "scope": "/subscriptions/S",
			}},
			want: []model.Relation{
				{Kind: model.Uses, To: "/providers/microsoft.authorization/roledefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635", Type: "Microsoft.Authorization/roleDefinitions"},
				{Kind: model.AttachedTo, To: "graph/groups/g1", Type: "graph/group"},
				{Kind: model.AttachedTo, To: "/subscriptions/s"},
			},
		},
		{
			name: "an owner on a condition", typ: "Microsoft.Authorization/roleAssignments",
			config: model.Document{"properties": map[string]any{
				"roleDefinitionId": "/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "condition": "(x)",
			}},
			want: []model.Relation{{Kind: model.Uses, To: "/roledefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635", Type: "Microsoft.Authorization/roleDefinitions"}},
		},
		{
			name: "a role that gives roles", typ: "Microsoft.Authorization/roleDefinitions", facts: model.Facts{"privileged": true},
			config: model.Document{"properties": map[string]any{
				"type": "CustomRole", "assignableScopes": []any{"/subscriptions/s"},
				"permissions": []any{map[string]any{"actions": []any{"Microsoft.Authorization/roleAssignments/write"}}},
			}},
		},
		{
			name: "a role that reads", typ: "Microsoft.Authorization/roleDefinitions",
			config: model.Document{"properties": map[string]any{
				"type": "CustomRole", "assignableScopes": []any{"/subscriptions/s"}, "permissions": []any{map[string]any{"actions": []any{"*/read"}}},
			}},
		},
		{
			name: "a lock of a group", typ: "Microsoft.Authorization/locks", id: "/subscriptions/s/resourcegroups/rg/providers/microsoft.authorization/locks/l",
			want: []model.Relation{{Kind: model.Protects, To: "/subscriptions/s/resourcegroups/rg"}},
		},
		{
			name: "a subnet", typ: "Microsoft.Network/virtualNetworks/subnets", id: sub + "microsoft.network/virtualnetworks/n/subnets/web",
			config: model.Document{"properties": map[string]any{"networkSecurityGroup": object(sub + "Microsoft.Network/networkSecurityGroups/G")}},
			want: []model.Relation{
				{Kind: model.MemberOf, To: sub + "microsoft.network/virtualnetworks/n", Type: "Microsoft.Network/virtualNetworks"},
				{Kind: model.AttachedTo, To: sub + "microsoft.network/networksecuritygroups/g", Type: "Microsoft.Network/networkSecurityGroups"},
			},
		},
		{
			name: "an address of an interface", typ: "Microsoft.Network/publicIPAddresses",
			config: model.Document{"properties": map[string]any{"ipConfiguration": object(sub + "Microsoft.Network/networkInterfaces/nic/ipConfigurations/ip1")}},
			want:   []model.Relation{{Kind: model.AttachedTo, To: sub + "microsoft.network/networkinterfaces/nic", Type: "Microsoft.Network/networkInterfaces"}},
		},
		{
			name: "a load balancer", typ: "Microsoft.Network/loadBalancers",
			config: model.Document{"properties": map[string]any{
				"frontendIPConfigurations": []any{wrap(map[string]any{"publicIPAddress": object("/P")})},
				"backendAddressPools": []any{map[string]any{"properties": map[string]any{
					"backendIPConfigurations": []any{object("/y")},
				}}},
			}},
			want: []model.Relation{{Kind: model.Uses, To: "/p", Type: "Microsoft.Network/publicIPAddresses"}, {Kind: model.RoutesTo, To: "/y"}},
		},
		{
			name: "a protected machine", typ: "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems",
			id:     sub + "microsoft.recoveryservices/vaults/v/backupfabrics/azure/protectioncontainers/c/protecteditems/i",
			config: model.Document{"properties": map[string]any{"sourceResourceId": "/subscriptions/S/VM"}},
			want: []model.Relation{
				{Kind: model.MemberOf, To: sub + "microsoft.recoveryservices/vaults/v", Type: "Microsoft.RecoveryServices/vaults"},
				{Kind: model.Protects, To: "/subscriptions/s/vm"},
			},
		},
		{
			name: "a subscription", typ: "Microsoft.Resources/subscriptions",
			config: model.Document{"properties": map[string]any{"managementGroupAncestorsChain": []any{map[string]any{"name": "Shop"}, map[string]any{"name": "root"}}}},
			want:   []model.Relation{{Kind: model.MemberOf, To: "/providers/microsoft.management/managementgroups/shop", Type: "Microsoft.Management/managementGroups"}},
		},
		{
			name: "a global administrator", typ: "graph/roleAssignment", facts: model.Facts{"privileged": true},
			config: model.Document{
				"roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "principalId": "u",
				"principal": map[string]any{"id": "u", "@odata.type": "#microsoft.graph.user"},
			},
			want: []model.Relation{
				{Kind: model.Uses, To: "graph/roleDefinitions/62e90394-69f5-4237-9190-012177145e10", Type: "graph/roleDefinition"},
				{Kind: model.AttachedTo, To: "graph/users/u", Type: "graph/user"},
			},
		},
		{
			name: "an administrator", typ: "graph/user", facts: model.Facts{"privileged": true},
			config: model.Document{"registrationDetails": map[string]any{"isAdmin": true}},
		},
		{name: "a user", typ: "graph/user", config: model.Document{"registrationDetails": map[string]any{"isAdmin": false}}},
		{
			name: "an application", typ: "graph/application",
			config: model.Document{"federatedIdentityCredentials": []any{map[string]any{"issuer": "https://token.actions.githubusercontent.com"}}},
			want:   []model.Relation{{Kind: model.Trusts, To: "https://token.actions.githubusercontent.com"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &model.Asset{ID: c.id, Type: c.typ, Config: c.config}
			normalize.Asset(a)
			if d := cmp.Diff(c.facts, a.Facts); d != "" {
				t.Errorf("facts (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.want, a.Relations); d != "" {
				t.Errorf("relations (-want +got):\n%s", d)
			}
		})
	}
}
