package gcp

func init() {
	register(Collector{Name: "security", Types: []Type{
		{Name: "cloudasset.googleapis.com/Feed", Class: "asset feed", Item: feed{}},
		{Name: "securitycenter.googleapis.com/NotificationConfig", Class: "security settings", Item: notificationConfig{}},
		{Name: "securitycenter.googleapis.com/MuteConfig", Class: "security settings", Item: muteConfig{}},
		{Name: "securitycentermanagement.googleapis.com/SecurityCenterService", Class: "security settings", Item: securityCenterService{}},
		{Name: "dlp.googleapis.com/DiscoveryConfig", Class: "data discovery", Item: discoveryConfig{}, Label: "{displayName}"},
		{Name: "osconfig.googleapis.com/VulnerabilityReport", Class: "vulnerability report", Item: vulnerabilityReport{}},
		{Name: "osconfig.googleapis.com/OSPolicyAssignment", Class: "patch policy", Item: osPolicyAssignment{}},
		{Name: "backupdr.googleapis.com/BackupVault", Class: "backup vault", Item: backupVault{}},
		{Name: "backupdr.googleapis.com/BackupPlanAssociation", Class: "backup plan", Item: backupPlanAssociation{}},
	}})
}

// feed has the members of https://cloud.google.com/asset-inventory/docs/reference/rest/v1/feeds
type feed struct {
	AssetNames []string `json:"assetNames"`
	AssetTypes []string `json:"assetTypes"`
	Condition  struct {
		Description string `json:"description"`
		Expression  string `json:"expression"`
		Location    string `json:"location"`
		Title       string `json:"title"`
	} `json:"condition"`
	ContentType      string `json:"contentType"`
	FeedOutputConfig struct {
		PubsubDestination any `json:"pubsubDestination"`
	} `json:"feedOutputConfig"`
	Name              string   `json:"name"`
	RelationshipTypes []string `json:"relationshipTypes"`
}

// notificationConfig has the members of https://cloud.google.com/security-command-center/docs/reference/rest/v1/organizations.notificationConfigs
type notificationConfig struct {
	DeletionNotificationsEnabled bool   `json:"deletionNotificationsEnabled"`
	Description                  string `json:"description"`
	Name                         string `json:"name"`
	PubsubTopic                  string `json:"pubsubTopic"`
	ServiceAccount               string `json:"serviceAccount"`
	StreamingConfig              struct {
		Filter string `json:"filter"`
	} `json:"streamingConfig"`
}

// muteConfig has the members of https://cloud.google.com/security-command-center/docs/reference/rest/v1/organizations.muteConfigs
type muteConfig struct {
	CreateTime       string `json:"createTime"`
	Description      string `json:"description"`
	DisplayName      string `json:"displayName"`
	ExpiryTime       string `json:"expiryTime"`
	Filter           string `json:"filter"`
	MostRecentEditor string `json:"mostRecentEditor"`
	Name             string `json:"name"`
	Type             string `json:"type"`
	UpdateTime       string `json:"updateTime"`
}

