package estate

// erp fills the subscription of the ERP and of the portal for dealers.
func (s subscription) erp() {
	workspace := s.workspace("rg-monitoring", "law-lindenbrook", "security", 365)
	s.alerts("rg-monitoring", watched...)
	s.add("rg-monitoring", "Microsoft.Insights/components", "appi-dealers", "dealers", doc{"WorkspaceResourceId": workspace, "DisableLocalAuth": true, "IngestionMode": "LogAnalytics", "RetentionInDays": 90})
	s.erpNetwork(workspace)
	s.erpVaults(workspace)
	s.erpStorage(workspace)
	s.erpMachines()
	s.erpDatabases()
	s.portal(workspace)
}

func (s subscription) erpNetwork(workspace string) {
	const group, network = "rg-network", "vnet-erp"
	subnet := func(name string) string { return s.subnetID(group, network, name) }
	erp := s.groupNSG(group, "nsg-erp", "platform", []nsgRule{
		{name: "erp-from-offices", protocol: "Tcp", from: "198.51.100.0/27", ports: "443", note: "offices"},
		{name: "rdp-from-bastion", protocol: "Tcp", from: "10.60.4.0/26", ports: "3389", note: "Bastion only"},
	}, subnet("snet-erp"))
	apps := s.groupNSG(group, "nsg-apps", "platform", nil, subnet("snet-apps"), subnet("snet-endpoints"))
	postgres := s.groupNSG(group, "nsg-postgres", "platform", []nsgRule{{name: "apps", protocol: "Tcp", from: "10.60.2.0/24", ports: "5432"}}, subnet("snet-postgres"))
	// The consultants' rule stands behind one that closes the port again.
	transfer := s.groupNSG(group, "nsg-transfer", "erp", []nsgRule{
		{name: "deny-ssh", protocol: "*", from: "Internet", ports: "22", deny: true, note: "closed after the go-live"},
		{name: "consultants", protocol: "Tcp", from: "*", ports: "22", note: "go-live"},
		{name: "edi", protocol: "Tcp", from: "203.0.113.64/28", ports: "4433"},
	}, subnet("snet-transfer"))
	bastions := s.groupNSG(group, "nsg-bastion", "platform", []nsgRule{
		{name: "sign-in", protocol: "Tcp", from: "198.51.100.0/27", ports: "443", note: "browsers in the offices"},
		{name: "control-plane", protocol: "Tcp", from: "GatewayManager", ports: "443"},
	}, subnet("AzureBastionSubnet"))
	away := subscription{s.tenant, Analytics, "shared"}
	id := s.path(group, "Microsoft.Network/virtualNetworks", network)
	s.vnet(group, network, "platform", "10.60.0.0/16", []subnetOf{
		{name: "snet-erp", prefix: "10.60.1.0/24", nsg: erp},
		{name: "snet-apps", prefix: "10.60.2.0/24", nsg: apps, delegation: "Microsoft.Web/serverFarms"},
		{name: "snet-postgres", prefix: "10.60.3.0/28", nsg: postgres, delegation: "Microsoft.DBforPostgreSQL/flexibleServers"},
		{name: "AzureBastionSubnet", prefix: "10.60.4.0/26", nsg: bastions},
		{name: "snet-endpoints", prefix: "10.60.5.0/24", nsg: apps},
		{name: "snet-transfer", prefix: "10.60.6.0/28", nsg: transfer},
	}, doc{"virtualNetworkPeerings": peered(id, "to-analytics", away.path("rg-analytics", "Microsoft.Network/virtualNetworks", "vnet-analytics"))})
	bastion := s.path(group, "Microsoft.Network/bastionHosts", "bas-erp")
	front := bastion + "/bastionHostIpConfigurations/ipconf"
	s.add(group, "Microsoft.Network/bastionHosts", "bas-erp", "platform", doc{
		"disableCopyPaste": false, "enableFileCopy": false, "enableShareableLink": false, "enableTunneling": true, "ipConfigurations": list{doc{
			"id": front, "name": "ipconf", "properties": doc{"publicIPAddress": refTo(s.address(group, "pip-bastion", "platform", "20.52.110.7", front)), "subnet": refTo(subnet("AzureBastionSubnet"))},
		}},
	}, doc{"sku": doc{"name": "Standard"}, "diagnosticSettings": logsTo(bastion, workspace, "BastionAuditLogs")})
	s.flowLog(s.watcher(azureRegion), id, s.path("rg-monitoring", "Microsoft.Storage/storageAccounts", "stlindenflows"), workspace, 90)
	for _, e := range [][4]string{
		{"rg-erp", "Microsoft.Sql/servers", "sql-lindenbrook-erp", "sqlServer"},
		{"rg-erp", "Microsoft.Storage/storageAccounts", "stlindenerp", "blob"},
		{"rg-portal", "Microsoft.Storage/storageAccounts", "stlindendealers", "blob"},
		{"rg-monitoring", "Microsoft.Storage/storageAccounts", "stlindenactivity", "blob"},
		{"rg-monitoring", "Microsoft.Storage/storageAccounts", "stlindenflows", "blob"},
		{"rg-portal", "Microsoft.KeyVault/vaults", "kv-lindenbrook-portal", "vault"},
		{"rg-erp", "Microsoft.KeyVault/vaults", "kv-lindenbrook-erp", "vault"},
	} {
		s.endpoint(subnet("snet-endpoints"), e[0], e[1], e[2], e[3])
	}
}

