package azure

const webVersion = "2022-09-01"

type ipRestriction struct {
	Name      string `json:"name"`
	Action    string `json:"action"`
	IPAddress string `json:"ipAddress"`
	Tag       string `json:"tag"`
	Priority  int64  `json:"priority"`
}

// siteConfig are the settings of a site. The list of sites carries it mostly
// empty, so it comes from config/web alone.
// https://learn.microsoft.com/rest/api/appservice/web-apps/get-configuration
type siteConfig struct {
	MinTLSVersion                 string          `json:"minTlsVersion"`
	ScmMinTLSVersion              string          `json:"scmMinTlsVersion"`
	FtpsState                     string          `json:"ftpsState"`
	HTTP20Enabled                 bool            `json:"http20Enabled"`
	RemoteDebuggingEnabled        bool            `json:"remoteDebuggingEnabled"`
	AlwaysOn                      bool            `json:"alwaysOn"`
	VnetRouteAllEnabled           bool            `json:"vnetRouteAllEnabled"`
	LinuxFxVersion                string          `json:"linuxFxVersion"`
	WindowsFxVersion              string          `json:"windowsFxVersion"`
	NetFrameworkVersion           string          `json:"netFrameworkVersion"`
	PHPVersion                    string          `json:"phpVersion"`
	JavaVersion                   string          `json:"javaVersion"`
	PythonVersion                 string          `json:"pythonVersion"`
	NodeVersion                   string          `json:"nodeVersion"`
	IPSecurityRestrictions        []ipRestriction `json:"ipSecurityRestrictions"`
	ScmIPSecurityRestrictions     []ipRestriction `json:"scmIpSecurityRestrictions"`
	IPSecurityRestrictionsDefault string          `json:"ipSecurityRestrictionsDefaultAction"`
	HealthCheckPath               string          `json:"healthCheckPath"`
	AcrUseManagedIdentityCreds    bool            `json:"acrUseManagedIdentityCreds"`
	KeyVaultReferenceIdentity     string          `json:"keyVaultReferenceIdentity"`
	ManagedServiceIdentityID      int64           `json:"managedServiceIdentityId"`
	LoadBalancing                 string          `json:"loadBalancing"`
	DetailedErrorLoggingEnabled   bool            `json:"detailedErrorLoggingEnabled"`
	HTTPLoggingEnabled            bool            `json:"httpLoggingEnabled"`
	RequestTracingEnabled         bool            `json:"requestTracingEnabled"`
	FunctionAppScaleLimit         int64           `json:"functionAppScaleLimit"`
	MinimumElasticInstanceCount   int64           `json:"minimumElasticInstanceCount"`
	CORS                          struct {
		AllowedOrigins     []string `json:"allowedOrigins"`
		SupportCredentials bool     `json:"supportCredentials"`
	} `json:"cors"`
}

// site is an app, a function app or a standard logic app; kind tells which.
// https://learn.microsoft.com/rest/api/appservice/web-apps/get
type site struct {
	State                  string     `json:"state"`
	Enabled                bool       `json:"enabled"`
	HTTPSOnly              bool       `json:"httpsOnly"`
	ClientCertEnabled      bool       `json:"clientCertEnabled"`
	ClientCertMode         string     `json:"clientCertMode"`
	PublicNetworkAccess    string     `json:"publicNetworkAccess"`
	VirtualNetworkSubnetID string     `json:"virtualNetworkSubnetId"`
	ServerFarmID           string     `json:"serverFarmId"`
	DefaultHostName        string     `json:"defaultHostName"`
	Reserved               bool       `json:"reserved"`
	SiteConfig             siteConfig `json:"siteConfig"`
}

// authSettings are those of the built-in authentication of an app.
// https://learn.microsoft.com/rest/api/appservice/web-apps/get-auth-settings-v2
type authSettings struct {
	Platform struct {
		Enabled bool `json:"enabled"`
	} `json:"platform"`
	GlobalValidation struct {
		RequireAuthentication       bool   `json:"requireAuthentication"`
		UnauthenticatedClientAction string `json:"unauthenticatedClientAction"`
	} `json:"globalValidation"`
}

