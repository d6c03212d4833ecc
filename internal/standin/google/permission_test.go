package google

import (
	"net/url"
	"strings"
	"testing"
)

// TestPermissions compares derived permissions with those that the services'
// reference pages name.
func TestPermissions(t *testing.T) {
	lib := testLibrary(t)
	for call, want := range map[string]string{
		"compute:v1/instances.list":                                      "compute.instances.list",
		"compute:v1/instances.aggregatedList":                            "compute.instances.list",
		"compute:v1/instances.getEffectiveFirewalls":                     "compute.instances.getEffectiveFirewalls",
		"storage:v1/buckets.getIamPolicy":                                "storage.buckets.getIamPolicy",
		"sqladmin:v1/users.list":                                         "cloudsql.users.list",
		"sqladmin:v1/sslCerts.list":                                      "cloudsql.sslCerts.list",
		"logging:v2/organizations.sinks.list":                            "logging.sinks.list",
		"logging:v2/projects.metrics.list":                               "logging.logMetrics.list",
		"monitoring:v3/projects.alertPolicies.list":                      "monitoring.alertPolicies.list",
		"iam:v1/projects.serviceAccounts.keys.list":                      "iam.serviceAccountKeys.list",
		"iam:v1/projects.locations.workloadIdentityPools.providers.list": "iam.workloadIdentityPoolProviders.list",
		"iam:v1/locations.workforcePools.list":                           "iam.workforcePools.list",
		"iam:v2/policies.listPolicies":                                   "iam.denypolicies.list",
		"orgpolicy:v2/projects.policies.getEffectivePolicy":              "orgpolicy.policy.get",
		"orgpolicy:v2/projects.policies.list":                            "orgpolicy.policies.list",
		"container:v1/projects.locations.getServerConfig":                "container.clusters.list",
		"appengine:v1/apps.firewall.ingressRules.list":                   "appengine.applications.get",
		"iap:v1/getIapSettings":                                          "iap.webServices.getSettings",
		"accessapproval:v1/projects.getAccessApprovalSettings":           "accessapproval.settings.get",
		"accesscontextmanager:v1/accessPolicies.list":                    "accesscontextmanager.policies.list",
		"cloudresourcemanager:v3/projects.search":                        "resourcemanager.projects.get",
		"cloudresourcemanager:v3/folders.list":                           "resourcemanager.folders.list",
		"essentialcontacts:v1/projects.contacts.list":                    "essentialcontacts.contacts.list",
		"apikeys:v2/projects.locations.keys.list":                        "apikeys.keys.list",
		"bigquery:v2/datasets.get":                                       "bigquery.datasets.get",
		"cloudasset:v1/assets.list?contentType=IAM_POLICY":               "cloudasset.assets.listIamPolicy",
		"cloudasset:v1/assets.list?contentType=ORG_POLICY":               "cloudasset.assets.listOrgPolicy",
		"cloudasset:v1/assets.list?contentType=ACCESS_POLICY":            "cloudasset.assets.listAccessPolicy",
		"cloudasset:v1/assets.list?contentType=RESOURCE":                 "cloudasset.assets.listResource",
		"cloudasset:v1/searchAllIamPolicies":                             "cloudasset.assets.searchAllIamPolicies",
	} {
		name, query, _ := strings.Cut(call, "?")
		m, err := lib.find(name)
		if err != nil {
			t.Error(err)
			continue
		}
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := permissionOf(&request{m: m, query: values}); got != want {
			t.Errorf("%s: %s, want %s", call, got, want)
		}
	}
}
