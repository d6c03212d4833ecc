package gcp

import (
	"google.golang.org/api/notebooks/v2"
)

func init() {
	register(Collector{Name: "ai", Types: []Type{
		{Name: "notebooks.googleapis.com/Instance", Class: "notebook", Item: notebooks.Instance{}, Policy: true},
		{Name: "aiplatform.googleapis.com/Endpoint", Class: "model endpoint", Item: aiEndpoint{}, Policy: true, Label: "{displayName}"},
		{Name: "aiplatform.googleapis.com/Dataset", Class: "data set", Item: aiDataset{}, Policy: true, Label: "{displayName}"},
		{Name: "aiplatform.googleapis.com/Model", Class: "model", Item: aiModel{}, Policy: true, Label: "{displayName}"},
		{Name: "aiplatform.googleapis.com/NotebookRuntimeTemplate", Class: "notebook template", Item: runtimeTemplate{}, Policy: true, Label: "{displayName}"},
		{Name: "workstations.googleapis.com/WorkstationCluster", Class: "workstation cluster", Item: workstationCluster{}},
	}})
}

// aiEndpoint has the members of https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints
type aiEndpoint struct {
	ClientConnectionConfig struct {
		InferenceTimeout string `json:"inferenceTimeout"`
	} `json:"clientConnectionConfig"`
	CreateTime               string `json:"createTime"`
	DedicatedEndpointDns     string `json:"dedicatedEndpointDns"`
	DedicatedEndpointEnabled bool   `json:"dedicatedEndpointEnabled"`
	DeployedModels           []struct {
		AutomaticResources      any               `json:"automaticResources"`
		CheckpointId            string            `json:"checkpointId"`
		CreateTime              string            `json:"createTime"`
		DedicatedResources      any               `json:"dedicatedResources"`
		DisableContainerLogging bool              `json:"disableContainerLogging"`
		DisableExplanations     bool              `json:"disableExplanations"`
		DisplayName             string            `json:"displayName"`
		EnableAccessLogging     bool              `json:"enableAccessLogging"`
		ExplanationSpec         any               `json:"explanationSpec"`
		FasterDeploymentConfig  any               `json:"fasterDeploymentConfig"`
		GdcConnectedModel       string            `json:"gdcConnectedModel"`
		Id                      string            `json:"id"`
		Model                   string            `json:"model"`
		ModelVersionId          string            `json:"modelVersionId"`
		PrivateEndpoints        any               `json:"privateEndpoints"`
		ServiceAccount          string            `json:"serviceAccount"`
		SharedResources         string            `json:"sharedResources"`
		SpeculativeDecodingSpec any               `json:"speculativeDecodingSpec"`
		Status                  any               `json:"status"`
		SystemLabels            map[string]string `json:"systemLabels"`
	} `json:"deployedModels"`
	Description                 string `json:"description"`
	DisplayName                 string `json:"displayName"`
	EnablePrivateServiceConnect bool   `json:"enablePrivateServiceConnect"`
	EncryptionSpec              struct {
		KmsKeyName string `json:"kmsKeyName"`
	} `json:"encryptionSpec"`
	Etag      string `json:"etag"`
	GdcConfig struct {
		Zone string `json:"zone"`
	} `json:"gdcConfig"`
	GenAiAdvancedFeaturesConfig struct {
		RagConfig any `json:"ragConfig"`
	} `json:"genAiAdvancedFeaturesConfig"`
	Labels                              map[string]string `json:"labels"`
	ModelDeploymentMonitoringJob        string            `json:"modelDeploymentMonitoringJob"`
	Name                                string            `json:"name"`
	Network                             string            `json:"network"`
	PredictRequestResponseLoggingConfig struct {
		BigqueryDestination any     `json:"bigqueryDestination"`
		Enabled             bool    `json:"enabled"`
		SamplingRate        float64 `json:"samplingRate"`
	} `json:"predictRequestResponseLoggingConfig"`
	PrivateServiceConnectConfig struct {
		EnablePrivateServiceConnect bool     `json:"enablePrivateServiceConnect"`
		ProjectAllowlist            []string `json:"projectAllowlist"`
		PscAutomationConfigs        []any    `json:"pscAutomationConfigs"`
		ServiceAttachment           string   `json:"serviceAttachment"`
	} `json:"privateServiceConnectConfig"`
	SatisfiesPzi bool             `json:"satisfiesPzi"`
	SatisfiesPzs bool             `json:"satisfiesPzs"`
	TrafficSplit map[string]int64 `json:"trafficSplit"`
	UpdateTime   string           `json:"updateTime"`
}

