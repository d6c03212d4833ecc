package gcp

import (
	"strconv"
	"strings"

	"google.golang.org/api/cloudbilling/v1"
	"google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/api/serviceusage/v1"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "resourcemanager", Types: []Type{
		// https://cloud.google.com/resource-manager/reference/rest
		{Name: "cloudresourcemanager.googleapis.com/Organization", Class: "organization", Item: cloudresourcemanager.Organization{}, Policy: true, Label: "{displayName}"},
		{Name: "cloudresourcemanager.googleapis.com/Folder", Class: "folder", Item: cloudresourcemanager.Folder{}, Policy: true, Label: "{displayName}"},
		{Name: "cloudresourcemanager.googleapis.com/Project", Class: "account", Item: project{}, Policy: true, Label: "{projectId}", Fix: fixProject, Shape: shapeProject},
		{Name: "cloudresourcemanager.googleapis.com/TagKey", Class: "tag key", Item: cloudresourcemanager.TagKey{}, Policy: true, Label: "{shortName}"},
		{Name: "cloudresourcemanager.googleapis.com/TagValue", Class: "tag value", Item: cloudresourcemanager.TagValue{}, Policy: true, Label: "{shortName}"},
		{Name: "cloudresourcemanager.googleapis.com/TagBinding", Class: "tag binding", Item: cloudresourcemanager.TagBinding{}},
		{Name: "cloudresourcemanager.googleapis.com/Lien", Class: "lien", Item: cloudresourcemanager.Lien{}},
		// https://cloud.google.com/billing/docs/reference/rest
		{Name: "cloudbilling.googleapis.com/BillingAccount", Class: "billing account", Item: cloudbilling.BillingAccount{}, Policy: true, Label: "{displayName}"},
		{Name: "cloudbilling.googleapis.com/ProjectBillingInfo", Class: "billing link", Item: cloudbilling.ProjectBillingInfo{}},
		// https://cloud.google.com/service-usage/docs/reference/rest/v1/services
		{Name: "serviceusage.googleapis.com/Service", Class: "enabled service", Item: serviceusage.GoogleApiServiceusageV1Service{}},
	}})
}

// project has the members of both versions of the API: the inventory delivers
// the first, the tree of projects the third.
// https://cloud.google.com/resource-manager/reference/rest/v3/projects
type project struct {
	ProjectID              string            `json:"projectId"`
	ProjectNumber          int64             `json:"projectNumber"`
	Name                   string            `json:"name"`
	DisplayName            string            `json:"displayName"`
	LifecycleState         string            `json:"lifecycleState"`
	State                  string            `json:"state"`
	Labels                 map[string]string `json:"labels"`
	Tags                   map[string]string `json:"tags"`
	CreateTime             string            `json:"createTime"`
	UpdateTime             string            `json:"updateTime"`
	DeleteTime             string            `json:"deleteTime"`
	Etag                   string            `json:"etag"`
	ConfiguredCapabilities []string          `json:"configuredCapabilities"`
	ManagementType         string            `json:"managementType"`
	IsManagementProject    bool              `json:"isManagementProject"`
}

// fixProject gives a project of the third version its state and its number by
// their older names, so that controls ask one member.
func fixProject(a *model.Asset) {
	if _, ok := a.Config["lifecycleState"]; !ok && a.Config["state"] != nil {
		a.Config["lifecycleState"] = a.Config["state"]
	}
	name, _ := a.Config["name"].(string)
	text, isName := strings.CutPrefix(name, "projects/")
	if _, known := a.Config["projectNumber"]; isName && !known {
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			a.Config["projectNumber"] = number
		}
	}
}

// shapeProject leaves the parent without a shape: it is an object in the first
// version and a name in the third.
func shapeProject(s *model.Schema) { s.Fields["parent"] = &model.Schema{Kind: model.Any} }
