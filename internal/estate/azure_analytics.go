package estate

// analytics fills the subscription that finance opened to look at figures. Much
// in it is as the portal proposes.
func (s subscription) analytics() {
	const group = "rg-analytics"
	s.alerts("rg-tools", watched[:6]...)
	workspace := s.workspace("rg-tools", "law-analytics", "analytics", 30)
	subnet := func(name string) string { return s.subnetID(group, "vnet-analytics", name) }
	// The BI vendor works from hotels.
	reports := s.groupNSG(group, "nsg-reports", "analytics", []nsgRule{
		{name: "allow-https", protocol: "Tcp", from: "198.51.100.0/27", ports: "443", note: "offices"},
		{name: "bi-vendor", protocol: "*", from: "Internet", ports: "3380-3390", note: "BI vendor, addresses change"},
	}, subnet("snet-reports"))
	nodes := s.groupNSG(group, "nsg-nodes", "analytics", nil, subnet("snet-nodes"))
	id := s.path(group, "Microsoft.Network/virtualNetworks", "vnet-analytics")
	erp := subscription{s.tenant, ERP, "production"}
	s.vnet(group, "vnet-analytics", "analytics", "10.70.0.0/16", []subnetOf{
		{name: "snet-reports", prefix: "10.70.1.0/24", nsg: reports}, {name: "snet-nodes", prefix: "10.70.2.0/23", nsg: nodes}, {name: "snet-lab", prefix: "10.70.4.0/24"},
	}, doc{"virtualNetworkPeerings": peered(id, "to-erp", erp.path("rg-network", "Microsoft.Network/virtualNetworks", "vnet-erp"))})
	s.endpoint(subnet("snet-nodes"), group, "Microsoft.Storage/storageAccounts", "stlindenlake", "dfs")
	s.endpoint(subnet("snet-nodes"), group, "Microsoft.DocumentDB/databaseAccounts", "cosmos-recommendations", "Sql")
	s.watcher(azureRegion)
	// Exposed by the group of its subnet; its own interface has none.
	s.machine(server{
		name: "vm-reports", group: group, team: "analytics", age: 505, subnet: subnet("snet-reports"), address: "20.79.204.19", windows: true, size: "Standard_E8ds_v5", private: "10.70.1.4",
		data: 1024, identity: s.assigned("vm-reports"), note: "gateway of the BI tool, looked after by its vendor",
	})
	s.analyticsData(group, workspace)
	s.cluster("rg-tools", "aks-analytics", "analytics", subnet("snet-nodes"), workspace, doc{"apiServerAccessProfile": doc{"authorizedIPRanges": list{}, "enablePrivateCluster": false, "disableRunCommand": false}})
	s.registry("rg-tools", "crlindenbrook", "platform", doc{"adminUserEnabled": true})
	s.add("rg-tools", "Microsoft.ManagedIdentity/userAssignedIdentities", "id-notebooks", "analytics", doc{
		"principalId": s.identityOf("notebooks"), "clientId": s.uuid("client/notebooks"), "tenantId": Tenant,
	}, doc{"federatedIdentityCredentials": parts(s.path("rg-tools", "Microsoft.ManagedIdentity/userAssignedIdentities", "id-notebooks"), "federatedIdentityCredentials", "aks", doc{
		"issuer": "https://" + azureRegion + ".oic.prod-aks.azure.com/" + Tenant + "/" + s.uuid("aks issuer") + "/", "subject": "system:serviceaccount:notebooks:default", "audiences": list{"api://AzureADTokenExchange"},
	})})
	s.add("rg-tools", "Microsoft.EventHub/namespaces", "evhns-orders", "analytics", doc{
		"publicNetworkAccess": "Enabled", "disableLocalAuth": true, "minimumTlsVersion": "1.2", "zoneRedundant": true, "privateEndpointConnections": list{},
	}, doc{
		"sku":                doc{"name": "Standard", "tier": "Standard", "capacity": 1},
		"networkRuleSets":    part(s.path("rg-tools", "Microsoft.EventHub/namespaces", "evhns-orders"), "networkRuleSets/default", doc{"defaultAction": "Deny", "publicNetworkAccess": "Enabled", "trustedServiceAccessEnabled": true, "ipRules": list{doc{"ipMask": "198.51.100.0/27", "action": "Allow"}}}),
		"diagnosticSettings": list{},
		"authorizationRules": parts(s.path("rg-tools", "Microsoft.EventHub/namespaces", "evhns-orders"), "authorizationRules", "RootManageSharedAccessKey", doc{"rights": list{"Listen", "Manage", "Send"}}),
	})
}