type siteLogs struct {
	HTTPLogs struct {
		FileSystem struct {
			Enabled         bool  `json:"enabled"`
			RetentionInDays int64 `json:"retentionInDays"`
		} `json:"fileSystem"`
		AzureBlobStorage struct {
			Enabled bool `json:"enabled"`
		} `json:"azureBlobStorage"`
	} `json:"httpLogs"`
	DetailedErrorMessages struct {
		Enabled bool `json:"enabled"`
	} `json:"detailedErrorMessages"`
	FailedRequestsTracing struct {
		Enabled bool `json:"enabled"`
	} `json:"failedRequestsTracing"`
}

type publishing struct {
	Allow bool `json:"allow"`
}

// siteReads are the reads that an app and a slot of it have in common.
func siteReads() []Read {
	return []Read{
		{Member: "properties.siteConfig", Path: "config/web", Version: webVersion, Inner: true, Item: siteConfig{}},
		{Member: "authsettingsV2", Path: "config/authsettingsV2", Version: webVersion, Item: authSettings{}, Action: "Microsoft.Web/sites/config/read"},
		{Member: "logs", Path: "config/logs", Version: webVersion, Item: siteLogs{}},
		{Member: "basicPublishingCredentialsPolicies.ftp", Path: "basicPublishingCredentialsPolicies/ftp", Version: webVersion, Item: publishing{}},
		{Member: "basicPublishingCredentialsPolicies.scm", Path: "basicPublishingCredentialsPolicies/scm", Version: webVersion, Item: publishing{}},
		diagnostics(),
	}
}

