package azure

// user is a member or guest of the directory.
// https://learn.microsoft.com/graph/api/resources/user
type user struct {
	ID                    string   `json:"id"`
	UserPrincipalName     string   `json:"userPrincipalName"`
	DisplayName           string   `json:"displayName"`
	AccountEnabled        bool     `json:"accountEnabled"`
	UserType              string   `json:"userType"`
	ExternalUserState     string   `json:"externalUserState"`
	CreatedDateTime       string   `json:"createdDateTime"`
	OnPremisesSyncEnabled bool     `json:"onPremisesSyncEnabled"`
	PasswordPolicies      string   `json:"passwordPolicies"`
	Mail                  string   `json:"mail"`
	OtherMails            []string `json:"otherMails"`
	AssignedLicenses      []struct {
		SKUID string `json:"skuId"`
	} `json:"assignedLicenses"`
}

// signInActivity is when a user was last here.
// https://learn.microsoft.com/graph/api/resources/signinactivity
type signInActivity struct {
	LastSignInDateTime               string `json:"lastSignInDateTime"`
	LastNonInteractiveSignInDateTime string `json:"lastNonInteractiveSignInDateTime"`
	LastSuccessfulSignInDateTime     string `json:"lastSuccessfulSignInDateTime"`
}

// registration is what the report on authentication methods says of a user.
// https://learn.microsoft.com/graph/api/resources/userregistrationdetails
type registration struct {
	ID                    string   `json:"id"`
	UserPrincipalName     string   `json:"userPrincipalName"`
	UserDisplayName       string   `json:"userDisplayName"`
	UserType              string   `json:"userType"`
	IsAdmin               bool     `json:"isAdmin"`
	IsMFACapable          bool     `json:"isMfaCapable"`
	IsMFARegistered       bool     `json:"isMfaRegistered"`
	IsPasswordlessCapable bool     `json:"isPasswordlessCapable"`
	IsSSPRRegistered      bool     `json:"isSsprRegistered"`
	MethodsRegistered     []string `json:"methodsRegistered"`
}

// directoryGroup is a group of the directory.
// https://learn.microsoft.com/graph/api/resources/group
type directoryGroup struct {
	ID                    string   `json:"id"`
	DisplayName           string   `json:"displayName"`
	SecurityEnabled       bool     `json:"securityEnabled"`
	MailEnabled           bool     `json:"mailEnabled"`
	IsAssignableToRole    bool     `json:"isAssignableToRole"`
	MembershipRule        string   `json:"membershipRule"`
	Visibility            string   `json:"visibility"`
	GroupTypes            []string `json:"groupTypes"`
	OnPremisesSyncEnabled bool     `json:"onPremisesSyncEnabled"`
}

type directoryObject struct {
	Type string `json:"@odata.type"`
	ID   string `json:"id"`
	Name string `json:"displayName"`
}

// directoryRole is a role of the directory.
// https://learn.microsoft.com/graph/api/resources/unifiedroledefinition
type directoryRole struct {
	ID              string `json:"id"`
	DisplayName     string `json:"displayName"`
	TemplateID      string `json:"templateId"`
	IsBuiltIn       bool   `json:"isBuiltIn"`
	IsEnabled       bool   `json:"isEnabled"`
	RolePermissions []struct {
		AllowedResourceActions []string `json:"allowedResourceActions"`
	} `json:"rolePermissions"`
}

// directoryRoleAssignment gives a principal a role of the directory.
// https://learn.microsoft.com/graph/api/resources/unifiedroleassignment
type directoryRoleAssignment struct {
	ID               string `json:"id"`
	PrincipalID      string `json:"principalId"`
	RoleDefinitionID string `json:"roleDefinitionId"`
	DirectoryScopeID string `json:"directoryScopeId"`
	Principal        struct {
		directoryObject
		// IsAssignableToRole is set of groups only; one that holds a role has true.
		IsAssignableToRole bool `json:"isAssignableToRole"`
	} `json:"principal"`
}

