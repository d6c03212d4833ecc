package normalize

import (
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	googleCompute()
	googleData()
	googleApplications()
	googleIdentity()
}

func googleCompute() {
	on(func(s shape) {
		for _, a := range s.list("serviceAccounts") {
			s.runsAs(itemText(a, "email"))
		}
		for _, n := range s.list("networkInterfaces") {
			s.compute(model.MemberOf, gcpSubnet, itemText(n, "subnetwork"))
			s.compute(model.MemberOf, gcpNetwork, itemText(n, "network"))
		}
		for _, d := range s.list("disks") {
			s.compute(model.Uses, "compute.googleapis.com/Disk", itemText(d, "source"))
		}
	}, "compute.googleapis.com/Instance")
	on(func(s shape) {
		for _, a := range s.list("properties.serviceAccounts") {
			s.runsAs(itemText(a, "email"))
		}
		for _, n := range s.list("properties.networkInterfaces") {
			s.compute(model.MemberOf, gcpSubnet, itemText(n, "subnetwork"))
			s.compute(model.MemberOf, gcpNetwork, itemText(n, "network"))
		}
	}, "compute.googleapis.com/InstanceTemplate")
	on(func(s shape) {
		s.compute(model.Uses, "compute.googleapis.com/InstanceTemplate", s.text("instanceTemplate"))
	}, "compute.googleapis.com/InstanceGroupManager")
	on(func(s shape) {
		s.key("diskEncryptionKey.kmsKeyName")
		s.compute(model.Uses, "compute.googleapis.com/Image", s.text("sourceImage"))
		for _, u := range s.list("users") {
			s.compute(model.AttachedTo, "compute.googleapis.com/Instance", itemText(u, ""))
		}
		s.holdsData()
		s.open()
	}, "compute.googleapis.com/Disk")
	on(func(s shape) {
		s.key("snapshotEncryptionKey.kmsKeyName", "imageEncryptionKey.kmsKeyName", "machineImageEncryptionKey.kmsKeyName")
		s.compute(model.Uses, "compute.googleapis.com/Disk", s.text("sourceDisk"))
		s.holdsData()
		s.open()
	}, "compute.googleapis.com/Snapshot", "compute.googleapis.com/Image", "compute.googleapis.com/MachineImage")

	on(func(s shape) { s.compute(model.MemberOf, gcpNetwork, s.text("network")) }, gcpSubnet, "compute.googleapis.com/Route", "compute.googleapis.com/Router")
	on(func(s shape) { s.compute(model.Protects, gcpNetwork, s.text("network")) }, "compute.googleapis.com/Firewall")
	on(func(s shape) {
		for _, a := range s.list("associations") {
			target := itemText(a, "attachmentTarget")
			if strings.Contains(target, "/networks/") {
				s.compute(model.Protects, gcpNetwork, target)
			}
		}
	}, "compute.googleapis.com/FirewallPolicy")
	on(func(s shape) {
		for _, p := range s.list("peerings") {
			s.compute(model.RoutesTo, gcpNetwork, itemText(p, "network"))
		}
	}, gcpNetwork)
	on(func(s shape) {
		s.compute(model.RoutesTo, "", s.text("target"))
		s.compute(model.RoutesTo, "compute.googleapis.com/BackendService", s.text("backendService"))
	}, "compute.googleapis.com/ForwardingRule", "compute.googleapis.com/GlobalForwardingRule")
	on(func(s shape) {
		s.compute(model.RoutesTo, "compute.googleapis.com/UrlMap", s.text("urlMap"))
		s.compute(model.RoutesTo, "compute.googleapis.com/BackendService", s.text("service"))
		s.compute(model.Uses, "compute.googleapis.com/SslPolicy", s.text("sslPolicy"))
		for _, c := range s.list("sslCertificates") {
			s.compute(model.Uses, "compute.googleapis.com/SslCertificate", itemText(c, ""))
		}
	}, "compute.googleapis.com/TargetHttpProxy", "compute.googleapis.com/TargetHttpsProxy", "compute.googleapis.com/TargetSslProxy")
	on(func(s shape) { s.compute(model.RoutesTo, "", s.text("defaultService")) }, "compute.googleapis.com/UrlMap")
	on(func(s shape) {
		for _, b := range s.list("backends") {
			s.compute(model.RoutesTo, "", itemText(b, "group"))
		}
		s.compute(model.Uses, "compute.googleapis.com/SecurityPolicy", s.text("securityPolicy"))
	}, "compute.googleapis.com/BackendService", "compute.googleapis.com/RegionBackendService")
	on(func(s shape) { s.to(model.RoutesTo, gcpBucket, s.text("bucketName")) }, "compute.googleapis.com/BackendBucket")
	on(func(s shape) {
		for _, n := range s.list("networks") {
			s.compute(model.Protects, gcpNetwork, itemText(n, "networkUrl"))
		}
	}, "dns.googleapis.com/Policy")
}

