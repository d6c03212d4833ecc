package azure

const (
	clusterVersion = "2024-09-01"
	appVersion     = "2024-03-01"
)

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
		DisableRunCommand              bool     `json:"disableRunCommand"`
	} `json:"apiServerAccessProfile"`
	NetworkProfile struct {
		NetworkPlugin string `json:"networkPlugin"`
		NetworkPolicy string `json:"networkPolicy"`
		OutboundType  string `json:"outboundType"`

		NetworkPluginMode string `json:"networkPluginMode"`
		NetworkDataplane  string `json:"networkDataplane"`
		LoadBalancerSKU   string `json:"loadBalancerSku"`
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
	ServicePrincipalProfile struct {
		ClientID string `json:"clientId"`
	} `json:"servicePrincipalProfile"`
	IdentityProfile     map[string]any `json:"identityProfile"`
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
		CurrentOrchestrator    string `json:"currentOrchestratorVersion"`
	} `json:"agentPoolProfiles"`
}

type clusterAddon struct {
	Enabled bool              `json:"enabled"`
	Config  map[string]string `json:"config"`
}

// maintenance says when a cluster is upgraded.
// https://learn.microsoft.com/rest/api/aks/maintenance-configurations
type maintenance struct {
	MaintenanceWindow struct {
		DurationHours int64  `json:"durationHours"`
		StartDate     string `json:"startDate"`
		StartTime     string `json:"startTime"`
	} `json:"maintenanceWindow"`
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

// variable is an environment variable of a container; its value is kept as its
// length and hash only.
type variable struct {
	Name      string `json:"name"`
	SecretRef string `json:"secretRef"`
}

// containerGroup is the part of a container instance that controls read.
// https://learn.microsoft.com/rest/api/container-instances/container-groups/get
type containerGroup struct {
	OSType    string `json:"osType"`
	IPAddress struct {
		Type  string `json:"type"`
		IP    string `json:"ip"`
		Ports []struct {
			Port     int64  `json:"port"`
			Protocol string `json:"protocol"`
		} `json:"ports"`
	} `json:"ipAddress"`
	SubnetIDs            []ref `json:"subnetIds"`
	EncryptionProperties struct {
		KeyName      string `json:"keyName"`
		VaultBaseURL string `json:"vaultBaseUrl"`
	} `json:"encryptionProperties"`
	Containers []sub[struct {
		Image                string     `json:"image"`
		EnvironmentVariables []variable `json:"environmentVariables"`
	}] `json:"containers"`
}

// containerApp is the part of a container app that controls read.
// https://learn.microsoft.com/rest/api/containerapps/container-apps/get
type containerApp struct {
	ManagedEnvironmentID string `json:"managedEnvironmentId"`
	EnvironmentID        string `json:"environmentId"`
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
		Registries          []struct {
			Server   string `json:"server"`
			Identity string `json:"identity"`
		} `json:"registries"`
	} `json:"configuration"`
	Template struct {
		Containers []struct {
			Name  string     `json:"name"`
			Image string     `json:"image"`
			Env   []variable `json:"env"`
		} `json:"containers"`
	} `json:"template"`
}

func init() {
	register(Collector{Name: "containers", Types: []Type{
		{
			Name: "Microsoft.ContainerService/managedClusters", Class: "cluster", Table: "resources", Version: clusterVersion, Reread: []string{"properties.disableLocalAccounts", "properties.apiServerAccessProfile", "properties.agentPoolProfiles"}, Properties: managedCluster{},
			Side: []Read{
				{Member: "maintenanceConfigurations", Path: "maintenanceConfigurations", Version: clusterVersion, Items: true, Item: maintenance{}},
				diagnostics(),
			},
		},
		{Name: "Microsoft.ContainerRegistry/registries", Class: "registry", Table: "resources", Version: "2023-07-01", Reread: []string{"properties.anonymousPullEnabled", "properties.publicNetworkAccess"}, Properties: containerRegistry{}},
		{
			Name: "Microsoft.ContainerInstance/containerGroups", Class: "container service", Table: "resources", Version: "2023-05-01", Properties: containerGroup{},
			Secret: []string{"properties.containers[].properties.environmentVariables[].value", "properties.initContainers[].properties.environmentVariables[].value"},
		},
		{
			Name: "Microsoft.App/containerApps", Class: "container service", Table: "resources", Version: appVersion, Reread: []string{"properties.configuration.ingress"}, Properties: containerApp{},
			Side: []Read{{Member: "authConfigs", Path: "authConfigs", Version: appVersion, Items: true, Item: authSettings{}}},
			Secret: []string{
				"properties.template.containers[].env[].value", "properties.template.initContainers[].env[].value", "properties.configuration.secrets[].value",
			},
		},
		{Name: "Microsoft.App/managedEnvironments", Class: "container environment", Table: "resources", Version: appVersion, Properties: struct {
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
		{Name: "Microsoft.Batch/batchAccounts", Class: "batch account", Table: "resources", Version: "2024-02-01", Reread: []string{"properties.publicNetworkAccess", "properties.allowedAuthenticationModes"}, Properties: struct {
			PublicNetworkAccess string `json:"publicNetworkAccess"`
			PoolAllocationMode  string `json:"poolAllocationMode"`
			Encryption          struct {
				KeySource          string `json:"keySource"`
				KeyVaultProperties struct {
					KeyIdentifier string `json:"keyIdentifier"`
				} `json:"keyVaultProperties"`
			} `json:"encryption"`
			AllowedAuthenticationModes []string                    `json:"allowedAuthenticationModes"`
			PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
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
			Certificate struct {
				Thumbprint string `json:"thumbprint"`
			} `json:"certificate"`
		}{}},
		{Name: "Microsoft.DesktopVirtualization/hostPools", Class: "desktop pool", Table: "resources", Version: "2024-04-03", Properties: struct {
			PublicNetworkAccess string `json:"publicNetworkAccess"`
			HostPoolType        string `json:"hostPoolType"`
			CustomRDPProperty   string `json:"customRdpProperty"`
		}{}},
	}})
}