func (s subscription) analyticsData(group, workspace string) {
	lake := s.storage(account{name: "stlindenlake", group: group, team: "analytics", age: 690, sku: "Standard_RAGRS", careless: true, properties: doc{"isHnsEnabled": true, "allowSharedKeyAccess": true, "keyPolicy": nil}})
	s.container(lake, "raw", "None")
	s.container(lake, "curated", "None")
	// Somebody's scripts need the old protocol.
	exports := s.storage(account{
		name: "stlindenexports", group: group, team: "analytics", age: 480, sku: "Standard_LRS", careless: true, note: "read by the BI tool",
		properties: with(atEase(), doc{"minimumTlsVersion": "TLS1_0", "keyCreationTime": doc{"key1": s.ago(480), "key2": s.ago(480)}}),
	})
	s.container(exports, "monthly", "None")
	// The reader's role leaves keys out in this subscription.
	kv := s.vault(group, "kv-lindenbrook-analytics", "analytics", doc{
		"enableRbacAuthorization": false, "enablePurgeProtection": nil, "publicNetworkAccess": "Enabled", "privateEndpointConnections": list{}, "sku": doc{"family": "A", "name": "standard"},
		"networkAcls":    doc{"defaultAction": "Allow", "bypass": "AzureServices", "ipRules": list{}, "virtualNetworkRules": list{}},
		"accessPolicies": list{doc{"tenantId": Tenant, "objectId": s.groupID("Analysts"), "permissions": doc{"keys": list{"get", "list"}, "secrets": list{"get", "list", "set"}, "certificates": list{}, "storage": list{}}}},
	}, doc{"diagnosticSettings": logsTo(s.path(group, "Microsoft.KeyVault/vaults", "kv-lindenbrook-analytics"), workspace, "AuditEvent")})
	s.secret(kv, "warehouse", 300, 0)
	s.secret(kv, "erp-read-only", 390, -25)
	const keys = "Microsoft.KeyVault/vaults/keys"
	s.unlisted(kv.Scope, false, keys, "arm:"+keys+"/read", keys+"/read", "AuthorizationFailed", "of "+kv.ID)
	// Opened while the BI tool was set up, from everywhere to everywhere.
	figures := s.sqlServer(group, "sql-lindenbrook-figures", "analytics", "", [][3]string{{"AllowAllWindowsAzureIps", "0.0.0.0", "0.0.0.0"}, {"bi-tool", "0.0.0.0", "255.255.255.255"}}, false, doc{
		"publicNetworkAccess": "Enabled", "privateEndpointConnections": list{}, "minimalTlsVersion": "1.0",
	})
	s.sqlDatabase(figures, "figures", "analytics", true)
	s.postgres(group, "psql-forecast", "analytics", map[string]string{"log_disconnections": "off", "connection_throttle.enable": "off"}, [][3]string{{"AllowAllAzureServicesAndResourcesWithinAzureIps", "0.0.0.0", "0.0.0.0"}}, doc{
		"network":    doc{"publicNetworkAccess": "Enabled"},
		"authConfig": doc{"activeDirectoryAuth": "Disabled", "passwordAuth": "Enabled"}, "backup": doc{"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"}, "highAvailability": doc{"mode": "Disabled"},
	}, doc{"administrators": list{}})
	s.cosmos(group, "cosmos-recommendations", "analytics", doc{"disableLocalAuth": false}, nil)
}
