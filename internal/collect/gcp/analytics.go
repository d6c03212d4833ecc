package gcp

import (
	"google.golang.org/api/composer/v1"
)

func init() {
	register(Collector{Name: "analytics", Types: []Type{
		{Name: "composer.googleapis.com/Environment", Class: "data pipeline", Item: composer.Environment{}, Secret: []string{"config.softwareConfig.envVariables"}},
		{Name: "dataflow.googleapis.com/Job", Class: "data pipeline", Item: dataflowJob{}, Label: "{name}"},
		{Name: "dataproc.googleapis.com/Cluster", Class: "data cluster", Item: dataprocCluster{}, Policy: true, Label: "{clusterName}"},
		{Name: "dataplex.googleapis.com/Lake", Class: "data lake", Item: lake{}, Policy: true},
		{Name: "metastore.googleapis.com/Service", Class: "database", Item: metastore{}, Policy: true},
		{Name: "datafusion.googleapis.com/Instance", Class: "data pipeline", Item: datafusionInstance{}, Policy: true},
		{Name: "datastream.googleapis.com/ConnectionProfile", Class: "data connection", Item: connectionProfile{}, Secret: []string{"postgresqlProfile.password", "mysqlProfile.password", "oracleProfile.password", "sqlServerProfile.password"}},
	}})
}

// dataflowJob has the members of https://cloud.google.com/dataflow/docs/reference/rest/v1b3/projects.jobs
type dataflowJob struct {
	ClientRequestId       string `json:"clientRequestId"`
	CreateTime            string `json:"createTime"`
	CreatedFromSnapshotId string `json:"createdFromSnapshotId"`
	CurrentState          string `json:"currentState"`
	CurrentStateTime      string `json:"currentStateTime"`
	Environment           struct {
		ClusterManagerApiService               string   `json:"clusterManagerApiService"`
		Dataset                                string   `json:"dataset"`
		DebugOptions                           any      `json:"debugOptions"`
		Experiments                            []string `json:"experiments"`
		FlexResourceSchedulingGoal             string   `json:"flexResourceSchedulingGoal"`
		InternalExperiments                    any      `json:"internalExperiments"`
		SdkPipelineOptions                     any      `json:"sdkPipelineOptions"`
		ServiceAccountEmail                    string   `json:"serviceAccountEmail"`
		ServiceKmsKeyName                      string   `json:"serviceKmsKeyName"`
		ServiceOptions                         []string `json:"serviceOptions"`
		ShuffleMode                            string   `json:"shuffleMode"`
		StreamingMode                          string   `json:"streamingMode"`
		TempStoragePrefix                      string   `json:"tempStoragePrefix"`
		UsePublicIps                           bool     `json:"usePublicIps"`
		UseStreamingEngineResourceBasedBilling bool     `json:"useStreamingEngineResourceBasedBilling"`
		UserAgent                              any      `json:"userAgent"`
		Version                                any      `json:"version"`
		WorkerPools                            []any    `json:"workerPools"`
		WorkerRegion                           string   `json:"workerRegion"`
		WorkerZone                             string   `json:"workerZone"`
	} `json:"environment"`
	ExecutionInfo struct {
		Stages map[string]any `json:"stages"`
	} `json:"executionInfo"`
	Id          string `json:"id"`
	JobMetadata struct {
		BigTableDetails       []any             `json:"bigTableDetails"`
		BigqueryDetails       []any             `json:"bigqueryDetails"`
		DatastoreDetails      []any             `json:"datastoreDetails"`
		FileDetails           []any             `json:"fileDetails"`
		PubsubDetails         []any             `json:"pubsubDetails"`
		SdkVersion            any               `json:"sdkVersion"`
		SpannerDetails        []any             `json:"spannerDetails"`
		UserDisplayProperties map[string]string `json:"userDisplayProperties"`
	} `json:"jobMetadata"`
	Labels              map[string]string `json:"labels"`
	Location            string            `json:"location"`
	Name                string            `json:"name"`
	Pausable            bool              `json:"pausable"`
	PipelineDescription struct {
		DisplayData               []any  `json:"displayData"`
		ExecutionPipelineStage    []any  `json:"executionPipelineStage"`
		OriginalPipelineTransform []any  `json:"originalPipelineTransform"`
		StepNamesHash             string `json:"stepNamesHash"`
	} `json:"pipelineDescription"`
	ProjectId              string `json:"projectId"`
	ReplaceJobId           string `json:"replaceJobId"`
	ReplacedByJobId        string `json:"replacedByJobId"`
	RequestedState         string `json:"requestedState"`
	RuntimeUpdatableParams struct {
		AcceptableBacklogDuration string  `json:"acceptableBacklogDuration"`
		AutoscalingTier           string  `json:"autoscalingTier"`
		LatencyTier               string  `json:"latencyTier"`
		MaxNumWorkers             int64   `json:"maxNumWorkers"`
		MinNumWorkers             int64   `json:"minNumWorkers"`
		Schedules                 []any   `json:"schedules"`
		WorkerUtilizationHint     float64 `json:"workerUtilizationHint"`
	} `json:"runtimeUpdatableParams"`
	SatisfiesPzi     bool `json:"satisfiesPzi"`
	SatisfiesPzs     bool `json:"satisfiesPzs"`
	ServiceResources struct {
		Zones []string `json:"zones"`
	} `json:"serviceResources"`
	StageStates []struct {
		CurrentStateTime    string `json:"currentStateTime"`
		ExecutionStageName  string `json:"executionStageName"`
		ExecutionStageState string `json:"executionStageState"`
	} `json:"stageStates"`
	StartTime string `json:"startTime"`
	Steps     []struct {
		Kind       string `json:"kind"`
		Name       string `json:"name"`
		Properties any    `json:"properties"`
	} `json:"steps"`
	StepsLocation        string            `json:"stepsLocation"`
	TempFiles            []string          `json:"tempFiles"`
	TransformNameMapping map[string]string `json:"transformNameMapping"`
	Type                 string            `json:"type"`
}

