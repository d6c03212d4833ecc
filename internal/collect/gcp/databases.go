package gcp

import (
	"google.golang.org/api/alloydb/v1"
	"google.golang.org/api/redis/v1"
)

func init() {
	register(Collector{Name: "databases", Types: []Type{
		{Name: "spanner.googleapis.com/Instance", Class: "database", Item: spannerInstance{}, Policy: true, Label: "{displayName}"},
		{Name: "spanner.googleapis.com/Database", Class: "database", Item: spannerDatabase{}, Policy: true},
		{Name: "spanner.googleapis.com/Backup", Class: "backup", Item: spannerBackup{}, Policy: true},
		{Name: "bigtableadmin.googleapis.com/Instance", Class: "database", Item: bigtableInstance{}, Policy: true, Label: "{displayName}"},
		{Name: "bigtableadmin.googleapis.com/Cluster", Class: "database cluster", Item: bigtableCluster{}},
		{Name: "bigtableadmin.googleapis.com/Table", Class: "table", Item: bigtableTable{}, Policy: true},
		{Name: "firestore.googleapis.com/Database", Class: "database", Item: firestoreDatabase{}},
		{Name: "alloydb.googleapis.com/Cluster", Class: "database cluster", Item: alloydb.Cluster{}, Secret: []string{"initialUser.password"}},
		{Name: "alloydb.googleapis.com/Instance", Class: "database", Item: alloydb.Instance{}},
		{Name: "redis.googleapis.com/Instance", Class: "cache", Item: redis.Instance{}},
		{Name: "redis.googleapis.com/Cluster", Class: "cache", Item: redis.Cluster{}},
		{Name: "memcache.googleapis.com/Instance", Class: "cache", Item: memcacheInstance{}},
		{Name: "file.googleapis.com/Instance", Class: "file system", Item: fileInstance{}},
		{Name: "healthcare.googleapis.com/Dataset", Class: "data set", Item: healthcareDataset{}, Policy: true},
	}})
}

// spannerInstance has the members of https://cloud.google.com/spanner/docs/reference/rest/v1/projects.instances
type spannerInstance struct {
	AutoscalingConfig struct {
		AsymmetricAutoscalingOptions []any `json:"asymmetricAutoscalingOptions"`
		AutoscalingLimits            any   `json:"autoscalingLimits"`
		AutoscalingTargets           any   `json:"autoscalingTargets"`
	} `json:"autoscalingConfig"`
	Config                    string   `json:"config"`
	CreateTime                string   `json:"createTime"`
	DefaultBackupScheduleType string   `json:"defaultBackupScheduleType"`
	DisplayName               string   `json:"displayName"`
	Edition                   string   `json:"edition"`
	EndpointUris              []string `json:"endpointUris"`
	FreeInstanceMetadata      struct {
		ExpireBehavior string `json:"expireBehavior"`
		ExpireTime     string `json:"expireTime"`
		UpgradeTime    string `json:"upgradeTime"`
	} `json:"freeInstanceMetadata"`
	InstanceType           string            `json:"instanceType"`
	Labels                 map[string]string `json:"labels"`
	Name                   string            `json:"name"`
	NodeCount              int64             `json:"nodeCount"`
	ProcessingUnits        int64             `json:"processingUnits"`
	ReplicaComputeCapacity []struct {
		NodeCount        int64 `json:"nodeCount"`
		ProcessingUnits  int64 `json:"processingUnits"`
		ReplicaSelection any   `json:"replicaSelection"`
	} `json:"replicaComputeCapacity"`
	State      string            `json:"state"`
	Tags       map[string]string `json:"tags"`
	UpdateTime string            `json:"updateTime"`
}

// spannerDatabase has the members of https://cloud.google.com/spanner/docs/reference/rest/v1/projects.instances.databases
type spannerDatabase struct {
	CreateTime           string `json:"createTime"`
	DatabaseDialect      string `json:"databaseDialect"`
	DefaultLeader        string `json:"defaultLeader"`
	EarliestVersionTime  string `json:"earliestVersionTime"`
	EnableDropProtection bool   `json:"enableDropProtection"`
	EncryptionConfig     struct {
		KmsKeyName  string   `json:"kmsKeyName"`
		KmsKeyNames []string `json:"kmsKeyNames"`
	} `json:"encryptionConfig"`
	EncryptionInfo []struct {
		EncryptionStatus any    `json:"encryptionStatus"`
		EncryptionType   string `json:"encryptionType"`
		KmsKeyVersion    string `json:"kmsKeyVersion"`
	} `json:"encryptionInfo"`
	Name       string `json:"name"`
	QuorumInfo struct {
		Etag       string `json:"etag"`
		Initiator  string `json:"initiator"`
		QuorumType any    `json:"quorumType"`
		StartTime  string `json:"startTime"`
	} `json:"quorumInfo"`
	Reconciling bool `json:"reconciling"`
	RestoreInfo struct {
		BackupInfo any    `json:"backupInfo"`
		SourceType string `json:"sourceType"`
	} `json:"restoreInfo"`
	State                  string `json:"state"`
	VersionRetentionPeriod string `json:"versionRetentionPeriod"`
}

