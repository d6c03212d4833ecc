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
	SignInActivity struct {
		LastSignInDateTime               string `json:"lastSignInDateTime"`
		LastNonInteractiveSignInDateTime string `json:"lastNonInteractiveSignInDateTime"`
		LastSuccessfulSignInDateTime     string `json:"lastSuccessfulSignInDateTime"`
	} `json:"signInActivity"`
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
	ID               string          `json:"id"`
	PrincipalID      string          `json:"principalId"`
	RoleDefinitionID string          `json:"roleDefinitionId"`
	DirectoryScopeID string          `json:"directoryScopeId"`
	Principal        directoryObject `json:"principal"`
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
}

// conditionalAccessPolicy is a policy of conditional access.
// https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
type conditionalAccessPolicy struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	State       string `json:"state"`
	Conditions  struct {
		Users struct {
			IncludeUsers  []string `json:"includeUsers"`
			ExcludeUsers  []string `json:"excludeUsers"`
			IncludeGroups []string `json:"includeGroups"`
			ExcludeGroups []string `json:"excludeGroups"`
			IncludeRoles  []string `json:"includeRoles"`
			ExcludeRoles  []string `json:"excludeRoles"`
		} `json:"users"`
		Applications struct {
			IncludeApplications []string `json:"includeApplications"`
			ExcludeApplications []string `json:"excludeApplications"`
			IncludeUserActions  []string `json:"includeUserActions"`
		} `json:"applications"`
		ClientAppTypes   []string `json:"clientAppTypes"`
		UserRiskLevels   []string `json:"userRiskLevels"`
		SignInRiskLevels []string `json:"signInRiskLevels"`
		Locations        struct {
			IncludeLocations []string `json:"includeLocations"`
			ExcludeLocations []string `json:"excludeLocations"`
		} `json:"locations"`
		Platforms struct {
			IncludePlatforms []string `json:"includePlatforms"`
			ExcludePlatforms []string `json:"excludePlatforms"`
		} `json:"platforms"`
		AuthenticationFlows struct {
			TransferMethods string `json:"transferMethods"`
		} `json:"authenticationFlows"`
	} `json:"conditions"`
	GrantControls struct {
		Operator               string          `json:"operator"`
		BuiltInControls        []string        `json:"builtInControls"`
		AuthenticationStrength directoryObject `json:"authenticationStrength"`
	} `json:"grantControls"`
	SessionControls struct {
		SignInFrequency struct {
			IsEnabled         bool   `json:"isEnabled"`
			Value             int64  `json:"value"`
			Type              string `json:"type"`
			FrequencyInterval string `json:"frequencyInterval"`
		} `json:"signInFrequency"`
		PersistentBrowser struct {
			IsEnabled bool   `json:"isEnabled"`
			Mode      string `json:"mode"`
		} `json:"persistentBrowser"`
	} `json:"sessionControls"`
}

// namedLocation is a place that conditional access knows.
// https://learn.microsoft.com/graph/api/resources/namedlocation
type namedLocation struct {
	ID          string `json:"id"`
	Type        string `json:"@odata.type"`
	DisplayName string `json:"displayName"`
	IsTrusted   bool   `json:"isTrusted"`
	IPRanges    []struct {
		CIDRAddress string `json:"cidrAddress"`
	} `json:"ipRanges"`
	CountriesAndRegions []string `json:"countriesAndRegions"`
}

// authenticationMethodsPolicy says which methods may be used.
// https://learn.microsoft.com/graph/api/resources/authenticationmethodspolicy
type authenticationMethodsPolicy struct {
	ID                                string `json:"id"`
	AuthenticationMethodConfiguration []struct {
		ID              string `json:"id"`
		State           string `json:"state"`
		FeatureSettings struct {
			NumberMatchingRequiredState struct {
				State string `json:"state"`
			} `json:"numberMatchingRequiredState"`
			DisplayAppInformationRequiredState struct {
				State string `json:"state"`
			} `json:"displayAppInformationRequiredState"`
			DisplayLocationInformationRequiredState struct {
				State string `json:"state"`
			} `json:"displayLocationInformationRequiredState"`
		} `json:"featureSettings"`
	} `json:"authenticationMethodConfigurations"`
}

