package azure

const keyVaultVersion = "2024-11-01"

// vault is the part of a key vault that controls read.
// https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/get
type vault struct {
	TenantID                   string                      `json:"tenantId"`
	VaultURI                   string                      `json:"vaultUri"`
	EnableSoftDelete           bool                        `json:"enableSoftDelete"`
	SoftDeleteRetentionInDays  int64                       `json:"softDeleteRetentionInDays"`
	EnablePurgeProtection      bool                        `json:"enablePurgeProtection"`
	EnableRbacAuthorization    bool                        `json:"enableRbacAuthorization"`
	EnabledForDeployment       bool                        `json:"enabledForDeployment"`
	EnabledForDiskEncryption   bool                        `json:"enabledForDiskEncryption"`
	EnabledForTemplate         bool                        `json:"enabledForTemplateDeployment"`
	PublicNetworkAccess        string                      `json:"publicNetworkAccess"`
	SKU                        sku                         `json:"sku"`
	NetworkAcls                acls                        `json:"networkAcls"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
	AccessPolicies             []struct {
		TenantID    string `json:"tenantId"`
		ObjectID    string `json:"objectId"`
		Permissions struct {
			Keys         []string `json:"keys"`
			Secrets      []string `json:"secrets"`
			Certificates []string `json:"certificates"`
			Storage      []string `json:"storage"`
		} `json:"permissions"`
	} `json:"accessPolicies"`
}

// acls are the network limits that many providers share.
type acls struct {
	DefaultAction string `json:"defaultAction"`
	Bypass        string `json:"bypass"`
	IPRules       []struct {
		Value string `json:"value"`
	} `json:"ipRules"`
	VirtualNetworkRules []struct {
		ID string `json:"id"`
	} `json:"virtualNetworkRules"`
}

// vaultItem is a key or a secret as the management plane lists it, without its
// value. Times are seconds since 1970.
// https://learn.microsoft.com/rest/api/keyvault/keyvault/keys/list
// https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets/list
type vaultItem struct {
	Attributes struct {
		Enabled bool  `json:"enabled"`
		Exp     int64 `json:"exp"`
		Nbf     int64 `json:"nbf"`
		Created int64 `json:"created"`
		Updated int64 `json:"updated"`
	} `json:"attributes"`
	Kty            string   `json:"kty"`
	KeySize        int64    `json:"keySize"`
	CurveName      string   `json:"curveName"`
	KeyOps         []string `json:"keyOps"`
	ContentType    string   `json:"contentType"`
	RotationPolicy struct {
		Attributes struct {
			ExpiryTime string `json:"expiryTime"`
		} `json:"attributes"`
		LifetimeActions []struct {
			Action struct {
				Type string `json:"type"`
			} `json:"action"`
			Trigger struct {
				TimeAfterCreate  string `json:"timeAfterCreate"`
				TimeBeforeExpiry string `json:"timeBeforeExpiry"`
			} `json:"trigger"`
		} `json:"lifetimeActions"`
	} `json:"rotationPolicy"`
}

type managedHSM struct {
	EnablePurgeProtection      bool                        `json:"enablePurgeProtection"`
	EnableSoftDelete           bool                        `json:"enableSoftDelete"`
	SoftDeleteRetentionInDays  int64                       `json:"softDeleteRetentionInDays"`
	PublicNetworkAccess        string                      `json:"publicNetworkAccess"`
	NetworkAcls                acls                        `json:"networkAcls"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

// configurationStore is the part of an app configuration store that controls
// read. https://learn.microsoft.com/rest/api/appconfiguration/stores/get
type configurationStore struct {
	DisableLocalAuth          bool   `json:"disableLocalAuth"`
	PublicNetworkAccess       string `json:"publicNetworkAccess"`
	EnablePurgeProtection     bool   `json:"enablePurgeProtection"`
	SoftDeleteRetentionInDays int64  `json:"softDeleteRetentionInDays"`
	Encryption                struct {
		KeyVaultProperties struct {
			KeyIdentifier string `json:"keyIdentifier"`
		} `json:"keyVaultProperties"`
	} `json:"encryption"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

func init() {
	register(Collector{Name: "keyvault", Types: []Type{
		{
			Name: "Microsoft.KeyVault/vaults", Class: "key vault", Table: "resources", Version: keyVaultVersion, Properties: vault{},
			Side: []Read{diagnostics()},
		},
		{
			// The list leaves out how a key is rotated.
			Name: "Microsoft.KeyVault/vaults/keys", Class: "key", Version: keyVaultVersion, Properties: vaultItem{},
			Reread: []string{"properties.rotationPolicy"},
			List:   &List{Parent: "Microsoft.KeyVault/vaults", Path: "keys", Version: keyVaultVersion},
		},
		{
			Name: "Microsoft.KeyVault/vaults/secrets", Class: "secret", Version: keyVaultVersion, Properties: vaultItem{},
			List: &List{Parent: "Microsoft.KeyVault/vaults", Path: "secrets", Version: keyVaultVersion},
		},
		{Name: "Microsoft.KeyVault/managedHSMs", Class: "key vault", Table: "resources", Version: keyVaultVersion, Properties: managedHSM{}, Side: []Read{diagnostics()}},
	}})
	register(Collector{Name: "appconfiguration", Types: []Type{{
		Name: "Microsoft.AppConfiguration/configurationStores", Class: "configuration store", Table: "resources", Version: "2024-05-01", Properties: configurationStore{},
	}}})
}