// spannerBackup has the members of https://cloud.google.com/spanner/docs/reference/rest/v1/projects.instances.backups
type spannerBackup struct {
	BackupSchedules []string `json:"backupSchedules"`
	CreateTime      string   `json:"createTime"`
	Database        string   `json:"database"`
	DatabaseDialect string   `json:"databaseDialect"`
	EncryptionInfo  struct {
		EncryptionStatus any    `json:"encryptionStatus"`
		EncryptionType   string `json:"encryptionType"`
		KmsKeyVersion    string `json:"kmsKeyVersion"`
	} `json:"encryptionInfo"`
	EncryptionInformation []struct {
		EncryptionStatus any    `json:"encryptionStatus"`
		EncryptionType   string `json:"encryptionType"`
		KmsKeyVersion    string `json:"kmsKeyVersion"`
	} `json:"encryptionInformation"`
	ExclusiveSizeBytes       int64  `json:"exclusiveSizeBytes"`
	ExpireTime               string `json:"expireTime"`
	FreeableSizeBytes        int64  `json:"freeableSizeBytes"`
	IncrementalBackupChainId string `json:"incrementalBackupChainId"`
	InstancePartitions       []struct {
		InstancePartition string `json:"instancePartition"`
	} `json:"instancePartitions"`
	MaxExpireTime            string   `json:"maxExpireTime"`
	MinimumRestorableEdition string   `json:"minimumRestorableEdition"`
	Name                     string   `json:"name"`
	OldestVersionTime        string   `json:"oldestVersionTime"`
	ReferencingBackups       []string `json:"referencingBackups"`
	ReferencingDatabases     []string `json:"referencingDatabases"`
	SizeBytes                int64    `json:"sizeBytes"`
	State                    string   `json:"state"`
	VersionTime              string   `json:"versionTime"`
}

// bigtableInstance has the members of https://cloud.google.com/bigtable/docs/reference/admin/rest/v2/projects.instances
type bigtableInstance struct {
	CreateTime             string            `json:"createTime"`
	DisplayName            string            `json:"displayName"`
	Edition                string            `json:"edition"`
	KnowledgeCatalogRegion string            `json:"knowledgeCatalogRegion"`
	Labels                 map[string]string `json:"labels"`
	Name                   string            `json:"name"`
	SatisfiesPzi           bool              `json:"satisfiesPzi"`
	SatisfiesPzs           bool              `json:"satisfiesPzs"`
	State                  string            `json:"state"`
	Tags                   map[string]string `json:"tags"`
	Type                   string            `json:"type"`
}

// bigtableCluster has the members of https://cloud.google.com/bigtable/docs/reference/admin/rest/v2/projects.instances.clusters
type bigtableCluster struct {
	ClusterConfig struct {
		ClusterAutoscalingConfig any `json:"clusterAutoscalingConfig"`
	} `json:"clusterConfig"`
	DefaultStorageType string `json:"defaultStorageType"`
	EncryptionConfig   struct {
		KmsKeyName string `json:"kmsKeyName"`
	} `json:"encryptionConfig"`
	Location          string `json:"location"`
	Name              string `json:"name"`
	NodeScalingFactor string `json:"nodeScalingFactor"`
	ServeNodes        int64  `json:"serveNodes"`
	State             string `json:"state"`
}

