package estate

import "slices"

// events are what the CIS benchmark wants an alarm for: the name of the metric and
// its filter.
// https://cloud.google.com/logging/docs/logs-based-metrics
var events = [][2]string{
	{"project-owners", `(protoPayload.serviceName="cloudresourcemanager.googleapis.com") AND (ProjectOwnership OR projectOwnerInvitee) OR (protoPayload.serviceData.policyDelta.bindingDeltas.action="REMOVE" AND protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner") OR (protoPayload.serviceData.policyDelta.bindingDeltas.action="ADD" AND protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner")`},
	{"audit-configuration", `protoPayload.methodName="SetIamPolicy" AND protoPayload.serviceData.policyDelta.auditConfigDeltas:*`},
	{"custom-roles", `resource.type="iam_role" AND (protoPayload.methodName="google.iam.admin.v1.CreateRole" OR protoPayload.methodName="google.iam.admin.v1.DeleteRole" OR protoPayload.methodName="google.iam.admin.v1.UpdateRole")`},
	{"firewall-rules", `resource.type="gce_firewall_rule" AND (protoPayload.methodName:"compute.firewalls.patch" OR protoPayload.methodName:"compute.firewalls.insert" OR protoPayload.methodName:"compute.firewalls.delete")`},
	{"routes", `resource.type="gce_route" AND (protoPayload.methodName:"compute.routes.delete" OR protoPayload.methodName:"compute.routes.insert")`},
	{"networks", `resource.type="gce_network" AND (protoPayload.methodName:"compute.networks.insert" OR protoPayload.methodName:"compute.networks.patch" OR protoPayload.methodName:"compute.networks.delete" OR protoPayload.methodName:"compute.networks.removePeering" OR protoPayload.methodName:"compute.networks.addPeering")`},
	{"bucket-permissions", `resource.type="gcs_bucket" AND protoPayload.methodName="storage.setIamPermissions"`},
	{"sql-configuration", `protoPayload.methodName="cloudsql.instances.update"`},
	{"compute-configuration", `protoPayload.serviceName="compute.googleapis.com"`},
}

// metered says of which kind of asset the entries of a metric are.
var metered = map[string]string{
	"custom-roles": "iam_role", "firewall-rules": "gce_firewall_rule", "routes": "gce_route", "networks": "gce_network", "bucket-permissions": "gcs_bucket",
	"sql-configuration": "cloudsql_database", "compute-configuration": "gce_instance",
}

// alarms adds a metric and an alarm for each of the events, and who is told.
func (p project) alarms(age int, leaveOut ...string) {
	channel := p.path("notificationChannels/" + p.digits("channel", 18))
	p.put(p.scope(), "monitoring.googleapis.com/NotificationChannel", "//monitoring.googleapis.com/"+channel, "global", doc{
		"name": channel, "type": "email", "displayName": "Security", "enabled": true, "labels": doc{"email_address": "security@" + companyDomain}, "verificationStatus": "VERIFIED",
	})
	for _, e := range events {
		if slices.Contains(leaveOut, e[0]) {
			continue
		}
		p.put(p.scope(), "logging.googleapis.com/LogMetric", "//logging.googleapis.com/"+p.path("metrics/"+e[0]), "global", doc{
			"name": e[0], "filter": e[1], "createTime": p.ago(age), "updateTime": p.ago(age), "resourceName": p.path("metrics/" + e[0]),
			"metricDescriptor": doc{"name": p.path("metricDescriptors/logging.googleapis.com/user/" + e[0]), "type": "logging.googleapis.com/user/" + e[0], "metricKind": "DELTA", "valueType": "INT64", "unit": "1"},
		})
		kind := metered[e[0]]
		if kind == "" {
			kind = "project"
		}
		alert := p.path("alertPolicies/" + p.digits("alert/"+e[0], 18))
		p.put(p.scope(), "monitoring.googleapis.com/AlertPolicy", "//monitoring.googleapis.com/"+alert, "global", doc{
			"name": alert, "displayName": "Changed: " + e[0], "enabled": true, "combiner": "OR", "notificationChannels": list{channel}, "conditions": list{doc{
				"name": alert + "/conditions/1", "displayName": e[0], "conditionThreshold": doc{
					"filter": `metric.type="logging.googleapis.com/user/` + e[0] + `" AND resource.type="` + kind + `"`, "comparison": "COMPARISON_GT", "thresholdValue": 0.0, "duration": "0s",
				},
			}},
		})
	}
}

// digits are so many that depend on the seed.
func (p project) digits(seed string, n int) string {
	out := []byte(p.hex("digits/"+seed, n))
	for i, c := range out {
		if c >= 'a' {
			out[i] = '0' + (c-'a')%10
		}
	}
	return string(out)
}

// Of the two sinks that every project has, one takes what must be kept and the
// other the rest.
const (
	mustKeep = `LOG_ID("cloudaudit.googleapis.com/activity") OR LOG_ID("externalaudit.googleapis.com/activity") OR LOG_ID("cloudaudit.googleapis.com/system_event") OR LOG_ID("cloudaudit.googleapis.com/access_transparency")`
	theRest  = `NOT LOG_ID("cloudaudit.googleapis.com/activity") AND NOT LOG_ID("externalaudit.googleapis.com/activity") AND NOT LOG_ID("cloudaudit.googleapis.com/system_event") AND NOT LOG_ID("cloudaudit.googleapis.com/access_transparency")`
)

// logStores adds the two stores that every project has, with their sinks; days is
// how long the default one keeps entries.
func (p project) logStores(days int) {
	store := func(name, filter string, days int, more doc) {
		full := p.path("locations/global/buckets/" + name)
		p.put(p.scope(), "logging.googleapis.com/LogBucket", "//logging.googleapis.com/"+full, "global", with(doc{"name": full, "retentionDays": days, "lifecycleState": "ACTIVE"}, more))
		p.sink(name, "logging.googleapis.com/"+full, filter)
	}
	store("_Required", mustKeep, 400, doc{"locked": true})
	store("_Default", theRest, days, nil)
}

// sink adds an export of the project's log.
func (p project) sink(name, destination, filter string) {
	config := doc{
		"name": name, "destination": destination, "createTime": p.ago(600), "updateTime": p.ago(600), "resourceName": p.path("sinks/" + name),
		"writerIdentity": "serviceAccount:service-" + p.number + "@gcp-sa-logging.iam.gserviceaccount.com",
	}
	if filter != "" {
		config["filter"] = filter
	}
	p.put(p.scope(), "logging.googleapis.com/LogSink", "//logging.googleapis.com/"+p.path("sinks/"+name), "global", config)
}
