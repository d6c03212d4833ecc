package gcp

import (
	"google.golang.org/api/artifactregistry/v1"
	"google.golang.org/api/cloudbuild/v1"
)

func init() {
	register(Collector{Name: "build", Types: []Type{
		// https://cloud.google.com/artifact-registry/docs/reference/rest
		{Name: "artifactregistry.googleapis.com/Repository", Class: "registry", Item: artifactregistry.Repository{}, Policy: true},
		{Name: "artifactregistry.googleapis.com/DockerImage", Class: "container image", Item: artifactregistry.DockerImage{}, Created: "uploadTime"},
		// https://cloud.google.com/build/docs/api/reference/rest
		{Name: "cloudbuild.googleapis.com/BuildTrigger", Class: "pipeline", Item: cloudbuild.BuildTrigger{}, Label: "{name}"},
		{Name: "cloudbuild.googleapis.com/WorkerPool", Class: "pipeline", Item: cloudbuild.WorkerPool{}},
	}})
}