// aiDataset has the members of https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.datasets
type aiDataset struct {
	CreateTime     string `json:"createTime"`
	DataItemCount  int64  `json:"dataItemCount"`
	Description    string `json:"description"`
	DisplayName    string `json:"displayName"`
	EncryptionSpec struct {
		KmsKeyName string `json:"kmsKeyName"`
	} `json:"encryptionSpec"`
	Etag              string            `json:"etag"`
	Labels            map[string]string `json:"labels"`
	Metadata          any               `json:"metadata"`
	MetadataArtifact  string            `json:"metadataArtifact"`
	MetadataSchemaUri string            `json:"metadataSchemaUri"`
	ModelReference    string            `json:"modelReference"`
	Name              string            `json:"name"`
	SatisfiesPzi      bool              `json:"satisfiesPzi"`
	SatisfiesPzs      bool              `json:"satisfiesPzs"`
	SavedQueries      []struct {
		AnnotationFilter      string `json:"annotationFilter"`
		AnnotationSpecCount   int64  `json:"annotationSpecCount"`
		CreateTime            string `json:"createTime"`
		DisplayName           string `json:"displayName"`
		Etag                  string `json:"etag"`
		Metadata              any    `json:"metadata"`
		Name                  string `json:"name"`
		ProblemType           string `json:"problemType"`
		SupportAutomlTraining bool   `json:"supportAutomlTraining"`
		UpdateTime            string `json:"updateTime"`
	} `json:"savedQueries"`
	UpdateTime string `json:"updateTime"`
}

// aiModel has the members of https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.models
type aiModel struct {
	ArtifactUri     string `json:"artifactUri"`
	BaseModelSource struct {
		GenieSource       any `json:"genieSource"`
		ModelGardenSource any `json:"modelGardenSource"`
	} `json:"baseModelSource"`
	Checkpoints []struct {
		CheckpointId string `json:"checkpointId"`
		Epoch        int64  `json:"epoch"`
		Step         int64  `json:"step"`
	} `json:"checkpoints"`
	ContainerSpec struct {
		Args               []string `json:"args"`
		Command            []string `json:"command"`
		DeploymentTimeout  string   `json:"deploymentTimeout"`
		Env                []any    `json:"env"`
		GrpcPorts          []any    `json:"grpcPorts"`
		HealthProbe        any      `json:"healthProbe"`
		HealthRoute        string   `json:"healthRoute"`
		ImageUri           string   `json:"imageUri"`
		InvokeRoutePrefix  string   `json:"invokeRoutePrefix"`
		LivenessProbe      any      `json:"livenessProbe"`
		Ports              []any    `json:"ports"`
		PredictRoute       string   `json:"predictRoute"`
		SharedMemorySizeMb int64    `json:"sharedMemorySizeMb"`
		StartupProbe       any      `json:"startupProbe"`
	} `json:"containerSpec"`
	CreateTime string `json:"createTime"`
	DataStats  struct {
		TestAnnotationsCount       int64 `json:"testAnnotationsCount"`
		TestDataItemsCount         int64 `json:"testDataItemsCount"`
		TrainingAnnotationsCount   int64 `json:"trainingAnnotationsCount"`
		TrainingDataItemsCount     int64 `json:"trainingDataItemsCount"`
		ValidationAnnotationsCount int64 `json:"validationAnnotationsCount"`
		ValidationDataItemsCount   int64 `json:"validationDataItemsCount"`
	} `json:"dataStats"`
	DefaultCheckpointId string `json:"defaultCheckpointId"`
	DeployedModels      []struct {
		CheckpointId    string `json:"checkpointId"`
		DeployedModelId string `json:"deployedModelId"`
		Endpoint        string `json:"endpoint"`
	} `json:"deployedModels"`
	Description    string `json:"description"`
	DisplayName    string `json:"displayName"`
	EncryptionSpec struct {
		KmsKeyName string `json:"kmsKeyName"`
	} `json:"encryptionSpec"`
	Etag            string `json:"etag"`
	ExplanationSpec struct {
		Metadata   any `json:"metadata"`
		Parameters any `json:"parameters"`
	} `json:"explanationSpec"`
	Labels            map[string]string `json:"labels"`
	Metadata          any               `json:"metadata"`
	MetadataArtifact  string            `json:"metadataArtifact"`
	MetadataSchemaUri string            `json:"metadataSchemaUri"`
	ModelSourceInfo   struct {
		Copy       bool   `json:"copy"`
		SourceType string `json:"sourceType"`
	} `json:"modelSourceInfo"`
	Name              string `json:"name"`
	OriginalModelInfo struct {
		Model string `json:"model"`
	} `json:"originalModelInfo"`
	PipelineJob     string `json:"pipelineJob"`
	PredictSchemata struct {
		InstanceSchemaUri   string `json:"instanceSchemaUri"`
		ParametersSchemaUri string `json:"parametersSchemaUri"`
		PredictionSchemaUri string `json:"predictionSchemaUri"`
	} `json:"predictSchemata"`
	SatisfiesPzi                      bool     `json:"satisfiesPzi"`
	SatisfiesPzs                      bool     `json:"satisfiesPzs"`
	SupportedDeploymentResourcesTypes []string `json:"supportedDeploymentResourcesTypes"`
	SupportedExportFormats            []struct {
		ExportableContents []string `json:"exportableContents"`
		Id                 string   `json:"id"`
	} `json:"supportedExportFormats"`
	SupportedInputStorageFormats  []string `json:"supportedInputStorageFormats"`
	SupportedOutputStorageFormats []string `json:"supportedOutputStorageFormats"`
	TrainingPipeline              string   `json:"trainingPipeline"`
	UpdateTime                    string   `json:"updateTime"`
	VersionAliases                []string `json:"versionAliases"`
	VersionCreateTime             string   `json:"versionCreateTime"`
	VersionDescription            string   `json:"versionDescription"`
	VersionId                     string   `json:"versionId"`
	VersionUpdateTime             string   `json:"versionUpdateTime"`
}

