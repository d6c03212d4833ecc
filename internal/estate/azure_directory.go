package estate

// The application ids of Microsoft's own services.
const (
	microsoftGraph  = "00000003-0000-0000-c000-000000000000"
	azureManagement = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
)

// The templates of directory roles, which are the same in every tenant.
// https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
const (
	globalAdministrator     = "62e90394-69f5-4237-9190-012177145e10"
	securityReader          = "5d6b6bb7-de71-4623-b4af-96380a352509"
	userAdministrator       = "fe930be7-5e62-47db-91af-98c3a49a38b1"
	applicationAdmin        = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	conditionalAccessAdmin  = "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9"
	restrictedGuest         = "2af84b1e-32c8-42b7-82bc-daa82404023b"
	consentToVerifiedApps   = "ManagePermissionGrantsForSelf.microsoft-user-default-low"
	consentOfOwnersOfGroups = "ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-team"
)

// directory adds what is in the directory.
func (t *tenant) directory() {
	t.graph("organization", "organization", Tenant, "Lindenbrook", doc{
		"id": Tenant, "displayName": "Lindenbrook", "onPremisesSyncEnabled": true,
		"verifiedDomains": list{
			doc{"name": companyDomain, "isDefault": true, "isInitial": false},
			doc{"name": initialDomain, "isDefault": false, "isInitial": true},
			doc{"name": "weidenhof.example", "isDefault": false, "isInitial": false},
		},
	})
	for i, d := range []string{companyDomain, initialDomain, "weidenhof.example"} {
		t.graph("domain", "domains", d, d, doc{
			"id": d, "authenticationType": "Managed", "isVerified": true, "isDefault": i == 0, "passwordValidityPeriodInDays": 2147483647, "passwordNotificationWindowInDays": 14,
		})
	}
	sku := Tenant + "_" + t.uuid("sku/EMS")
	t.graph("subscribedSku", "subscribedSkus", sku, "EMSPREMIUM", doc{
		"id": sku, "skuPartNumber": "EMSPREMIUM", "capabilityStatus": "Enabled", "servicePlans": list{
			doc{"servicePlanName": "AAD_PREMIUM", "provisioningStatus": "Success"}, doc{"servicePlanName": "AAD_PREMIUM_P2", "provisioningStatus": "Success"},
		},
	})
	t.people()
	t.groups()
	t.directoryRoles()
	t.applications()
	t.conditionalAccess()
	t.directorySettings()
}

// person is the id of a user by the name before the at sign.
func (t *tenant) person(name string) string { return t.uuid("user/" + name) }

func (t *tenant) people() {
	user := func(name, display string, age int, changes ...doc) {
		upn := name + "@" + companyDomain
		t.graph("user", "users", t.person(name), upn, with(doc{
			"id": t.person(name), "userPrincipalName": upn, "displayName": display, "accountEnabled": true, "userType": "Member", "createdDateTime": t.ago(age),
			"onPremisesSyncEnabled": true, "mail": upn, "otherMails": list{}, "assignedLicenses": list{doc{"skuId": t.uuid("sku/EMS")}},
		}, changes...))
	}
	user("m.huber", "Miriam Huber", 910)
	user("j.vogel", "Jonas Vogel", 870)
	user("s.keller", "Sabine Keller", 610)
	// Weidenhof's administrator retired. His account is off; what it may do is not.
	user("e.maier", "Erwin Maier", 1490, doc{"accountEnabled": false})
	user("c.roth", "Carla Roth", 1320)
	user("p.nowak", "Piotr Nowak", 540)
	user("l.sommer", "Lena Sommer", 330)
	emergency := "emergency@" + initialDomain
	user("emergency", "Emergency access", 600, doc{"userPrincipalName": emergency, "mail": nil, "onPremisesSyncEnabled": nil, "assignedLicenses": list{}})
	t.assets[len(t.assets)-1].Name = emergency
	guest := func(name, display, mail string, age int) {
		user(name, display, age, doc{
			"userPrincipalName": mail, "userType": "Guest", "externalUserState": "Accepted", "onPremisesSyncEnabled": nil, "assignedLicenses": list{},
			"mail": nil, "otherMails": list{name},
		})
		t.assets[len(t.assets)-1].Name = mail
	}
	// The founding engineer came back as a freelance for the move of the reports.
	guest("t.brandt.dev@gmail.com", "Till Brandt (extern)", "t.brandt.dev_gmail.com#EXT#@"+initialDomain, 380)
	guest("support@bi-vendor.example", "BI vendor", "support_bi-vendor.example#EXT#@"+initialDomain, 510)
}

