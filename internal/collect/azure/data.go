package azure

// networkRules are those of a namespace of event hubs or of a service bus.
// https://learn.microsoft.com/rest/api/eventhub/namespaces/get-network-rule-set
type networkRules struct {
	DefaultAction               string `json:"defaultAction"`
	PublicNetworkAccess         string `json:"publicNetworkAccess"`
	TrustedServiceAccessEnabled bool   `json:"trustedServiceAccessEnabled"`
	IPRules                     []struct {
		IPMask string `json:"ipMask"`
		Action string `json:"action"`
	} `json:"ipRules"`
}

type authorizationRule struct {
	Rights []string `json:"rights"`
}

func namespaceReads(version string) []Read {
	return []Read{
		{Member: "networkRuleSets", Path: "networkRuleSets/default", Version: version, Item: networkRules{}},
		{Member: "authorizationRules", Path: "authorizationRules", Version: version, Items: true, Item: authorizationRule{}},
	}
}

func init() {
	register(Collector{Name: "messaging", Types: []Type{
		{Name: "Microsoft.EventHub/namespaces", Class: "stream", Table: "resources", Version: "2024-01-01", Properties: localAuth{}, Side: namespaceReads("2024-01-01")},
		{Name: "Microsoft.ServiceBus/namespaces", Class: "queue", Table: "resources", Version: "2024-01-01", Properties: localAuth{}, Side: namespaceReads("2024-01-01")},
		{Name: "Microsoft.EventGrid/topics", Class: "topic", Table: "resources", Version: "2022-06-15", Properties: localAuth{}},
		{Name: "Microsoft.EventGrid/domains", Class: "topic", Table: "resources", Version: "2022-06-15", Properties: localAuth{}},
		{Name: "Microsoft.Devices/IotHubs", Class: "iot hub", Table: "resources", Version: "2023-06-30", Properties: localAuth{}},
	}})
	register(Collector{Name: "analytics", Types: []Type{
		{
			Name: "Microsoft.Synapse/workspaces", Class: "data warehouse", Table: "resources", Version: "2021-06-01",
			Properties: struct {
				PublicNetworkAccess           string `json:"publicNetworkAccess"`
				ManagedVirtualNetwork         string `json:"managedVirtualNetwork"`
				AzureADOnlyAuthentication     bool   `json:"azureADOnlyAuthentication"`
				TrustedServiceBypassEnabled   bool   `json:"trustedServiceBypassEnabled"`
				ManagedVirtualNetworkSettings struct {
					PreventDataExfiltration bool `json:"preventDataExfiltration"`
				} `json:"managedVirtualNetworkSettings"`
				Encryption struct {
					CMK struct {
						Status string `json:"status"`
					} `json:"cmk"`
				} `json:"encryption"`
			}{},
			Side: []Read{{Member: "firewallRules", Path: "firewallRules", Version: "2021-06-01", Items: true, Item: firewallRule{}}},
		},
		{Name: "Microsoft.Kusto/clusters", Class: "data warehouse", Table: "resources", Version: "2023-08-15", Properties: struct {
			EnableDiskEncryption   bool   `json:"enableDiskEncryption"`
			EnableDoubleEncryption bool   `json:"enableDoubleEncryption"`
			PublicNetworkAccess    string `json:"publicNetworkAccess"`
		}{}},
		{
			Name: "Microsoft.Databricks/workspaces", Class: "data warehouse", Table: "resources", Version: "2024-05-01",
			Properties: struct {
				PublicNetworkAccess string `json:"publicNetworkAccess"`
				RequiredNsgRules    string `json:"requiredNsgRules"`
				Parameters          struct {
					EnableNoPublicIP struct {
						Value bool `json:"value"`
					} `json:"enableNoPublicIp"`
					CustomVirtualNetworkID struct {
						Value string `json:"value"`
					} `json:"customVirtualNetworkId"`
					PrepareEncryption struct {
						Value bool `json:"value"`
					} `json:"prepareEncryption"`
				} `json:"parameters"`
				Encryption struct {
					Entities struct {
						ManagedServices struct {
							KeySource string `json:"keySource"`
						} `json:"managedServices"`
						ManagedDisk struct {
							KeySource string `json:"keySource"`
						} `json:"managedDisk"`
					} `json:"entities"`
				} `json:"encryption"`
				PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
			}{},
			Side: []Read{diagnostics()},
		},
		{Name: "Microsoft.DataFactory/factories", Class: "pipeline", Table: "resources", Version: "2018-06-01", Properties: struct {
			PublicNetworkAccess string `json:"publicNetworkAccess"`
			Encryption          struct {
				KeyName      string `json:"keyName"`
				VaultBaseURL string `json:"vaultBaseUrl"`
			} `json:"encryption"`
			RepoConfiguration struct {
				Type        string `json:"type"`
				AccountName string `json:"accountName"`
			} `json:"repoConfiguration"`
		}{}},
		{Name: "Microsoft.DataLakeStore/accounts", Class: "object store account", Table: "resources", Version: "2016-11-01", Properties: struct {
			EncryptionState string `json:"encryptionState"`
			FirewallState   string `json:"firewallState"`
		}{}},
	}})
}
