package gcp

import (
	"google.golang.org/api/accessapproval/v1"
	"google.golang.org/api/essentialcontacts/v1"
)

func init() {
	register(Collector{Name: "contacts", Types: []Type{
		// https://cloud.google.com/resource-manager/docs/reference/essentialcontacts/rest
		{Name: "essentialcontacts.googleapis.com/Contact", Class: "contact", Item: essentialcontacts.GoogleCloudEssentialcontactsV1Contact{}, Label: "{email}"},
		// https://cloud.google.com/assured-workloads/access-approval/docs/reference/rest
		{Name: "accessapproval.googleapis.com/AccessApprovalSettings", Class: "settings", Item: accessapproval.AccessApprovalSettings{}},
	}})
}
