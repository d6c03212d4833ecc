package gcp

import (
	"google.golang.org/api/apikeys/v2"
)

func init() {
	register(Collector{Name: "apikeys", Types: []Type{
		// https://cloud.google.com/api-keys/docs/reference/rest/v2/projects.locations.keys
		{Name: "apikeys.googleapis.com/Key", Class: "credential", Item: apikeys.V2Key{}, Label: "{displayName}", Secret: []string{"keyString"}},
	}})
}
