package gcp

func init() {
	register(Collector{Name: "logging", Types: []Type{
		{Name: "logging.googleapis.com/LogBucket", Class: "log store", Item: logBucket{}},
		{Name: "logging.googleapis.com/LogSink", Class: "trail", Item: logSink{}, Label: "{name}"},
		{Name: "logging.googleapis.com/LogMetric", Class: "metric filter", Item: logMetric{}, Label: "{name}"},
		{Name: "logging.googleapis.com/LogView", Class: "log view", Item: logView{}, Policy: true},
		{Name: "logging.googleapis.com/Settings", Class: "settings", Item: logSettings{}},
	}})
}

// logBucket has the members of https://cloud.google.com/logging/docs/reference/v2/rest/v2/projects.locations.buckets
type logBucket struct {
	AnalyticsEnabled bool `json:"analyticsEnabled"`
	CmekSettings     struct {
		KmsKeyName        string `json:"kmsKeyName"`
		KmsKeyVersionName string `json:"kmsKeyVersionName"`
		Name              string `json:"name"`
		ServiceAccountId  string `json:"serviceAccountId"`
	} `json:"cmekSettings"`
	CreateTime   string `json:"createTime"`
	Description  string `json:"description"`
	IndexConfigs []struct {
		CreateTime string `json:"createTime"`
		FieldPath  string `json:"fieldPath"`
		Type       string `json:"type"`
	} `json:"indexConfigs"`
	LifecycleState   string   `json:"lifecycleState"`
	Locked           bool     `json:"locked"`
	Name             string   `json:"name"`
	RestrictedFields []string `json:"restrictedFields"`
	RetentionDays    int64    `json:"retentionDays"`
	UpdateTime       string   `json:"updateTime"`
}

// logSink has the members of https://cloud.google.com/logging/docs/reference/v2/rest/v2/projects.sinks
type logSink struct {
	BigqueryOptions struct {
		UsePartitionedTables            bool `json:"usePartitionedTables"`
		UsesTimestampColumnPartitioning bool `json:"usesTimestampColumnPartitioning"`
	} `json:"bigqueryOptions"`
	CreateTime  string `json:"createTime"`
	Description string `json:"description"`
	Destination string `json:"destination"`
	Disabled    bool   `json:"disabled"`
	Exclusions  []struct {
		CreateTime  string `json:"createTime"`
		Description string `json:"description"`
		Disabled    bool   `json:"disabled"`
		Filter      string `json:"filter"`
		Name        string `json:"name"`
		UpdateTime  string `json:"updateTime"`
	} `json:"exclusions"`
	Filter              string `json:"filter"`
	IncludeChildren     bool   `json:"includeChildren"`
	InterceptChildren   bool   `json:"interceptChildren"`
	Name                string `json:"name"`
	OutputVersionFormat string `json:"outputVersionFormat"`
	ResourceName        string `json:"resourceName"`
	UpdateTime          string `json:"updateTime"`
	WriterIdentity      string `json:"writerIdentity"`
}

// logMetric has the members of https://cloud.google.com/logging/docs/reference/v2/rest/v2/projects.metrics
type logMetric struct {
	BucketName    string `json:"bucketName"`
	BucketOptions struct {
		ExplicitBuckets    any `json:"explicitBuckets"`
		ExponentialBuckets any `json:"exponentialBuckets"`
		LinearBuckets      any `json:"linearBuckets"`
	} `json:"bucketOptions"`
	CreateTime       string            `json:"createTime"`
	Description      string            `json:"description"`
	Disabled         bool              `json:"disabled"`
	Filter           string            `json:"filter"`
	LabelExtractors  map[string]string `json:"labelExtractors"`
	MetricDescriptor struct {
		Description            string   `json:"description"`
		DisplayName            string   `json:"displayName"`
		Labels                 []any    `json:"labels"`
		LaunchStage            string   `json:"launchStage"`
		Metadata               any      `json:"metadata"`
		MetricKind             string   `json:"metricKind"`
		MonitoredResourceTypes []string `json:"monitoredResourceTypes"`
		Name                   string   `json:"name"`
		Type                   string   `json:"type"`
		Unit                   string   `json:"unit"`
		ValueType              string   `json:"valueType"`
	} `json:"metricDescriptor"`
	Name           string `json:"name"`
	ResourceName   string `json:"resourceName"`
	UpdateTime     string `json:"updateTime"`
	ValueExtractor string `json:"valueExtractor"`
	Version        string `json:"version"`
}

// logView has the members of https://cloud.google.com/logging/docs/reference/v2/rest/v2/projects.locations.buckets.views
type logView struct {
	CreateTime  string `json:"createTime"`
	Description string `json:"description"`
	Filter      string `json:"filter"`
	Name        string `json:"name"`
	UpdateTime  string `json:"updateTime"`
}

// logSettings has the members of https://cloud.google.com/logging/docs/reference/v2/rest/v2/TopLevel/getSettings
type logSettings struct {
	DefaultSinkConfig struct {
		Exclusions []any  `json:"exclusions"`
		Filter     string `json:"filter"`
		Mode       string `json:"mode"`
	} `json:"defaultSinkConfig"`
	DisableDefaultSink      bool   `json:"disableDefaultSink"`
	KmsKeyName              string `json:"kmsKeyName"`
	KmsServiceAccountId     string `json:"kmsServiceAccountId"`
	LoggingServiceAccountId string `json:"loggingServiceAccountId"`
	Name                    string `json:"name"`
	StorageLocation         string `json:"storageLocation"`
}