// dataprocCluster has the members of https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.clusters
type dataprocCluster struct {
	ClusterName string `json:"clusterName"`
	ClusterUuid string `json:"clusterUuid"`
	Config      struct {
		AutoscalingConfig struct {
			PolicyUri string `json:"policyUri"`
		} `json:"autoscalingConfig"`
		AuxiliaryNodeGroups []struct {
			NodeGroup   any    `json:"nodeGroup"`
			NodeGroupId string `json:"nodeGroupId"`
		} `json:"auxiliaryNodeGroups"`
		ClusterTier          string `json:"clusterTier"`
		ClusterType          string `json:"clusterType"`
		ConfigBucket         string `json:"configBucket"`
		DataprocMetricConfig struct {
			Metrics []any `json:"metrics"`
		} `json:"dataprocMetricConfig"`
		DiagnosticBucket string `json:"diagnosticBucket"`
		EncryptionConfig struct {
			GcePdKmsKeyName string `json:"gcePdKmsKeyName"`
			KmsKey          string `json:"kmsKey"`
		} `json:"encryptionConfig"`
		EndpointConfig struct {
			EnableHttpPortAccess bool              `json:"enableHttpPortAccess"`
			HttpPorts            map[string]string `json:"httpPorts"`
		} `json:"endpointConfig"`
		Engine           string `json:"engine"`
		GceClusterConfig struct {
			AutoZoneExcludeZoneUris    []string          `json:"autoZoneExcludeZoneUris"`
			ConfidentialInstanceConfig any               `json:"confidentialInstanceConfig"`
			InternalIpOnly             bool              `json:"internalIpOnly"`
			Metadata                   map[string]string `json:"metadata"`
			MultiZoneConfig            any               `json:"multiZoneConfig"`
			NetworkUri                 string            `json:"networkUri"`
			NodeGroupAffinity          any               `json:"nodeGroupAffinity"`
			PrivateIpv6GoogleAccess    string            `json:"privateIpv6GoogleAccess"`
			ReservationAffinity        any               `json:"reservationAffinity"`
			ResourceManagerTags        map[string]string `json:"resourceManagerTags"`
			ServiceAccount             string            `json:"serviceAccount"`
			ServiceAccountScopes       []string          `json:"serviceAccountScopes"`
			ShieldedInstanceConfig     any               `json:"shieldedInstanceConfig"`
			SubnetworkUri              string            `json:"subnetworkUri"`
			Tags                       []string          `json:"tags"`
			ZoneUri                    string            `json:"zoneUri"`
		} `json:"gceClusterConfig"`
		GkeClusterConfig struct {
			GkeClusterTarget              string `json:"gkeClusterTarget"`
			NamespacedGkeDeploymentTarget any    `json:"namespacedGkeDeploymentTarget"`
			NodePoolTarget                []any  `json:"nodePoolTarget"`
		} `json:"gkeClusterConfig"`
		InitializationActions []struct {
			ExecutableFile   string `json:"executableFile"`
			ExecutionTimeout string `json:"executionTimeout"`
		} `json:"initializationActions"`
		LifecycleConfig struct {
			AutoDeleteTime string `json:"autoDeleteTime"`
			AutoDeleteTtl  string `json:"autoDeleteTtl"`
			AutoStopTime   string `json:"autoStopTime"`
			AutoStopTtl    string `json:"autoStopTtl"`
			IdleDeleteTtl  string `json:"idleDeleteTtl"`
			IdleStartTime  string `json:"idleStartTime"`
			IdleStopTtl    string `json:"idleStopTtl"`
		} `json:"lifecycleConfig"`
		MasterConfig struct {
			Accelerators              []any    `json:"accelerators"`
			DiskConfig                any      `json:"diskConfig"`
			ImageUri                  string   `json:"imageUri"`
			InstanceFlexibilityPolicy any      `json:"instanceFlexibilityPolicy"`
			InstanceNames             []string `json:"instanceNames"`
			InstanceReferences        []any    `json:"instanceReferences"`
			IsPreemptible             bool     `json:"isPreemptible"`
			MachineTypeUri            string   `json:"machineTypeUri"`
			ManagedGroupConfig        any      `json:"managedGroupConfig"`
			MinCpuPlatform            string   `json:"minCpuPlatform"`
			MinNumInstances           int64    `json:"minNumInstances"`
			NumInstances              int64    `json:"numInstances"`
			Preemptibility            string   `json:"preemptibility"`
			StartupConfig             any      `json:"startupConfig"`
		} `json:"masterConfig"`
		MasterFlexibleConfig struct {
			BootDiskSizeGb int64  `json:"bootDiskSizeGb"`
			CoreCount      int64  `json:"coreCount"`
			HardwareClass  string `json:"hardwareClass"`
			NumInstances   int64  `json:"numInstances"`
		} `json:"masterFlexibleConfig"`
		MetastoreConfig struct {
			DataprocMetastoreService string `json:"dataprocMetastoreService"`
		} `json:"metastoreConfig"`
		SchedulingConfig struct {
			RequestedRunDuration string `json:"requestedRunDuration"`
			SchedulingTimeout    string `json:"schedulingTimeout"`
		} `json:"schedulingConfig"`
		SecondaryWorkerConfig struct {
			Accelerators              []any    `json:"accelerators"`
			DiskConfig                any      `json:"diskConfig"`
			ImageUri                  string   `json:"imageUri"`
			InstanceFlexibilityPolicy any      `json:"instanceFlexibilityPolicy"`
			InstanceNames             []string `json:"instanceNames"`
			InstanceReferences        []any    `json:"instanceReferences"`
			IsPreemptible             bool     `json:"isPreemptible"`
			MachineTypeUri            string   `json:"machineTypeUri"`
			ManagedGroupConfig        any      `json:"managedGroupConfig"`
			MinCpuPlatform            string   `json:"minCpuPlatform"`
			MinNumInstances           int64    `json:"minNumInstances"`
			NumInstances              int64    `json:"numInstances"`
			Preemptibility            string   `json:"preemptibility"`
			StartupConfig             any      `json:"startupConfig"`
		} `json:"secondaryWorkerConfig"`
		SecondaryWorkerFlexibleConfig struct {
			BootDiskSizeGb int64  `json:"bootDiskSizeGb"`
			CoreCount      int64  `json:"coreCount"`
			HardwareClass  string `json:"hardwareClass"`
			NumInstances   int64  `json:"numInstances"`
		} `json:"secondaryWorkerFlexibleConfig"`
		SecurityConfig struct {
			IdentityConfig any `json:"identityConfig"`
			KerberosConfig any `json:"kerberosConfig"`
		} `json:"securityConfig"`
		SoftwareConfig struct {
			ImageVersion       string            `json:"imageVersion"`
			OptionalComponents []string          `json:"optionalComponents"`
			Properties         map[string]string `json:"properties"`
		} `json:"softwareConfig"`
		TempBucket   string `json:"tempBucket"`
		WorkerConfig struct {
			Accelerators              []any    `json:"accelerators"`
			DiskConfig                any      `json:"diskConfig"`
			ImageUri                  string   `json:"imageUri"`
			InstanceFlexibilityPolicy any      `json:"instanceFlexibilityPolicy"`
			InstanceNames             []string `json:"instanceNames"`
			InstanceReferences        []any    `json:"instanceReferences"`
			IsPreemptible             bool     `json:"isPreemptible"`
			MachineTypeUri            string   `json:"machineTypeUri"`
			ManagedGroupConfig        any      `json:"managedGroupConfig"`
			MinCpuPlatform            string   `json:"minCpuPlatform"`
			MinNumInstances           int64    `json:"minNumInstances"`
			NumInstances              int64    `json:"numInstances"`
			Preemptibility            string   `json:"preemptibility"`
			StartupConfig             any      `json:"startupConfig"`
		} `json:"workerConfig"`
		WorkerFlexibleConfig struct {
			BootDiskSizeGb int64  `json:"bootDiskSizeGb"`
			CoreCount      int64  `json:"coreCount"`
			HardwareClass  string `json:"hardwareClass"`
			NumInstances   int64  `json:"numInstances"`
		} `json:"workerFlexibleConfig"`
	} `json:"config"`
	Labels  map[string]string `json:"labels"`
	Metrics struct {
		HdfsMetrics map[string]string `json:"hdfsMetrics"`
		YarnMetrics map[string]string `json:"yarnMetrics"`
	} `json:"metrics"`
	ProjectId string `json:"projectId"`
	Status    struct {
		Detail         string `json:"detail"`
		State          string `json:"state"`
		StateStartTime string `json:"stateStartTime"`
		Substate       string `json:"substate"`
	} `json:"status"`
	StatusHistory []struct {
		Detail         string `json:"detail"`
		State          string `json:"state"`
		StateStartTime string `json:"stateStartTime"`
		Substate       string `json:"substate"`
	} `json:"statusHistory"`
	VirtualClusterConfig struct {
		AuxiliaryServicesConfig struct {
			MetastoreConfig          any `json:"metastoreConfig"`
			SparkHistoryServerConfig any `json:"sparkHistoryServerConfig"`
		} `json:"auxiliaryServicesConfig"`
		KubernetesClusterConfig struct {
			GkeClusterConfig         any    `json:"gkeClusterConfig"`
			KubernetesNamespace      string `json:"kubernetesNamespace"`
			KubernetesSoftwareConfig any    `json:"kubernetesSoftwareConfig"`
		} `json:"kubernetesClusterConfig"`
		StagingBucket string `json:"stagingBucket"`
	} `json:"virtualClusterConfig"`
}

