package azure

import (
	"slices"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

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
	// FunctionAppConfig is that of apps of the Flex Consumption plan only.
	FunctionAppConfig struct {
		Runtime struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"runtime"`
	} `json:"functionAppConfig"`
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
			Enabled         bool  `json:"enabled"`
			RetentionInDays int64 `json:"retentionInDays"`
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

// sasURLs are the addresses, with their keys, to which an app writes its logs.
func sasURLs() []string {
	return []string{
		"logs.properties.httpLogs.azureBlobStorage.sasUrl",
		"logs.properties.applicationLogs.azureBlobStorage.sasUrl",
		"logs.properties.applicationLogs.azureTableStorage.sasUrl",
		"properties.siteConfig.azureStorageAccounts.*.accessKey",
		"appsettings.properties.*",
	}
}

// plainSettings are settings that are no secret, and the values that controls
// ask for.
var plainSettings = map[string][]string{
	"FUNCTIONS_EXTENSION_VERSION": {"~1", "~2", "~3", "~4", "~5", "~6"},
	"FUNCTIONS_WORKER_RUNTIME":    {"dotnet", "dotnet-isolated", "java", "node", "powershell", "python", "custom"},
}

// revealSettings gives back the values of plainSettings, which are recognized by
// their hashes. Any other value stays hidden.
func revealSettings(a *model.Asset) {
	settings, _ := at(map[string]any(a.Config), "appsettings.properties").(map[string]any)
	for name, values := range plainSettings {
		kept, _ := settings[name].(map[string]any)
		for _, v := range values {
			if kept != nil && kept["SHA256"] == collect.Redact(name, v)["SHA256"] {
				kept["Value"] = v
			}
		}
	}
}

// settingsShape makes a map of the settings, whose names the customer chooses.
func settingsShape(s *model.Schema) {
	setting := collect.RedactedSchema()
	setting.Fields["Value"] = &model.Schema{Kind: model.String}
	s.Fields["appsettings"] = &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{
		"id": {Kind: model.String}, "name": {Kind: model.String}, "type": {Kind: model.String}, "location": {Kind: model.String},
		"properties": {Kind: model.Map, Elem: setting},
	}}
}

// siteReads are the reads that an app and a slot of it have in common. The
// settings are asked for with POST, which the role Reader does not allow.
func siteReads() []Read {
	return []Read{
		{Member: "properties.siteConfig", Path: "config/web", Version: webVersion, Inner: true, Item: siteConfig{}},
		{Member: "authsettingsV2", Path: "config/authsettingsV2", Version: webVersion, Item: authSettings{}, Action: "Microsoft.Web/sites/config/read"},
		{Member: "logs", Path: "config/logs", Version: webVersion, Item: siteLogs{}},
		{Member: "basicPublishingCredentialsPolicies.ftp", Path: "basicPublishingCredentialsPolicies/ftp", Version: webVersion, Item: publishing{}},
		{Member: "basicPublishingCredentialsPolicies.scm", Path: "basicPublishingCredentialsPolicies/scm", Version: webVersion, Item: publishing{}},
		{Member: "appsettings", Path: "config/appsettings/list", Version: webVersion, Post: true, Item: struct{}{}},
		diagnostics(),
	}
}

// frontDoor says that a profile is one of Azure Front Door; the older kinds have
// no parts of these.
func frontDoor(doc model.Document) bool {
	return slices.Contains([]string{"Standard_AzureFrontDoor", "Premium_AzureFrontDoor"}, textAt(doc, "sku.name"))
}

func textAt(doc model.Document, path string) string {
	s, _ := at(map[string]any(doc), path).(string)
	return s
}

// gatewayService is the part of an API Management service that controls read.
// https://learn.microsoft.com/rest/api/apimanagement/api-management-service/get
type gatewayService struct {
	GatewayURL                 string                      `json:"gatewayUrl"`
	VirtualNetworkType         string                      `json:"virtualNetworkType"`
	PublicNetworkAccess        string                      `json:"publicNetworkAccess"`
	DisableGateway             bool                        `json:"disableGateway"`
	EnableClientCertificate    bool                        `json:"enableClientCertificate"`
	CustomProperties           map[string]string           `json:"customProperties"`
	PublisherEmail             string                      `json:"publisherEmail"`
	PlatformVersion            string                      `json:"platformVersion"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
	VirtualNetworkConfig       struct {
		SubnetResourceID string `json:"subnetResourceId"`
	} `json:"virtualNetworkConfiguration"`
	APIVersionConstraint struct {
		MinAPIVersion string `json:"minApiVersion"`
	} `json:"apiVersionConstraint"`
	HostnameConfigurations []struct {
		Type                       string `json:"type"`
		HostName                   string `json:"hostName"`
		KeyVaultID                 string `json:"keyVaultId"`
		NegotiateClientCertificate bool   `json:"negotiateClientCertificate"`
	} `json:"hostnameConfigurations"`
}

// gatewayReads are those of an API Management service. Values that are not
// marked as secret come with the list, and may be secret all the same.
func gatewayReads() []Read {
	const version = "2022-08-01"
	return []Read{
		{Member: "namedValues", Path: "namedValues", Version: version, Items: true, Item: struct {
			DisplayName string `json:"displayName"`
			Secret      bool   `json:"secret"`
			KeyVault    struct {
				SecretIdentifier string `json:"secretIdentifier"`
			} `json:"keyVault"`
		}{}},
		{Member: "backends", Path: "backends", Version: version, Items: true, Item: struct {
			URL      string `json:"url"`
			Protocol string `json:"protocol"`
			TLS      struct {
				ValidateCertificateChain bool `json:"validateCertificateChain"`
				ValidateCertificateName  bool `json:"validateCertificateName"`
			} `json:"tls"`
		}{}},
		diagnostics(),
	}
}

func init() {
	register(Collector{Name: "web", Types: []Type{
		{
			Name: "Microsoft.Web/sites", Class: "app", Table: "resources", Version: webVersion, Properties: site{},
			Side: siteReads(), Secret: sasURLs(), Fix: revealSettings, Shape: settingsShape,
		},
		{
			Name: "Microsoft.Web/sites/slots", Class: "app", Table: "resources", Version: webVersion, Properties: site{},
			Side: siteReads(), Secret: sasURLs(), Fix: revealSettings, Shape: settingsShape,
		},
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
			Branch                  string `json:"branch"`

			PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
		}{}},
	}})
	register(Collector{Name: "integration", Types: []Type{
		{
			// The definition and its parameters are code of the customer's, which may
			// hold secrets.
			Name: "Microsoft.Logic/workflows", Class: "workflow", Table: "resources", Version: "2019-05-01", Properties: workflow{},
			Secret: []string{"properties.definition", "properties.parameters"},
		},
		{
			Name: "Microsoft.ApiManagement/service", Class: "api gateway", Table: "resources", Version: "2022-08-01", Properties: gatewayService{},
			Side: gatewayReads(), Secret: []string{"namedValues[].properties.value"},
		},
		{
			Name: "Microsoft.Automation/automationAccounts", Class: "automation account", Table: "resources", Version: automationVersion,
			Properties: struct {
				PublicNetworkAccess bool `json:"publicNetworkAccess"`
				DisableLocalAuth    bool `json:"disableLocalAuth"`
				Encryption          struct {
					KeySource          string `json:"keySource"`
					KeyVaultProperties struct {
						KeyvaultURI string `json:"keyvaultUri"`
						KeyName     string `json:"keyName"`
					} `json:"keyVaultProperties"`
				} `json:"encryption"`
				PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
			}{},
			Side: []Read{
				{Member: "variables", Path: "variables", Version: automationVersion, Items: true, Item: struct {
					IsEncrypted bool `json:"isEncrypted"`
				}{}},
				{Member: "runbooks", Path: "runbooks", Version: automationVersion, Items: true, Item: struct {
					RunbookType string `json:"runbookType"`
					State       string `json:"state"`
				}{}},
			},
			Secret: []string{"variables[].properties.value"},
		},
		{
			Name: "Microsoft.Cdn/profiles", Class: "cdn", Table: "resources", Version: cdnVersion,
			Properties: struct {
				OriginResponseTimeoutSeconds int64  `json:"originResponseTimeoutSeconds"`
				FrontDoorID                  string `json:"frontDoorId"`
			}{},
			Side: []Read{
				{Member: "afdEndpoints", Path: "afdEndpoints", Version: cdnVersion, Items: true, When: frontDoor, Item: struct {
					HostName     string `json:"hostName"`
					EnabledState string `json:"enabledState"`
				}{}},
				{Member: "customDomains", Path: "customDomains", Version: cdnVersion, Items: true, When: frontDoor, Item: struct {
					HostName    string `json:"hostName"`
					TLSSettings struct {
						MinimumTLSVersion string `json:"minimumTlsVersion"`
						CertificateType   string `json:"certificateType"`
					} `json:"tlsSettings"`
				}{}},
				{Member: "securityPolicies", Path: "securityPolicies", Version: cdnVersion, Items: true, When: frontDoor, Item: struct {
					Parameters struct {
						Type         string `json:"type"`
						WafPolicy    ref    `json:"wafPolicy"`
						Associations []struct {
							Domains         []ref    `json:"domains"`
							PatternsToMatch []string `json:"patternsToMatch"`
						} `json:"associations"`
					} `json:"parameters"`
				}{}},
				{Member: "originGroups", Path: "originGroups", Version: cdnVersion, Items: true, When: frontDoor, Item: struct {
					SessionAffinityState string `json:"sessionAffinityState"`
				}{}},
				diagnostics(),
			},
		},
	}})
	register(Collector{Name: "ai", Types: []Type{
		{
			Name: "Microsoft.CognitiveServices/accounts", Class: "ai service", Table: "resources", Version: cognitiveVersion, Properties: cognitiveAccount{},
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
			Name: "Microsoft.MachineLearningServices/workspaces", Class: "ai workspace", Table: "resources", Version: "2024-10-01", Properties: learningWorkspace{},
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
			Name: "Microsoft.Search/searchServices", Class: "search service", Table: "resources", Version: "2023-11-01",
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
		{Name: "Microsoft.SignalRService/signalR", Class: "message service", Table: "resources", Version: "2023-02-01", Properties: signalService{}},
		{Name: "Microsoft.SignalRService/webPubSub", Class: "message service", Table: "resources", Version: "2023-02-01", Properties: signalService{}},
	}})
}

const (
	automationVersion = "2023-11-01"
	cdnVersion        = "2024-02-01"
	cognitiveVersion  = "2024-10-01"
)

type callers struct {
	AllowedCallerIPAddresses []struct {
		AddressRange string `json:"addressRange"`
	} `json:"allowedCallerIpAddresses"`
}

// workflow is the part of a logic app of the consumption plan that controls read.
// https://learn.microsoft.com/rest/api/logic/workflows/get
type workflow struct {
	State         string `json:"state"`
	AccessControl struct {
		Triggers           callers `json:"triggers"`
		Contents           callers `json:"contents"`
		Actions            callers `json:"actions"`
		WorkflowManagement callers `json:"workflowManagement"`
	} `json:"accessControl"`
}

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
