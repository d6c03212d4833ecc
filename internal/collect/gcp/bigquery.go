package gcp

import (
	"google.golang.org/api/bigquery/v2"
)

func init() {
	register(Collector{Name: "bigquery", Types: []Type{
		// https://cloud.google.com/bigquery/docs/reference/rest/v2
		{Name: "bigquery.googleapis.com/Dataset", Class: "data set", Item: bigquery.Dataset{}, Policy: true},
		{Name: "bigquery.googleapis.com/Table", Class: "table", Item: bigquery.Table{}, Policy: true},
		{Name: "bigquerydatatransfer.googleapis.com/TransferConfig", Class: "transfer job", Item: transferConfig{}, Label: "{displayName}"},
	}})
}

// transferConfig has the members of https://cloud.google.com/bigquery/docs/reference/datatransfer/rest/v1/projects.locations.transferConfigs
type transferConfig struct {
	DataRefreshWindowDays int64  `json:"dataRefreshWindowDays"`
	DataSourceId          string `json:"dataSourceId"`
	DatasetRegion         string `json:"datasetRegion"`
	DestinationDatasetId  string `json:"destinationDatasetId"`
	Disabled              bool   `json:"disabled"`
	DisplayName           string `json:"displayName"`
	EmailPreferences      struct {
		EnableFailureEmail bool `json:"enableFailureEmail"`
	} `json:"emailPreferences"`
	EncryptionConfiguration struct {
		KmsKeyName string `json:"kmsKeyName"`
	} `json:"encryptionConfiguration"`
	Error struct {
		Code    int64  `json:"code"`
		Details []any  `json:"details"`
		Message string `json:"message"`
	} `json:"error"`
	ManagedTableType    string `json:"managedTableType"`
	MetadataDestination struct {
		DataplexConfiguration any `json:"dataplexConfiguration"`
	} `json:"metadataDestination"`
	Name                    string `json:"name"`
	NextRunTime             string `json:"nextRunTime"`
	NotificationPubsubTopic string `json:"notificationPubsubTopic"`
	OwnerInfo               struct {
		Email string `json:"email"`
	} `json:"ownerInfo"`
	ParamConfig struct {
		SecretManagerManagedParams []string `json:"secretManagerManagedParams"`
	} `json:"paramConfig"`
	Params          any    `json:"params"`
	Schedule        string `json:"schedule"`
	ScheduleOptions struct {
		DisableAutoScheduling bool   `json:"disableAutoScheduling"`
		EndTime               string `json:"endTime"`
		StartTime             string `json:"startTime"`
	} `json:"scheduleOptions"`
	ScheduleOptionsV2 struct {
		EventDrivenSchedule any `json:"eventDrivenSchedule"`
		ManualSchedule      any `json:"manualSchedule"`
		TimeBasedSchedule   any `json:"timeBasedSchedule"`
	} `json:"scheduleOptionsV2"`
	State      string `json:"state"`
	UpdateTime string `json:"updateTime"`
	UserId     int64  `json:"userId"`
}