// bigtableTable has the members of https://cloud.google.com/bigtable/docs/reference/admin/rest/v2/projects.instances.tables
type bigtableTable struct {
	AutomatedBackupPolicy struct {
		Disabled        bool     `json:"disabled"`
		Frequency       string   `json:"frequency"`
		KeepHotDuration string   `json:"keepHotDuration"`
		Locations       []string `json:"locations"`
		RetentionPeriod string   `json:"retentionPeriod"`
	} `json:"automatedBackupPolicy"`
	ChangeStreamConfig struct {
		RetentionPeriod string `json:"retentionPeriod"`
	} `json:"changeStreamConfig"`
	ClusterStates map[string]struct {
		EncryptionInfo   []any  `json:"encryptionInfo"`
		ReplicationState string `json:"replicationState"`
	} `json:"clusterStates"`
	ColumnFamilies map[string]struct {
		GcRule    any `json:"gcRule"`
		Stats     any `json:"stats"`
		ValueType any `json:"valueType"`
	} `json:"columnFamilies"`
	DeletionProtection             bool `json:"deletionProtection"`
	EffectiveAutomatedBackupPolicy struct {
		Disabled        bool     `json:"disabled"`
		Frequency       string   `json:"frequency"`
		KeepHotDuration string   `json:"keepHotDuration"`
		Locations       []string `json:"locations"`
		RetentionPeriod string   `json:"retentionPeriod"`
	} `json:"effectiveAutomatedBackupPolicy"`
	Granularity string `json:"granularity"`
	Name        string `json:"name"`
	RestoreInfo struct {
		BackupInfo any    `json:"backupInfo"`
		SourceType string `json:"sourceType"`
	} `json:"restoreInfo"`
	RowKeySchema struct {
		Encoding any   `json:"encoding"`
		Fields   []any `json:"fields"`
	} `json:"rowKeySchema"`
	Stats struct {
		AverageCellsPerColumn float64 `json:"averageCellsPerColumn"`
		AverageColumnsPerRow  float64 `json:"averageColumnsPerRow"`
		LogicalDataBytes      int64   `json:"logicalDataBytes"`
		RowCount              int64   `json:"rowCount"`
	} `json:"stats"`
	TieredStorageConfig struct {
		InfrequentAccess any `json:"infrequentAccess"`
	} `json:"tieredStorageConfig"`
}

// firestoreDatabase has the members of https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases
type firestoreDatabase struct {
	AppEngineIntegrationMode string `json:"appEngineIntegrationMode"`
	CmekConfig               struct {
		ActiveKeyVersion []string `json:"activeKeyVersion"`
		KmsKeyName       string   `json:"kmsKeyName"`
	} `json:"cmekConfig"`
	ConcurrencyMode                 string `json:"concurrencyMode"`
	CreateTime                      string `json:"createTime"`
	DatabaseEdition                 string `json:"databaseEdition"`
	DeleteProtectionState           string `json:"deleteProtectionState"`
	DeleteTime                      string `json:"deleteTime"`
	EarliestVersionTime             string `json:"earliestVersionTime"`
	Etag                            string `json:"etag"`
	FirestoreDataAccessMode         string `json:"firestoreDataAccessMode"`
	FreeTier                        bool   `json:"freeTier"`
	KeyPrefix                       string `json:"keyPrefix"`
	LocationId                      string `json:"locationId"`
	MongodbCompatibleDataAccessMode string `json:"mongodbCompatibleDataAccessMode"`
	Name                            string `json:"name"`
	PointInTimeRecoveryEnablement   string `json:"pointInTimeRecoveryEnablement"`
	PreviousId                      string `json:"previousId"`
	RealtimeUpdatesMode             string `json:"realtimeUpdatesMode"`
	SourceInfo                      struct {
		Backup    any    `json:"backup"`
		Operation string `json:"operation"`
	} `json:"sourceInfo"`
	Tags                   map[string]string `json:"tags"`
	Type                   string            `json:"type"`
	Uid                    string            `json:"uid"`
	UpdateTime             string            `json:"updateTime"`
	VersionRetentionPeriod string            `json:"versionRetentionPeriod"`
}

