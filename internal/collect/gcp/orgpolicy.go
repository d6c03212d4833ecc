package gcp

import (
	"google.golang.org/api/orgpolicy/v2"
)

func init() {
	register(Collector{Name: "orgpolicy", Types: []Type{
		// https://cloud.google.com/resource-manager/docs/reference/orgpolicy/rest
		{Name: "orgpolicy.googleapis.com/Policy", Class: "organization policy", Item: orgpolicy.GoogleCloudOrgpolicyV2Policy{}},
		{Name: "orgpolicy.googleapis.com/CustomConstraint", Class: "organization policy", Item: orgpolicy.GoogleCloudOrgpolicyV2CustomConstraint{}},
	}})
}