func googleData() {
	on(func(s shape) {
		s.key("encryption.defaultKmsKeyName")
		s.to(model.LogsTo, gcpBucket, s.text("logging.logBucket"))
		s.holdsData()
		s.open()
	}, gcpBucket)
	on(func(s shape) {
		s.key("diskEncryptionConfiguration.kmsKeyName")
		s.compute(model.MemberOf, gcpNetwork, s.text("settings.ipConfiguration.privateNetwork"))
		s.runsAs(s.text("serviceAccountEmailAddress"))
		s.to(model.Uses, "sqladmin.googleapis.com/Instance", s.text("masterInstanceName"))
		s.holdsData()
	}, "sqladmin.googleapis.com/Instance")
	on(func(s shape) {
		s.key("defaultEncryptionConfiguration.kmsKeyName", "encryptionConfiguration.kmsKeyName")
		s.holdsData()
		s.open()
		for _, a := range s.list("access") {
			if itemText(a, "specialGroup") == "allAuthenticatedUsers" || strings.HasPrefix(itemText(a, "iamMember"), "all") {
				s.exposed("its list of who has access")
			}
		}
	}, "bigquery.googleapis.com/Dataset", "bigquery.googleapis.com/Table")
	on(func(s shape) {
		s.key("encryptionConfig.kmsKeyName", "encryptionInfo.kmsKeyVersion", "cmekConfig.kmsKeyName", "customerManagedKey", "kmsKey", "kmsKeyName", "encryptionSpec.kmsKeyName")
		for _, path := range []string{"network", "authorizedNetwork", "networkConfig.network"} {
			s.compute(model.MemberOf, gcpNetwork, s.text(path))
		}
		s.holdsData()
		s.open()
	},
		"spanner.googleapis.com/Database", "spanner.googleapis.com/Backup", "bigtableadmin.googleapis.com/Cluster", "bigtableadmin.googleapis.com/Table",
		"firestore.googleapis.com/Database", "alloydb.googleapis.com/Cluster", "redis.googleapis.com/Instance", "redis.googleapis.com/Cluster",
		"memcache.googleapis.com/Instance", "file.googleapis.com/Instance", "healthcare.googleapis.com/Dataset", "aiplatform.googleapis.com/Dataset",
		"metastore.googleapis.com/Service")
	on(func(s shape) {
		s.key("kmsKeyName")
		s.open()
	}, gcpTopic, "artifactregistry.googleapis.com/Repository")
	on(func(s shape) {
		s.to(model.Uses, gcpTopic, fullName("pubsub.googleapis.com", s.text("topic")))
		s.open()
	}, "pubsub.googleapis.com/Subscription")
	on(func(s shape) {
		s.to(model.MemberOf, "cloudkms.googleapis.com/KeyRing", strings.SplitN(s.ID, "/cryptoKeys/", 2)[0])
		s.open()
	}, gcpKey)
	on(func(s shape) {
		for _, r := range s.list("replication.userManaged.replicas") {
			s.keyNamed(itemText(r, "customerManagedEncryption.kmsKeyName"))
		}
		s.key("replication.automatic.customerManagedEncryption.kmsKeyName", "customerManagedEncryption.kmsKeyName")
		for _, t := range s.list("topics") {
			s.to(model.Notifies, gcpTopic, fullName("pubsub.googleapis.com", itemText(t, "name")))
		}
		s.holdsData()
		s.open()
	}, "secretmanager.googleapis.com/Secret")
}