// memcacheInstance has the members of https://cloud.google.com/memorystore/docs/memcached/reference/rest/v1/projects.locations.instances
type memcacheInstance struct {
	AuthorizedNetwork            string   `json:"authorizedNetwork"`
	AvailableMaintenanceVersions []string `json:"availableMaintenanceVersions"`
	CreateTime                   string   `json:"createTime"`
	DiscoveryEndpoint            string   `json:"discoveryEndpoint"`
	DisplayName                  string   `json:"displayName"`
	EffectiveMaintenanceVersion  string   `json:"effectiveMaintenanceVersion"`
	InstanceMessages             []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"instanceMessages"`
	Labels            map[string]string `json:"labels"`
	MaintenancePolicy struct {
		CreateTime              string `json:"createTime"`
		Description             string `json:"description"`
		UpdateTime              string `json:"updateTime"`
		WeeklyMaintenanceWindow []any  `json:"weeklyMaintenanceWindow"`
	} `json:"maintenancePolicy"`
	MaintenanceSchedule struct {
		EndTime              string `json:"endTime"`
		ScheduleDeadlineTime string `json:"scheduleDeadlineTime"`
		StartTime            string `json:"startTime"`
	} `json:"maintenanceSchedule"`
	MaintenanceVersion  string `json:"maintenanceVersion"`
	MemcacheFullVersion string `json:"memcacheFullVersion"`
	MemcacheNodes       []struct {
		Host                string `json:"host"`
		MemcacheFullVersion string `json:"memcacheFullVersion"`
		MemcacheVersion     string `json:"memcacheVersion"`
		NodeId              string `json:"nodeId"`
		Parameters          any    `json:"parameters"`
		Port                int64  `json:"port"`
		State               string `json:"state"`
		Zone                string `json:"zone"`
	} `json:"memcacheNodes"`
	MemcacheVersion string `json:"memcacheVersion"`
	Name            string `json:"name"`
	NodeConfig      struct {
		CpuCount     int64 `json:"cpuCount"`
		MemorySizeMb int64 `json:"memorySizeMb"`
	} `json:"nodeConfig"`
	NodeCount  int64 `json:"nodeCount"`
	Parameters struct {
		Id     string            `json:"id"`
		Params map[string]string `json:"params"`
	} `json:"parameters"`
	ReservedIpRangeId []string `json:"reservedIpRangeId"`
	SatisfiesPzi      bool     `json:"satisfiesPzi"`
	SatisfiesPzs      bool     `json:"satisfiesPzs"`
	State             string   `json:"state"`
	UpdateTime        string   `json:"updateTime"`
	Zones             []string `json:"zones"`
}

// fileInstance has the members of https://cloud.google.com/filestore/docs/reference/rest/v1/projects.locations.instances
type fileInstance struct {
	CapacityStepSizeGb         int64  `json:"capacityStepSizeGb"`
	CreateTime                 string `json:"createTime"`
	CustomPerformanceSupported bool   `json:"customPerformanceSupported"`
	DeletionProtectionEnabled  bool   `json:"deletionProtectionEnabled"`
	DeletionProtectionReason   string `json:"deletionProtectionReason"`
	Description                string `json:"description"`
	DirectoryServices          struct {
		Ldap any `json:"ldap"`
	} `json:"directoryServices"`
	Etag       string `json:"etag"`
	FileShares []struct {
		CapacityGb           int64  `json:"capacityGb"`
		Name                 string `json:"name"`
		NfsExportOptions     []any  `json:"nfsExportOptions"`
		SourceBackup         string `json:"sourceBackup"`
		SourceBackupdrBackup string `json:"sourceBackupdrBackup"`
	} `json:"fileShares"`
	KmsKeyName    string            `json:"kmsKeyName"`
	Labels        map[string]string `json:"labels"`
	MaxCapacityGb int64             `json:"maxCapacityGb"`
	MinCapacityGb int64             `json:"minCapacityGb"`
	Name          string            `json:"name"`
	Networks      []struct {
		ConnectMode     string   `json:"connectMode"`
		IpAddresses     []string `json:"ipAddresses"`
		Modes           []string `json:"modes"`
		Network         string   `json:"network"`
		PscConfig       any      `json:"pscConfig"`
		ReservedIpRange string   `json:"reservedIpRange"`
	} `json:"networks"`
	PerformanceConfig struct {
		FixedIops any `json:"fixedIops"`
		IopsPerTb any `json:"iopsPerTb"`
	} `json:"performanceConfig"`
	PerformanceLimits struct {
		MaxIops               int64 `json:"maxIops"`
		MaxReadIops           int64 `json:"maxReadIops"`
		MaxReadThroughputBps  int64 `json:"maxReadThroughputBps"`
		MaxWriteIops          int64 `json:"maxWriteIops"`
		MaxWriteThroughputBps int64 `json:"maxWriteThroughputBps"`
	} `json:"performanceLimits"`
	Protocol    string `json:"protocol"`
	Replication struct {
		Replicas []any  `json:"replicas"`
		Role     string `json:"role"`
	} `json:"replication"`
	SatisfiesPzi      bool              `json:"satisfiesPzi"`
	SatisfiesPzs      bool              `json:"satisfiesPzs"`
	State             string            `json:"state"`
	StatusMessage     string            `json:"statusMessage"`
	SuspensionReasons []string          `json:"suspensionReasons"`
	Tags              map[string]string `json:"tags"`
	Tier              string            `json:"tier"`
}

// healthcareDataset has the members of https://cloud.google.com/healthcare-api/docs/reference/rest/v1/projects.locations.datasets
type healthcareDataset struct {
	EncryptionSpec struct {
		KmsKeyName string `json:"kmsKeyName"`
	} `json:"encryptionSpec"`
	Name         string `json:"name"`
	SatisfiesPzi bool   `json:"satisfiesPzi"`
	SatisfiesPzs bool   `json:"satisfiesPzs"`
	TimeZone     string `json:"timeZone"`
}
