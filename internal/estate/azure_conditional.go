package estate

// conditionalAccess adds the policies that sign-ins must meet. The one that asks
// guests for a second factor never left its trial.
func (t *tenant) conditionalAccess() {
	emergency := list{t.person("emergency")}
	everybody := doc{"includeUsers": list{"All"}, "excludeUsers": emergency}
	mfa := doc{"operator": "OR", "builtInControls": list{"mfa"}}
	policy := func(name, state string, conditions, grant, session doc) {
		id := t.uuid("conditional access/" + name)
		config := doc{
			"id": id, "displayName": name, "state": state, "conditions": with(doc{
				"applications": doc{"includeApplications": list{"All"}, "excludeApplications": list{}, "includeUserActions": list{}}, "clientAppTypes": list{"all"},
				"userRiskLevels": list{}, "signInRiskLevels": list{}, "servicePrincipalRiskLevels": list{},
			}, conditions),
		}
		if grant != nil {
			config["grantControls"] = grant
		}
		if session != nil {
			config["sessionControls"] = session
		}
		t.graph("conditionalAccessPolicy", "policies", id, name, config)
	}
	apps := func(ids ...any) doc {
		return doc{"includeApplications": list(ids), "excludeApplications": list{}, "includeUserActions": list{}}
	}
	policy("Second factor for everybody", "enabled", doc{"users": everybody}, mfa, nil)
	policy("Second factor for administrators", "enabled", doc{
		"users":        doc{"includeRoles": list{globalAdministrator, userAdministrator, applicationAdmin, conditionalAccessAdmin}, "excludeUsers": emergency},
		"applications": apps("All"),
	}, mfa, doc{
		"signInFrequency":   doc{"isEnabled": true, "value": 4, "type": "hours", "frequencyInterval": "timeBased"},
		"persistentBrowser": doc{"isEnabled": true, "mode": "never"},
	})
	policy("Second factor for Azure management", "enabled", doc{"users": everybody, "applications": apps(azureManagement)}, mfa, nil)
	policy("Block old protocols", "enabled", doc{"users": everybody, "clientAppTypes": list{"exchangeActiveSync", "other"}}, doc{"operator": "OR", "builtInControls": list{"block"}}, nil)
	policy("Guests need a second factor", "enabledForReportingButNotEnforced", doc{
		"users": doc{"includeGuestsOrExternalUsers": doc{"guestOrExternalUserTypes": "b2bCollaborationGuest,b2bCollaborationMember"}},
	}, mfa, nil)
	policy("Risky sign-ins", "enabled", doc{"users": everybody, "signInRiskLevels": list{"high", "medium"}}, mfa, doc{
		"signInFrequency": doc{"isEnabled": true, "frequencyInterval": "everyTime"},
	})
	policy("Block device codes", "enabled", doc{"users": everybody, "authenticationFlows": doc{"transferMethods": "deviceCodeFlow"}}, doc{"operator": "OR", "builtInControls": list{"block"}}, nil)
	location := func(name string, more doc) {
		id := t.uuid("location/" + name)
		t.graph("namedLocation", "namedLocations", id, name, with(doc{"id": id, "displayName": name}, more))
	}
	location("Offices", doc{
		"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": true,
		"ipRanges": list{doc{"cidrAddress": "198.51.100.0/27"}, doc{"cidrAddress": "203.0.113.64/28"}},
	})
	location("Where we sell", doc{"@odata.type": "#microsoft.graph.countryNamedLocation", "countriesAndRegions": list{"DE", "AT", "CH"}})
}

// directorySettings adds what holds for the whole directory.
func (t *tenant) directorySettings() {
	features := func(on string) doc {
		return doc{
			"numberMatchingRequiredState": doc{"state": on}, "displayAppInformationRequiredState": doc{"state": on}, "displayLocationInformationRequiredState": doc{"state": on},
		}
	}
	t.setting("authenticationMethodsPolicy", "authenticationMethodsPolicy", "authentication methods", doc{
		"registrationEnforcement": doc{"authenticationMethodsRegistrationCampaign": doc{"state": "enabled", "snoozeDurationInDays": 1}},
		"authenticationMethodConfigurations": list{
			doc{"id": "MicrosoftAuthenticator", "state": "enabled", "featureSettings": features("enabled")}, doc{"id": "Fido2", "state": "enabled"},
			doc{"id": "Sms", "state": "disabled"}, doc{"id": "Voice", "state": "disabled"}, doc{"id": "Email", "state": "disabled"}, doc{"id": "X509Certificate", "state": "disabled"},
		},
	})
	t.setting("authorizationPolicy", "authorizationPolicy", "authorization policy", doc{
		"guestUserRoleId": restrictedGuest, "allowInvitesFrom": "adminsAndGuestInviters", "allowEmailVerifiedUsersToJoinOrganization": false, "allowedToUseSSPR": true,
		"blockMsolPowerShell": true, "defaultUserRolePermissions": doc{
			"allowedToCreateApps": true, "allowedToCreateSecurityGroups": false, "allowedToCreateTenants": false, "allowedToReadOtherUsers": true,
			"permissionGrantPoliciesAssigned": list{consentToVerifiedApps, consentOfOwnersOfGroups},
		},
	})
	t.setting("securityDefaults", "identitySecurityDefaultsEnforcementPolicy", "security defaults", doc{"id": "00000000-0000-0000-0000-000000000005", "isEnabled": false})
	t.setting("crossTenantAccessPolicy", "default", "cross-tenant access", doc{"inboundTrust": doc{"isMfaAccepted": false}})
	t.setting("deviceRegistrationPolicy", "deviceRegistrationPolicy", "device registration", doc{"multiFactorAuthConfiguration": "notRequired", "userDeviceQuota": 20})
	t.setting("adminConsentRequestPolicy", "adminConsentRequestPolicy", "admin consent requests", doc{
		"isEnabled": true, "reviewers": list{doc{"query": "/users/" + t.person("m.huber")}},
	})
	id := t.uuid("setting/Group.Unified")
	t.graph("groupSetting", "groupSettings", id, "Group.Unified", doc{
		"id": id, "displayName": "Group.Unified", "templateId": "62375ab9-6b52-47ed-826b-58e47e0e304b",
		"values": list{doc{"name": "EnableGroupCreation", "value": "false"}, doc{"name": "AllowGuestsToBeGroupOwner", "value": "false"}},
	})
}
