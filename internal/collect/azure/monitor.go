package azure

// activityLogAlert tells of operations on the control plane. Its condition is a
// list of which all hold; a member may be a list of which any holds.
// https://learn.microsoft.com/rest/api/monitor/activity-log-alerts/get
type activityLogAlert struct {
	Enabled   bool     `json:"enabled"`
	Scopes    []string `json:"scopes"`
	Condition any      `json:"condition"`
	Actions   struct {
		ActionGroups []struct {
			ActionGroupID string `json:"actionGroupId"`
		} `json:"actionGroups"`
	} `json:"actions"`
}

type actionGroup struct {
	Enabled        bool `json:"enabled"`
	EmailReceivers []struct {
		Name         string `json:"name"`
		EmailAddress string `json:"emailAddress"`
		Status       string `json:"status"`
	} `json:"emailReceivers"`
	WebhookReceivers []struct {
		Name       string `json:"name"`
		ServiceURI string `json:"serviceUri"`
	} `json:"webhookReceivers"`
	ARMRoleReceivers []struct {
		Name   string `json:"name"`
		RoleID string `json:"roleId"`
	} `json:"armRoleReceivers"`
}

type insightsComponent struct {
	WorkspaceResourceID string `json:"WorkspaceResourceId"`
	DisableLocalAuth    bool   `json:"DisableLocalAuth"`
	IngestionMode       string `json:"IngestionMode"`
	RetentionInDays     int64  `json:"RetentionInDays"`
}

type workspace struct {
	RetentionInDays                 int64  `json:"retentionInDays"`
	PublicNetworkAccessForIngestion string `json:"publicNetworkAccessForIngestion"`
	PublicNetworkAccessForQuery     string `json:"publicNetworkAccessForQuery"`
	Features                        struct {
		DisableLocalAuth                            bool `json:"disableLocalAuth"`
		EnableLogAccessUsingOnlyResourcePermissions bool `json:"enableLogAccessUsingOnlyResourcePermissions"`
	} `json:"features"`
}

// backupPolicy says when backups are made and how long they are kept. Its
// members depend on backupManagementType.
// https://learn.microsoft.com/rest/api/backup/backup-policies/list
type backupPolicy struct {
	BackupManagementType          string        `json:"backupManagementType"`
	WorkLoadType                  string        `json:"workLoadType"`
	PolicyType                    string        `json:"policyType"`
	ProtectedItemsCount           int64         `json:"protectedItemsCount"`
	InstantRPRetentionRangeInDays int64         `json:"instantRpRetentionRangeInDays"`
	RetentionPolicy               keepingPolicy `json:"retentionPolicy"`
	SubProtectionPolicy           []struct {
		PolicyType      string        `json:"policyType"`
		RetentionPolicy keepingPolicy `json:"retentionPolicy"`
	} `json:"subProtectionPolicy"`
	VaultRetentionPolicy struct {
		VaultRetention keepingPolicy `json:"vaultRetention"`
	} `json:"vaultRetentionPolicy"`
}

type keepingPolicy struct {
	RetentionPolicyType string   `json:"retentionPolicyType"`
	RetentionDuration   duration `json:"retentionDuration"`
	DailySchedule       keeping  `json:"dailySchedule"`
	WeeklySchedule      keeping  `json:"weeklySchedule"`
	MonthlySchedule     keeping  `json:"monthlySchedule"`
	YearlySchedule      keeping  `json:"yearlySchedule"`
}

type keeping struct {
	RetentionDuration duration `json:"retentionDuration"`
}

// duration counts days, weeks, months or years.
type duration struct {
	Count        int64  `json:"count"`
	DurationType string `json:"durationType"`
}

// vaultConfig are settings of a vault that have a document of their own.
// https://learn.microsoft.com/rest/api/backup/backup-resource-vault-configs/get
type vaultConfig struct {
	EnhancedSecurityState  string `json:"enhancedSecurityState"`
	SoftDeleteFeatureState string `json:"softDeleteFeatureState"`
	StorageModelType       string `json:"storageModelType"`
}

