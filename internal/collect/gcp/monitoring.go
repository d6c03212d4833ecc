package gcp

import (
	"google.golang.org/api/monitoring/v3"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "monitoring", Types: []Type{
		// https://cloud.google.com/monitoring/api/ref_v3/rest/v3
		{Name: "monitoring.googleapis.com/AlertPolicy", Class: "alarm", Item: monitoring.AlertPolicy{}, Label: "{displayName}", Shape: shapeEnabled},
		{Name: "monitoring.googleapis.com/NotificationChannel", Class: "notification channel", Item: monitoring.NotificationChannel{}, Label: "{displayName}", Secret: []string{"sensitiveLabels"}, Shape: shapeEnabled},
	}})
}

// shapeEnabled makes a missing "enabled" unknown: it is a value that the API
// always sends, and tells its readers to assume nothing where it does not.
// https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#AlertPolicy.FIELDS.enabled
func shapeEnabled(s *model.Schema) { s.Fields["enabled"] = &model.Schema{Kind: model.Bool} }
