package azure

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
			// The kinds of guests that are meant, in one string.
			IncludeGuestsOrExternalUsers guestKinds `json:"includeGuestsOrExternalUsers"`
			ExcludeGuestsOrExternalUsers guestKinds `json:"excludeGuestsOrExternalUsers"`
		} `json:"users"`
		Applications struct {
			IncludeApplications []string `json:"includeApplications"`
			ExcludeApplications []string `json:"excludeApplications"`
			IncludeUserActions  []string `json:"includeUserActions"`
			// What is meant, or left out, by an attribute of the application.
			ApplicationFilter struct {
				Mode string `json:"mode"`
				Rule string `json:"rule"`
			} `json:"applicationFilter"`
		} `json:"applications"`
		ClientAppTypes             []string `json:"clientAppTypes"`
		UserRiskLevels             []string `json:"userRiskLevels"`
		SignInRiskLevels           []string `json:"signInRiskLevels"`
		ServicePrincipalRiskLevels []string `json:"servicePrincipalRiskLevels"`
		InsiderRiskLevels          string   `json:"insiderRiskLevels"`
		Devices                    struct {
			DeviceFilter struct {
				Mode string `json:"mode"`
				Rule string `json:"rule"`
			} `json:"deviceFilter"`
		} `json:"devices"`
		Locations struct {
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
		Operator               string   `json:"operator"`
		BuiltInControls        []string `json:"builtInControls"`
		CustomFactors          []string `json:"customAuthenticationFactors"`
		TermsOfUse             []string `json:"termsOfUse"`
		AuthenticationStrength struct {
			ID                    string `json:"id"`
			DisplayName           string `json:"displayName"`
			RequirementsSatisfied string `json:"requirementsSatisfied"`
		} `json:"authenticationStrength"`
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

type guestKinds struct {
	GuestOrExternalUserTypes string `json:"guestOrExternalUserTypes"`
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
	ID                      string `json:"id"`
	RegistrationEnforcement struct {
		AuthenticationMethodsRegistrationCampaign struct {
			State          string `json:"state"`
			SnoozeDuration int64  `json:"snoozeDurationInDays"`
		} `json:"authenticationMethodsRegistrationCampaign"`
	} `json:"registrationEnforcement"`
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

type queryScope struct {
	Query string `json:"query"`
}
