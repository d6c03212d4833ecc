package azure

import (
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

// siteSecrets are the settings of an app, and the addresses with keys to which
// it writes its logs.
func siteSecrets() []string {
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
func siteReads(parent string) []Read {
	return []Read{
		{Member: "properties.siteConfig", Path: "config/web", Version: webVersion, Inner: true, Item: siteConfig{}},
		{Member: "authsettingsV2", Path: "config/authsettingsV2", Version: webVersion, Item: authSettings{}},
		{Member: "logs", Path: "config/logs", Version: webVersion, Item: siteLogs{}},
		{Member: "basicPublishingCredentialsPolicies.ftp", Path: "basicPublishingCredentialsPolicies/ftp", Version: webVersion, Item: publishing{}, Action: parent + "/basicPublishingCredentialsPolicies/ftp/read"},
		{Member: "basicPublishingCredentialsPolicies.scm", Path: "basicPublishingCredentialsPolicies/scm", Version: webVersion, Item: publishing{}, Action: parent + "/basicPublishingCredentialsPolicies/scm/read"},
		{Member: "appsettings", Path: "config/appsettings/list", Version: webVersion, Post: true, Item: struct{}{}},
		diagnostics(),
	}
}

func init() {
	register(Collector{Name: "web", Types: []Type{
		{
			Name: "Microsoft.Web/sites", Class: "app", Table: "resources", Version: webVersion, Properties: site{},
			Side: siteReads("Microsoft.Web/sites"), Secret: siteSecrets(), Fix: revealSettings, Shape: settingsShape,
		},
		{
			Name: "Microsoft.Web/sites/slots", Class: "app", Table: "resources", Version: webVersion, Properties: site{},
			Side: siteReads("Microsoft.Web/sites/slots"), Secret: siteSecrets(), Fix: revealSettings, Shape: settingsShape,
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
}