func (s subscription) erpVaults(workspace string) {
	audited := func(group, name string) doc {
		return doc{"diagnosticSettings": logsTo(s.path(group, "Microsoft.KeyVault/vaults", name), workspace, "AuditEvent")}
	}
	erp := s.vault("rg-erp", "kv-lindenbrook-erp", "erp", nil, audited("rg-erp", "kv-lindenbrook-erp"))
	s.key(erp, "sql-tde", 300, 65)
	s.key(erp, "storage", 300, 65)
	s.key(erp, "disks", 300, 65)
	s.secret(erp, "edi-certificate-password", 200, 160)
	portal := s.vault("rg-portal", "kv-lindenbrook-portal", "dealers", nil, audited("rg-portal", "kv-lindenbrook-portal"))
	s.secret(portal, "session-signing", 80, 100)
	// The payment provider's key ends within days, and the one for maps never.
	s.secret(portal, "payment-provider", 359, 6)
	s.secret(portal, "maps", 640, 0)
}

func (s subscription) erpStorage(workspace string) {
	own := s.ownKey("kv-lindenbrook-erp", "storage")
	erp := s.storage(account{name: "stlindenerp", group: "rg-erp", team: "erp", age: 850, properties: own, audited: workspace})
	s.container(erp, "edi", "None")
	s.container(erp, "archive", "None")
	dealers := s.storage(account{
		name: "stlindendealers", group: "rg-portal", team: "dealers", age: 700, audited: workspace, note: "dealers download price lists without signing in",
		properties: with(s.ownKey("kv-lindenbrook-erp", "storage"), doc{
			"allowBlobPublicAccess": true, "publicNetworkAccess": "Enabled", "allowSharedKeyAccess": true,
			"networkAcls": doc{"defaultAction": "Allow", "bypass": "AzureServices", "ipRules": list{}, "virtualNetworkRules": list{}},
		}),
	})
	// "Container" lets anybody list the names too: the list with the conditions of
	// each dealer lies beside the public one.
	s.container(dealers, "price-lists", "Container")
	s.container(dealers, "contracts", "None")
	activity := s.storage(account{name: "stlindenactivity", group: "rg-monitoring", team: "security", age: 840, properties: own, audited: workspace})
	s.container(activity, "insights-activity-logs", "None")
	s.storage(account{name: "stlindenflows", group: "rg-monitoring", team: "security", age: 400, properties: own, audited: workspace})
}

