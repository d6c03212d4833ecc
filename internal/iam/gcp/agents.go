package gcp

import "strings"

// agentDomains are the domains of the accounts that Google makes for its
// services, as of June 2026. They hold strong roles by design and belong to no
// customer. https://cloud.google.com/iam/docs/service-agents
var agentDomains = map[string]bool{
	"cloudservices.gserviceaccount.com":       true,
	"system.gserviceaccount.com":              true,
	"gcp-gae-service.iam.gserviceaccount.com": true,
}

// agentProjects are Google's own projects whose accounts are service agents:
// what stands before ".iam.gserviceaccount.com". All that begin with "gcp-sa-"
// are, too.
var agentProjects = set(
	"bigquery-data-connectors", "bigquery-encryption", "cloud-cdn-fill", "cloud-filer", "cloud-iot", "cloud-memcache-sa",
	"cloud-ml.google.com", "cloud-redis", "cloud-tpu", "cloudcomposer-accounts", "compute-system", "container-engine-robot",
	"containerregistry", "dataflow-service-producer-prod", "datafusion", "dataproc-accounts", "dlp-api", "endpoints-portal",
	"firebase-rules", "firebase-sa-management", "gae-api-prod.google.com", "gcf-admin-robot", "genomics-api.google.com",
	"gs-project-accounts", "monitoring-notification", "remotebuildexecution", "security-center-api", "serverless-robot-prod",
	"service-consumer-management", "service-networking", "sourcerepo-service-accounts", "storage-transfer-service",
	"trifacta-gcloud-prod", "unified-kubernetes-engine", "vpcaccess-robot",
)

func set(names ...string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, n := range names {
		out[n] = true
	}
	return out
}

const accountSuffix = ".iam.gserviceaccount.com"

// IsServiceAgent says whether an address is an account that Google made for one
// of its services.
func IsServiceAgent(address string) bool {
	local, host, ok := strings.Cut(strings.ToLower(address), "@")
	if !ok || local == "" {
		return false
	}
	if agentDomains[host] {
		return true
	}
	project, ok := strings.CutSuffix(host, accountSuffix)
	return ok && (strings.HasPrefix(project, "gcp-sa-") || agentProjects[project])
}

// IsDefaultServiceAccount says whether an address is the account that Compute
// Engine or App Engine makes in a project and runs everything as unless told
// otherwise. https://cloud.google.com/iam/docs/service-account-types#default
func IsDefaultServiceAccount(address string) bool {
	local, host, ok := strings.Cut(strings.ToLower(address), "@")
	switch {
	case !ok || local == "":
		return false
	case host == "appspot.gserviceaccount.com":
		return true
	case host == "developer.gserviceaccount.com":
		number, ok := strings.CutSuffix(local, "-compute")
		return ok && number != "" && strings.Trim(number, "0123456789") == ""
	}
	return false
}

// consumerDomains give an account to anybody.
var consumerDomains = set("gmail.com", "googlemail.com", "googlegroups.com")

// googleGroups are groups of Google's that services write their logs as.
var googleGroups = set("cloud-storage-analytics@google.com", "cloud-logs@google.com")
