package estate

// Azure's own roles go by the same ids everywhere.
// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
const (
	roleOwner            = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	roleContributor      = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	roleReader           = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	roleUserAccess       = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
	roleSecurityReader   = "39bc4728-0917-49c7-9d2c-d95423bc2eb4"
	roleBlobReader       = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
	roleBlobContributor  = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
	roleVaultSecretsUser = "4633458b-17de-408a-b874-0445c86b69e6"
	roleAcrPull          = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
	roleWebsite          = "de139f84-1756-47ae-9be6-808fbbe84772"

	authorization = "providers/Microsoft.Authorization/"
)

// keptGroups are the resource groups that a lock keeps from being deleted.
var keptGroups = []string{"rg-erp", "rg-monitoring"}

const keptNote = "ask the platform team"

// roles adds the role definitions in use and who holds them.
func (t *tenant) roles() {
	t.builtInRoles()
	t.customRoles()
	const groups = "/providers/Microsoft.Management/managementGroups/"
	erp, analytics := "/subscriptions/"+ERP, "/subscriptions/"+Analytics
	t.assign(groups+companyGroup, roleSecurityReader, t.person("s.keller"), "User", 600)
	t.assign(groups+companyGroup, roleReader, t.groupID("Platform"), "Group", 860)

	// Everybody who ever had to do with the ERP's move became an owner.
	t.assign(erp, roleOwner, t.person("m.huber"), "User", 860)
	t.assign(erp, roleOwner, t.person("j.vogel"), "User", 850)
	t.assign(erp, roleOwner, t.person("e.maier"), "User", 1300)
	t.assign(erp, roleOwner, t.principalOf("erp-sync"), "ServicePrincipal", 880)
	t.assign(erp+"/resourceGroups/rg-portal", roleWebsite, t.principalOf("github-deploy"), "ServicePrincipal", 410)
	t.assign(erp+"/resourceGroups/rg-erp", roleReader, t.groupID("ERP key users"), "Group", 700)
	s := subscription{t, ERP, "production"}
	t.assign(s.path("rg-portal", "Microsoft.KeyVault/vaults", "kv-lindenbrook-portal"), roleVaultSecretsUser, t.identityOf("dealer-portal"), "ServicePrincipal", 640)
	t.assign(s.path("rg-portal", "Microsoft.Storage/storageAccounts", "stlindendealers"), roleBlobContributor, t.identityOf("dealer-portal"), "ServicePrincipal", 640)
	t.assign(s.path("rg-portal", "Microsoft.Storage/storageAccounts", "stlindendealers"), roleBlobReader, t.identityOf("price-lists"), "ServicePrincipal", 380)

	t.assign(analytics, roleOwner, t.person("c.roth"), "User", 700)
	t.assign(analytics, roleOwner, t.person("m.huber"), "User", 640)
	t.assign(analytics, roleUserAccess, t.person("p.nowak"), "User", 500)
	t.assign(analytics, roleContributor, t.groupID("Analysts"), "Group", 520)
	t.assign(analytics, roleContributor, t.person("support@bi-vendor.example"), "User", 505)
	// He needed it for a week in spring.
	t.assign(analytics, roleOwner, t.person("t.brandt.dev@gmail.com"), "User", 360)
	a := subscription{t, Analytics, "shared"}
	t.assign(a.path("rg-tools", "Microsoft.ContainerRegistry/registries", "crlindenbrook"), roleAcrPull, t.identityOf("aks-analytics"), "ServicePrincipal", 300)

	t.arm("Microsoft.Authorization/policyAssignments", groups+companyGroup+"/"+authorization+"policyAssignments/benchmark", doc{
		"displayName": "Microsoft cloud security benchmark", "policyDefinitionId": "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
		"scope": groups + companyGroup, "notScopes": list{}, "enforcementMode": "Default", "parameters": doc{},
	}).Name = "Microsoft cloud security benchmark"
	for _, sub := range []string{ERP, Analytics} {
		id := "/subscriptions/" + sub
		t.arm("Microsoft.Authorization/policyAssignments", id+"/"+authorization+"policyAssignments/SecurityCenterBuiltIn", doc{
			"displayName": "ASC Default (subscription: " + sub + ")", "policyDefinitionId": "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
			"scope": id, "notScopes": list{}, "enforcementMode": "Default", "parameters": doc{},
		}).Name = "ASC Default (subscription: " + sub + ")"
	}
	for _, group := range keptGroups {
		t.arm("Microsoft.Authorization/locks", erp+"/resourceGroups/"+group+"/"+authorization+"locks/keep", doc{"level": "CanNotDelete", "notes": keptNote})
	}
	t.arm("Microsoft.Subscription/policies", "/providers/Microsoft.Subscription/policies/default", doc{
		"blockSubscriptionsLeavingTenant": true, "blockSubscriptionsIntoTenant": true, "exemptedPrincipals": list{t.person("m.huber")},
	}).Name = "subscription policy"
}