func (t *tenant) groupID(name string) string { return t.uuid("group/" + name) }

func (t *tenant) groups() {
	object := func(id, name string) doc {
		return doc{"@odata.type": "#microsoft.graph.user", "id": id, "displayName": name}
	}
	for _, g := range []struct {
		name       string
		visibility string
		members    list
		changes    doc
	}{
		{"Platform", "Private", list{object(t.person("m.huber"), "Miriam Huber"), object(t.person("j.vogel"), "Jonas Vogel")}, doc{"isAssignableToRole": true}},
		{"ERP key users", "Private", list{object(t.person("c.roth"), "Carla Roth"), object(t.person("e.maier"), "Erwin Maier")}, nil},
		{"Analysts", "Private", list{object(t.person("p.nowak"), "Piotr Nowak"), object(t.person("c.roth"), "Carla Roth")}, nil},
		{"Guests", "Private", list{object(t.person("t.brandt.dev@gmail.com"), "Till Brandt (extern)"), object(t.person("support@bi-vendor.example"), "BI vendor")}, doc{"membershipRule": `(user.userType -eq "Guest")`, "groupTypes": list{"DynamicMembership"}}},
		{"Summer party", "Public", list{object(t.person("l.sommer"), "Lena Sommer")}, doc{"securityEnabled": false, "mailEnabled": true, "groupTypes": list{"Unified"}}},
	} {
		t.graph("group", "groups", t.groupID(g.name), g.name, with(doc{
			"id": t.groupID(g.name), "displayName": g.name, "securityEnabled": true, "mailEnabled": false, "visibility": g.visibility, "groupTypes": list{},
			"transitiveMembers": g.members, "owners": list{object(t.person("m.huber"), "Miriam Huber")},
		}, g.changes))
	}
}

func (t *tenant) directoryRoles() {
	for _, r := range []struct{ template, name, action string }{
		{globalAdministrator, "Global Administrator", "microsoft.directory/allEntities/allTasks"},
		{securityReader, "Security Reader", "microsoft.directory/policies/standard/read"},
		{userAdministrator, "User Administrator", "microsoft.directory/users/create"},
		{applicationAdmin, "Application Administrator", "microsoft.directory/applications/credentials/update"},
		{conditionalAccessAdmin, "Conditional Access Administrator", "microsoft.directory/conditionalAccessPolicies/allProperties/allTasks"},
	} {
		t.graph("roleDefinition", "roleDefinitions", r.template, r.name, doc{
			"id": r.template, "displayName": r.name, "templateId": r.template, "isBuiltIn": true, "isEnabled": true,
			"rolePermissions": list{doc{"allowedResourceActions": list{r.action}}},
		})
	}
	assign := func(role, principal, name, kind string, more doc) {
		id := t.hex("directory role/"+role+principal, 40)
		p := with(doc{"@odata.type": "#microsoft.graph." + kind, "id": principal, "displayName": name}, more)
		t.graph("roleAssignment", "roleAssignments", id, id, doc{"id": id, "principalId": principal, "roleDefinitionId": role, "directoryScopeId": "/", "principal": p})
	}
	assign(globalAdministrator, t.person("m.huber"), "Miriam Huber", "user", nil)
	assign(globalAdministrator, t.person("emergency"), "Emergency access", "user", nil)
	assign(securityReader, t.person("s.keller"), "Sabine Keller", "user", nil)
	assign(userAdministrator, t.groupID("Platform"), "Platform", "group", doc{"isAssignableToRole": true})
	id := t.hex("eligible/"+conditionalAccessAdmin, 40)
	t.graph("roleEligibility", "roleEligibilityScheduleInstances", id, id, doc{
		"id": id, "principalId": t.person("j.vogel"), "roleDefinitionId": conditionalAccessAdmin, "directoryScopeId": "/", "memberType": "Direct", "startDateTime": t.ago(200),
	})
}

// credential is a secret or certificate of an application; days count from now.
func (t *tenant) credential(name string, from, until int) doc {
	return doc{"keyId": t.uuid("credential/" + name), "displayName": name, "startDateTime": t.ago(from), "endDateTime": t.ago(-until)}
}

