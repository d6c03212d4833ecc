package gcp

import (
	"google.golang.org/api/secretmanager/v1"
)

func init() {
	register(Collector{Name: "secretmanager", Types: []Type{
		// https://cloud.google.com/secret-manager/docs/reference/rest
		{Name: "secretmanager.googleapis.com/Secret", Class: "secret", Item: secretmanager.Secret{}, Policy: true},
		{Name: "secretmanager.googleapis.com/SecretVersion", Class: "secret version", Item: secretmanager.SecretVersion{}},
	}})
}