func (t *tenant) builtInRoles() {
	all, none := list{"*"}, list{}
	for _, r := range []struct {
		id, name                  string
		actions, notActions, data list
	}{
		{roleOwner, "Owner", all, none, none},
		{roleContributor, "Contributor", all, list{"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"}, none},
		{roleReader, "Reader", list{"*/read"}, none, none},
		{roleUserAccess, "User Access Administrator", list{"*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"}, none, none},
		{roleSecurityReader, "Security Reader", list{"Microsoft.Authorization/*/read", "Microsoft.Security/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read"}, none, none},
		{roleBlobReader, "Storage Blob Data Reader", list{"Microsoft.Storage/storageAccounts/blobServices/containers/read"}, none, list{"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"}},
		{roleBlobContributor, "Storage Blob Data Contributor", list{"Microsoft.Storage/storageAccounts/blobServices/containers/read", "Microsoft.Storage/storageAccounts/blobServices/containers/write"}, none, list{"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"}},
		{roleVaultSecretsUser, "Key Vault Secrets User", none, none, list{"Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"}},
		{roleAcrPull, "AcrPull", list{"Microsoft.ContainerRegistry/registries/pull/read"}, none, none},
		{roleWebsite, "Website Contributor", list{"Microsoft.Web/sites/*", "Microsoft.Web/serverFarms/join/action", "Microsoft.Resources/deployments/*"}, none, none},
	} {
		a := t.arm("Microsoft.Authorization/roleDefinitions", "/"+authorization+"RoleDefinitions/"+r.id, doc{
			"roleName": r.name, "type": "BuiltInRole", "description": "", "assignableScopes": list{"/"},
			"permissions": list{doc{"actions": r.actions, "notActions": r.notActions, "dataActions": r.data, "notDataActions": list{}}},
		})
		a.Name, a.ManagedBy = r.name, "azure"
	}
}

// customRoles adds the company's own roles; one of them is Weidenhof's.
func (t *tenant) customRoles() {
	role := func(name, sub string, actions list) {
		id := "/subscriptions/" + sub + "/" + authorization + "RoleDefinitions/" + t.uuid("role/"+name)
		t.arm("Microsoft.Authorization/roleDefinitions", id, doc{
			"roleName": name, "type": "CustomRole", "description": "", "assignableScopes": list{"/subscriptions/" + sub},
			"permissions": list{doc{"actions": actions, "notActions": list{}, "dataActions": list{}, "notDataActions": list{}}},
		}).Name = name
	}
	role("Lock keeper", ERP, list{"Microsoft.Authorization/locks/*"})
	role("Weidenhof administrator", ERP, list{"*"})
	role("Lock keeper of analytics", Analytics, list{"Microsoft.Authorization/locks/read", "Microsoft.Authorization/locks/write", "Microsoft.Authorization/locks/delete"})
}

// assign gives a principal a role at a scope.
func (t *tenant) assign(scope, role, principal, kind string, age int) {
	id := scope + "/" + authorization + "roleAssignments/" + t.uuid("assignment/"+scope+role+principal)
	t.arm("Microsoft.Authorization/roleAssignments", id, doc{
		"principalId": principal, "principalType": kind, "scope": scope, "createdOn": t.ago(age),
		"roleDefinitionId": "/" + authorization + "RoleDefinitions/" + role,
	})
}
