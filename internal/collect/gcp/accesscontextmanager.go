package gcp

import (
	"google.golang.org/api/accesscontextmanager/v1"
)

func init() {
	register(Collector{Name: "accesscontextmanager", Types: []Type{
		// https://cloud.google.com/access-context-manager/docs/reference/rest
		{Name: "identity.accesscontextmanager.googleapis.com/AccessPolicy", Class: "access policy", Item: accesscontextmanager.AccessPolicy{}, AccessPolicy: true, Label: "{title}"},
		{Name: "identity.accesscontextmanager.googleapis.com/AccessLevel", Class: "access level", Item: accesscontextmanager.AccessLevel{}, AccessPolicy: true, Label: "{title}"},
		{Name: "identity.accesscontextmanager.googleapis.com/ServicePerimeter", Class: "perimeter", Item: accesscontextmanager.ServicePerimeter{}, AccessPolicy: true, Label: "{title}"},
		// https://cloud.google.com/iap/docs/reference/rest
		{Name: "iap.googleapis.com/TunnelDestGroup", Class: "tunnel group", Item: tunnelDestGroup{}, Policy: true},
	}})
}

// tunnelDestGroup has the members of
// https://cloud.google.com/iap/docs/reference/rest/v1/projects.iap_tunnel.locations.destGroups
type tunnelDestGroup struct {
	Name  string   `json:"name"`
	Cidrs []string `json:"cidrs"`
	Fqdns []string `json:"fqdns"`
}
