package azure

const diagnosticsVersion = "2021-05-01-preview"

// diagnosticSetting says which logs of an asset go where.
// https://learn.microsoft.com/rest/api/monitor/diagnostic-settings/list
type diagnosticSetting struct {
	WorkspaceID                 string `json:"workspaceId"`
	StorageAccountID            string `json:"storageAccountId"`
	EventHubAuthorizationRuleID string `json:"eventHubAuthorizationRuleId"`
	EventHubName                string `json:"eventHubName"`
	MarketplacePartnerID        string `json:"marketplacePartnerId"`
	LogAnalyticsDestinationType string `json:"logAnalyticsDestinationType"`
	Logs                        []struct {
		Category        string    `json:"category"`
		CategoryGroup   string    `json:"categoryGroup"`
		Enabled         bool      `json:"enabled"`
		RetentionPolicy retention `json:"retentionPolicy"`
	} `json:"logs"`
	Metrics []struct {
		Category string `json:"category"`
		Enabled  bool   `json:"enabled"`
	} `json:"metrics"`
}

// diagnostics reads the diagnostic settings of an asset.
func diagnostics() Read {
	return Read{
		Member: "diagnosticSettings", Path: "providers/Microsoft.Insights/diagnosticSettings", Version: diagnosticsVersion,
		Items: true, Item: diagnosticSetting{}, Action: "Microsoft.Insights/diagnosticSettings/read",
	}
}