// runtimeTemplate has the members of https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.notebookRuntimeTemplates
type runtimeTemplate struct {
	CreateTime             string `json:"createTime"`
	DataPersistentDiskSpec struct {
		DiskSizeGb int64  `json:"diskSizeGb"`
		DiskType   string `json:"diskType"`
	} `json:"dataPersistentDiskSpec"`
	Description    string `json:"description"`
	DisplayName    string `json:"displayName"`
	EncryptionSpec struct {
		KmsKeyName string `json:"kmsKeyName"`
	} `json:"encryptionSpec"`
	Etag      string `json:"etag"`
	EucConfig struct {
		BypassActasCheck bool `json:"bypassActasCheck"`
		EucDisabled      bool `json:"eucDisabled"`
	} `json:"eucConfig"`
	IdleShutdownConfig struct {
		IdleShutdownDisabled bool   `json:"idleShutdownDisabled"`
		IdleTimeout          string `json:"idleTimeout"`
	} `json:"idleShutdownConfig"`
	IsDefault   bool              `json:"isDefault"`
	Labels      map[string]string `json:"labels"`
	MachineSpec struct {
		AcceleratorCount    int64  `json:"acceleratorCount"`
		AcceleratorType     string `json:"acceleratorType"`
		GpuPartitionSize    string `json:"gpuPartitionSize"`
		MachineType         string `json:"machineType"`
		ReservationAffinity any    `json:"reservationAffinity"`
		TpuTopology         string `json:"tpuTopology"`
	} `json:"machineSpec"`
	Name        string `json:"name"`
	NetworkSpec struct {
		EnableInternetAccess bool   `json:"enableInternetAccess"`
		Network              string `json:"network"`
		Subnetwork           string `json:"subnetwork"`
	} `json:"networkSpec"`
	NetworkTags         []string `json:"networkTags"`
	NotebookRuntimeType string   `json:"notebookRuntimeType"`
	ReservationAffinity struct {
		ConsumeReservationType string   `json:"consumeReservationType"`
		Key                    string   `json:"key"`
		Values                 []string `json:"values"`
	} `json:"reservationAffinity"`
	ServiceAccount   string `json:"serviceAccount"`
	ShieldedVmConfig struct {
		EnableSecureBoot bool `json:"enableSecureBoot"`
	} `json:"shieldedVmConfig"`
	SoftwareConfig struct {
		ColabImage              any   `json:"colabImage"`
		Env                     []any `json:"env"`
		PostStartupScriptConfig any   `json:"postStartupScriptConfig"`
	} `json:"softwareConfig"`
	UpdateTime string `json:"updateTime"`
}

// workstationCluster has the members of https://cloud.google.com/workstations/docs/reference/rest/v1/projects.locations.workstationClusters
type workstationCluster struct {
	Annotations map[string]string `json:"annotations"`
	Conditions  []struct {
		Code    int64  `json:"code"`
		Details []any  `json:"details"`
		Message string `json:"message"`
	} `json:"conditions"`
	ControlPlaneIp string `json:"controlPlaneIp"`
	CreateTime     string `json:"createTime"`
	Degraded       bool   `json:"degraded"`
	DeleteTime     string `json:"deleteTime"`
	DisplayName    string `json:"displayName"`
	DomainConfig   struct {
		Domain string `json:"domain"`
	} `json:"domainConfig"`
	Etag          string `json:"etag"`
	GatewayConfig struct {
		Http2Enabled bool `json:"http2Enabled"`
	} `json:"gatewayConfig"`
	Labels               map[string]string `json:"labels"`
	Name                 string            `json:"name"`
	Network              string            `json:"network"`
	PrivateClusterConfig struct {
		AllowedProjects       []string `json:"allowedProjects"`
		ClusterHostname       string   `json:"clusterHostname"`
		EnablePrivateEndpoint bool     `json:"enablePrivateEndpoint"`
		ServiceAttachmentUri  string   `json:"serviceAttachmentUri"`
	} `json:"privateClusterConfig"`
	Reconciling                 bool              `json:"reconciling"`
	Subnetwork                  string            `json:"subnetwork"`
	Tags                        map[string]string `json:"tags"`
	Uid                         string            `json:"uid"`
	UpdateTime                  string            `json:"updateTime"`
	WorkstationAuthorizationUrl string            `json:"workstationAuthorizationUrl"`
	WorkstationLaunchUrl        string            `json:"workstationLaunchUrl"`
}
