package azure

import "github.com/stance-sec/stance/internal/model"

// Members whose absence means the vendor's default are read again from Azure
// Resource Manager: only there the api-version is pinned, so that what is missing
// is not merely unknown to the version that Resource Graph asks.

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

const (
	namespaceVersion = "2024-01-01"
	synapseVersion   = "2021-06-01"
)

func namespaceReads() []Read {
	return []Read{
		{Member: "networkRuleSets", Path: "networkRuleSets/default", Version: namespaceVersion, Item: networkRules{}},
		{Member: "authorizationRules", Path: "authorizationRules", Version: namespaceVersion, Items: true, Item: authorizationRule{}},
		diagnostics(),
	}
}

// namespace is the part of a namespace of event hubs or of a service bus that
// controls read.
// https://learn.microsoft.com/rest/api/eventhub/namespaces/get
type namespace struct {
	PublicNetworkAccess        string                      `json:"publicNetworkAccess"`
	DisableLocalAuth           bool                        `json:"disableLocalAuth"`
	MinimumTLSVersion          string                      `json:"minimumTlsVersion"`
	ZoneRedundant              bool                        `json:"zoneRedundant"`
	ServiceBusEndpoint         string                      `json:"serviceBusEndpoint"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
	Encryption                 struct {
		KeySource                       string `json:"keySource"`
		RequireInfrastructureEncryption bool   `json:"requireInfrastructureEncryption"`
		KeyVaultProperties              []struct {
			KeyName     string `json:"keyName"`
			KeyVaultURI string `json:"keyVaultUri"`
		} `json:"keyVaultProperties"`
	} `json:"encryption"`
}

// gridTopic is the part of a topic or domain of Event Grid that controls read.
// https://learn.microsoft.com/rest/api/eventgrid/controlplane/topics/get
type gridTopic struct {
	PublicNetworkAccess        string                      `json:"publicNetworkAccess"`
	DisableLocalAuth           bool                        `json:"disableLocalAuth"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
	InboundIPRules             []struct {
		IPMask string `json:"ipMask"`
		Action string `json:"action"`
	} `json:"inboundIpRules"`
}