func googleApplications() {
	on(func(s shape) {
		s.runsAs(s.text("nodeConfig.serviceAccount"))
		for _, p := range s.list("nodePools") {
			s.runsAs(itemText(p, "config.serviceAccount"))
		}
		s.key("databaseEncryption.keyName")
		s.compute(model.MemberOf, gcpNetwork, s.text("networkConfig.network"))
		s.compute(model.MemberOf, gcpSubnet, s.text("networkConfig.subnetwork"))
	}, "container.googleapis.com/Cluster")
	on(func(s shape) {
		s.runsAs(s.text("config.serviceAccount"))
		s.key("config.bootDiskKmsKey")
		if cluster, _, ok := strings.Cut(s.ID, "/nodePools/"); ok {
			s.to(model.MemberOf, "container.googleapis.com/Cluster", cluster)
		}
	}, "container.googleapis.com/NodePool")
	on(func(s shape) {
		s.runsAs(s.text("spec.template.spec.serviceAccountName"))
		s.runsAs(s.text("template.serviceAccount"))
		s.runsAs(s.text("spec.template.spec.template.spec.serviceAccountName"))
		s.runsAs(s.text("template.template.serviceAccount"))
		s.open()
	}, "run.googleapis.com/Service", "run.googleapis.com/Job")
	on(func(s shape) {
		s.runsAs(s.text("serviceAccountEmail"))
		s.runsAs(s.text("serviceConfig.serviceAccountEmail"))
		s.key("kmsKeyName")
		s.open()
	}, "cloudfunctions.googleapis.com/Function", "cloudfunctions.googleapis.com/CloudFunction")
	on(func(s shape) { s.runsAs(s.text("serviceAccount")) }, "appengine.googleapis.com/Application", "appengine.googleapis.com/Version")
	on(func(s shape) {
		account := s.text("serviceAccount")
		s.runsAs(account[strings.LastIndexByte(account, '/')+1:])
	}, "cloudbuild.googleapis.com/BuildTrigger")
	on(func(s shape) {
		s.runsAs(s.text("config.gceClusterConfig.serviceAccount"))
		s.compute(model.MemberOf, gcpSubnet, s.text("config.gceClusterConfig.subnetworkUri"))
		s.key("config.encryptionConfig.gcePdKmsKeyName")
		s.open()
	}, "dataproc.googleapis.com/Cluster")
	on(func(s shape) {
		s.runsAs(s.text("config.nodeConfig.serviceAccount"))
		s.key("config.encryptionConfig.kmsKeyName")
	}, "composer.googleapis.com/Environment")
}

func googleIdentity() {
	on(func(s shape) { s.open() }, gcpAccount)
	on(func(s shape) {
		if account, _, ok := strings.Cut(s.ID, "/keys/"); ok {
			s.to(model.MemberOf, gcpAccount, account)
		}
	}, "iam.googleapis.com/ServiceAccountKey")
	on(func(s shape) {
		s.to(model.Trusts, "", s.text("oidc.issuerUri"))
		if pool, _, ok := strings.Cut(s.ID, "/providers/"); ok {
			s.to(model.MemberOf, "iam.googleapis.com/WorkloadIdentityPool", pool)
		}
	}, "iam.googleapis.com/WorkloadIdentityPoolProvider")
	on(func(s shape) {
		switch service, rest, _ := strings.Cut(s.text("destination"), "/"); service {
		case "storage.googleapis.com":
			s.to(model.LogsTo, gcpBucket, rest)
		case "pubsub.googleapis.com":
			s.to(model.LogsTo, gcpTopic, "//"+service+"/"+rest)
		case "bigquery.googleapis.com":
			s.to(model.LogsTo, "bigquery.googleapis.com/Dataset", "//"+service+"/"+rest)
		case "logging.googleapis.com":
			s.to(model.LogsTo, "logging.googleapis.com/LogBucket", "//"+service+"/"+rest)
		}
	}, "logging.googleapis.com/LogSink")
	on(func(s shape) {
		for _, c := range s.list("notificationChannels") {
			s.to(model.Notifies, "monitoring.googleapis.com/NotificationChannel", fullName("monitoring.googleapis.com", itemText(c, "")))
		}
	}, "monitoring.googleapis.com/AlertPolicy")
}
