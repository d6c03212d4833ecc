package azure

import "github.com/stance-sec/stance/internal/model"

const (
	sqlVersion    = "2023-08-01"
	cosmosVersion = "2024-05-15"
)

// sqlServer is the part of a logical SQL server that controls read.
// https://learn.microsoft.com/rest/api/sql/servers/get
type sqlServer struct {
	FullyQualifiedDomainName      string                      `json:"fullyQualifiedDomainName"`
	Version                       string                      `json:"version"`
	PublicNetworkAccess           string                      `json:"publicNetworkAccess"`
	MinimalTLSVersion             string                      `json:"minimalTlsVersion"`
	RestrictOutboundNetworkAccess string                      `json:"restrictOutboundNetworkAccess"`
	KeyID                         string                      `json:"keyId"`
	Administrators                sqlAdministrators           `json:"administrators"`
	PrivateEndpointConnections    []privateEndpointConnection `json:"privateEndpointConnections"`
}

type sqlAdministrators struct {
	AdministratorType         string `json:"administratorType"`
	PrincipalType             string `json:"principalType"`
	Login                     string `json:"login"`
	Sid                       string `json:"sid"`
	AzureADOnlyAuthentication bool   `json:"azureADOnlyAuthentication"`
}

// auditing is the auditing of a server or of a database.
// https://learn.microsoft.com/rest/api/sql/server-auditing-settings
type auditing struct {
	State                       string   `json:"state"`
	RetentionDays               int64    `json:"retentionDays"`
	StorageEndpoint             string   `json:"storageEndpoint"`
	IsAzureMonitorTargetEnabled bool     `json:"isAzureMonitorTargetEnabled"`
	IsManagedIdentityInUse      bool     `json:"isManagedIdentityInUse"`
	AuditActionsAndGroups       []string `json:"auditActionsAndGroups"`
}

type alertPolicy struct {
	State              string   `json:"state"`
	DisabledAlerts     []string `json:"disabledAlerts"`
	EmailAddresses     []string `json:"emailAddresses"`
	EmailAccountAdmins bool     `json:"emailAccountAdmins"`
	RetentionDays      int64    `json:"retentionDays"`
}

type sqlAssessment struct {
	State                string `json:"state"`
	StorageContainerPath string `json:"storageContainerPath"`
	RecurringScans       struct {
		IsEnabled               bool     `json:"isEnabled"`
		EmailSubscriptionAdmins bool     `json:"emailSubscriptionAdmins"`
		Emails                  []string `json:"emails"`
	} `json:"recurringScans"`
}

type encryptionProtector struct {
	ServerKeyType       string `json:"serverKeyType"`
	ServerKeyName       string `json:"serverKeyName"`
	URI                 string `json:"uri"`
	AutoRotationEnabled bool   `json:"autoRotationEnabled"`
}

// firewallRule admits an inclusive range of addresses; 0.0.0.0 to 0.0.0.0 stands
// for every service in Azure.
type firewallRule struct {
	StartIPAddress string `json:"startIpAddress"`
	EndIPAddress   string `json:"endIpAddress"`
	StartIP        string `json:"startIP"`
	EndIP          string `json:"endIP"`
}

type directoryOnly struct {
	AzureADOnlyAuthentication bool `json:"azureADOnlyAuthentication"`
}

type directoryAdministrator struct {
	AdministratorType string `json:"administratorType"`
	Login             string `json:"login"`
	Sid               string `json:"sid"`
	PrincipalType     string `json:"principalType"`
	PrincipalName     string `json:"principalName"`
	ObjectID          string `json:"objectId"`
}

type sqlDatabase struct {
	Status                           string `json:"status"`
	ZoneRedundant                    bool   `json:"zoneRedundant"`
	IsLedgerOn                       bool   `json:"isLedgerOn"`
	RequestedBackupStorageRedundancy string `json:"requestedBackupStorageRedundancy"`
	CurrentBackupStorageRedundancy   string `json:"currentBackupStorageRedundancy"`
}

// userDatabase says that a database is the customer's own. The master database of
// a server has no backups or encryption of its own.
func userDatabase(doc model.Document) bool { return text(doc, "name") != "master" }

// configuration is one parameter of a PostgreSQL or MySQL server.
// https://learn.microsoft.com/rest/api/postgresql/configurations
type configuration struct {
	Value        string `json:"value"`
	DefaultValue string `json:"defaultValue"`
	Source       string `json:"source"`
}

