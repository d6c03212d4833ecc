package normalize

import "github.com/stance-sec/stance/internal/model"

func azureDatabases() {
	on(func(s shape) {
		s.service()
		s.holdsData()
		s.keyURI(s.text("encryptionProtector.properties.uri"), s.text("properties.keyId"))
		s.armEach(model.AttachedTo, azureSubnet, "virtualNetworkRules", "properties.virtualNetworkSubnetId")
		if s.known("properties") && !s.is("properties.publicNetworkAccess", "Disabled", "SecuredByPerimeter") && s.openRules() {
			s.exposed("its firewall rules")
		}
	}, azureSQLServer)
	on(func(s shape) {
		s.holdsData()
		s.below(azureSQLServer, "/databases/")
	}, "Microsoft.Sql/servers/databases")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.keyURI(s.text("encryptionProtector.properties.uri"), s.text("properties.keyId"))
		s.arm(model.MemberOf, azureSubnet, s.text("properties.subnetId"))
	}, "Microsoft.Sql/managedInstances")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.keyURI(s.text("properties.dataEncryption.primaryKeyURI"))
		s.arm(model.MemberOf, azureSubnet, s.text("properties.network.delegatedSubnetResourceId"))
		if s.known("properties") && !s.is("properties.network.publicNetworkAccess", "Disabled") && s.openRules() {
			s.exposed("its firewall rules")
		}
	}, "Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.DBforMySQL/flexibleServers")
	on(func(s shape) {
		s.holdsData()
		if s.known("properties") && !s.is("properties.publicNetworkAccess", "Disabled") && s.openRules() {
			s.exposed("its firewall rules")
		}
	}, "Microsoft.DBforPostgreSQL/servers", "Microsoft.DBforMySQL/servers")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.keyURI(s.text("properties.keyVaultKeyUri"))
		s.armEach(model.AttachedTo, azureSubnet, "properties.virtualNetworkRules", "id")
		filtered := at(map[string]any(s.Config), "properties.isVirtualNetworkFilterEnabled") == true || len(s.list("properties.ipRules")) > 0
		open := !filtered || s.openPrefixes("properties.ipRules", "ipAddressOrRange")
		if s.text("properties.publicNetworkAccess") != "" && !s.is("properties.publicNetworkAccess", "Disabled", "SecuredByPerimeter") && !s.unread("properties.ipRules") && open {
			s.exposed("its firewall")
		}
	}, "Microsoft.DocumentDB/databaseAccounts")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.arm(model.MemberOf, azureSubnet, s.text("properties.subnetId"))
		// A cache without rules admits all addresses.
		// https://learn.microsoft.com/azure/azure-cache-for-redis/cache-configure#firewall
		open := s.openRules() || s.known("firewallRules") && len(s.list("firewallRules")) == 0
		if s.known("properties") && s.text("properties.subnetId") == "" && !s.is("properties.publicNetworkAccess", "Disabled") && open {
			s.exposed("its firewall")
		}
	}, "Microsoft.Cache/redis")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.keyURI(s.text("properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl"))
	}, "Microsoft.Cache/redisEnterprise")
}

func azureData() {
	on(func(s shape) {
		s.service()
		s.holdsData()
		for _, k := range s.list("properties.encryption.keyVaultProperties") {
			s.vaultKey(itemText(k, "keyVaultUri"), itemText(k, "keyName"))
		}
	}, "Microsoft.EventHub/namespaces", "Microsoft.ServiceBus/namespaces")
	on(func(s shape) { s.service() }, "Microsoft.EventGrid/topics", "Microsoft.EventGrid/domains", "Microsoft.Devices/IotHubs")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.keyURI(s.text("properties.encryption.cmk.key.keyVaultUrl"))
		if s.known("properties") && !s.is("properties.publicNetworkAccess", "Disabled") && s.openRules() {
			s.exposed("its firewall rules")
		}
	}, "Microsoft.Synapse/workspaces")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.vaultKey(s.text("properties.keyVaultProperties.keyVaultUri"), s.text("properties.keyVaultProperties.keyName"))
		s.arm(model.MemberOf, azureSubnet, s.text("properties.virtualNetworkConfiguration.subnetId"))
	}, "Microsoft.Kusto/clusters")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.arm(model.MemberOf, azureNetwork, s.text("properties.parameters.customVirtualNetworkId.value"))
		s.arm(model.Uses, "Microsoft.Resources/subscriptions/resourceGroups", s.text("properties.managedResourceGroupId"))
	}, "Microsoft.Databricks/workspaces")
	on(func(s shape) {
		s.service()
		s.vaultKey(s.text("properties.encryption.vaultBaseUrl"), s.text("properties.encryption.keyName"))
	}, "Microsoft.DataFactory/factories")
	on(func(s shape) { s.holdsData() }, "Microsoft.DataLakeStore/accounts")
}