func (s subscription) erpMachines() {
	set := s.add("rg-erp", "Microsoft.Compute/diskEncryptionSets", "des-erp", "erp", doc{
		"activeKey":      doc{"keyUrl": "https://kv-lindenbrook-erp.vault.azure.net/keys/disks/" + s.hex("key version", 32), "sourceVault": refTo(s.path("rg-erp", "Microsoft.KeyVault/vaults", "kv-lindenbrook-erp"))},
		"encryptionType": "EncryptionAtRestWithCustomerKey", "rotationToLatestKeyVersionEnabled": true,
	}, doc{"identity": s.assigned("des-erp")})
	image := idOf(s.add("rg-erp", "Microsoft.Compute/images", "img-windows-2025.10", "platform", doc{
		"hyperVGeneration": "V2", "storageProfile": doc{"osDisk": doc{"osType": "Windows"}, "dataDisks": list{}},
	}))
	app := s.machine(server{name: "vm-erp-app1", group: "rg-erp", team: "erp", age: 620, subnet: s.subnetID("rg-network", "vnet-erp", "snet-erp"), windows: true, size: "Standard_D4ds_v5", private: "10.60.1.4", encryptionSet: idOf(set), image: image, data: 512})
	batch := s.machine(server{name: "vm-erp-batch", group: "rg-erp", team: "erp", age: 620, subnet: s.subnetID("rg-network", "vnet-erp", "snet-erp"), windows: true, size: "Standard_D4ds_v5", private: "10.60.1.5", encryptionSet: idOf(set), image: image})
	// It exchanges files with suppliers, as it did at Weidenhof.
	transfer := s.machine(server{
		name: "vm-transfer", group: "rg-erp", team: "erp", age: 1400, subnet: s.subnetID("rg-network", "vnet-erp", "snet-transfer"), address: "20.52.118.44", size: "Standard_B2s",
		private: "10.60.6.4", password: true, plain: true, note: "files of suppliers, older than the purchase",
	})
	s.extension(app, "Microsoft.Azure.Monitor", "AzureMonitorWindowsAgent", "1.33")
	s.extension(batch, "Microsoft.Azure.Monitor", "AzureMonitorWindowsAgent", "1.33")
	s.extension(transfer, "Microsoft.Azure.Monitor", "AzureMonitorLinuxAgent", "1.31")
	s.backups("rg-erp", "rsv-erp", app, batch)
	ports := func(port int) list {
		return list{doc{"number": port, "protocol": "*", "maxRequestAccessDuration": "PT3H", "allowedSourceAddressPrefix": "10.60.4.0/26"}}
	}
	s.arm("Microsoft.Security/locations/jitNetworkAccessPolicies", "/subscriptions/"+s.sub+"/resourceGroups/rg-erp/providers/Microsoft.Security/locations/"+azureRegion+"/jitNetworkAccessPolicies/default", doc{
		"provisioningState": "Succeeded", "virtualMachines": list{doc{"id": idOf(app), "ports": ports(3389)}, doc{"id": idOf(batch), "ports": ports(3389)}},
	}, doc{"location": azureRegion})
	s.add("rg-erp", "Microsoft.Compute/snapshots", "snap-vm-transfer-2024", "erp", doc{
		"diskSizeGB": 128, "osType": "Linux", "diskState": "Unattached", "encryption": doc{"type": "EncryptionAtRestWithPlatformKey"}, "networkAccessPolicy": "AllowAll", "publicNetworkAccess": "Enabled",
		"timeCreated": s.ago(500), "creationData": doc{"createOption": "Copy", "sourceResourceId": s.path("rg-erp", "Microsoft.Compute/disks", "osdisk-vm-transfer")},
	}, doc{"sku": doc{"name": "Standard_LRS", "tier": "Standard"}})
}

func (s subscription) erpDatabases() {
	key := "https://kv-lindenbrook-erp.vault.azure.net/keys/sql-tde/" + s.hex("sql-tde", 32)
	erp := s.sqlServer("rg-erp", "sql-lindenbrook-erp", "erp", key, nil, true, nil)
	s.sqlDatabase(erp, "erp", "erp", true)
	s.sqlDatabase(erp, "edi", "erp", true)
	s.postgres("rg-portal", "psql-dealers", "dealers", nil, nil, nil, nil)
}

func (s subscription) portal(workspace string) {
	plan := s.plan("rg-portal", "plan-dealers", "dealers", "P1v3")
	apps := s.subnetID("rg-network", "vnet-erp", "snet-apps")
	s.app(site{
		group: "rg-portal", name: "dealer-portal", team: "dealers", kind: "app,linux", plan: plan, runtime: "DOTNETCORE|10.0", subnet: apps, workspace: workspace,
		identity: s.assigned("dealer-portal"), public: true, site: doc{"clientCertEnabled": false, "clientCertMode": "Optional"},
	})
	s.app(site{
		group: "rg-portal", name: "price-lists", team: "dealers", kind: "functionapp,linux", plan: plan, runtime: "PYTHON|3.12", subnet: apps, workspace: workspace,
		identity: s.assigned("price-lists"), config: doc{"alwaysOn": false},
	})
	// The old portal redirects to the new one. It was never hardened, because it
	// would be switched off.
	s.app(site{
		group: "rg-portal", name: "weidenhof-portal", team: "dealers", kind: "app,linux", plan: plan, runtime: "PHP|7.4", public: true, ftp: true, scm: true,
		site:    doc{"httpsOnly": false, "clientCertEnabled": false, "clientCertMode": "Optional"},
		config:  doc{"minTlsVersion": "1.0", "ftpsState": "AllAllowed", "http20Enabled": false, "remoteDebuggingEnabled": true},
		members: doc{"authsettingsV2": part(s.path("rg-portal", "Microsoft.Web/sites", "weidenhof-portal"), "config/authsettingsV2", doc{"platform": doc{"enabled": false}, "globalValidation": doc{"requireAuthentication": false}})},
	})
}