// flexibleServer is the part of a PostgreSQL or MySQL flexible server that
// controls read.
type flexibleServer struct {
	Version string `json:"version"`
	State   string `json:"state"`

	FullyQualifiedDomainName   string                      `json:"fullyQualifiedDomainName"`
	ReplicationRole            string                      `json:"replicationRole"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`

	Network struct {
		PublicNetworkAccess       string `json:"publicNetworkAccess"`
		DelegatedSubnetResourceID string `json:"delegatedSubnetResourceId"`
	} `json:"network"`
	AuthConfig struct {
		ActiveDirectoryAuth string `json:"activeDirectoryAuth"`
		PasswordAuth        string `json:"passwordAuth"`
	} `json:"authConfig"`
	DataEncryption struct {
		Type          string `json:"type"`
		PrimaryKeyURI string `json:"primaryKeyURI"`
	} `json:"dataEncryption"`
	Backup struct {
		BackupRetentionDays int64  `json:"backupRetentionDays"`
		GeoRedundantBackup  string `json:"geoRedundantBackup"`
	} `json:"backup"`
	HighAvailability struct {
		Mode string `json:"mode"`
	} `json:"highAvailability"`
	Storage struct {
		StorageSizeGB int64  `json:"storageSizeGB"`
		AutoGrow      string `json:"autoGrow"`
	} `json:"storage"`
}

// singleServer is a retired kind of PostgreSQL or MySQL server.
type singleServer struct {
	Version                  string `json:"version"`
	SSLEnforcement           string `json:"sslEnforcement"`
	MinimalTLSVersion        string `json:"minimalTlsVersion"`
	InfrastructureEncryption string `json:"infrastructureEncryption"`
	PublicNetworkAccess      string `json:"publicNetworkAccess"`
	StorageProfile           struct {
		GeoRedundantBackup  string `json:"geoRedundantBackup"`
		BackupRetentionDays int64  `json:"backupRetentionDays"`
	} `json:"storageProfile"`
}

func serverReads(version string) []Read {
	return []Read{
		{Member: "configurations", Path: "configurations", Version: version, Items: true, Item: configuration{}},
		{Member: "firewallRules", Path: "firewallRules", Version: version, Items: true, Item: firewallRule{}},
		{Member: "administrators", Path: "administrators", Version: version, Items: true, Item: directoryAdministrator{}},
	}
}

