package gcp

func init() {
	register(Collector{Name: "policyanalyzer", Types: []Type{
		lastUse("policyanalyzer.googleapis.com/ServiceAccountLastAuthentication", "serviceAccountLastAuthentication"),
		lastUse("policyanalyzer.googleapis.com/ServiceAccountKeyLastAuthentication", "serviceAccountKeyLastAuthentication"),
	}})
}

// lastUse declares the activities of one kind: for each service account, or key
// of one, when it last signed in. The inventory has none of them.
// https://cloud.google.com/policy-intelligence/docs/activity-analyzer-service-account-authentication
func lastUse(name, kind string) Type {
	return Type{
		Name: name, Class: "activity", Item: activity{}, Label: "{fullResourceName}",
		List: &List{
			Per: PerProject, ID: "{fullResourceName}/{activityType}",
			Call: Call{
				API: "policyanalyzer", Method: "projects.locations.activityTypes.activities.query",
				Permission: "policyanalyzer." + kind + "Activities.query",
				Path:       "v1/projects/{project}/locations/global/activityTypes/" + kind + "/activities:query",
				Query:      map[string]string{"pageSize": "1000"}, Items: "activities", Item: activity{},
			},
		},
	}
}

// activity has the members of
// https://cloud.google.com/policy-intelligence/docs/reference/policyanalyzer/rest/v1/projects.locations.activityTypes.activities/query
// and of the activity itself, which the API leaves without a shape. An account
// without a last sign-in was not used in the time of observation.
type activity struct {
	FullResourceName  string `json:"fullResourceName"`
	ActivityType      string `json:"activityType"`
	ObservationPeriod struct {
		StartTime string `json:"startTime"`
		EndTime   string `json:"endTime"`
	} `json:"observationPeriod"`
	Activity struct {
		LastAuthenticatedTime string         `json:"lastAuthenticatedTime"`
		ServiceAccount        activitySource `json:"serviceAccount"`
		ServiceAccountKey     activitySource `json:"serviceAccountKey"`
	} `json:"activity"`
}

type activitySource struct {
	ProjectNumber    int64  `json:"projectNumber"`
	ServiceAccountID string `json:"serviceAccountId"`
	FullResourceName string `json:"fullResourceName"`
}
