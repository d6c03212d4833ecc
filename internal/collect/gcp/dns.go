package gcp

import (
	"google.golang.org/api/dns/v1"
)

func init() {
	register(Collector{Name: "dns", Types: []Type{
		// https://cloud.google.com/dns/docs/reference/rest/v1
		{Name: "dns.googleapis.com/ManagedZone", Class: "dns zone", Item: dns.ManagedZone{}, Policy: true, Label: "{name}"},
		{Name: "dns.googleapis.com/Policy", Class: "dns policy", Item: dns.Policy{}, Label: "{name}"},
		{Name: "dns.googleapis.com/ResourceRecordSet", Class: "dns record", Item: dns.ResourceRecordSet{}, Label: "{name}"},
	}})
}