// cosmosAccount is the part of a Cosmos DB account that controls read.
// https://learn.microsoft.com/rest/api/cosmos-db-resource-provider/database-accounts/get
type cosmosAccount struct {
	PublicNetworkAccess                string `json:"publicNetworkAccess"`
	IsVirtualNetworkFilterEnabled      bool   `json:"isVirtualNetworkFilterEnabled"`
	DisableLocalAuth                   bool   `json:"disableLocalAuth"`
	DisableKeyBasedMetadataWriteAccess bool   `json:"disableKeyBasedMetadataWriteAccess"`
	EnableAutomaticFailover            bool   `json:"enableAutomaticFailover"`
	KeyVaultKeyURI                     string `json:"keyVaultKeyUri"`
	MinimalTLSVersion                  string `json:"minimalTlsVersion"`
	NetworkACLBypass                   string `json:"networkAclBypass"`
	IPRules                            []struct {
		IPAddressOrRange string `json:"ipAddressOrRange"`
	} `json:"ipRules"`
	VirtualNetworkRules []struct {
		ID string `json:"id"`
	} `json:"virtualNetworkRules"`
	BackupPolicy struct {
		Type                     string `json:"type"`
		ContinuousModeProperties struct {
			Tier string `json:"tier"`
		} `json:"continuousModeProperties"`
		PeriodicModeProperties struct {
			BackupStorageRedundancy        string `json:"backupStorageRedundancy"`
			BackupRetentionIntervalInHours int64  `json:"backupRetentionIntervalInHours"`
		} `json:"periodicModeProperties"`
	} `json:"backupPolicy"`
	DefaultIdentity string `json:"defaultIdentity"`
	Capabilities    []struct {
		Name string `json:"name"`
	} `json:"capabilities"`
	Locations []struct {
		LocationName    string `json:"locationName"`
		IsZoneRedundant bool   `json:"isZoneRedundant"`
	} `json:"locations"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

// cosmosSQL says that an account has the NoSQL interface, whose data plane has
// roles of its own.
func cosmosSQL(doc model.Document) bool { return text(doc, "kind") == "GlobalDocumentDB" }

// redisCache is the part of a cache that controls read.
// https://learn.microsoft.com/rest/api/redis/redis/get
type redisCache struct {
	EnableNonSslPort               bool   `json:"enableNonSslPort"`
	MinimumTLSVersion              string `json:"minimumTlsVersion"`
	PublicNetworkAccess            string `json:"publicNetworkAccess"`
	DisableAccessKeyAuthentication bool   `json:"disableAccessKeyAuthentication"`
	RedisConfiguration             struct {
		AADEnabled         string `json:"aad-enabled"`
		AuthNotRequired    string `json:"authnotrequired"`
		RDBBackupEnabled   string `json:"rdb-backup-enabled"`
		AOFBackupEnabled   string `json:"aof-backup-enabled"`
		RDBBackupFrequency string `json:"rdb-backup-frequency"`
	} `json:"redisConfiguration"`
	RedisVersion               string                      `json:"redisVersion"`
	SubnetID                   string                      `json:"subnetId"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

func init() {
	register(Collector{Name: "sql", Types: []Type{
		{
			Name: "Microsoft.Sql/servers", Class: "database", Table: "resources", Version: sqlVersion, Properties: sqlServer{},
			Side: []Read{
				{Member: "auditingSettings", Path: "auditingSettings/default", Version: sqlVersion, Item: auditing{}},
				{Member: "extendedAuditingSettings", Path: "extendedAuditingSettings/default", Version: sqlVersion, Item: auditing{}},
				{Member: "securityAlertPolicies", Path: "securityAlertPolicies/Default", Version: sqlVersion, Item: alertPolicy{}},
				{Member: "sqlVulnerabilityAssessments", Path: "sqlVulnerabilityAssessments/default", Version: sqlVersion, Item: sqlAssessment{}, Absent: []string{"VulnerabilityAssessmentNotFound", "ResourceNotFound"}},
				{Member: "vulnerabilityAssessments", Path: "vulnerabilityAssessments/default", Version: sqlVersion, Item: sqlAssessment{}},
				{Member: "encryptionProtector", Path: "encryptionProtector/current", Version: sqlVersion, Item: encryptionProtector{}},
				{Member: "administrators", Path: "administrators", Version: sqlVersion, Items: true, Item: directoryAdministrator{}},
				{Member: "azureADOnlyAuthentications", Path: "azureADOnlyAuthentications/Default", Version: sqlVersion, Item: directoryOnly{}, Absent: []string{"ResourceNotFound"}},
				{Member: "firewallRules", Path: "firewallRules", Version: sqlVersion, Items: true, Item: firewallRule{}},
				{Member: "virtualNetworkRules", Path: "virtualNetworkRules", Version: sqlVersion, Items: true, Item: struct {
					VirtualNetworkSubnetID string `json:"virtualNetworkSubnetId"`
					State                  string `json:"state"`
				}{}},
				{Member: "connectionPolicies", Path: "connectionPolicies/default", Version: sqlVersion, Item: struct {
					ConnectionType string `json:"connectionType"`
				}{}},
			},
		},
		{
			Name: "Microsoft.Sql/servers/databases", Class: "sql database", Table: "resources", Version: sqlVersion, Properties: sqlDatabase{},
			Side: []Read{
				{Member: "transparentDataEncryption", Path: "transparentDataEncryption/current", Version: sqlVersion, When: userDatabase, Item: struct {
					State string `json:"state"`
				}{}},
				{Member: "auditingSettings", Path: "auditingSettings/default", Version: sqlVersion, When: userDatabase, Item: auditing{}},
				{Member: "backupShortTermRetentionPolicies", Path: "backupShortTermRetentionPolicies/default", Version: sqlVersion, When: userDatabase, Item: struct {
					RetentionDays int64 `json:"retentionDays"`
				}{}},
				{Member: "backupLongTermRetentionPolicies", Path: "backupLongTermRetentionPolicies/default", Version: sqlVersion, When: userDatabase, Item: struct {
					WeeklyRetention  string `json:"weeklyRetention"`
					MonthlyRetention string `json:"monthlyRetention"`
					YearlyRetention  string `json:"yearlyRetention"`
				}{}},
			},
		},
		{
			Name: "Microsoft.Sql/managedInstances", Class: "database", Table: "resources", Version: sqlVersion,
			Properties: struct {
				PublicDataEndpointEnabled bool              `json:"publicDataEndpointEnabled"`
				MinimalTLSVersion         string            `json:"minimalTlsVersion"`
				SubnetID                  string            `json:"subnetId"`
				Administrators            sqlAdministrators `json:"administrators"`
				ZoneRedundant             bool              `json:"zoneRedundant"`
				KeyID                     string            `json:"keyId"`

				PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
			}{},
			Side: []Read{
				{Member: "encryptionProtector", Path: "encryptionProtector/current", Version: sqlVersion, Item: encryptionProtector{}},
				{Member: "azureADOnlyAuthentications", Path: "azureADOnlyAuthentications/Default", Version: sqlVersion, Item: directoryOnly{}, Absent: []string{"ResourceNotFound"}},
				{Member: "securityAlertPolicies", Path: "securityAlertPolicies/Default", Version: sqlVersion, Item: alertPolicy{}},
				{Member: "vulnerabilityAssessments", Path: "vulnerabilityAssessments/default", Version: sqlVersion, Item: sqlAssessment{}},
			},
		},
	}})
	register(Collector{Name: "postgresql", Types: []Type{
		{
			Name: "Microsoft.DBforPostgreSQL/flexibleServers", Class: "database", Table: "resources", Version: "2024-08-01", Properties: flexibleServer{},
			Side: append(serverReads("2024-08-01"), Read{
				Member: "advancedThreatProtectionSettings", Path: "advancedThreatProtectionSettings/Default", Version: "2024-08-01", Item: struct {
					State string `json:"state"`
				}{},
			}),
		},
		{Name: "Microsoft.DBforPostgreSQL/servers", Class: "database", Table: "resources", Version: "2017-12-01", Properties: singleServer{}, Side: serverReads("2017-12-01")},
	}})
	register(Collector{Name: "mysql", Types: []Type{
		{
			Name: "Microsoft.DBforMySQL/flexibleServers", Class: "database", Table: "resources", Version: "2023-12-30", Properties: flexibleServer{},
			Side: serverReads("2023-12-30"),
		},
		{Name: "Microsoft.DBforMySQL/servers", Class: "database", Table: "resources", Version: "2017-12-01", Properties: singleServer{}, Side: serverReads("2017-12-01")},
	}})
	register(Collector{Name: "cosmosdb", Types: []Type{
		{
			Name: "Microsoft.DocumentDB/databaseAccounts", Class: "database", Table: "resources", Version: cosmosVersion, Reread: []string{"properties.minimalTlsVersion", "properties.disableLocalAuth", "properties.disableKeyBasedMetadataWriteAccess"}, Properties: cosmosAccount{},
			Side: []Read{
				{Member: "sqlRoleAssignments", Path: "sqlRoleAssignments", Version: cosmosVersion, Items: true, When: cosmosSQL, Item: struct {
					RoleDefinitionID string `json:"roleDefinitionId"`
					PrincipalID      string `json:"principalId"`
					Scope            string `json:"scope"`
				}{}},
				{Member: "sqlRoleDefinitions", Path: "sqlRoleDefinitions", Version: cosmosVersion, Items: true, When: cosmosSQL, Item: struct {
					RoleName         string   `json:"roleName"`
					Type             string   `json:"type"`
					AssignableScopes []string `json:"assignableScopes"`
					Permissions      []struct {
						DataActions    []string `json:"dataActions"`
						NotDataActions []string `json:"notDataActions"`
					} `json:"permissions"`
				}{}},
				diagnostics(),
			},
		},
	}})
	register(Collector{Name: "redis", Types: []Type{
		{
			Name: "Microsoft.Cache/redis", Class: "cache", Table: "resources", Version: "2024-03-01", Reread: []string{"properties.disableAccessKeyAuthentication", "properties.minimumTlsVersion"}, Properties: redisCache{},
			Side: []Read{
				{Member: "firewallRules", Path: "firewallRules", Version: "2024-03-01", Items: true, Item: firewallRule{}},
				{Member: "accessPolicyAssignments", Path: "accessPolicyAssignments", Version: "2024-03-01", Items: true, Item: struct {
					AccessPolicyName string `json:"accessPolicyName"`
					ObjectID         string `json:"objectId"`
					ObjectIDAlias    string `json:"objectIdAlias"`
				}{}},
				diagnostics(),
			},
			// The strings hold the keys of storage accounts.
			Secret: []string{
				"properties.redisConfiguration.rdb-storage-connection-string", "properties.redisConfiguration.aof-storage-connection-string-0",
				"properties.redisConfiguration.aof-storage-connection-string-1",
			},
		},
		{
			Name: "Microsoft.Cache/redisEnterprise", Class: "cache", Table: "resources", Version: "2024-02-01",
			Properties: struct {
				MinimumTLSVersion string `json:"minimumTlsVersion"`
				Encryption        struct {
					CustomerManagedKeyEncryption struct {
						KeyEncryptionKeyURL string `json:"keyEncryptionKeyUrl"`
					} `json:"customerManagedKeyEncryption"`
				} `json:"encryption"`
				PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
			}{},
			Side: []Read{{Member: "databases", Path: "databases", Version: "2024-02-01", Items: true, Item: struct {
				ClientProtocol string `json:"clientProtocol"`
			}{}}},
		},
	}})
}