type directoryEligibility struct {
	ID               string `json:"id"`
	PrincipalID      string `json:"principalId"`
	RoleDefinitionID string `json:"roleDefinitionId"`
	DirectoryScopeID string `json:"directoryScopeId"`
	MemberType       string `json:"memberType"`
	StartDateTime    string `json:"startDateTime"`
	EndDateTime      string `json:"endDateTime"`
}

type passwordCredential struct {
	KeyID         string `json:"keyId"`
	DisplayName   string `json:"displayName"`
	StartDateTime string `json:"startDateTime"`
	EndDateTime   string `json:"endDateTime"`
}

// application is an application's registration; its credentials have no values.
// https://learn.microsoft.com/graph/api/resources/application
type application struct {
	ID                     string               `json:"id"`
	AppID                  string               `json:"appId"`
	DisplayName            string               `json:"displayName"`
	SignInAudience         string               `json:"signInAudience"`
	CreatedDateTime        string               `json:"createdDateTime"`
	PasswordCredentials    []passwordCredential `json:"passwordCredentials"`
	KeyCredentials         []passwordCredential `json:"keyCredentials"`
	RequiredResourceAccess []struct {
		ResourceAppID  string `json:"resourceAppId"`
		ResourceAccess []struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"resourceAccess"`
	} `json:"requiredResourceAccess"`
	Web struct {
		RedirectURIs          []string `json:"redirectUris"`
		ImplicitGrantSettings struct {
			EnableIDTokenIssuance     bool `json:"enableIdTokenIssuance"`
			EnableAccessTokenIssuance bool `json:"enableAccessTokenIssuance"`
		} `json:"implicitGrantSettings"`
	} `json:"web"`
}

// servicePrincipal is an application, or a managed identity, in this tenant.
// https://learn.microsoft.com/graph/api/resources/serviceprincipal
type servicePrincipal struct {
	ID                     string               `json:"id"`
	AppID                  string               `json:"appId"`
	DisplayName            string               `json:"displayName"`
	ServicePrincipalType   string               `json:"servicePrincipalType"`
	AppOwnerOrganizationID string               `json:"appOwnerOrganizationId"`
	AccountEnabled         bool                 `json:"accountEnabled"`
	PasswordCredentials    []passwordCredential `json:"passwordCredentials"`
	KeyCredentials         []passwordCredential `json:"keyCredentials"`
	Tags                   []string             `json:"tags"`
	AppRoles               []struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	} `json:"appRoles"`
}

// appRoleAssignment is a permission of another application's that a service
// principal holds by itself.
// https://learn.microsoft.com/graph/api/resources/approleassignment
type appRoleAssignment struct {
	ID                  string `json:"id"`
	AppRoleID           string `json:"appRoleId"`
	ResourceID          string `json:"resourceId"`
	ResourceDisplayName string `json:"resourceDisplayName"`
	PrincipalType       string `json:"principalType"`
}

// federatedIdentity lets tokens of another issuer act as an application.
// https://learn.microsoft.com/graph/api/resources/federatedidentitycredential
type federatedIdentity struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Issuer    string   `json:"issuer"`
	Subject   string   `json:"subject"`
	Audiences []string `json:"audiences"`
}

func init() {
	list := func(path, permission string) *GraphList { return &GraphList{Path: path, Permission: permission} }
	objects := func(member, path, permission string) Read {
		return Read{Member: member, Path: path, Graph: true, Items: true, Item: directoryObject{}, Action: permission}
	}
	single := func(path, permission string) *GraphList {
		return &GraphList{Path: path, Permission: permission, Single: true}
	}
	register(Collector{Name: "entra", Types: []Type{
		{Name: "graph/organization", Class: "tenant settings", Properties: struct {
			ID                    string `json:"id"`
			DisplayName           string `json:"displayName"`
			OnPremisesSyncEnabled bool   `json:"onPremisesSyncEnabled"`
			VerifiedDomains       []struct {
				Name      string `json:"name"`
				IsDefault bool   `json:"isDefault"`
				IsInitial bool   `json:"isInitial"`
			} `json:"verifiedDomains"`
		}{}, Graph: list("organization", "Organization.Read.All")},
		{Name: "graph/domain", Class: "domain", Properties: struct {
			ID                               string `json:"id"`
			AuthenticationType               string `json:"authenticationType"`
			IsVerified                       bool   `json:"isVerified"`
			IsDefault                        bool   `json:"isDefault"`
			PasswordValidityPeriodInDays     int64  `json:"passwordValidityPeriodInDays"`
			PasswordNotificationWindowInDays int64  `json:"passwordNotificationWindowInDays"`
		}{}, Label: "{id}", Graph: list("domains", "Domain.Read.All")},
		{Name: "graph/subscribedSku", Class: "licence", Properties: struct {
			ID               string `json:"id"`
			SKUPartNumber    string `json:"skuPartNumber"`
			CapabilityStatus string `json:"capabilityStatus"`
			ServicePlans     []struct {
				ServicePlanName    string `json:"servicePlanName"`
				ProvisioningStatus string `json:"provisioningStatus"`
			} `json:"servicePlans"`
		}{}, Label: "{skuPartNumber}", Graph: list("subscribedSkus", "Organization.Read.All")},
		{Name: "graph/user", Class: "user", Properties: user{}, Label: "{userPrincipalName}", Graph: &GraphList{
			Path: "users", Permission: "User.Read.All",
			Select: []string{
				"id", "userPrincipalName", "displayName", "accountEnabled", "userType", "externalUserState", "createdDateTime",
				"onPremisesSyncEnabled", "passwordPolicies", "mail", "otherMails", "assignedLicenses",
			},
		}, Side: []Read{
			// Both need a premium licence beside the permission. Pages with sign-ins
			// are smaller. https://learn.microsoft.com/graph/api/user-list
			{
				Member: "signInActivity", Path: "users?$select=id,signInActivity&$top=120", Graph: true, Inner: true,
				Item: signInActivity{}, Action: "AuditLog.Read.All",
			},
			{
				Member: "registrationDetails", Path: "reports/authenticationMethods/userRegistrationDetails?$top=999", Graph: true,
				Item: registration{}, Action: "AuditLog.Read.All",
			},
		}},
		{Name: "graph/group", Class: "group", Properties: directoryGroup{}, Graph: &GraphList{
			Path: "groups", Permission: "GroupMember.Read.All",
			Select: []string{"id", "displayName", "securityEnabled", "mailEnabled", "isAssignableToRole", "membershipRule", "visibility", "groupTypes", "onPremisesSyncEnabled"},
		}, Side: []Read{
			objects("transitiveMembers", "groups/{id}/transitiveMembers?$select=id,displayName", "GroupMember.Read.All"),
			objects("owners", "groups/{id}/owners?$select=id,displayName", "GroupMember.Read.All"),
		}},
		{Name: "graph/roleDefinition", Class: "role", Properties: directoryRole{}, Graph: &GraphList{Path: "roleManagement/directory/roleDefinitions", Permission: "RoleManagement.Read.Directory", Top: -1}},
		{Name: "graph/roleAssignment", Class: "role assignment", Properties: directoryRoleAssignment{}, Label: "{id}", Graph: &GraphList{
			Path: "roleManagement/directory/roleAssignments", Permission: "RoleManagement.Read.Directory", Query: map[string]string{"$expand": "principal"}, Top: -1,
		}},
		{Name: "graph/roleEligibility", Class: "role assignment", Properties: directoryEligibility{}, Label: "{id}", Graph: &GraphList{
			Path: "roleManagement/directory/roleEligibilityScheduleInstances", Permission: "RoleManagement.Read.Directory", Top: -1, Absent: noPremium,
		}},
		{Name: "graph/rolePolicy", Class: "role policy", Properties: struct {
			ID               string `json:"id"`
			PolicyID         string `json:"policyId"`
			ScopeID          string `json:"scopeId"`
			ScopeType        string `json:"scopeType"`
			RoleDefinitionID string `json:"roleDefinitionId"`
			Policy           struct {
				DisplayName string           `json:"displayName"`
				Rules       []map[string]any `json:"rules"`
			} `json:"policy"`
		}{}, Label: "{policy.displayName}", Graph: &GraphList{
			Path: "policies/roleManagementPolicyAssignments", Permission: "RoleManagementPolicy.Read.Directory", Top: -1,
			Query: map[string]string{"$filter": "scopeId eq '/' and scopeType eq 'DirectoryRole'", "$expand": "policy($expand=rules)"},
		}},
		{Name: "graph/application", Class: "application", Properties: application{}, Graph: &GraphList{
			Path: "applications", Permission: "Application.Read.All",
			Select: []string{"id", "appId", "displayName", "signInAudience", "createdDateTime", "passwordCredentials", "keyCredentials", "requiredResourceAccess", "web"},
		}, Side: []Read{
			objects("owners", "applications/{id}/owners?$select=id,displayName", "Application.Read.All"),
			{
				Member: "federatedIdentityCredentials", Path: "applications/{id}/federatedIdentityCredentials", Graph: true, Items: true,
				Item: federatedIdentity{}, Action: "Application.Read.All",
			},
		}},
		{Name: "graph/servicePrincipal", Class: "service identity", Properties: servicePrincipal{}, Graph: &GraphList{
			Path: "servicePrincipals", Permission: "Application.Read.All",
			Select: []string{"id", "appId", "displayName", "servicePrincipalType", "appOwnerOrganizationId", "accountEnabled", "passwordCredentials", "keyCredentials", "appRoles", "tags"},
		}, Side: []Read{
			objects("owners", "servicePrincipals/{id}/owners?$select=id,displayName", "Application.Read.All"),
			{
				Member: "appRoleAssignments", Path: "servicePrincipals/{id}/appRoleAssignments", Graph: true, Items: true,
				Item: appRoleAssignment{}, Action: "Application.Read.All",
			},
		}},
		{Name: "graph/oauth2PermissionGrant", Class: "consent", Properties: struct {
			ID          string `json:"id"`
			ClientID    string `json:"clientId"`
			ConsentType string `json:"consentType"`
			PrincipalID string `json:"principalId"`
			ResourceID  string `json:"resourceId"`
			Scope       string `json:"scope"`
		}{}, Label: "{id}", Graph: list("oauth2PermissionGrants", "DelegatedPermissionGrant.Read.All")},
		{Name: "graph/conditionalAccessPolicy", Class: "policy", Properties: conditionalAccessPolicy{}, Graph: &GraphList{Path: "identity/conditionalAccess/policies", Permission: "Policy.Read.All", Top: -1}},
		{Name: "graph/namedLocation", Class: "named location", Properties: namedLocation{}, Graph: &GraphList{Path: "identity/conditionalAccess/namedLocations", Permission: "Policy.Read.All", Top: -1}},
		{Name: "graph/authenticationStrength", Class: "policy", Properties: struct {
			ID                    string   `json:"id"`
			DisplayName           string   `json:"displayName"`
			PolicyType            string   `json:"policyType"`
			RequirementsSatisfied string   `json:"requirementsSatisfied"`
			AllowedCombinations   []string `json:"allowedCombinations"`
		}{}, Graph: &GraphList{Path: "policies/authenticationStrengthPolicies", Permission: "Policy.Read.All", Top: -1}},
		{Name: "graph/authenticationMethodsPolicy", Class: "tenant settings", Properties: authenticationMethodsPolicy{}, Label: "authentication methods", Graph: single("policies/authenticationMethodsPolicy", "Policy.Read.All")},
		{Name: "graph/authorizationPolicy", Class: "tenant settings", Properties: authorizationPolicy{}, Label: "authorization policy", Graph: single("policies/authorizationPolicy", "Policy.Read.All")},
		{Name: "graph/securityDefaults", Class: "tenant settings", Properties: struct {
			ID        string `json:"id"`
			IsEnabled bool   `json:"isEnabled"`
		}{}, Label: "security defaults", Graph: single("policies/identitySecurityDefaultsEnforcementPolicy", "Policy.Read.All")},
		{Name: "graph/crossTenantAccessPolicy", Class: "tenant settings", Properties: struct {
			ID           string `json:"id"`
			InboundTrust struct {
				IsMfaAccepted bool `json:"isMfaAccepted"`
			} `json:"inboundTrust"`
		}{}, Label: "cross-tenant access", Graph: single("policies/crossTenantAccessPolicy/default", "Policy.Read.All")},
		{Name: "graph/deviceRegistrationPolicy", Class: "tenant settings", Properties: struct {
			ID                           string `json:"id"`
			MultiFactorAuthConfiguration string `json:"multiFactorAuthConfiguration"`
			UserDeviceQuota              int64  `json:"userDeviceQuota"`
		}{}, Label: "device registration", Graph: single("policies/deviceRegistrationPolicy", "Policy.Read.DeviceConfiguration")},
		{Name: "graph/device", Class: "device", Properties: struct {
			ID                            string `json:"id"`
			DisplayName                   string `json:"displayName"`
			TrustType                     string `json:"trustType"`
			IsCompliant                   bool   `json:"isCompliant"`
			AccountEnabled                bool   `json:"accountEnabled"`
			ApproximateLastSignInDateTime string `json:"approximateLastSignInDateTime"`
		}{}, Graph: &GraphList{
			Path: "devices", Permission: "Device.Read.All",
			Select: []string{"id", "displayName", "trustType", "isCompliant", "accountEnabled", "approximateLastSignInDateTime"},
		}},
		{Name: "graph/riskyUser", Class: "vendor finding", Properties: struct {
			ID                string `json:"id"`
			UserPrincipalName string `json:"userPrincipalName"`
			RiskLevel         string `json:"riskLevel"`
			RiskState         string `json:"riskState"`
		}{}, Label: "{userPrincipalName}", Graph: &GraphList{Path: "identityProtection/riskyUsers", Permission: "IdentityRiskyUser.Read.All", Top: 500}},
		{Name: "graph/adminConsentRequestPolicy", Class: "tenant settings", Properties: struct {
			ID        string `json:"id"`
			IsEnabled bool   `json:"isEnabled"`
			Reviewers []struct {
				Query string `json:"query"`
			} `json:"reviewers"`
		}{}, Label: "admin consent requests", Graph: single("policies/adminConsentRequestPolicy", "Policy.Read.All")},
		{Name: "graph/groupSetting", Class: "tenant settings", Properties: directorySetting{}, Graph: &GraphList{Path: "groupSettings", Permission: "Directory.Read.All", Top: -1}},
		{Name: "graph/administrativeUnit", Class: "administrative unit", Properties: struct {
			ID                           string `json:"id"`
			DisplayName                  string `json:"displayName"`
			IsMemberManagementRestricted bool   `json:"isMemberManagementRestricted"`
		}{}, Graph: list("directory/administrativeUnits", "AdministrativeUnit.Read.All")},
		{Name: "graph/accessReview", Class: "access review", Properties: struct {
			ID          string `json:"id"`
			DisplayName string `json:"displayName"`
			Status      string `json:"status"`
			Scope       struct {
				Query           string       `json:"query"`
				PrincipalScopes []queryScope `json:"principalScopes"`
				ResourceScopes  []queryScope `json:"resourceScopes"`
			} `json:"scope"`
			InstanceEnumerationScope queryScope `json:"instanceEnumerationScope"`
			Settings                 struct {
				AutoApplyDecisionsEnabled bool `json:"autoApplyDecisionsEnabled"`
				Recurrence                struct {
					Pattern struct {
						Type     string `json:"type"`
						Interval int64  `json:"interval"`
					} `json:"pattern"`
				} `json:"recurrence"`
			} `json:"settings"`
		}{}, Graph: &GraphList{Path: "identityGovernance/accessReviews/definitions", Permission: "AccessReview.Read.All", Top: 100, Absent: noPremium}},
	}})
}