// lake has the members of https://cloud.google.com/dataplex/docs/reference/rest/v1/projects.locations.lakes
type lake struct {
	AssetStatus struct {
		ActiveAssets                 int64  `json:"activeAssets"`
		SecurityPolicyApplyingAssets int64  `json:"securityPolicyApplyingAssets"`
		UpdateTime                   string `json:"updateTime"`
	} `json:"assetStatus"`
	CreateTime  string            `json:"createTime"`
	Description string            `json:"description"`
	DisplayName string            `json:"displayName"`
	Labels      map[string]string `json:"labels"`
	Metastore   struct {
		Service string `json:"service"`
	} `json:"metastore"`
	MetastoreStatus struct {
		Endpoint   string `json:"endpoint"`
		Message    string `json:"message"`
		State      string `json:"state"`
		UpdateTime string `json:"updateTime"`
	} `json:"metastoreStatus"`
	Name           string `json:"name"`
	ServiceAccount string `json:"serviceAccount"`
	State          string `json:"state"`
	Uid            string `json:"uid"`
	UpdateTime     string `json:"updateTime"`
}

// metastore has the members of https://cloud.google.com/dataproc-metastore/docs/reference/rest/v1/projects.locations.services
type metastore struct {
	ArtifactGcsUri     string `json:"artifactGcsUri"`
	CreateTime         string `json:"createTime"`
	DatabaseType       string `json:"databaseType"`
	DeletionProtection bool   `json:"deletionProtection"`
	EncryptionConfig   struct {
		KmsKey string `json:"kmsKey"`
	} `json:"encryptionConfig"`
	EndpointUri         string `json:"endpointUri"`
	HiveMetastoreConfig struct {
		AuxiliaryVersions map[string]struct {
			ConfigOverrides map[string]string `json:"configOverrides"`
			NetworkConfig   any               `json:"networkConfig"`
			Version         string            `json:"version"`
		} `json:"auxiliaryVersions"`
		ConfigOverrides  map[string]string `json:"configOverrides"`
		EndpointProtocol string            `json:"endpointProtocol"`
		KerberosConfig   struct {
			Keytab           any    `json:"keytab"`
			Krb5ConfigGcsUri string `json:"krb5ConfigGcsUri"`
			Principal        string `json:"principal"`
		} `json:"kerberosConfig"`
		Version string `json:"version"`
	} `json:"hiveMetastoreConfig"`
	Labels               map[string]string `json:"labels"`
	LakehouseProxyConfig struct {
		Catalog    string   `json:"catalog"`
		Namespaces []string `json:"namespaces"`
	} `json:"lakehouseProxyConfig"`
	MaintenanceWindow struct {
		DayOfWeek string `json:"dayOfWeek"`
		HourOfDay int64  `json:"hourOfDay"`
	} `json:"maintenanceWindow"`
	MetadataIntegration struct {
		DataCatalogConfig struct {
			Enabled bool `json:"enabled"`
		} `json:"dataCatalogConfig"`
	} `json:"metadataIntegration"`
	MetadataManagementActivity struct {
		MetadataExports []struct {
			DatabaseDumpType  string `json:"databaseDumpType"`
			DestinationGcsUri string `json:"destinationGcsUri"`
			EndTime           string `json:"endTime"`
			StartTime         string `json:"startTime"`
			State             string `json:"state"`
		} `json:"metadataExports"`
		Restores []struct {
			Backup         string `json:"backup"`
			BackupLocation string `json:"backupLocation"`
			Details        string `json:"details"`
			EndTime        string `json:"endTime"`
			StartTime      string `json:"startTime"`
			State          string `json:"state"`
			Type           string `json:"type"`
		} `json:"restores"`
	} `json:"metadataManagementActivity"`
	Name          string `json:"name"`
	Network       string `json:"network"`
	NetworkConfig struct {
		Consumers []struct {
			EndpointLocation string `json:"endpointLocation"`
			EndpointUri      string `json:"endpointUri"`
			Subnetwork       string `json:"subnetwork"`
		} `json:"consumers"`
	} `json:"networkConfig"`
	Port           int64  `json:"port"`
	ReleaseChannel string `json:"releaseChannel"`
	ScalingConfig  struct {
		AutoscalingConfig struct {
			AutoscalingEnabled bool    `json:"autoscalingEnabled"`
			AutoscalingFactor  float64 `json:"autoscalingFactor"`
			LimitConfig        any     `json:"limitConfig"`
		} `json:"autoscalingConfig"`
		InstanceSize  string  `json:"instanceSize"`
		ScalingFactor float64 `json:"scalingFactor"`
	} `json:"scalingConfig"`
	ScheduledBackup struct {
		BackupLocation string `json:"backupLocation"`
		CronSchedule   string `json:"cronSchedule"`
		Enabled        bool   `json:"enabled"`
		LatestBackup   struct {
			BackupId  string `json:"backupId"`
			Duration  string `json:"duration"`
			StartTime string `json:"startTime"`
			State     string `json:"state"`
		} `json:"latestBackup"`
		NextScheduledTime string `json:"nextScheduledTime"`
		TimeZone          string `json:"timeZone"`
	} `json:"scheduledBackup"`
	State           string            `json:"state"`
	StateMessage    string            `json:"stateMessage"`
	Tags            map[string]string `json:"tags"`
	TelemetryConfig struct {
		LogFormat string `json:"logFormat"`
	} `json:"telemetryConfig"`
	Tier       string `json:"tier"`
	Uid        string `json:"uid"`
	UpdateTime string `json:"updateTime"`
}