func init() {
	register(Collector{Name: "web", Types: []Type{
		{Name: "Microsoft.Web/sites", Class: "app", Table: "resources", Version: webVersion, Properties: site{}, Side: siteReads()},
		{Name: "Microsoft.Web/sites/slots", Class: "app", Table: "resources", Version: webVersion, Properties: site{}, Side: siteReads()[:1]},
		{Name: "Microsoft.Web/serverfarms", Class: "app plan", Table: "resources", Version: webVersion, Properties: struct {
			ZoneRedundant   bool  `json:"zoneRedundant"`
			NumberOfWorkers int64 `json:"numberOfWorkers"`
			Reserved        bool  `json:"reserved"`
		}{}},
		{Name: "Microsoft.Web/hostingEnvironments", Class: "app environment", Table: "resources", Version: webVersion, Properties: struct {
			InternalLoadBalancingMode string `json:"internalLoadBalancingMode"`
			ClusterSettings           []struct {
				Name  string `json:"name"`
				Value string `json:"value"`
			} `json:"clusterSettings"`
		}{}},
		{Name: "Microsoft.Web/staticSites", Class: "app", Table: "resources", Version: webVersion, Properties: struct {
			PublicNetworkAccess     string `json:"publicNetworkAccess"`
			AllowConfigFileUpdates  bool   `json:"allowConfigFileUpdates"`
			RepositoryURL           string `json:"repositoryUrl"`
			StagingEnvironmentState string `json:"stagingEnvironmentPolicy"`
		}{}},
	}})
	register(Collector{Name: "integration", Types: []Type{
		{Name: "Microsoft.Logic/workflows", Class: "workflow", Table: "resources", Version: "2019-05-01", Properties: struct {
			State         string `json:"state"`
			AccessControl struct {
				Triggers struct {
					AllowedCallerIPAddresses []struct {
						AddressRange string `json:"addressRange"`
					} `json:"allowedCallerIpAddresses"`
				} `json:"triggers"`
			} `json:"accessControl"`
		}{}},
		{Name: "Microsoft.ApiManagement/service", Class: "api gateway", Table: "resources", Version: "2022-08-01", Properties: struct {
			GatewayURL          string            `json:"gatewayUrl"`
			VirtualNetworkType  string            `json:"virtualNetworkType"`
			PublicNetworkAccess string            `json:"publicNetworkAccess"`
			DisableGateway      bool              `json:"disableGateway"`
			CustomProperties    map[string]string `json:"customProperties"`
			PublisherEmail      string            `json:"publisherEmail"`
			PlatformVersion     string            `json:"platformVersion"`
		}{}, Side: []Read{diagnostics()}},
		{Name: "Microsoft.Automation/automationAccounts", Class: "automation account", Table: "resources", Version: "2023-11-01", Properties: struct {
			PublicNetworkAccess bool `json:"publicNetworkAccess"`
			DisableLocalAuth    bool `json:"disableLocalAuth"`
			Encryption          struct {
				KeySource string `json:"keySource"`
			} `json:"encryption"`
		}{}, Side: []Read{{Member: "variables", Path: "variables", Version: "2023-11-01", Items: true, Item: struct {
			IsEncrypted bool `json:"isEncrypted"`
		}{}}}},
		{Name: "Microsoft.Cdn/profiles", Class: "cdn", Table: "resources", Version: "2024-02-01", Properties: struct {
			OriginResponseTimeoutSeconds int64 `json:"originResponseTimeoutSeconds"`
		}{}, Side: []Read{
			{Member: "customDomains", Path: "customDomains", Version: "2024-02-01", Items: true, Item: struct {
				TLSSettings struct {
					MinimumTLSVersion string `json:"minimumTlsVersion"`
					CertificateType   string `json:"certificateType"`
				} `json:"tlsSettings"`
			}{}},
			{Member: "securityPolicies", Path: "securityPolicies", Version: "2024-02-01", Items: true, Item: struct {
				Parameters struct {
					Type      string `json:"type"`
					WafPolicy ref    `json:"wafPolicy"`
				} `json:"parameters"`
			}{}},
			diagnostics(),
		}},
	}})
	register(Collector{Name: "ai", Types: []Type{
		{Name: "Microsoft.CognitiveServices/accounts", Class: "ai service", Table: "resources", Version: "2024-10-01", Properties: struct {
			PublicNetworkAccess           string `json:"publicNetworkAccess"`
			DisableLocalAuth              bool   `json:"disableLocalAuth"`
			RestrictOutboundNetworkAccess bool   `json:"restrictOutboundNetworkAccess"`
			NetworkAcls                   acls   `json:"networkAcls"`
			Encryption                    struct {
				KeySource string `json:"keySource"`
			} `json:"encryption"`
			PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
		}{}},
		{Name: "Microsoft.MachineLearningServices/workspaces", Class: "ai workspace", Table: "resources", Version: "2024-10-01", Properties: struct {
			PublicNetworkAccess string `json:"publicNetworkAccess"`
			HbiWorkspace        bool   `json:"hbiWorkspace"`
			Encryption          struct {
				Status string `json:"status"`
			} `json:"encryption"`
			ManagedNetwork struct {
				IsolationMode string `json:"isolationMode"`
			} `json:"managedNetwork"`
			StorageAccount    string `json:"storageAccount"`
			KeyVault          string `json:"keyVault"`
			ContainerRegistry string `json:"containerRegistry"`
		}{}},
		{Name: "Microsoft.Search/searchServices", Class: "search service", Table: "resources", Version: "2023-11-01", Properties: struct {
			PublicNetworkAccess string `json:"publicNetworkAccess"`
			DisableLocalAuth    bool   `json:"disableLocalAuth"`
			ReplicaCount        int64  `json:"replicaCount"`
			NetworkRuleSet      struct {
				IPRules []struct {
					Value string `json:"value"`
				} `json:"ipRules"`
			} `json:"networkRuleSet"`
			EncryptionWithCmk struct {
				Enforcement string `json:"enforcement"`
			} `json:"encryptionWithCmk"`
			PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
		}{}},
		{Name: "Microsoft.SignalRService/signalR", Class: "message service", Table: "resources", Version: "2023-02-01", Properties: localAuth{}},
		{Name: "Microsoft.SignalRService/webPubSub", Class: "message service", Table: "resources", Version: "2023-02-01", Properties: localAuth{}},
	}})
}

// localAuth are the members that many services share.
type localAuth struct {
	PublicNetworkAccess        string                      `json:"publicNetworkAccess"`
	DisableLocalAuth           bool                        `json:"disableLocalAuth"`
	MinimumTLSVersion          string                      `json:"minimumTlsVersion"`
	MinTLSVersion              string                      `json:"minTlsVersion"`
	ZoneRedundant              bool                        `json:"zoneRedundant"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
	Encryption                 struct {
		KeySource                       string `json:"keySource"`
		RequireInfrastructureEncryption bool   `json:"requireInfrastructureEncryption"`
	} `json:"encryption"`
	InboundIPRules []struct {
		IPMask string `json:"ipMask"`
		Action string `json:"action"`
	} `json:"inboundIpRules"`
}
