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

// fileServices are the settings of file shares of an account.
// https://learn.microsoft.com/rest/api/storagerp/file-services/get-service-properties
type fileServices struct {
	ShareDeleteRetentionPolicy retention `json:"shareDeleteRetentionPolicy"`
	ProtocolSettings           struct {
		SMB struct {
			Versions                 string `json:"versions"`
			AuthenticationMethods    string `json:"authenticationMethods"`
			KerberosTicketEncryption string `json:"kerberosTicketEncryption"`
			ChannelEncryption        string `json:"channelEncryption"`
		} `json:"smb"`
	} `json:"protocolSettings"`
}

type queueServices struct {
	CORS any `json:"cors"`
}

// container is the part of a blob container that controls read.
// https://learn.microsoft.com/rest/api/storagerp/blob-containers/list
type container struct {
	PublicAccess           string `json:"publicAccess"`
	HasImmutabilityPolicy  bool   `json:"hasImmutabilityPolicy"`
	HasLegalHold           bool   `json:"hasLegalHold"`
	DefaultEncryptionScope string `json:"defaultEncryptionScope"`
	LeaseState             string `json:"leaseState"`
}

type fileShare struct {
	EnabledProtocols string `json:"enabledProtocols"`
	RootSquash       string `json:"rootSquash"`
	ShareQuota       int64  `json:"shareQuota"`
}

func init() {
	below := func(r Read, service string) Read { // diagnostic settings of a child
		r.Member, r.Path = service+".diagnosticSettings", service+"/default/"+r.Path
		return r
	}
	register(Collector{Name: "storage", Types: []Type{
		{
			Name: "Microsoft.Storage/storageAccounts", Class: "object store account", Table: "resources",
			Version: storageVersion, Properties: storageAccount{},
			Side: []Read{
				{Member: "blobServices", Path: "blobServices/default", Version: storageVersion, Item: blobServices{}},
				{Member: "fileServices", Path: "fileServices/default", Version: storageVersion, Item: fileServices{}},
				{Member: "queueServices", Path: "queueServices/default", Version: storageVersion, Item: queueServices{}},
				below(diagnostics(), "blobServices"), below(diagnostics(), "queueServices"), below(diagnostics(), "tableServices"),
				{
					Member: "defenderForStorageSettings", Path: "providers/Microsoft.Security/defenderForStorageSettings/current", Version: "2025-09-01-preview",
					Item: struct {
						IsEnabled bool `json:"isEnabled"`
					}{}, Action: "Microsoft.Security/defenderForStorageSettings/read",
				},
			},
		},
		{
			Name: "Microsoft.Storage/storageAccounts/blobServices/containers", Class: "bucket", Version: storageVersion, Properties: container{},
			List: &List{Parent: "Microsoft.Storage/storageAccounts", Path: "blobServices/default/containers", Version: storageVersion},
		},
		{
			Name: "Microsoft.Storage/storageAccounts/fileServices/shares", Class: "file system", Version: storageVersion, Properties: fileShare{},
			List: &List{Parent: "Microsoft.Storage/storageAccounts", Path: "fileServices/default/shares", Version: storageVersion},
		},
		{Name: "Microsoft.StorageSync/storageSyncServices", Class: "file sync", Table: "resources", Version: "2022-06-01", Properties: struct {
			IncomingTrafficPolicy string `json:"incomingTrafficPolicy"`
		}{}},
		{Name: "Microsoft.NetApp/netAppAccounts/capacityPools/volumes", Class: "file system", Table: "resources", Version: "2023-11-01", Properties: struct {
			ProtocolTypes       []string `json:"protocolTypes"`
			KerberosEnabled     bool     `json:"kerberosEnabled"`
			EncryptionKeySource string   `json:"encryptionKeySource"`
		}{}},
	}})
}
