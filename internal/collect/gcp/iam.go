package gcp

import (
	"google.golang.org/api/iam/v1"
	iamdeny "google.golang.org/api/iam/v2"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "iam", Types: []Type{
		// https://cloud.google.com/iam/docs/reference/rest
		{Name: "iam.googleapis.com/ServiceAccount", Class: "service identity", Item: iam.ServiceAccount{}, Policy: true, Label: "{email}"},
		{
			Name: "iam.googleapis.com/ServiceAccountKey", Class: "credential", Item: iam.ServiceAccountKey{}, Created: "validAfterTime",
			Secret:  []string{"privateKeyData"},
			Managed: func(doc model.Document) bool { return doc["keyType"] == "SYSTEM_MANAGED" },
		},
		{Name: "iam.googleapis.com/Role", Class: "role", Item: iam.Role{}, Label: "{title}"},
		{Name: "iam.googleapis.com/PolicyV2", Class: "deny policy", Item: iamdeny.GoogleIamV2Policy{}, Label: "{displayName}"},
		{Name: "iam.googleapis.com/WorkloadIdentityPool", Class: "federation", Item: iam.WorkloadIdentityPool{}},
		{Name: "iam.googleapis.com/WorkloadIdentityPoolProvider", Class: "federation", Item: iam.WorkloadIdentityPoolProvider{}},
		// The inventory has no pools of the workforce: they are listed from organizations.
		{Name: "iam.googleapis.com/WorkforcePool", Class: "federation", Item: iam.WorkforcePool{}, Label: "{displayName}", List: &List{
			Per: PerOrganization, ID: "//iam.googleapis.com/{name}",
			Call: Call{
				API: "iam", Method: "locations.workforcePools.list", Permission: "iam.workforcePools.list",
				Path: "v1/locations/global/workforcePools", Query: map[string]string{"parent": "{scope}"},
				Items: "workforcePools", Item: iam.WorkforcePool{},
			},
		}},
		{Name: "privilegedaccessmanager.googleapis.com/Grant", Class: "role assignment", Item: grant{}},
	}})
}

// grant has the members of
// https://cloud.google.com/iam/docs/reference/pam/rest/v1/organizations.locations.entitlements.grants
type grant struct {
	Name               string `json:"name"`
	CreateTime         string `json:"createTime"`
	UpdateTime         string `json:"updateTime"`
	Requester          string `json:"requester"`
	RequestedDuration  string `json:"requestedDuration"`
	State              string `json:"state"`
	ExternallyModified bool   `json:"externallyModified"`
	PrivilegedAccess   struct {
		GcpIamAccess struct {
			ResourceType string `json:"resourceType"`
			Resource     string `json:"resource"`
			RoleBindings []struct {
				Role                string `json:"role"`
				ConditionExpression string `json:"conditionExpression"`
			} `json:"roleBindings"`
		} `json:"gcpIamAccess"`
	} `json:"privilegedAccess"`
	AuditTrail struct {
		AccessGrantTime  string `json:"accessGrantTime"`
		AccessRemoveTime string `json:"accessRemoveTime"`
	} `json:"auditTrail"`
}
