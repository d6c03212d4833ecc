package azure

const cognitiveVersion = "2024-10-01"

// cognitiveAccount is the part of an account of Azure AI services that controls
// read; kind tells which service it is.
// https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/get
type cognitiveAccount struct {
	PublicNetworkAccess           string `json:"publicNetworkAccess"`
	DisableLocalAuth              bool   `json:"disableLocalAuth"`
	RestrictOutboundNetworkAccess bool   `json:"restrictOutboundNetworkAccess"`
	NetworkAcls                   acls   `json:"networkAcls"`
	Encryption                    struct {
		KeySource          string `json:"keySource"`
		KeyVaultProperties struct {
			KeyName     string `json:"keyName"`
			KeyVaultURI string `json:"keyVaultUri"`
		} `json:"keyVaultProperties"`
	} `json:"encryption"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

// learningWorkspace is the part of a machine learning workspace that controls
// read.
// https://learn.microsoft.com/rest/api/azureml/workspaces/get
type learningWorkspace struct {
	PublicNetworkAccess string `json:"publicNetworkAccess"`
	HbiWorkspace        bool   `json:"hbiWorkspace"`
	V1LegacyMode        bool   `json:"v1LegacyMode"`
	Encryption          struct {
		Status             string `json:"status"`
		KeyVaultProperties struct {
			KeyIdentifier    string `json:"keyIdentifier"`
			KeyVaultArmID    string `json:"keyVaultArmId"`
			IdentityClientID string `json:"identityClientId"`
		} `json:"keyVaultProperties"`
	} `json:"encryption"`
	ManagedNetwork struct {
		IsolationMode string `json:"isolationMode"`
	} `json:"managedNetwork"`
	StorageAccount             string                      `json:"storageAccount"`
	KeyVault                   string                      `json:"keyVault"`
	ContainerRegistry          string                      `json:"containerRegistry"`
	ApplicationInsights        string                      `json:"applicationInsights"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

// signalService is the part of a SignalR or Web PubSub service that controls read.
// https://learn.microsoft.com/rest/api/signalr/signal-r/get
type signalService struct {
	PublicNetworkAccess string `json:"publicNetworkAccess"`
	DisableLocalAuth    bool   `json:"disableLocalAuth"`
	DisableAadAuth      bool   `json:"disableAadAuth"`
	TLS                 struct {
		ClientCertEnabled bool `json:"clientCertEnabled"`
	} `json:"tls"`
	NetworkACLs struct {
		DefaultAction string `json:"defaultAction"`
		PublicNetwork struct {
			Allow []string `json:"allow"`
			Deny  []string `json:"deny"`
		} `json:"publicNetwork"`
	} `json:"networkACLs"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

func init() {
	register(Collector{Name: "ai", Types: []Type{
		{
			Name: "Microsoft.CognitiveServices/accounts", Class: "ai service", Table: "resources", Version: cognitiveVersion, Reread: []string{"properties.disableLocalAuth", "properties.publicNetworkAccess"}, Properties: cognitiveAccount{},
			Side: []Read{
				{Member: "deployments", Path: "deployments", Version: cognitiveVersion, Items: true, Item: struct {
					Model struct {
						Name    string `json:"name"`
						Version string `json:"version"`
					} `json:"model"`
					RaiPolicyName string `json:"raiPolicyName"`
				}{}},
				{Member: "raiPolicies", Path: "raiPolicies", Version: cognitiveVersion, Items: true, Item: struct {
					Mode           string `json:"mode"`
					BasePolicyName string `json:"basePolicyName"`
					ContentFilters []struct {
						Name              string `json:"name"`
						Enabled           bool   `json:"enabled"`
						Blocking          bool   `json:"blocking"`
						SeverityThreshold string `json:"severityThreshold"`
						Source            string `json:"source"`
					} `json:"contentFilters"`
				}{}},
				diagnostics(),
			},
			Secret: []string{"properties.apiProperties"},
		},
		{
			Name: "Microsoft.MachineLearningServices/workspaces", Class: "ai workspace", Table: "resources", Version: "2024-10-01", Reread: []string{"properties.publicNetworkAccess", "properties.managedNetwork"}, Properties: learningWorkspace{},
			Side: []Read{
				{Member: "computes", Path: "computes", Version: "2024-10-01", Items: true, Item: struct {
					ComputeType      string `json:"computeType"`
					DisableLocalAuth bool   `json:"disableLocalAuth"`
					Properties       struct {
						EnableNodePublicIP          bool   `json:"enableNodePublicIp"`
						RemoteLoginPortPublicAccess string `json:"remoteLoginPortPublicAccess"`
						SSHSettings                 struct {
							SSHPublicAccess string `json:"sshPublicAccess"`
						} `json:"sshSettings"`
						Subnet ref `json:"subnet"`
					} `json:"properties"`
				}{}},
				diagnostics(),
			},
		},
		{
			Name: "Microsoft.Search/searchServices", Class: "search service", Table: "resources", Version: "2023-11-01", Reread: []string{"properties.disableLocalAuth"},
			Properties: struct {
				PublicNetworkAccess string `json:"publicNetworkAccess"`
				DisableLocalAuth    bool   `json:"disableLocalAuth"`
				ReplicaCount        int64  `json:"replicaCount"`
				NetworkRuleSet      struct {
					IPRules []struct {
						Value string `json:"value"`
					} `json:"ipRules"`
				} `json:"networkRuleSet"`
				EncryptionWithCmk struct {
					Enforcement                string `json:"enforcement"`
					EncryptionComplianceStatus string `json:"encryptionComplianceStatus"`
				} `json:"encryptionWithCmk"`
				PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
			}{},
			Side: []Read{diagnostics()},
		},
		{Name: "Microsoft.SignalRService/signalR", Class: "message service", Table: "resources", Version: "2023-02-01", Reread: []string{"properties.disableLocalAuth", "properties.publicNetworkAccess"}, Properties: signalService{}},
		{Name: "Microsoft.SignalRService/webPubSub", Class: "message service", Table: "resources", Version: "2023-02-01", Reread: []string{"properties.disableLocalAuth", "properties.publicNetworkAccess"}, Properties: signalService{}},
	}})
}