// datafusionInstance has the members of https://cloud.google.com/data-fusion/docs/reference/rest/v1/projects.locations.instances
type datafusionInstance struct {
	Accelerators []struct {
		AcceleratorType string `json:"acceleratorType"`
		State           string `json:"state"`
	} `json:"accelerators"`
	ApiEndpoint      string `json:"apiEndpoint"`
	AvailableVersion []struct {
		AvailableFeatures []string `json:"availableFeatures"`
		DefaultVersion    bool     `json:"defaultVersion"`
		Type              string   `json:"type"`
		VersionNumber     string   `json:"versionNumber"`
	} `json:"availableVersion"`
	CreateTime      string `json:"createTime"`
	CryptoKeyConfig struct {
		KeyReference string `json:"keyReference"`
	} `json:"cryptoKeyConfig"`
	DataplexDataLineageIntegrationEnabled bool     `json:"dataplexDataLineageIntegrationEnabled"`
	DataprocServiceAccount                string   `json:"dataprocServiceAccount"`
	Description                           string   `json:"description"`
	DisabledReason                        []string `json:"disabledReason"`
	DisplayName                           string   `json:"displayName"`
	EnableRbac                            bool     `json:"enableRbac"`
	EnableStackdriverLogging              bool     `json:"enableStackdriverLogging"`
	EnableStackdriverMonitoring           bool     `json:"enableStackdriverMonitoring"`
	EnableZoneSeparation                  bool     `json:"enableZoneSeparation"`
	EventPublishConfig                    struct {
		Enabled bool   `json:"enabled"`
		Topic   string `json:"topic"`
	} `json:"eventPublishConfig"`
	GcsBucket     string            `json:"gcsBucket"`
	Labels        map[string]string `json:"labels"`
	LoggingConfig struct {
		EnableInstanceV2Logs         bool `json:"enableInstanceV2Logs"`
		InstanceCloudLoggingDisabled bool `json:"instanceCloudLoggingDisabled"`
	} `json:"loggingConfig"`
	MaintenanceEvents []struct {
		EndTime   string `json:"endTime"`
		StartTime string `json:"startTime"`
		State     string `json:"state"`
	} `json:"maintenanceEvents"`
	MaintenancePolicy struct {
		MaintenanceExclusionWindow any `json:"maintenanceExclusionWindow"`
		MaintenanceWindow          any `json:"maintenanceWindow"`
	} `json:"maintenancePolicy"`
	MonitoringConfig struct {
		EnableInstanceV2Metrics bool `json:"enableInstanceV2Metrics"`
	} `json:"monitoringConfig"`
	Name          string `json:"name"`
	NetworkConfig struct {
		ConnectionType              string `json:"connectionType"`
		IpAllocation                string `json:"ipAllocation"`
		Network                     string `json:"network"`
		PrivateServiceConnectConfig any    `json:"privateServiceConnectConfig"`
	} `json:"networkConfig"`
	Options                          map[string]string `json:"options"`
	P4ServiceAccount                 string            `json:"p4ServiceAccount"`
	PatchRevision                    string            `json:"patchRevision"`
	PrivateInstance                  bool              `json:"privateInstance"`
	SatisfiesPzi                     bool              `json:"satisfiesPzi"`
	SatisfiesPzs                     bool              `json:"satisfiesPzs"`
	ServiceAccount                   string            `json:"serviceAccount"`
	ServiceEndpoint                  string            `json:"serviceEndpoint"`
	State                            string            `json:"state"`
	StateMessage                     string            `json:"stateMessage"`
	Tags                             map[string]string `json:"tags"`
	TenantProjectId                  string            `json:"tenantProjectId"`
	Type                             string            `json:"type"`
	UpdateTime                       string            `json:"updateTime"`
	Version                          string            `json:"version"`
	WorkforceIdentityServiceEndpoint string            `json:"workforceIdentityServiceEndpoint"`
	Zone                             string            `json:"zone"`
}

