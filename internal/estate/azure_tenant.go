package estate

import "github.com/stance-sec/stance/internal/model"

// frame adds the tenant, its management groups and its subscriptions.
func (t *tenant) frame() {
	a := t.arm("Microsoft.Resources/tenants", "/tenants/"+Tenant, nil, doc{
		"tenantId": Tenant, "displayName": "Lindenbrook", "tenantCategory": "Home", "tenantType": "AAD", "countryCode": "DE",
		"defaultDomain": companyDomain, "domains": list{companyDomain, initialDomain, "weidenhof.example"},
	})
	a.Name = Tenant
	root := doc{"name": Tenant, "displayName": "Tenant Root Group"}
	own := doc{"name": companyGroup, "displayName": "Lindenbrook"}
	const groups = "/providers/Microsoft.Management/managementGroups/"
	t.arm("Microsoft.Management/managementGroups", groups+Tenant, doc{
		"tenantId": Tenant, "displayName": "Tenant Root Group", "details": doc{"managementGroupAncestorsChain": list{}},
	})
	t.arm("Microsoft.Management/managementGroups", groups+companyGroup, doc{
		"tenantId": Tenant, "displayName": "Lindenbrook",
		"details": doc{"managementGroupAncestorsChain": list{root}, "parent": with(doc{"id": groups + Tenant}, root)},
	})
	chain := list{own, root}
	t.erpSubscription(chain)
	t.analyticsSubscription(chain)
}

// subscriptionAsset adds a subscription with its settings; members are those that
// its people have set.
func (t *tenant) subscriptionAsset(sub, name string, chain list, members doc) *model.Asset {
	id := "/subscriptions/" + sub
	const security = "providers/Microsoft.Security/"
	usual := doc{
		"name": name, "tags": tagMap("team", "platform"),
		"securityContacts": list{}, "autoProvisioningSettings": parts(id, security+"autoProvisioningSettings", "default", doc{"autoProvision": "Off"}),
		"settings": list{}, "serverVulnerabilityAssessmentsSettings": list{}, "workspaceSettings": list{}, "automations": list{}, "diagnosticSettings": list{},
		"logProfiles": list{}, "locks": list{}, "roleEligibilityScheduleInstances": list{}, "roleAssignmentScheduleInstances": list{}, "denyAssignments": list{},
	}
	return t.arm("Microsoft.Resources/subscriptions", id, doc{
		"state": "Enabled", "tenantId": Tenant, "authorizationSource": "RoleBased", "managedByTenants": list{}, "managementGroupAncestorsChain": chain,
		"subscriptionPolicies": doc{"locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off"},
	}, usual, members)
}

// plans are the plans of Defender for Cloud; those that are named are paid for.
func plans(sub string, paid ...string) list {
	on := map[string]bool{}
	for _, p := range paid {
		on[p] = true
	}
	var args []any
	for _, p := range []string{
		"VirtualMachines", "SqlServers", "AppServices", "StorageAccounts", "SqlServerVirtualMachines", "KeyVaults", "Arm", "OpenSourceRelationalDatabases",
		"CosmosDbs", "Containers", "CloudPosture", "Api",
	} {
		plan := doc{"pricingTier": "Free", "enforce": "False", "inherited": "False", "deprecated": false, "freeTrialRemainingTime": "PT0S"}
		if on[p] {
			plan["pricingTier"], plan["resourcesCoverageStatus"] = "Standard", "FullyCovered"
			switch p {
			case "VirtualMachines":
				plan["subPlan"] = "P2"
				plan["extensions"] = list{
					doc{"name": "MdeDesignatedSubscription", "isEnabled": "False"}, doc{"name": "AgentlessVmScanning", "isEnabled": "True"}, doc{"name": "FileIntegrityMonitoring", "isEnabled": "True"},
				}
			case "Containers":
				plan["extensions"] = list{
					doc{"name": "ContainerRegistriesVulnerabilityAssessments", "isEnabled": "True"}, doc{"name": "AgentlessDiscoveryForKubernetes", "isEnabled": "True"}, doc{"name": "ContainerSensor", "isEnabled": "True"},
				}
			case "CloudPosture":
				plan["extensions"] = list{doc{"name": "AgentlessVmScanning", "isEnabled": "True"}, doc{"name": "SensitiveDataDiscovery", "isEnabled": "True"}}
			case "StorageAccounts":
				plan["subPlan"] = "DefenderForStorageV2"
				plan["extensions"] = list{doc{"name": "OnUploadMalwareScanning", "isEnabled": "True"}}
			}
		}
		args = append(args, p, plan)
	}
	return parts("/subscriptions/"+sub, "providers/Microsoft.Security/pricings", args...)
}