// authorizationPolicy is what users and guests may do in the directory.
// https://learn.microsoft.com/graph/api/resources/authorizationpolicy
type authorizationPolicy struct {
	ID                                        string `json:"id"`
	GuestUserRoleID                           string `json:"guestUserRoleId"`
	AllowInvitesFrom                          string `json:"allowInvitesFrom"`
	AllowEmailVerifiedUsersToJoinOrganization bool   `json:"allowEmailVerifiedUsersToJoinOrganization"`
	AllowedToUseSSPR                          bool   `json:"allowedToUseSSPR"`
	BlockMsolPowerShell                       bool   `json:"blockMsolPowerShell"`
	DefaultUserRolePermissions                struct {
		AllowedToCreateApps             bool     `json:"allowedToCreateApps"`
		AllowedToCreateSecurityGroups   bool     `json:"allowedToCreateSecurityGroups"`
		AllowedToCreateTenants          bool     `json:"allowedToCreateTenants"`
		AllowedToReadOtherUsers         bool     `json:"allowedToReadOtherUsers"`
		PermissionGrantPoliciesAssigned []string `json:"permissionGrantPoliciesAssigned"`
	} `json:"defaultUserRolePermissions"`
}

type directorySetting struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	TemplateID  string `json:"templateId"`
	Values      []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"values"`
}

func init() {
	list := func(path, permission string) *GraphList { return &GraphList{Path: path, Permission: permission} }
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
		}},
		{
			// Last sign-ins need AuditLog.Read.All and a premium licence beside
			// User.Read.All, so that they are listed apart.
			Name: "graph/userActivity", Class: "user activity", Properties: user{}, Label: "{userPrincipalName}",
			Graph: &GraphList{
				Path: "users", Permission: "AuditLog.Read.All", Top: 120,
				Select: []string{"id", "userPrincipalName", "accountEnabled", "userType", "createdDateTime", "signInActivity"},
			},
		},
		{Name: "graph/userRegistration", Class: "user registration", Properties: registration{}, Label: "{userPrincipalName}", Graph: list("reports/authenticationMethods/userRegistrationDetails", "AuditLog.Read.All")},
		{Name: "graph/group", Class: "group", Properties: directoryGroup{}, Graph: &GraphList{
			Path: "groups", Permission: "GroupMember.Read.All",
			Select: []string{"id", "displayName", "securityEnabled", "mailEnabled", "isAssignableToRole", "membershipRule", "visibility", "groupTypes", "onPremisesSyncEnabled"},
		}},
		{Name: "graph/roleDefinition", Class: "role", Properties: directoryRole{}, Graph: &GraphList{Path: "roleManagement/directory/roleDefinitions", Permission: "RoleManagement.Read.Directory", Top: -1}},
		{Name: "graph/roleAssignment", Class: "role assignment", Properties: directoryRoleAssignment{}, Label: "{id}", Graph: &GraphList{
			Path: "roleManagement/directory/roleAssignments", Permission: "RoleManagement.Read.Directory", Query: map[string]string{"$expand": "principal"}, Top: -1,
		}},
		{Name: "graph/roleEligibility", Class: "role assignment", Properties: directoryEligibility{}, Label: "{id}", Graph: &GraphList{
			Path: "roleManagement/directory/roleEligibilityScheduleInstances", Permission: "RoleManagement.Read.Directory", Top: -1,
		}},
		{Name: "graph/application", Class: "application", Properties: application{}, Graph: &GraphList{
			Path: "applications", Permission: "Application.Read.All",
			Select: []string{"id", "appId", "displayName", "signInAudience", "createdDateTime", "passwordCredentials", "keyCredentials", "requiredResourceAccess", "web"},
		}},
		{Name: "graph/servicePrincipal", Class: "service identity", Properties: servicePrincipal{}, Graph: &GraphList{
			Path: "servicePrincipals", Permission: "Application.Read.All",
			Select: []string{"id", "appId", "displayName", "servicePrincipalType", "appOwnerOrganizationId", "accountEnabled", "passwordCredentials", "keyCredentials", "tags"},
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
			Scope       any    `json:"scope"`
			Settings    any    `json:"settings"`
		}{}, Graph: &GraphList{Path: "identityGovernance/accessReviews/definitions", Permission: "AccessReview.Read.All", Top: 100}},
	}})
}