// iotSecuritySolution watches hubs of devices.
// https://learn.microsoft.com/rest/api/defenderforcloud/iot-security-solution/list-by-subscription
type iotSecuritySolution struct {
	DisplayName string   `json:"displayName"`
	Status      string   `json:"status"`
	IotHubs     []string `json:"iotHubs"`
	Workspace   string   `json:"workspace"`
}

// recoveryVault is the part of a Recovery Services vault that controls read.
// https://learn.microsoft.com/rest/api/recoveryservices/vaults/get
type recoveryVault struct {
	PublicNetworkAccess string `json:"publicNetworkAccess"`
	Encryption          struct {
		KeyVaultProperties struct {
			KeyURI string `json:"keyUri"`
		} `json:"keyVaultProperties"`
		InfrastructureEncryption string `json:"infrastructureEncryption"`
	} `json:"encryption"`
	SecuritySettings   vaultSecurity `json:"securitySettings"`
	RedundancySettings struct {
		StandardTierStorageRedundancy string `json:"standardTierStorageRedundancy"`
		CrossRegionRestore            string `json:"crossRegionRestore"`
	} `json:"redundancySettings"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
}

type vaultSecurity struct {
	ImmutabilitySettings struct {
		State string `json:"state"`
	} `json:"immutabilitySettings"`
	SoftDeleteSettings struct {
		SoftDeleteState                 string  `json:"softDeleteState"`
		SoftDeleteRetentionPeriodInDays int64   `json:"softDeleteRetentionPeriodInDays"`
		State                           string  `json:"state"`
		RetentionDurationInDays         float64 `json:"retentionDurationInDays"`
		EnhancedSecurityState           string  `json:"enhancedSecurityState"`
	} `json:"softDeleteSettings"`
	MultiUserAuthorization string `json:"multiUserAuthorization"`
}

type protectedItem struct {
	ProtectedItemType string `json:"protectedItemType"`
	SourceResourceID  string `json:"sourceResourceId"`
	ProtectionState   string `json:"protectionState"`
	ProtectionStatus  string `json:"protectionStatus"`
	LastBackupStatus  string `json:"lastBackupStatus"`
	LastBackupTime    string `json:"lastBackupTime"`
	PolicyID          string `json:"policyId"`
}

type backupVault struct {
	SecuritySettings vaultSecurity `json:"securitySettings"`
	StorageSettings  []struct {
		DatastoreType string `json:"datastoreType"`
		Type          string `json:"type"`
	} `json:"storageSettings"`
}

// assessment is a verdict of Microsoft Defender for Cloud on one asset.
// https://learn.microsoft.com/rest/api/defenderforcloud/assessments/list
type assessment struct {
	DisplayName string `json:"displayName"`
	Status      struct {
		Code  string `json:"code"`
		Cause string `json:"cause"`
	} `json:"status"`
	ResourceDetails struct {
		ID     string `json:"Id"`
		Source string `json:"Source"`
	} `json:"resourceDetails"`
	Metadata struct {
		Severity       string `json:"severity"`
		AssessmentType string `json:"assessmentType"`
	} `json:"metadata"`
}

// securityAlert is an attack that Microsoft Defender for Cloud saw; its members
// begin with capital letters in Resource Graph.
// https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas
type securityAlert struct {
	AlertDisplayName  string `json:"AlertDisplayName"`
	AlertType         string `json:"AlertType"`
	Severity          string `json:"Severity"`
	Status            string `json:"Status"`
	CompromisedEntity string `json:"CompromisedEntity"`
	TimeGeneratedUTC  string `json:"TimeGeneratedUtc"`
}

func init() {
	register(Collector{Name: "monitor", Types: []Type{
		{Name: "Microsoft.Insights/activityLogAlerts", Class: "alarm", Table: "resources", Version: "2020-10-01", Properties: activityLogAlert{}},
		{Name: "Microsoft.Insights/actionGroups", Class: "notification group", Table: "resources", Version: "2023-01-01", Properties: actionGroup{}},
		{Name: "Microsoft.Insights/components", Class: "application monitor", Table: "resources", Version: "2020-02-02", Properties: insightsComponent{}},
		{Name: "Microsoft.Insights/dataCollectionRules", Class: "log collection", Table: "resources", Version: "2023-03-11", Properties: struct {
			Description  string         `json:"description"`
			DataSources  map[string]any `json:"dataSources"`
			Destinations map[string]any `json:"destinations"`
		}{}, Side: []Read{{
			Member: "associations", Path: "associations", Version: "2023-03-11", Items: true, Item: struct {
				DataCollectionRuleID string `json:"dataCollectionRuleId"`
			}{}, Action: "Microsoft.Insights/dataCollectionRuleAssociations/read",
		}}},
		{Name: "Microsoft.OperationalInsights/workspaces", Class: "log store", Table: "resources", Version: "2023-09-01", Properties: workspace{}},
	}})
	register(Collector{Name: "backup", Types: []Type{
		{
			Name: "Microsoft.RecoveryServices/vaults", Class: "backup vault", Table: "resources", Version: "2024-04-01", Properties: recoveryVault{},
			Side: []Read{
				{Member: "backupconfig", Path: "backupconfig/vaultconfig", Version: "2024-04-01", Item: vaultConfig{}, Action: "Microsoft.RecoveryServices/Vaults/backupconfig/read"},
				diagnostics(),
			},
		},
		{
			Name: "Microsoft.RecoveryServices/vaults/backupPolicies", Class: "backup policy", Version: "2024-04-01", Properties: backupPolicy{},
			List: &List{Parent: "Microsoft.RecoveryServices/vaults", Path: "backupPolicies", Version: "2024-04-01"},
		},
		{
			Name:  "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems",
			Class: "backup", Table: "recoveryservicesresources", Version: "2024-04-01", Properties: protectedItem{},
		},
		{Name: "Microsoft.DataProtection/backupVaults", Class: "backup vault", Table: "resources", Version: "2024-04-01", Properties: backupVault{}},
	}})
	register(Collector{Name: "defender", Types: []Type{
		{Name: "Microsoft.Security/assessments", Class: "vendor finding", Table: "securityresources", Version: "2021-06-01", Properties: assessment{}, Label: "{properties.displayName}"},
		{Name: "Microsoft.Security/secureScores", Class: "vendor score", Table: "securityresources", Version: "2020-01-01", Properties: struct {
			DisplayName string `json:"displayName"`
			Score       struct {
				Current    float64 `json:"current"`
				Max        int64   `json:"max"`
				Percentage float64 `json:"percentage"`
			} `json:"score"`
		}{}},
		{
			Name: "Microsoft.Security/iotSecuritySolutions", Class: "threat detector", Version: "2019-08-01", Properties: iotSecuritySolution{},
			List: &List{Path: "providers/Microsoft.Security/iotSecuritySolutions", Version: "2019-08-01"},
		},
		{Name: "Microsoft.Security/locations/alerts", Class: "vendor finding", Table: "securityresources", Version: "2022-01-01", Properties: securityAlert{}, Label: "{properties.AlertDisplayName}"},
		{Name: "Microsoft.Security/attackPaths", Class: "vendor finding", Table: "securityresources", Properties: struct {
			DisplayName  string `json:"displayName"`
			AttackPathID string `json:"attackPathId"`
			RiskLevel    string `json:"riskLevel"`
		}{}, Label: "{properties.displayName}"},
		{Name: "Microsoft.Security/securityConnectors", Class: "connection", Table: "resources", Version: "2024-03-01-preview", Properties: struct {
			EnvironmentName     string `json:"environmentName"`
			HierarchyIdentifier string `json:"hierarchyIdentifier"`
		}{}},
	}})
}