// erpSubscription was set up by the consultants who put the ERP there, and is
// looked after since.
func (t *tenant) erpSubscription(chain list) {
	id := "/subscriptions/" + ERP
	const security = "providers/Microsoft.Security/"
	s := subscription{t, ERP, "production"}
	workspace := s.path("rg-monitoring", "Microsoft.OperationalInsights/workspaces", "law-lindenbrook")
	locks, logs := list{}, list{}
	for _, group := range keptGroups {
		locks = append(locks, part(id+"/resourceGroups/"+group, authorization+"locks/keep", doc{"level": "CanNotDelete", "notes": keptNote}))
	}
	for _, c := range []string{"Administrative", "Security", "ServiceHealth", "Alert", "Recommendation", "Policy", "Autoscale", "ResourceHealth"} {
		logs = append(logs, doc{"category": c, "enabled": true})
	}
	t.subscriptionAsset(ERP, "lindenbrook-erp", chain, doc{
		"pricings": plans(ERP, "VirtualMachines", "SqlServers", "AppServices", "StorageAccounts", "SqlServerVirtualMachines", "KeyVaults", "Arm", "OpenSourceRelationalDatabases", "CosmosDbs", "Containers", "CloudPosture"),
		"securityContacts": parts(id, security+"securityContacts", "default", doc{
			"isEnabled": true, "emails": "security@" + companyDomain, "phone": "", "notificationsByRole": doc{"state": "On", "roles": list{"Owner"}},
			"notificationsSources": list{doc{"sourceType": "Alert", "minimalSeverity": "Medium"}, doc{"sourceType": "AttackPath", "minimalRiskLevel": "High"}},
		}),
		"settings":                               parts(id, security+"settings", "MCAS", doc{"enabled": true}, "WDATP", doc{"enabled": true}, "Sentinel", doc{"enabled": false}),
		"serverVulnerabilityAssessmentsSettings": parts(id, security+"serverVulnerabilityAssessmentsSettings", "azureServersSetting", doc{"selectedProvider": "MdeTvm"}),
		"diagnosticSettings": parts(id, "providers/microsoft.insights/diagnosticSettings", "activity-log", doc{
			"workspaceId": workspace, "storageAccountId": s.path("rg-monitoring", "Microsoft.Storage/storageAccounts", "stlindenactivity"), "logs": logs,
		}),
		"locks": locks, "autoProvisioningSettings": parts(id, security+"autoProvisioningSettings", "default", doc{"autoProvision": "On"}),
	})
	for _, g := range [][2]string{{"rg-erp", "erp"}, {"rg-portal", "dealers"}, {"rg-network", "platform"}, {"rg-monitoring", "security"}, {"NetworkWatcherRG", ""}} {
		t.resourceGroup(ERP, g[0], "production", g[1])
	}
}

// analyticsSubscription is the finance department's: somebody had a credit card.
func (t *tenant) analyticsSubscription(chain list) {
	id := "/subscriptions/" + Analytics
	t.subscriptionAsset(Analytics, "lindenbrook-analytics", chain, doc{
		"pricings": plans(Analytics, "CloudPosture", "KeyVaults", "Arm", "AppServices", "SqlServers", "StorageAccounts", "OpenSourceRelationalDatabases", "VirtualMachines"),
		"securityContacts": parts(id, "providers/Microsoft.Security/securityContacts", "default", doc{
			"isEnabled": true, "emails": "", "phone": "", "notificationsByRole": doc{"state": "On", "roles": list{"Owner"}},
			"notificationsSources": list{doc{"sourceType": "Alert", "minimalSeverity": "High"}},
		}),
		"settings": parts(id, "providers/Microsoft.Security/settings", "MCAS", doc{"enabled": false}, "WDATP", doc{"enabled": true}),
	})
	for _, g := range [][2]string{{"rg-analytics", "analytics"}, {"rg-tools", "platform"}, {"NetworkWatcherRG", ""}} {
		t.resourceGroup(Analytics, g[0], "shared", g[1])
	}
}

func (t *tenant) resourceGroup(sub, name, env, team string) {
	more := doc{"location": azureRegion}
	if team != "" {
		more["tags"] = tagMap("env", env, "team", team)
	}
	t.arm("Microsoft.Resources/subscriptions/resourceGroups", "/subscriptions/"+sub+"/resourceGroups/"+name, doc{"provisioningState": "Succeeded"}, more)
}

// unread adds what the reader may not read.
func (t *tenant) unread() {
	all := t.tenantScope()
	const noRight = "Authorization_RequestDenied"
	t.unlisted(all, true, "Microsoft.PolicyInsights/policyStates", "resourcegraph:policyresources", "Microsoft.PolicyInsights/policyStates/read", "AccessDenied", "")
	t.unlisted(all, false, "Microsoft.Aadiam/diagnosticSettings", "arm:Microsoft.Aadiam/diagnosticSettings/read", "Microsoft.Aadiam/diagnosticSettings/read", "AuthorizationFailed", "")
	t.unlisted(all, false, "graph/accessReview", "graph:identityGovernance/accessReviews/definitions", "AccessReview.Read.All", "Forbidden", "")
	t.unlisted(all, false, "graph/riskyUser", "graph:identityProtection/riskyUsers", "IdentityRiskyUser.Read.All", noRight, "")
	for _, a := range t.assets {
		switch a.Type {
		case "Microsoft.Web/sites": // listing them tells secrets, which the role Reader may not
			const list = "Microsoft.Web/sites/config/list/action"
			denied(a, "appsettings", "arm:"+list, list, "AuthorizationFailed", "", "")
		case "graph/user":
			for _, read := range [][2]string{
				{"signInActivity", "users"}, {"registrationDetails", "reports/authenticationMethods/userRegistrationDetails"},
			} {
				denied(a, read[0], "graph:"+read[1], "AuditLog.Read.All", noRight, "", "")
			}
		}
	}
}