// connectionProfile has the members of https://cloud.google.com/datastream/docs/reference/rest/v1/projects.locations.connectionProfiles
type connectionProfile struct {
	BigqueryProfile  any    `json:"bigqueryProfile"`
	CreateTime       string `json:"createTime"`
	DataverseProfile struct {
		EnvironmentUrl         string `json:"environmentUrl"`
		OauthClientCredentials any    `json:"oauthClientCredentials"`
		TenantId               string `json:"tenantId"`
	} `json:"dataverseProfile"`
	DisplayName            string `json:"displayName"`
	ForwardSshConnectivity struct {
		Hostname   string `json:"hostname"`
		Password   string `json:"password"`
		Port       int64  `json:"port"`
		PrivateKey string `json:"privateKey"`
		Username   string `json:"username"`
	} `json:"forwardSshConnectivity"`
	GcsProfile struct {
		Bucket   string `json:"bucket"`
		RootPath string `json:"rootPath"`
	} `json:"gcsProfile"`
	Labels         map[string]string `json:"labels"`
	MongodbProfile struct {
		AdditionalOptions           map[string]string `json:"additionalOptions"`
		HostAddresses               []any             `json:"hostAddresses"`
		Password                    string            `json:"password"`
		ReplicaSet                  string            `json:"replicaSet"`
		SecretManagerStoredPassword string            `json:"secretManagerStoredPassword"`
		SrvConnectionFormat         any               `json:"srvConnectionFormat"`
		SslConfig                   any               `json:"sslConfig"`
		StandardConnectionFormat    any               `json:"standardConnectionFormat"`
		Username                    string            `json:"username"`
	} `json:"mongodbProfile"`
	MysqlProfile struct {
		Hostname                    string `json:"hostname"`
		Password                    string `json:"password"`
		Port                        int64  `json:"port"`
		SecretManagerStoredPassword string `json:"secretManagerStoredPassword"`
		SslConfig                   any    `json:"sslConfig"`
		Username                    string `json:"username"`
	} `json:"mysqlProfile"`
	Name          string `json:"name"`
	OracleProfile struct {
		ConnectionAttributes        map[string]string `json:"connectionAttributes"`
		DatabaseService             string            `json:"databaseService"`
		Hostname                    string            `json:"hostname"`
		OracleAsmConfig             any               `json:"oracleAsmConfig"`
		OracleSslConfig             any               `json:"oracleSslConfig"`
		Password                    string            `json:"password"`
		Port                        int64             `json:"port"`
		SecretManagerStoredPassword string            `json:"secretManagerStoredPassword"`
		Username                    string            `json:"username"`
	} `json:"oracleProfile"`
	PostgresqlProfile struct {
		Database                    string `json:"database"`
		Hostname                    string `json:"hostname"`
		Password                    string `json:"password"`
		Port                        int64  `json:"port"`
		SecretManagerStoredPassword string `json:"secretManagerStoredPassword"`
		SslConfig                   any    `json:"sslConfig"`
		Username                    string `json:"username"`
	} `json:"postgresqlProfile"`
	PrivateConnectivity struct {
		PrivateConnection string `json:"privateConnection"`
	} `json:"privateConnectivity"`
	SalesforceMarketingCloudProfile struct {
		OauthClientCredentials any    `json:"oauthClientCredentials"`
		Subdomain              string `json:"subdomain"`
	} `json:"salesforceMarketingCloudProfile"`
	SalesforceProfile struct {
		Domain                  string `json:"domain"`
		Oauth2ClientCredentials any    `json:"oauth2ClientCredentials"`
		UserCredentials         any    `json:"userCredentials"`
	} `json:"salesforceProfile"`
	SatisfiesPzi      bool `json:"satisfiesPzi"`
	SatisfiesPzs      bool `json:"satisfiesPzs"`
	ServiceNowProfile struct {
		Instance                string `json:"instance"`
		OauthClientCredentials  any    `json:"oauthClientCredentials"`
		UserPasswordCredentials any    `json:"userPasswordCredentials"`
	} `json:"serviceNowProfile"`
	SpannerProfile struct {
		Database string `json:"database"`
		Host     string `json:"host"`
	} `json:"spannerProfile"`
	SqlServerProfile struct {
		Database                    string `json:"database"`
		Hostname                    string `json:"hostname"`
		Password                    string `json:"password"`
		Port                        int64  `json:"port"`
		SecretManagerStoredPassword string `json:"secretManagerStoredPassword"`
		SslConfig                   any    `json:"sslConfig"`
		Username                    string `json:"username"`
	} `json:"sqlServerProfile"`
	StaticServiceIpConnectivity any    `json:"staticServiceIpConnectivity"`
	UpdateTime                  string `json:"updateTime"`
	WorkdayProfile              struct {
		Host                         string `json:"host"`
		OauthRefreshTokenCredentials any    `json:"oauthRefreshTokenCredentials"`
		Tenant                       string `json:"tenant"`
	} `json:"workdayProfile"`
}
