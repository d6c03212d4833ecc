package azure

// managedCluster is the part of an AKS cluster that controls read.
// https://learn.microsoft.com/rest/api/aks/managed-clusters/get
type managedCluster struct {
	KubernetesVersion        string `json:"kubernetesVersion"`
	CurrentKubernetesVersion string `json:"currentKubernetesVersion"`
	EnableRBAC               bool   `json:"enableRBAC"`
	DisableLocalAccounts     bool   `json:"disableLocalAccounts"`
	PublicNetworkAccess      string `json:"publicNetworkAccess"`
	FQDN                     string `json:"fqdn"`
	PrivateFQDN              string `json:"privateFQDN"`
	SupportPlan              string `json:"supportPlan"`
	NodeResourceGroup        string `json:"nodeResourceGroup"`
	DiskEncryptionSetID      string `json:"diskEncryptionSetID"`
	AADProfile               struct {
		Managed             bool     `json:"managed"`
		EnableAzureRBAC     bool     `json:"enableAzureRBAC"`
		AdminGroupObjectIDs []string `json:"adminGroupObjectIDs"`
	} `json:"aadProfile"`
	APIServerAccessProfile struct {
		AuthorizedIPRanges             []string `json:"authorizedIPRanges"`
		EnablePrivateCluster           bool     `json:"enablePrivateCluster"`
		EnablePrivateClusterPublicFQDN bool     `json:"enablePrivateClusterPublicFQDN"`
		PrivateDNSZone                 string   `json:"privateDNSZone"`
		EnableVnetIntegration          bool     `json:"enableVnetIntegration"`
	} `json:"apiServerAccessProfile"`
	NetworkProfile struct {
		NetworkPlugin string `json:"networkPlugin"`
		NetworkPolicy string `json:"networkPolicy"`
		OutboundType  string `json:"outboundType"`
	} `json:"networkProfile"`
	AddonProfiles   map[string]clusterAddon `json:"addonProfiles"`
	SecurityProfile struct {
		Defender struct {
			SecurityMonitoring struct {
				Enabled bool `json:"enabled"`
			} `json:"securityMonitoring"`
		} `json:"defender"`
		WorkloadIdentity struct {
			Enabled bool `json:"enabled"`
		} `json:"workloadIdentity"`
		ImageCleaner struct {
			Enabled bool `json:"enabled"`
		} `json:"imageCleaner"`
		AzureKeyVaultKms struct {
			Enabled bool   `json:"enabled"`
			KeyID   string `json:"keyId"`
		} `json:"azureKeyVaultKms"`
	} `json:"securityProfile"`
	AutoUpgradeProfile struct {
		UpgradeChannel       string `json:"upgradeChannel"`
		NodeOSUpgradeChannel string `json:"nodeOSUpgradeChannel"`
	} `json:"autoUpgradeProfile"`
	OIDCIssuerProfile struct {
		Enabled bool `json:"enabled"`
	} `json:"oidcIssuerProfile"`
	AzureMonitorProfile struct {
		Metrics struct {
			Enabled bool `json:"enabled"`
		} `json:"metrics"`
	} `json:"azureMonitorProfile"`
	AgentPoolProfiles []struct {
		Name                   string `json:"name"`
		Count                  int64  `json:"count"`
		Mode                   string `json:"mode"`
		OSType                 string `json:"osType"`
		OSSKU                  string `json:"osSKU"`
		EnableNodePublicIP     bool   `json:"enableNodePublicIP"`
		EnableEncryptionAtHost bool   `json:"enableEncryptionAtHost"`
		EnableFIPS             bool   `json:"enableFIPS"`
		EnableAutoScaling      bool   `json:"enableAutoScaling"`
		VnetSubnetID           string `json:"vnetSubnetID"`
		OrchestratorVersion    string `json:"orchestratorVersion"`
	} `json:"agentPoolProfiles"`
}

type clusterAddon struct {
	Enabled bool              `json:"enabled"`
	Config  map[string]string `json:"config"`
}

type status struct {
	Status string `json:"status"`
}