// discoveryConfig has the members of https://cloud.google.com/sensitive-data-protection/docs/reference/rest/v2/projects.locations.discoveryConfigs
type discoveryConfig struct {
	Actions []struct {
		ExportData               any `json:"exportData"`
		PubSubNotification       any `json:"pubSubNotification"`
		PublishToChronicle       any `json:"publishToChronicle"`
		PublishToDataplexCatalog any `json:"publishToDataplexCatalog"`
		PublishToScc             any `json:"publishToScc"`
		TagResources             any `json:"tagResources"`
	} `json:"actions"`
	CreateTime  string `json:"createTime"`
	DisplayName string `json:"displayName"`
	Errors      []struct {
		Details    any      `json:"details"`
		ExtraInfo  string   `json:"extraInfo"`
		Timestamps []string `json:"timestamps"`
	} `json:"errors"`
	InspectTemplates []string `json:"inspectTemplates"`
	LastRunTime      string   `json:"lastRunTime"`
	Name             string   `json:"name"`
	OrgConfig        struct {
		Location  any    `json:"location"`
		ProjectId string `json:"projectId"`
	} `json:"orgConfig"`
	OtherCloudStartingLocation struct {
		AwsLocation any `json:"awsLocation"`
	} `json:"otherCloudStartingLocation"`
	ProcessingLocation struct {
		DocumentFallbackLocation any `json:"documentFallbackLocation"`
		ImageFallbackLocation    any `json:"imageFallbackLocation"`
	} `json:"processingLocation"`
	Status  string `json:"status"`
	Targets []struct {
		BigQueryTarget      any `json:"bigQueryTarget"`
		CloudSqlTarget      any `json:"cloudSqlTarget"`
		CloudStorageTarget  any `json:"cloudStorageTarget"`
		OtherCloudTarget    any `json:"otherCloudTarget"`
		SecretsTarget       any `json:"secretsTarget"`
		VertexDatasetTarget any `json:"vertexDatasetTarget"`
	} `json:"targets"`
	UpdateTime string `json:"updateTime"`
}

// vulnerabilityReport has the members of https://cloud.google.com/compute/docs/osconfig/rest/v1/projects.locations.instances.vulnerabilityReports
type vulnerabilityReport struct {
	HighestUpgradableCveSeverity string `json:"highestUpgradableCveSeverity"`
	Name                         string `json:"name"`
	UpdateTime                   string `json:"updateTime"`
	Vulnerabilities              []struct {
		AvailableInventoryItemIds []string `json:"availableInventoryItemIds"`
		CreateTime                string   `json:"createTime"`
		Details                   struct {
			Cve         string  `json:"cve"`
			CvssV2Score float64 `json:"cvssV2Score"`
			CvssV3      any     `json:"cvssV3"`
			Description string  `json:"description"`
			References  []any   `json:"references"`
			Severity    string  `json:"severity"`
		} `json:"details"`
		InstalledInventoryItemIds []string `json:"installedInventoryItemIds"`
		Items                     []struct {
			AvailableInventoryItemId string `json:"availableInventoryItemId"`
			FixedCpeUri              string `json:"fixedCpeUri"`
			InstalledInventoryItemId string `json:"installedInventoryItemId"`
			UpstreamFix              string `json:"upstreamFix"`
		} `json:"items"`
		UpdateTime string `json:"updateTime"`
	} `json:"vulnerabilities"`
}

// osPolicyAssignment has the members of https://cloud.google.com/compute/docs/osconfig/rest/v1/projects.locations.osPolicyAssignments
type osPolicyAssignment struct {
	Baseline       bool   `json:"baseline"`
	Deleted        bool   `json:"deleted"`
	Description    string `json:"description"`
	Etag           string `json:"etag"`
	InstanceFilter struct {
		All             bool  `json:"all"`
		ExclusionLabels []any `json:"exclusionLabels"`
		InclusionLabels []any `json:"inclusionLabels"`
		Inventories     []any `json:"inventories"`
	} `json:"instanceFilter"`
	Name       string `json:"name"`
	OsPolicies []struct {
		AllowNoResourceGroupMatch bool   `json:"allowNoResourceGroupMatch"`
		Description               string `json:"description"`
		Id                        string `json:"id"`
		Mode                      string `json:"mode"`
		ResourceGroups            []any  `json:"resourceGroups"`
	} `json:"osPolicies"`
	Reconciling        bool   `json:"reconciling"`
	RevisionCreateTime string `json:"revisionCreateTime"`
	RevisionId         string `json:"revisionId"`
	Rollout            struct {
		DisruptionBudget any    `json:"disruptionBudget"`
		MinWaitDuration  string `json:"minWaitDuration"`
	} `json:"rollout"`
	RolloutState string `json:"rolloutState"`
	Uid          string `json:"uid"`
}

