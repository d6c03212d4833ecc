package azure

const storageVersion = "2024-01-01"

// storageAccount is the part of a storage account that controls read.
// https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties
type storageAccount struct {
	SupportsHTTPSTrafficOnly     bool   `json:"supportsHttpsTrafficOnly"`
	MinimumTLSVersion            string `json:"minimumTlsVersion"`
	AllowBlobPublicAccess        bool   `json:"allowBlobPublicAccess"`
	AllowSharedKeyAccess         bool   `json:"allowSharedKeyAccess"`
	AllowCrossTenantReplication  bool   `json:"allowCrossTenantReplication"`
	DefaultToOAuthAuthentication bool   `json:"defaultToOAuthAuthentication"`
	PublicNetworkAccess          string `json:"publicNetworkAccess"`
	IsSftpEnabled                bool   `json:"isSftpEnabled"`
	IsLocalUserEnabled           bool   `json:"isLocalUserEnabled"`
	CreationTime                 string `json:"creationTime"`
	PrimaryLocation              string `json:"primaryLocation"`
	NetworkAcls                  struct {
		DefaultAction string `json:"defaultAction"`
		Bypass        string `json:"bypass"`
		IPRules       []struct {
			Value  string `json:"value"`
			Action string `json:"action"`
		} `json:"ipRules"`
		VirtualNetworkRules []struct {
			ID     string `json:"id"`
			Action string `json:"action"`
			State  string `json:"state"`
		} `json:"virtualNetworkRules"`
	} `json:"networkAcls"`
	Encryption struct {
		KeySource                       string `json:"keySource"`
		RequireInfrastructureEncryption bool   `json:"requireInfrastructureEncryption"`
		KeyVaultProperties              struct {
			KeyName     string `json:"keyname"`
			KeyVaultURI string `json:"keyvaulturi"`
			KeyVersion  string `json:"keyversion"`
		} `json:"keyvaultproperties"`
	} `json:"encryption"`
	KeyPolicy struct {
		KeyExpirationPeriodInDays int64 `json:"keyExpirationPeriodInDays"`
	} `json:"keyPolicy"`
	KeyCreationTime struct {
		Key1 string `json:"key1"`
		Key2 string `json:"key2"`
	} `json:"keyCreationTime"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

// privateEndpointConnection is the same for all providers.
type privateEndpointConnection struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Properties struct {
		PrivateEndpoint                   ref    `json:"privateEndpoint"`
		ProvisioningState                 string `json:"provisioningState"`
		PrivateLinkServiceConnectionState struct {
			Status      string `json:"status"`
			Description string `json:"description"`
		} `json:"privateLinkServiceConnectionState"`
	} `json:"properties"`
}

type retention struct {
	Enabled bool  `json:"enabled"`
	Days    int64 `json:"days"`
}

// blobServices are the settings of blobs of an account.
// https://learn.microsoft.com/rest/api/storagerp/blob-services/get-service-properties
type blobServices struct {
	DeleteRetentionPolicy          retention `json:"deleteRetentionPolicy"`
	ContainerDeleteRetentionPolicy retention `json:"containerDeleteRetentionPolicy"`
	IsVersioningEnabled            bool      `json:"isVersioningEnabled"`
	ChangeFeed                     struct {
		Enabled         bool  `json:"enabled"`
		RetentionInDays int64 `json:"retentionInDays"`
	} `json:"changeFeed"`
	RestorePolicy retention `json:"restorePolicy"`
}

func init() {
	register(Collector{Name: "storage", Types: []Type{{
		Name: "Microsoft.Storage/storageAccounts", Class: "object store account", Table: "resources",
		Version: storageVersion, Properties: storageAccount{},
		Side: []Read{
			{Member: "blobServices", Path: "blobServices/default", Version: storageVersion, Item: blobServices{}},
		},
	}}})
}