// containerRegistry is the part of a registry that controls read.
// https://learn.microsoft.com/rest/api/containerregistry/registries/get
type containerRegistry struct {
	LoginServer              string `json:"loginServer"`
	AdminUserEnabled         bool   `json:"adminUserEnabled"`
	AnonymousPullEnabled     bool   `json:"anonymousPullEnabled"`
	PublicNetworkAccess      string `json:"publicNetworkAccess"`
	DataEndpointEnabled      bool   `json:"dataEndpointEnabled"`
	NetworkRuleBypassOptions string `json:"networkRuleBypassOptions"`
	ZoneRedundancy           string `json:"zoneRedundancy"`
	NetworkRuleSet           struct {
		DefaultAction string `json:"defaultAction"`
		IPRules       []struct {
			Value  string `json:"value"`
			Action string `json:"action"`
		} `json:"ipRules"`
	} `json:"networkRuleSet"`
	Policies struct {
		QuarantinePolicy status `json:"quarantinePolicy"`
		TrustPolicy      status `json:"trustPolicy"`
		RetentionPolicy  struct {
			Status string `json:"status"`
			Days   int64  `json:"days"`
		} `json:"retentionPolicy"`
		ExportPolicy     status `json:"exportPolicy"`
		SoftDeletePolicy struct {
			Status        string `json:"status"`
			RetentionDays int64  `json:"retentionDays"`
		} `json:"softDeletePolicy"`
		AzureADAuthenticationAsArmPolicy status `json:"azureADAuthenticationAsArmPolicy"`
	} `json:"policies"`
	Encryption struct {
		Status             string `json:"status"`
		KeyVaultProperties struct {
			KeyIdentifier string `json:"keyIdentifier"`
		} `json:"keyVaultProperties"`
	} `json:"encryption"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

type containerGroup struct {
	OSType    string `json:"osType"`
	IPAddress struct {
		Type string `json:"type"`
		IP   string `json:"ip"`
	} `json:"ipAddress"`
	SubnetIDs            []ref `json:"subnetIds"`
	EncryptionProperties struct {
		KeyName string `json:"keyName"`
	} `json:"encryptionProperties"`
}

type containerApp struct {
	ManagedEnvironmentID string `json:"managedEnvironmentId"`
	Configuration        struct {
		Ingress struct {
			External               bool   `json:"external"`
			AllowInsecure          bool   `json:"allowInsecure"`
			TargetPort             int64  `json:"targetPort"`
			ClientCertificateMode  string `json:"clientCertificateMode"`
			IPSecurityRestrictions []struct {
				Action         string `json:"action"`
				IPAddressRange string `json:"ipAddressRange"`
			} `json:"ipSecurityRestrictions"`
		} `json:"ingress"`
		ActiveRevisionsMode string `json:"activeRevisionsMode"`
	} `json:"configuration"`
}

func init() {
	register(Collector{Name: "containers", Types: []Type{
		{Name: "Microsoft.ContainerService/managedClusters", Class: "cluster", Table: "resources", Version: "2024-09-01", Properties: managedCluster{}},
		{Name: "Microsoft.ContainerRegistry/registries", Class: "registry", Table: "resources", Version: "2023-07-01", Properties: containerRegistry{}},
		{Name: "Microsoft.ContainerInstance/containerGroups", Class: "container service", Table: "resources", Version: "2023-05-01", Properties: containerGroup{}},
		{Name: "Microsoft.App/containerApps", Class: "container service", Table: "resources", Version: "2024-03-01", Properties: containerApp{}},
		{Name: "Microsoft.App/managedEnvironments", Class: "container environment", Table: "resources", Version: "2024-03-01", Properties: struct {
			PublicNetworkAccess string `json:"publicNetworkAccess"`
			ZoneRedundant       bool   `json:"zoneRedundant"`
			VnetConfiguration   struct {
				Internal               bool   `json:"internal"`
				InfrastructureSubnetID string `json:"infrastructureSubnetId"`
			} `json:"vnetConfiguration"`
			AppLogsConfiguration struct {
				Destination string `json:"destination"`
			} `json:"appLogsConfiguration"`
			PeerAuthentication struct {
				MTLS struct {
					Enabled bool `json:"enabled"`
				} `json:"mtls"`
			} `json:"peerAuthentication"`
		}{}},
		{Name: "Microsoft.Batch/batchAccounts", Class: "batch account", Table: "resources", Version: "2024-02-01", Properties: struct {
			PublicNetworkAccess string `json:"publicNetworkAccess"`
			PoolAllocationMode  string `json:"poolAllocationMode"`
			Encryption          struct {
				KeySource string `json:"keySource"`
			} `json:"encryption"`
			AllowedAuthenticationModes []string `json:"allowedAuthenticationModes"`
		}{}},
		{Name: "Microsoft.ServiceFabric/clusters", Class: "cluster", Table: "resources", Version: "2021-06-01", Properties: struct {
			FabricSettings []struct {
				Name       string `json:"name"`
				Parameters []struct {
					Name  string `json:"name"`
					Value string `json:"value"`
				} `json:"parameters"`
			} `json:"fabricSettings"`
			AzureActiveDirectory struct {
				TenantID string `json:"tenantId"`
			} `json:"azureActiveDirectory"`
		}{}},
		{Name: "Microsoft.DesktopVirtualization/hostPools", Class: "desktop pool", Table: "resources", Version: "2024-04-03", Properties: struct {
			PublicNetworkAccess string `json:"publicNetworkAccess"`
			HostPoolType        string `json:"hostPoolType"`
		}{}},
	}})
}