// backupVault has the members of https://cloud.google.com/backup-disaster-recovery/docs/reference/rest/v1/projects.locations.backupVaults
type backupVault struct {
	AccessRestriction                      string            `json:"accessRestriction"`
	Annotations                            map[string]string `json:"annotations"`
	BackupCount                            int64             `json:"backupCount"`
	BackupMinimumEnforcedRetentionDuration string            `json:"backupMinimumEnforcedRetentionDuration"`
	BackupRetentionInheritance             string            `json:"backupRetentionInheritance"`
	CreateTime                             string            `json:"createTime"`
	Deletable                              bool              `json:"deletable"`
	Description                            string            `json:"description"`
	EffectiveTime                          string            `json:"effectiveTime"`
	EncryptionConfig                       any               `json:"encryptionConfig"`
	Etag                                   string            `json:"etag"`
	Labels                                 map[string]string `json:"labels"`
	Name                                   string            `json:"name"`
	ServiceAccount                         string            `json:"serviceAccount"`
	State                                  string            `json:"state"`
	TotalStoredBytes                       int64             `json:"totalStoredBytes"`
	Uid                                    string            `json:"uid"`
	UpdateTime                             string            `json:"updateTime"`
}

// backupPlanAssociation has the members of https://cloud.google.com/backup-disaster-recovery/docs/reference/rest/v1/projects.locations.backupPlanAssociations
type backupPlanAssociation struct {
	AlloydbClusterBackupPlanAssociationProperties struct {
		ClusterUid string `json:"clusterUid"`
	} `json:"alloydbClusterBackupPlanAssociationProperties"`
	AutoProtectionPolicyBinding                     string `json:"autoProtectionPolicyBinding"`
	BackupPlan                                      string `json:"backupPlan"`
	BackupPlanRevisionId                            string `json:"backupPlanRevisionId"`
	BackupPlanRevisionName                          string `json:"backupPlanRevisionName"`
	CloudSqlInstanceBackupPlanAssociationProperties struct {
		InstanceCreateTime string `json:"instanceCreateTime"`
	} `json:"cloudSqlInstanceBackupPlanAssociationProperties"`
	CreateTime                                       string `json:"createTime"`
	DataSource                                       string `json:"dataSource"`
	FilestoreInstanceBackupPlanAssociationProperties struct {
		InstanceCreateTime string `json:"instanceCreateTime"`
	} `json:"filestoreInstanceBackupPlanAssociationProperties"`
	Name                                        string `json:"name"`
	NetappVolumeBackupPlanAssociationProperties struct {
		SourceResourceCreateTime string `json:"sourceResourceCreateTime"`
	} `json:"netappVolumeBackupPlanAssociationProperties"`
	Resource        string `json:"resource"`
	ResourceType    string `json:"resourceType"`
	RulesConfigInfo []struct {
		LastBackupError                     any    `json:"lastBackupError"`
		LastBackupState                     string `json:"lastBackupState"`
		LastSuccessfulBackupConsistencyTime string `json:"lastSuccessfulBackupConsistencyTime"`
		RuleId                              string `json:"ruleId"`
	} `json:"rulesConfigInfo"`
	State      string `json:"state"`
	UpdateTime string `json:"updateTime"`
}

// securityCenterService has the members of
// https://cloud.google.com/security-command-center/docs/reference/security-center-management/rest/v1/organizations.locations.securityCenterServices
type securityCenterService struct {
	Name                     string `json:"name"`
	IntendedEnablementState  string `json:"intendedEnablementState"`
	EffectiveEnablementState string `json:"effectiveEnablementState"`
	UpdateTime               string `json:"updateTime"`
	Modules                  map[string]struct {
		IntendedEnablementState  string `json:"intendedEnablementState"`
		EffectiveEnablementState string `json:"effectiveEnablementState"`
	} `json:"modules"`
}
