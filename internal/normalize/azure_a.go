package normalize

import (
	"strings"

	"github.com/stance-sec/stance/internal/iam/azure"
	"github.com/stance-sec/stance/internal/model"
)

// The types of Azure that documents of others name.
const (
	azureStorage   = "Microsoft.Storage/storageAccounts"
	azureVault     = "Microsoft.KeyVault/vaults"
	azureVaultKey  = "Microsoft.KeyVault/vaults/keys"
	azureNetwork   = "Microsoft.Network/virtualNetworks"
	azureSubnet    = "Microsoft.Network/virtualNetworks/subnets"
	azureInterface = "Microsoft.Network/networkInterfaces"
	azureFilter    = "Microsoft.Network/networkSecurityGroups"
	azureAddress   = "Microsoft.Network/publicIPAddresses"
	azureWorkspace = "Microsoft.OperationalInsights/workspaces"
	azureRole      = "Microsoft.Authorization/roleDefinitions"
	azureMachine   = "Microsoft.Compute/virtualMachines"
)

func init() {
	azureScopes()
	azureRights()
	azureStores()
	azureNetworks()
	azureTraffic()
	azureMonitoring()
	azureDirectory()
}

// arm relates the asset to others by ids of Azure Resource Manager, whose case
// does not count: those of assets are in lower case.
func (s shape) arm(kind model.RelationKind, typ string, ids ...string) {
	for _, id := range ids {
		s.to(kind, typ, strings.ToLower(id))
	}
}

// armEach is arm for a member of each item of a list.
func (s shape) armEach(kind model.RelationKind, typ, path, member string) {
	for _, e := range s.list(path) {
		s.arm(kind, typ, itemText(e, member))
	}
}

// below relates the asset to the one whose id is the beginning of its own, up to
// a segment.
func (s shape) below(typ, segment string) {
	if id, _, ok := strings.Cut(s.ID, segment); ok {
		s.to(model.MemberOf, typ, id)
	}
}

// diagnostics relates the asset to where its logs go.
func (s shape) diagnostics(paths ...string) {
	for _, path := range append(paths, "diagnosticSettings") {
		for _, d := range s.list(path) {
			if !logs(d) {
				continue
			}
			s.arm(model.LogsTo, azureWorkspace, itemText(d, "properties.workspaceId"))
			s.arm(model.LogsTo, azureStorage, itemText(d, "properties.storageAccountId"))
			// A rule of a namespace stands for it.
			hub, _, _ := strings.Cut(strings.ToLower(itemText(d, "properties.eventHubAuthorizationRuleId")), "/authorizationrules/")
			s.to(model.LogsTo, "Microsoft.EventHub/namespaces", hub)
		}
	}
}

// logs says whether a diagnostic setting sends any log.
func logs(setting any) bool {
	m, _ := setting.(map[string]any)
	for _, l := range list(m, "properties.logs") {
		if e, ok := l.(map[string]any); ok && e["enabled"] == true {
			return true
		}
	}
	return false
}

// vaultKey relates the asset to a key by the address that opens it.
func (s shape) vaultKey(uri, name string) {
	if uri != "" && name != "" {
		s.to(model.EncryptsWith, azureVaultKey, strings.TrimSuffix(uri, "/")+"/keys/"+name)
	}
}

func azureScopes() {
	on(func(s shape) {
		for _, g := range s.list("properties.managementGroupAncestorsChain") {
			if name := itemText(g, "name"); name != "" { // the nearest comes first
				s.arm(model.MemberOf, "Microsoft.Management/managementGroups", "/providers/Microsoft.Management/managementGroups/"+name)
				break
			}
		}
		s.diagnostics()
	}, "Microsoft.Resources/subscriptions")
	on(func(s shape) {
		s.arm(model.MemberOf, "Microsoft.Management/managementGroups", s.text("properties.details.parent.id"))
	}, "Microsoft.Management/managementGroups")
	on(func(s shape) {
		s.below("Microsoft.Resources/subscriptions", "/resourcegroups/")
	}, "Microsoft.Resources/subscriptions/resourceGroups")
	on(func(s shape) { s.protectsScope("/providers/microsoft.authorization/locks/") }, "Microsoft.Authorization/locks")
	on(func(s shape) {
		s.arm(model.Uses, "", s.text("properties.policyDefinitionId"))
		s.arm(model.Protects, "", s.text("properties.scope"))
	}, "Microsoft.Authorization/policyAssignments")
	on(func(s shape) {
		s.armEach(model.Uses, "", "properties.policyDefinitions", "policyDefinitionId")
	}, "Microsoft.Authorization/policySetDefinitions")
	on(func(s shape) {
		s.arm(model.AttachedTo, "Microsoft.Authorization/policyAssignments", s.text("properties.policyAssignmentId"))
	}, "Microsoft.Authorization/policyExemptions")
	on(func(s shape) {
		s.arm(model.AttachedTo, "", s.text("properties.resourceId"))
		s.arm(model.Uses, "Microsoft.Authorization/policyAssignments", s.text("properties.policyAssignmentId"))
	}, "Microsoft.PolicyInsights/policyStates")
}

