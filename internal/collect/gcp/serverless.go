package gcp

import (
	"google.golang.org/api/appengine/v1"
	"google.golang.org/api/cloudfunctions/v1"
	functions "google.golang.org/api/cloudfunctions/v2"
	"google.golang.org/api/run/v1"
	runv2 "google.golang.org/api/run/v2"
)

func init() {
	register(Collector{Name: "serverless", Types: []Type{
		// https://cloud.google.com/run/docs/reference/rest; the inventory delivers the first version, and may deliver the second
		{Name: "run.googleapis.com/Service", Class: "container service", Items: []any{run.Service{}, runv2.GoogleCloudRunV2Service{}}, Policy: true, Secret: []string{"spec.template.spec.containers[].env[].value", "template.containers[].env[].value"}},
		{Name: "run.googleapis.com/Job", Class: "container service", Items: []any{run.Job{}, runv2.GoogleCloudRunV2Job{}}, Policy: true, Secret: []string{"spec.template.spec.template.spec.containers[].env[].value", "template.template.containers[].env[].value"}},
		{Name: "run.googleapis.com/Revision", Class: "container service", Items: []any{run.Revision{}, runv2.GoogleCloudRunV2Revision{}}, Secret: []string{"spec.containers[].env[].value", "containers[].env[].value"}},
		// https://cloud.google.com/functions/docs/reference/rest
		{Name: "cloudfunctions.googleapis.com/CloudFunction", Class: "function", Item: cloudfunctions.CloudFunction{}, Policy: true, Secret: []string{"environmentVariables", "buildEnvironmentVariables"}},
		{Name: "cloudfunctions.googleapis.com/Function", Class: "function", Item: functions.Function{}, Policy: true, Secret: []string{"serviceConfig.environmentVariables", "buildConfig.environmentVariables"}},
		// https://cloud.google.com/appengine/docs/admin-api/reference/rest
		{Name: "appengine.googleapis.com/Application", Class: "application", Item: appengine.Application{}},
		{Name: "appengine.googleapis.com/Version", Class: "application version", Item: appengine.Version{}, Secret: []string{"envVariables", "buildEnvVariables"}},
	}})
}
