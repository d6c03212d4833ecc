package normalize

import (
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

func azureMonitoring() {
	on(func(s shape) {
		for _, scope := range s.list("properties.scopes") {
			s.arm(model.AttachedTo, "", itemText(scope, ""))
		}
		s.armEach(model.Notifies, "Microsoft.Insights/actionGroups", "properties.actions.actionGroups", "actionGroupId")
	}, "Microsoft.Insights/activityLogAlerts")
	on(func(s shape) {
		s.arm(model.LogsTo, azureWorkspace, s.text("properties.WorkspaceResourceId"))
	}, "Microsoft.Insights/components")
	on(func(s shape) { s.holdsData() }, azureWorkspace)
	on(func(s shape) {
		s.arm(model.LogsTo, azureWorkspace, s.text("properties.workspaceId"))
		s.arm(model.LogsTo, azureStorage, s.text("properties.storageAccountId"))
	}, "Microsoft.Aadiam/diagnosticSettings")
	on(func(s shape) {
		s.holdsData()
		if uri, rest, ok := strings.Cut(s.text("properties.encryption.keyVaultProperties.keyUri"), "/keys/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			s.vaultKey(uri, name)
		}
		s.diagnostics()
	}, "Microsoft.RecoveryServices/vaults")
	on(func(s shape) { s.holdsData() }, "Microsoft.DataProtection/backupVaults")
	on(func(s shape) {
		s.below("Microsoft.RecoveryServices/vaults", "/backuppolicies/")
	}, "Microsoft.RecoveryServices/vaults/backupPolicies")
	on(func(s shape) {
		s.below("Microsoft.RecoveryServices/vaults", "/backupfabrics/")
		s.arm(model.Protects, "", s.text("properties.sourceResourceId"))
		s.arm(model.Uses, "Microsoft.RecoveryServices/vaults/backupPolicies", s.text("properties.policyId"))
	}, "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems")
	on(func(s shape) { s.arm(model.AttachedTo, "", s.text("properties.resourceDetails.Id")) }, "Microsoft.Security/assessments")
	on(func(s shape) {
		for _, hub := range s.list("properties.iotHubs") {
			s.arm(model.Protects, "Microsoft.Devices/IotHubs", itemText(hub, ""))
		}
		s.arm(model.LogsTo, azureWorkspace, s.text("properties.workspace"))
	}, "Microsoft.Security/iotSecuritySolutions")
}

// The roles of the directory whose holders can give themselves every other.
// https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
var directoryRoles = map[string]bool{
	"62e90394-69f5-4237-9190-012177145e10": true, // Global Administrator
	"e8611ab8-c189-46e8-94e1-60213ab1f814": true, // Privileged Role Administrator
	"7be44c8a-adaf-4e2a-84d6-ab2649e08a13": true, // Privileged Authentication Administrator
}

func azureDirectory() {
	on(func(s shape) {
		if at(map[string]any(s.Config), "registrationDetails.isAdmin") == true {
			s.privileged()
		}
	}, "graph/user")
	on(func(s shape) {
		for _, m := range s.list("transitiveMembers") {
			s.object(model.Contains, m)
		}
	}, "graph/group")
	on(func(s shape) {
		role := s.text("roleDefinitionId")
		s.to(model.Uses, "graph/roleDefinition", prefixed("graph/roleDefinitions/", role))
		principal, _ := s.Config["principal"].(map[string]any)
		if text(principal, "id") != "" {
			s.object(model.AttachedTo, principal)
		} else {
			s.to(model.AttachedTo, "", s.text("principalId"))
		}
		if directoryRoles[role] {
			s.privileged()
		}
	}, "graph/roleAssignment", "graph/roleEligibility")
	on(func(s shape) {
		for _, c := range s.list("federatedIdentityCredentials") {
			s.to(model.Trusts, "", itemText(c, "issuer"))
		}
		for _, o := range s.list("owners") {
			s.object(model.Trusts, o)
		}
	}, "graph/application")
	on(func(s shape) {
		for _, a := range s.list("appRoleAssignments") {
			s.to(model.Uses, "graph/servicePrincipal", prefixed("graph/servicePrincipals/", itemText(a, "resourceId")))
		}
		for _, o := range s.list("owners") {
			s.object(model.Trusts, o)
		}
	}, "graph/servicePrincipal")
	on(func(s shape) {
		s.to(model.Uses, "graph/servicePrincipal", prefixed("graph/servicePrincipals/", s.text("clientId")), prefixed("graph/servicePrincipals/", s.text("resourceId")))
		s.to(model.AttachedTo, "graph/user", prefixed("graph/users/", s.text("principalId")))
	}, "graph/oauth2PermissionGrant")
}

func prefixed(collection, id string) string {
	if id == "" {
		return ""
	}
	return collection + id
}

// object relates the asset to an object of the directory by its kind.
func (s shape) object(kind model.RelationKind, v any) {
	id := itemText(v, "id")
	m, _ := v.(map[string]any)
	odata, _ := m["@odata.type"].(string)
	switch strings.ToLower(odata) {
	case "#microsoft.graph.user":
		s.to(kind, "graph/user", prefixed("graph/users/", id))
	case "#microsoft.graph.group":
		s.to(kind, "graph/group", prefixed("graph/groups/", id))
	case "#microsoft.graph.serviceprincipal":
		s.to(kind, "graph/servicePrincipal", prefixed("graph/servicePrincipals/", id))
	case "#microsoft.graph.device":
		s.to(kind, "graph/device", prefixed("graph/devices/", id))
	default:
		s.to(kind, "", id)
	}
}