func (t *tenant) applications() {
	permissions := func(ids ...string) list {
		access := list{}
		for _, id := range ids {
			access = append(access, doc{"id": id, "type": "Role"})
		}
		return list{doc{"resourceAppId": microsoftGraph, "resourceAccess": access}}
	}
	const userReadAll, directoryReadAll = "df021288-bdef-4463-88db-98f22de89214", "7ab1d382-f21e-4acd-a863-ba3e13f7da61"
	graph := t.uuid("service principal/graph")
	t.servicePrincipal("Microsoft Graph", graph, microsoftGraph, "f8cdef31-a31e-4b4a-93e4-5f571e91255a", nil, doc{"appRoles": list{
		doc{"id": userReadAll, "value": "User.Read.All"}, doc{"id": directoryReadAll, "value": "Directory.Read.All"},
	}})
	app := func(name string, age int, changes doc, granted ...string) {
		id := t.uuid("application/" + name)
		t.graph("application", "applications", id, name, with(doc{
			"id": id, "appId": t.appID(name), "displayName": name, "signInAudience": "AzureADMyOrg", "createdDateTime": t.ago(age), "passwordCredentials": list{},
			"keyCredentials": list{}, "requiredResourceAccess": list{}, "owners": list{}, "federatedIdentityCredentials": list{},
			"web": doc{"redirectUris": list{}, "implicitGrantSettings": doc{"enableIdTokenIssuance": false, "enableAccessTokenIssuance": false}},
		}, changes))
		roles := list{}
		for i, r := range granted {
			roles = append(roles, doc{"id": t.hex("grant/"+name+r, 43), "appRoleId": granted[i], "resourceId": graph, "resourceDisplayName": "Microsoft Graph", "principalType": "ServicePrincipal"})
		}
		t.servicePrincipal(name, t.principalOf(name), t.appID(name), Tenant, roles, nil)
	}
	owner := list{doc{"@odata.type": "#microsoft.graph.user", "id": t.person("j.vogel"), "displayName": "Jonas Vogel"}}
	app("dealer-portal", 720, doc{
		"keyCredentials": list{t.credential("portal certificate", 60, 305)}, "owners": owner,
		"web": doc{"redirectUris": list{"https://dealers." + companyDomain + "/signin-oidc"}, "implicitGrantSettings": doc{"enableIdTokenIssuance": false, "enableAccessTokenIssuance": false}},
	})
	// Its secret ran out in the autumn; the nightly load has failed since, and
	// nobody looked.
	app("erp-sync", 900, doc{"passwordCredentials": list{t.credential("sync", 795, -65)}, "requiredResourceAccess": permissions(userReadAll)}, userReadAll)
	// "Never" was one of the choices then.
	app("report-mailer", 1400, doc{"passwordCredentials": list{t.credential("mailer", 1400, 99*365)}, "requiredResourceAccess": permissions(directoryReadAll)}, directoryReadAll)
	app("github-deploy", 420, doc{"owners": owner, "federatedIdentityCredentials": list{doc{
		"id": t.uuid("federated/github"), "name": "main", "issuer": "https://token.actions.githubusercontent.com",
		"subject": "repo:lindenbrook/dealer-portal:ref:refs/heads/main", "audiences": list{"api://AzureADTokenExchange"},
	}}})
	for _, name := range identities {
		t.servicePrincipal(name, t.identityOf(name), t.uuid("client/"+name), Tenant, nil, doc{"servicePrincipalType": "ManagedIdentity", "tags": list{}})
	}
}

// identities are the machines and services that have an account of their own.
var identities = []string{"dealer-portal", "price-lists", "des-erp", "vm-reports", "aks-analytics", "notebooks"}

func (t *tenant) appID(name string) string { return t.uuid("app/" + name) }

// principalOf is the id of an application's service principal.
func (t *tenant) principalOf(app string) string { return t.uuid("service principal/" + app) }

// identityOf is the id of a machine's or a service's own account.
func (t *tenant) identityOf(name string) string { return t.uuid("identity/" + name) }

func (t *tenant) servicePrincipal(name, id, app, home string, granted list, changes doc) {
	if granted == nil {
		granted = list{}
	}
	t.graph("servicePrincipal", "servicePrincipals", id, name, with(doc{
		"id": id, "appId": app, "displayName": name, "servicePrincipalType": "Application", "appOwnerOrganizationId": home, "accountEnabled": true,
		"passwordCredentials": list{}, "keyCredentials": list{}, "tags": list{"WindowsAzureActiveDirectoryIntegratedApp"}, "appRoles": list{}, "owners": list{}, "appRoleAssignments": granted,
	}, changes))
}
