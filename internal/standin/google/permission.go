package google

import "strings"

// permissionOf is the permission that a method asks for. Google publishes no
// machine-readable list; most follow service.collection.verb, the table holds
// those that do not.
func permissionOf(req *request) string {
	m := req.m
	switch m.call() {
	case "policyanalyzer:v1/projects.locations.activityTypes.activities.query":
		parent := req.params["parent"]
		return "policyanalyzer." + parent[strings.LastIndex(parent, "/")+1:] + "Activities.query"
	case "cloudasset:v1/assets.list":
		switch req.query.Get("contentType") {
		case "IAM_POLICY":
			return "cloudasset.assets.listIamPolicy"
		case "ORG_POLICY":
			return "cloudasset.assets.listOrgPolicy"
		case "ACCESS_POLICY":
			return "cloudasset.assets.listAccessPolicy"
		case "OS_INVENTORY":
			return "cloudasset.assets.listOSInventories"
		}
		return "cloudasset.assets.listResource"
	}
	if p, ok := permissions[m.call()]; ok {
		return p
	}
	parts := strings.Split(m.name, ".")
	verb := parts[len(parts)-1]
	collection := m.service
	if len(parts) > 1 {
		collection = parts[len(parts)-2]
	}
	if p, ok := permissions[m.service+"/"+collection+"."+verb]; ok {
		return p
	}
	if n, ok := collections[m.service+"/"+collection]; ok {
		collection = n
	}
	if verb == "aggregatedList" || verb == "search" && m.service == "cloudresourcemanager" {
		verb = "list"
	}
	service := m.service
	if n, ok := prefixes[service]; ok {
		service = n
	}
	return service + "." + collection + "." + verb
}

// prefixes are the services whose permissions begin otherwise than their host.
var prefixes = map[string]string{"sqladmin": "cloudsql", "cloudresourcemanager": "resourcemanager"}

// collections are the collections that permissions spell otherwise.
var collections = map[string]string{
	"iam/keys":                              "serviceAccountKeys",
	"iam/providers":                         "workloadIdentityPoolProviders",
	"orgpolicy/policies":                    "policy",
	"accesscontextmanager/accessPolicies":   "policies",
	"compute/networkFirewallPolicies":       "firewallPolicies",
	"compute/regionNetworkFirewallPolicies": "firewallPolicies",
	"logging/metrics":                       "logMetrics",
	"sqladmin/Backups":                      "backupRuns",
	"monitoring/timeSeries":                 "timeSeries",
}

// permissions are whole permissions by call, or by service and the end of the id.
var permissions = map[string]string{
	"cloudasset:v1/searchAllResources":                       "cloudasset.assets.searchAllResources",
	"cloudasset:v1/searchAllIamPolicies":                     "cloudasset.assets.searchAllIamPolicies",
	"cloudasset:v1/batchGetAssetsHistory":                    "cloudasset.assets.exportResource",
	"cloudasset:v1/exportAssets":                             "cloudasset.assets.exportResource",
	"cloudasset:v1/analyzeOrgPolicies":                       "cloudasset.assets.analyzeOrgPolicy",
	"cloudasset:v1/analyzeOrgPolicyGovernedContainers":       "cloudasset.assets.analyzeOrgPolicy",
	"cloudresourcemanager/organizations.search":              "resourcemanager.organizations.get",
	"cloudresourcemanager/projects.search":                   "resourcemanager.projects.get",
	"iam:v2/policies.listPolicies":                           "iam.denypolicies.list",
	"iam:v2/policies.get":                                    "iam.denypolicies.get",
	"iam/roles.queryGrantableRoles":                          "iam.roles.list",
	"orgpolicy/policies.list":                                "orgpolicy.policies.list",
	"orgpolicy/policies.getEffectivePolicy":                  "orgpolicy.policy.get",
	"container/locations.getServerConfig":                    "container.clusters.list",
	"container/zones.getServerconfig":                        "container.clusters.list",
	"appengine/ingressRules.list":                            "appengine.applications.get",
	"appengine/apps.get":                                     "appengine.applications.get",
	"iap/iap.getIapSettings":                                 "iap.webServices.getSettings",
	"iap/iap.getIamPolicy":                                   "iap.webServices.getIamPolicy",
	"accessapproval/projects.getAccessApprovalSettings":      "accessapproval.settings.get",
	"accessapproval/folders.getAccessApprovalSettings":       "accessapproval.settings.get",
	"accessapproval/organizations.getAccessApprovalSettings": "accessapproval.settings.get",
	"logging/projects.getSettings":                           "logging.settings.get",
	"logging/folders.getSettings":                            "logging.settings.get",
	"logging/organizations.getSettings":                      "logging.settings.get",
	"logging/projects.getCmekSettings":                       "logging.cmekSettings.get",
	"logging/organizations.getCmekSettings":                  "logging.cmekSettings.get",
	"logging/entries.list":                                   "logging.logEntries.list",
}

// scopeOf is the resource that a request is about.
func scopeOf(req *request) string {
	for _, name := range []string{"parent", "scope", "name", "resource", "project", "bucket"} {
		v := req.params[name]
		if v == "" {
			v = req.query.Get(name)
		}
		if v == "" {
			continue
		}
		if name == "project" && !strings.HasPrefix(v, "projects/") {
			return "projects/" + v
		}
		return v
	}
	for _, name := range req.m.names {
		return req.params[name]
	}
	return req.m.service + ".googleapis.com"
}