// iotHub is the part of an IoT hub that controls read.
// https://learn.microsoft.com/rest/api/iothub/iot-hub-resource/get
type iotHub struct {
	PublicNetworkAccess        string                      `json:"publicNetworkAccess"`
	DisableLocalAuth           bool                        `json:"disableLocalAuth"`
	DisableDeviceSAS           bool                        `json:"disableDeviceSAS"`
	DisableModuleSAS           bool                        `json:"disableModuleSAS"`
	MinTLSVersion              string                      `json:"minTlsVersion"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
	NetworkRuleSets            struct {
		DefaultAction string `json:"defaultAction"`
		IPRules       []struct {
			FilterName string `json:"filterName"`
			Action     string `json:"action"`
			IPMask     string `json:"ipMask"`
		} `json:"ipRules"`
	} `json:"networkRuleSets"`
}

// noPublicAddressIsKnown leaves a gap where a workspace does not say whether its
// clusters get public addresses: what is then meant depends on the time and the
// tool by which it was made.
// https://learn.microsoft.com/azure/databricks/security/network/classic/secure-cluster-connectivity
func noPublicAddressIsKnown(a *model.Asset) {
	const path = "properties.parameters.enableNoPublicIp"
	if at(map[string]any(a.Config), path+".value") != nil || at(map[string]any(a.Config), "properties.parameters") == nil {
		return
	}
	a.Gaps = append(a.Gaps, gapOn(a, path, call{op: "arm:" + a.Type + "/read"}, failure{reason: model.Failed, detail: "the answer lacks the member"}))
}

func init() {
	register(Collector{Name: "messaging", Types: []Type{
		{Name: "Microsoft.EventHub/namespaces", Class: "stream", Table: "resources", Version: namespaceVersion, Reread: []string{"properties.disableLocalAuth", "properties.minimumTlsVersion"}, Properties: namespace{}, Side: namespaceReads()},
		{Name: "Microsoft.ServiceBus/namespaces", Class: "queue", Table: "resources", Version: namespaceVersion, Reread: []string{"properties.disableLocalAuth", "properties.minimumTlsVersion"}, Properties: namespace{}, Side: namespaceReads()},
		{Name: "Microsoft.EventGrid/topics", Class: "topic", Table: "resources", Version: "2022-06-15", Reread: []string{"properties.disableLocalAuth", "properties.publicNetworkAccess"}, Properties: gridTopic{}},
		{Name: "Microsoft.EventGrid/domains", Class: "topic", Table: "resources", Version: "2022-06-15", Reread: []string{"properties.disableLocalAuth", "properties.publicNetworkAccess"}, Properties: gridTopic{}},
		{
			Name: "Microsoft.Devices/IotHubs", Class: "iot hub", Table: "resources", Version: "2023-06-30", Reread: []string{"properties.disableLocalAuth", "properties.publicNetworkAccess"}, Properties: iotHub{},
			// Routes and file uploads go to storage accounts by connection strings.
			Secret: []string{
				"properties.routing.endpoints", "properties.storageEndpoints.*.connectionString", "properties.authorizationPolicies[].primaryKey",
				"properties.authorizationPolicies[].secondaryKey",
			},
			Side: []Read{diagnostics()},
		},
	}})
	register(Collector{Name: "analytics", Types: []Type{
		{
			Name: "Microsoft.Synapse/workspaces", Class: "data warehouse", Table: "resources", Version: synapseVersion, Reread: []string{"properties.azureADOnlyAuthentication", "properties.managedVirtualNetworkSettings"},
			Properties: struct {
				PublicNetworkAccess           string `json:"publicNetworkAccess"`
				ManagedVirtualNetwork         string `json:"managedVirtualNetwork"`
				AzureADOnlyAuthentication     bool   `json:"azureADOnlyAuthentication"`
				TrustedServiceBypassEnabled   bool   `json:"trustedServiceBypassEnabled"`
				ManagedVirtualNetworkSettings struct {
					PreventDataExfiltration bool `json:"preventDataExfiltration"`
				} `json:"managedVirtualNetworkSettings"`
				Encryption struct {
					DoubleEncryptionEnabled bool `json:"doubleEncryptionEnabled"`
					CMK                     struct {
						Status string `json:"status"`
						Key    struct {
							Name        string `json:"name"`
							KeyVaultURL string `json:"keyVaultUrl"`
						} `json:"key"`
					} `json:"cmk"`
				} `json:"encryption"`
				DefaultDataLakeStorage struct {
					ResourceID string `json:"resourceId"`
					AccountURL string `json:"accountUrl"`
				} `json:"defaultDataLakeStorage"`
				PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
			}{},
			Side: []Read{
				{Member: "firewallRules", Path: "firewallRules", Version: synapseVersion, Items: true, Item: firewallRule{}},
				{Member: "auditingSettings", Path: "auditingSettings/default", Version: synapseVersion, Item: auditing{}},
				{Member: "azureADOnlyAuthentications", Path: "azureADOnlyAuthentications/default", Version: synapseVersion, Item: directoryOnly{}},
				{Member: "managedIdentitySqlControlSettings", Path: "managedIdentitySqlControlSettings/default", Version: synapseVersion, Item: struct {
					GrantSQLControlToManagedIdentity struct {
						DesiredState string `json:"desiredState"`
						ActualState  string `json:"actualState"`
					} `json:"grantSqlControlToManagedIdentity"`
				}{}},
				diagnostics(),
			},
		},
		{Name: "Microsoft.Kusto/clusters", Class: "data warehouse", Table: "resources", Version: "2023-08-15", Reread: []string{"properties.publicNetworkAccess", "properties.enableDiskEncryption"}, Properties: struct {
			EnableDiskEncryption   bool   `json:"enableDiskEncryption"`
			EnableDoubleEncryption bool   `json:"enableDoubleEncryption"`
			EnableStreamingIngest  bool   `json:"enableStreamingIngest"`
			PublicNetworkAccess    string `json:"publicNetworkAccess"`
			KeyVaultProperties     struct {
				KeyName     string `json:"keyName"`
				KeyVaultURI string `json:"keyVaultUri"`
			} `json:"keyVaultProperties"`
			VirtualNetworkConfiguration struct {
				SubnetID string `json:"subnetId"`
			} `json:"virtualNetworkConfiguration"`
			TrustedExternalTenants []struct {
				Value string `json:"value"`
			} `json:"trustedExternalTenants"`
			PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
		}{}},
		{
			Name: "Microsoft.Databricks/workspaces", Class: "data warehouse", Table: "resources", Version: "2024-05-01", Reread: []string{"properties.publicNetworkAccess", "properties.parameters"},
			Properties: struct {
				PublicNetworkAccess    string `json:"publicNetworkAccess"`
				RequiredNsgRules       string `json:"requiredNsgRules"`
				ComputeMode            string `json:"computeMode"`
				ManagedResourceGroupID string `json:"managedResourceGroupId"`
				Parameters             struct {
					EnableNoPublicIP struct {
						Value bool `json:"value"`
					} `json:"enableNoPublicIp"`
					CustomVirtualNetworkID struct {
						Value string `json:"value"`
					} `json:"customVirtualNetworkId"`
					CustomPublicSubnetName struct {
						Value string `json:"value"`
					} `json:"customPublicSubnetName"`
					CustomPrivateSubnetName struct {
						Value string `json:"value"`
					} `json:"customPrivateSubnetName"`
					RequireInfrastructureEncryption struct {
						Value bool `json:"value"`
					} `json:"requireInfrastructureEncryption"`
					Encryption struct {
						Value struct {
							KeySource string `json:"keySource"`
						} `json:"value"`
					} `json:"encryption"`
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
			Fix:  noPublicAddressIsKnown,
		},
		{
			Name: "Microsoft.DataFactory/factories", Class: "pipeline", Table: "resources", Version: "2018-06-01", Reread: []string{"properties.publicNetworkAccess"},
			Properties: struct {
				PublicNetworkAccess string `json:"publicNetworkAccess"`
				Encryption          struct {
					KeyName      string `json:"keyName"`
					VaultBaseURL string `json:"vaultBaseUrl"`
				} `json:"encryption"`
				RepoConfiguration struct {
					Type           string `json:"type"`
					AccountName    string `json:"accountName"`
					RepositoryName string `json:"repositoryName"`
				} `json:"repoConfiguration"`
			}{},
			Side: []Read{{Member: "linkedservices", Path: "linkedservices", Version: "2018-06-01", Items: true, Item: struct {
				Type string `json:"type"`
			}{}}},
			// Both may hold connection strings.
			Secret: []string{"properties.globalParameters", "linkedservices[].properties.typeProperties"},
		},
		{Name: "Microsoft.DataLakeStore/accounts", Class: "object store account", Table: "resources", Version: "2016-11-01", Properties: struct {
			EncryptionState string `json:"encryptionState"`
			FirewallState   string `json:"firewallState"`
		}{}},
	}})
}
