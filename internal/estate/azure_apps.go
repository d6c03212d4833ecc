package estate

// site is an app or a function.
type site struct {
	group, name, team, kind, plan string
	runtime                       string
	subnet                        string
	workspace                     string // where its logs go
	identity                      doc
	public                        bool
	site, config, members         doc  // changes
	ftp, scm                      bool // sign-in by user name and password
}

// plan adds an App Service plan and returns its id.
func (s subscription) plan(group, name, team, size string) string {
	return idOf(s.add(group, "Microsoft.Web/serverfarms", name, team, doc{"zoneRedundant": true, "numberOfWorkers": 3, "reserved": true}, doc{
		"kind": "linux", "sku": doc{"name": size, "tier": "PremiumV3", "size": size, "family": "Pv3", "capacity": 3},
	}))
}

// app adds an app or a function with its settings.
func (s subscription) app(a site) {
	id := s.path(a.group, "Microsoft.Web/sites", a.name)
	access := "Disabled"
	if a.public {
		access = "Enabled"
	}
	properties := with(doc{
		"state": "Running", "enabled": true, "httpsOnly": true, "clientCertEnabled": true, "clientCertMode": "Required", "publicNetworkAccess": access,
		"serverFarmId": a.plan, "defaultHostName": a.name + ".azurewebsites.net", "reserved": true,
		"siteConfig": with(doc{
			"minTlsVersion": "1.2", "scmMinTlsVersion": "1.2", "ftpsState": "Disabled", "http20Enabled": true, "remoteDebuggingEnabled": false, "alwaysOn": true, "vnetRouteAllEnabled": true,
			"linuxFxVersion": a.runtime, "ipSecurityRestrictions": list{}, "scmIpSecurityRestrictions": list{}, "ipSecurityRestrictionsDefaultAction": "Allow", "healthCheckPath": "/health",
			"httpLoggingEnabled": true, "detailedErrorLoggingEnabled": false, "requestTracingEnabled": false, "cors": doc{"allowedOrigins": list{}, "supportCredentials": false},
		}, a.config),
	}, a.site)
	if a.subnet != "" {
		properties["virtualNetworkSubnetId"] = a.subnet
	}
	more := doc{
		"kind": a.kind, "authsettingsV2": part(id, "config/authsettingsV2", doc{
			"platform": doc{"enabled": true}, "globalValidation": doc{"requireAuthentication": true, "unauthenticatedClientAction": "RedirectToLoginPage"},
		}),
		"logs": part(id, "config/logs", doc{
			"httpLogs":              doc{"fileSystem": doc{"enabled": true, "retentionInDays": 30}, "azureBlobStorage": doc{"enabled": false}},
			"detailedErrorMessages": doc{"enabled": true}, "failedRequestsTracing": doc{"enabled": true},
		}),
		"basicPublishingCredentialsPolicies": doc{
			"ftp": part(id, "basicPublishingCredentialsPolicies/ftp", doc{"allow": a.ftp}), "scm": part(id, "basicPublishingCredentialsPolicies/scm", doc{"allow": a.scm}),
		},
		"diagnosticSettings": list{},
	}
	if a.workspace != "" {
		more["diagnosticSettings"] = logsTo(id, a.workspace, "AppServiceHTTPLogs", "AppServiceAuditLogs", "AppServiceConsoleLogs")
	}
	if a.identity != nil {
		more["identity"] = a.identity
	}
	s.add(a.group, "Microsoft.Web/sites", a.name, a.team, properties, with(more, a.members))
}

// cluster adds a Kubernetes cluster.
func (s subscription) cluster(group, name, team, subnet, workspace string, changes doc) {
	id := s.path(group, "Microsoft.ContainerService/managedClusters", name)
	s.add(group, "Microsoft.ContainerService/managedClusters", name, team, with(doc{
		"kubernetesVersion": "1.35", "currentKubernetesVersion": "1.35.1", "enableRBAC": true, "disableLocalAccounts": true, "fqdn": name + "-dns.hcp." + azureRegion + ".azmk8s.io",
		"supportPlan": "KubernetesOfficial", "nodeResourceGroup": "MC_" + name, "aadProfile": doc{"managed": true, "enableAzureRBAC": true, "adminGroupObjectIDs": list{s.groupID("Platform")}},
		"apiServerAccessProfile": doc{"authorizedIPRanges": list{"198.51.100.0/27"}, "enablePrivateCluster": false, "disableRunCommand": true},
		"networkProfile":         doc{"networkPlugin": "azure", "networkPolicy": "cilium", "outboundType": "loadBalancer", "networkPluginMode": "overlay", "networkDataplane": "cilium", "loadBalancerSku": "standard"},
		"addonProfiles":          doc{"azurepolicy": doc{"enabled": true}, "omsagent": doc{"enabled": true, "config": doc{"logAnalyticsWorkspaceResourceID": workspace}}},
		"securityProfile":        doc{"defender": doc{"securityMonitoring": doc{"enabled": false}}, "workloadIdentity": doc{"enabled": true}, "imageCleaner": doc{"enabled": true}},
		"autoUpgradeProfile":     doc{"upgradeChannel": "patch", "nodeOSUpgradeChannel": "NodeImage"}, "oidcIssuerProfile": doc{"enabled": true},
		"servicePrincipalProfile": doc{"clientId": "msi"}, "azureMonitorProfile": doc{"metrics": doc{"enabled": true}}, "agentPoolProfiles": list{doc{
			"name": "system", "count": 3, "mode": "System", "osType": "Linux", "osSKU": "AzureLinux", "enableNodePublicIP": false, "enableEncryptionAtHost": true, "enableAutoScaling": true,
			"vnetSubnetID": subnet, "orchestratorVersion": "1.35", "currentOrchestratorVersion": "1.35.1",
		}},
	}, changes), doc{
		"identity": s.assigned(name), "sku": doc{"name": "Base", "tier": "Standard"},
		"maintenanceConfigurations": parts(id, "maintenanceConfigurations", "aksManagedAutoUpgradeSchedule", doc{"maintenanceWindow": doc{"durationHours": 4, "startTime": "02:00"}}),
		"diagnosticSettings":        logsTo(id, workspace, "kube-audit-admin", "guard"),
	})
}

// registry adds a registry of container images.
func (s subscription) registry(group, name, team string, changes doc) {
	s.add(group, "Microsoft.ContainerRegistry/registries", name, team, with(doc{
		"loginServer": name + ".azurecr.io", "adminUserEnabled": false, "anonymousPullEnabled": false, "publicNetworkAccess": "Enabled", "dataEndpointEnabled": false,
		"networkRuleBypassOptions": "AzureServices", "zoneRedundancy": "Enabled", "networkRuleSet": doc{"defaultAction": "Deny", "ipRules": list{doc{"value": "198.51.100.0/27", "action": "Allow"}}},
		"policies": doc{
			"quarantinePolicy": doc{"status": "disabled"}, "trustPolicy": doc{"status": "disabled"}, "retentionPolicy": doc{"status": "enabled", "days": 30}, "exportPolicy": doc{"status": "enabled"},
			"softDeletePolicy": doc{"status": "enabled", "retentionDays": 7}, "azureADAuthenticationAsArmPolicy": doc{"status": "enabled"},
		},
		"encryption": doc{"status": "disabled"}, "privateEndpointConnections": list{},
	}, changes), doc{"sku": doc{"name": "Premium", "tier": "Premium"}})
}