// protectsScope relates the asset to the scope at which it stands.
func (s shape) protectsScope(segment string) {
	if scope, _, ok := strings.Cut(s.ID, segment); ok {
		s.to(model.Protects, "", scope)
	}
}

// azureRoles are the built-in roles whose holders can get everything at the
// scope. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var azureRoles = []string{"Owner", "User Access Administrator", "Role Based Access Control Administrator"}

func azureRights() {
	on(func(s shape) {
		role := s.text("properties.roleDefinitionId")
		s.arm(model.Uses, azureRole, role)
		s.principal(s.text("properties.principalType"), s.text("properties.principalId"))
		s.arm(model.AttachedTo, "", s.text("properties.scope"))
		for _, strong := range azureRoles {
			// What a condition leaves of a role is not known here.
			if s.text("properties.condition") == "" && azure.BuiltInName(role) == strong {
				s.privileged()
			}
		}
	}, "Microsoft.Authorization/roleAssignments", "Microsoft.Authorization/roleEligibilityScheduleInstances", "Microsoft.Authorization/roleAssignmentScheduleInstances")
	on(func(s shape) {
		d := azure.ParseDefinition(map[string]any{"id": s.ID, "properties": s.Config["properties"]})
		if answer, _ := d.Escalations(); answer.Value == azure.True {
			s.privileged()
		}
	}, azureRole)
	on(func(s shape) {
		for _, c := range s.list("federatedIdentityCredentials") {
			s.to(model.Trusts, "", itemText(c, "properties.issuer"))
		}
	}, "Microsoft.ManagedIdentity/userAssignedIdentities")
}

// principal relates the asset to who it is about, by the object's id.
func (s shape) principal(kind, id string) {
	if id == "" {
		return
	}
	switch strings.ToLower(kind) {
	case "user":
		s.to(model.AttachedTo, "graph/user", "graph/users/"+id)
	case "group":
		s.to(model.AttachedTo, "graph/group", "graph/groups/"+id)
	case "serviceprincipal":
		s.to(model.AttachedTo, "graph/servicePrincipal", "graph/servicePrincipals/"+id)
	default:
		s.to(model.AttachedTo, "", id)
	}
}

// Whether everybody can read a container depends on its account too, so no fact
// says it.
func azureStores() {
	on(func(s shape) {
		s.holdsData()
		s.vaultKey(s.text("properties.encryption.keyvaultproperties.keyvaulturi"), s.text("properties.encryption.keyvaultproperties.keyname"))
		s.armEach(model.AttachedTo, "Microsoft.Network/privateEndpoints", "properties.privateEndpointConnections", "properties.privateEndpoint.id")
		s.armEach(model.AttachedTo, azureSubnet, "properties.networkAcls.virtualNetworkRules", "id")
		s.diagnostics("blobServices.diagnosticSettings", "fileServices.diagnosticSettings", "queueServices.diagnosticSettings", "tableServices.diagnosticSettings")
	}, azureStorage)
	on(func(s shape) {
		s.holdsData()
		s.below(azureStorage, "/blobservices/")
	}, "Microsoft.Storage/storageAccounts/blobServices/containers")
	on(func(s shape) {
		s.holdsData()
		s.below(azureStorage, "/fileservices/")
	}, "Microsoft.Storage/storageAccounts/fileServices/shares")
	on(func(s shape) {
		s.holdsData()
		s.arm(model.MemberOf, azureSubnet, s.text("properties.subnetId"))
	}, "Microsoft.NetApp/netAppAccounts/capacityPools/volumes")
	on(func(s shape) {
		s.holdsData()
		s.armEach(model.AttachedTo, "Microsoft.Network/privateEndpoints", "properties.privateEndpointConnections", "properties.privateEndpoint.id")
		s.armEach(model.AttachedTo, azureSubnet, "properties.networkAcls.virtualNetworkRules", "id")
		s.diagnostics()
	}, azureVault, "Microsoft.KeyVault/managedHSMs")
	on(func(s shape) { s.below(azureVault, "/keys/") }, azureVaultKey)
	on(func(s shape) {
		s.holdsData()
		s.below(azureVault, "/secrets/")
	}, "Microsoft.KeyVault/vaults/secrets")
	on(func(s shape) {
		s.holdsData()
		if uri, rest, ok := strings.Cut(s.text("properties.encryption.keyVaultProperties.keyIdentifier"), "/keys/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			s.vaultKey(uri, name)
		}
		s.armEach(model.AttachedTo, "Microsoft.Network/privateEndpoints", "properties.privateEndpointConnections", "properties.privateEndpoint.id")
	}, "Microsoft.AppConfiguration/configurationStores")
}
