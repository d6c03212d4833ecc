package azure

import (
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

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
	IsHnsEnabled                 bool   `json:"isHnsEnabled"`
	IsNfsV3Enabled               bool   `json:"isNfsV3Enabled"`
	AllowedCopyScope             string `json:"allowedCopyScope"`
	DNSEndpointType              string `json:"dnsEndpointType"`
	AccessTier                   string `json:"accessTier"`
	LargeFileSharesState         string `json:"largeFileSharesState"`
	SasPolicy                    struct {
		SasExpirationPeriod string `json:"sasExpirationPeriod"`
		ExpirationAction    string `json:"expirationAction"`
	} `json:"sasPolicy"`
	CreationTime    string `json:"creationTime"`
	PrimaryLocation string `json:"primaryLocation"`
	NetworkAcls     struct {
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

// corsServices are the settings of queues or tables of an account.
type corsServices struct {
	CORS any `json:"cors"`
}

// managementPolicy moves and deletes blobs by their age.
// https://learn.microsoft.com/rest/api/storagerp/management-policies/get
type managementPolicy struct {
	Policy struct {
		Rules []struct {
			Enabled    bool   `json:"enabled"`
			Name       string `json:"name"`
			Type       string `json:"type"`
			Definition any    `json:"definition"`
		} `json:"rules"`
	} `json:"policy"`
}

// inventoryPolicy writes lists of blobs at intervals.
// https://learn.microsoft.com/rest/api/storagerp/blob-inventory-policies/get
type inventoryPolicy struct {
	Policy struct {
		Enabled bool `json:"enabled"`
		Rules   []struct {
			Enabled     bool   `json:"enabled"`
			Name        string `json:"name"`
			Destination string `json:"destination"`
		} `json:"rules"`
	} `json:"policy"`
}

// kindsOf limits a read to accounts of these kinds; the others do not have the
// service. https://learn.microsoft.com/azure/storage/common/storage-account-overview
func kindsOf(kinds ...string) func(model.Document) bool {
	return func(doc model.Document) bool {
		kind, _ := doc["kind"].(string)
		return kind == "" || slices.Contains(kinds, kind)
	}
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
	general := kindsOf("StorageV2", "Storage")
	blobs := kindsOf("StorageV2", "Storage", "BlobStorage", "BlockBlobStorage")
	files := kindsOf("StorageV2", "Storage", "FileStorage")
	service := func(name string, item any, when func(model.Document) bool) Read {
		return Read{Member: name, Path: name + "/default", Version: storageVersion, Item: item, When: when}
	}
	below := func(service string, when func(model.Document) bool) Read { // diagnostic settings of a child
		r := diagnostics()
		r.Member, r.Path, r.When = service+".diagnosticSettings", service+"/default/"+r.Path, when
		return r
	}
	register(Collector{Name: "storage", Types: []Type{
		{
			Name: "Microsoft.Storage/storageAccounts", Class: "object store account", Table: "resources",
			Version: storageVersion, Properties: storageAccount{},
			Side: []Read{
				diagnostics(),
				service("blobServices", blobServices{}, blobs), below("blobServices", blobs),
				service("fileServices", fileServices{}, files), below("fileServices", files),
				service("queueServices", corsServices{}, general), below("queueServices", general),
				service("tableServices", corsServices{}, general), below("tableServices", general),
				{
					Member: "managementPolicies", Path: "managementPolicies/default", Version: storageVersion, Item: managementPolicy{},
					Absent: []string{"ManagementPolicyNotFound"}, When: blobs,
				},
				{
					Member: "inventoryPolicies", Path: "inventoryPolicies/default", Version: storageVersion, Item: inventoryPolicy{},
					Absent: []string{"BlobInventoryPolicyNotFound"}, When: blobs,
				},
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
			List: &List{
				Parent: "Microsoft.Storage/storageAccounts", Path: "blobServices/default/containers", Version: storageVersion,
				Absent: []string{"FeatureNotSupportedForAccount"}, // accounts for files have no blobs
			},
		},
		{
			Name: "Microsoft.Storage/storageAccounts/fileServices/shares", Class: "file system", Version: storageVersion, Properties: fileShare{},
			List: &List{
				Parent: "Microsoft.Storage/storageAccounts", Path: "fileServices/default/shares", Version: storageVersion,
				Absent: []string{"FeatureNotSupportedForAccount"}, // accounts for blobs have no files
			},
		},
		{Name: "Microsoft.StorageSync/storageSyncServices", Class: "file sync", Table: "resources", Version: "2022-06-01", Properties: struct {
			IncomingTrafficPolicy string `json:"incomingTrafficPolicy"`
		}{}},
		{Name: "Microsoft.NetApp/netAppAccounts/capacityPools/volumes", Class: "file system", Table: "resources", Version: "2023-11-01", Properties: struct {
			ProtocolTypes       []string `json:"protocolTypes"`
			KerberosEnabled     bool     `json:"kerberosEnabled"`
			SMBEncryption       bool     `json:"smbEncryption"`
			EncryptionKeySource string   `json:"encryptionKeySource"`
			SubnetID            string   `json:"subnetId"`
			ExportPolicy        struct {
				Rules []struct {
					AllowedClients string `json:"allowedClients"`
					UnixReadWrite  bool   `json:"unixReadWrite"`
					HasRootAccess  bool   `json:"hasRootAccess"`
				} `json:"rules"`
			} `json:"exportPolicy"`
		}{}},
	}})
}
