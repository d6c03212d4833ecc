package estate

// conditionalAccess adds the policies that sign-ins must meet. The one about
// risky sign-ins never left its trial.
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
		return doc{"includeApplications": ids, "excludeApplications": list{}, "includeUserActions": list{}}
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
	policy("Second factor for guests", "enabled", doc{
		"users": doc{"includeGuestsOrExternalUsers": doc{"guestOrExternalUserTypes": "b2bCollaborationGuest,b2bCollaborationMember"}},
	}, mfa, nil)
	policy("Second factor for risky sign-ins", "enabledForReportingButNotEnforced", doc{"users": everybody, "signInRiskLevels": list{"high", "medium"}}, mfa, doc{
		"signInFrequency": doc{"isEnabled": true, "frequencyInterval": "everyTime"},
	})
	policy("Block device codes", "enabled", doc{"users": everybody, "authenticationFlows": doc{"transferMethods": "deviceCodeFlow"}}, doc{"operator": "OR", "builtInControls": list{"block"}}, nil)
	policy("Second factor for new devices", "enabled", doc{
		"users": everybody, "applications": doc{"includeApplications": list{}, "excludeApplications": list{}, "includeUserActions": list{"urn:user:registerdevice"}},
	}, mfa, nil)
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
			doc{"id": "MicrosoftAuthenticator", "state": "enabled", "featureSettings": features("enabled")},
			doc{"id": "Fido2", "state": "enabled"},
			doc{"id": "Sms", "state": "disabled"},
			doc{"id": "Voice", "state": "disabled"},
			doc{"id": "Email", "state": "disabled"},
			doc{"id": "X509Certificate", "state": "disabled"},
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
	settings := func(name, template string, values ...string) {
		id, items := t.uuid("setting/"+name), list{}
		for i := 0; i+1 < len(values); i += 2 {
			items = append(items, doc{"name": values[i], "value": values[i+1]})
		}
		t.graph("groupSetting", "groupSettings", id, name, doc{"id": id, "displayName": name, "templateId": template, "values": items})
	}
	settings("Group.Unified", "62375ab9-6b52-47ed-826b-58e47e0e304b", "EnableGroupCreation", "false", "AllowGuestsToBeGroupOwner", "false")
	settings("Password Rule Settings", "5cf42378-d67d-4f36-ba46-e8b86229381d", "BannedPasswordCheckOnPremisesMode", "Enforce", "EnableBannedPasswordCheckOnPremises", "true",
		"EnableBannedPasswordCheck", "true", "LockoutDurationInSeconds", "60", "LockoutThreshold", "10", "BannedPasswordList", "lindenbrook\tweidenhof\tsessel")
}
