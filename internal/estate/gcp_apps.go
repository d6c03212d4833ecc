package estate

import "github.com/stance-sec/stance/internal/collect"

// gke adds a cluster with one group of nodes.
func (p project) gke(name, team, account, network, subnet, kmsKey string, age int, changes doc) {
	path := "locations/" + googleRegion + "/clusters/" + name
	pool := func() doc {
		return doc{
			"name": "system", "initialNodeCount": 1, "status": "RUNNING", "version": "1.35.1-gke.1030000", "locations": list{googleZone, anotherZone},
			"selfLink": "https://container.googleapis.com/v1/" + p.path(path+"/nodePools/system"), "management": doc{"autoUpgrade": true, "autoRepair": true},
			"networkConfig": doc{"enablePrivateNodes": true}, "config": doc{
				"machineType": "e2-standard-4", "diskSizeGb": 100, "imageType": "COS_CONTAINERD", "serviceAccount": account, "oauthScopes": list{allOfCloud}, "bootDiskKmsKey": kmsKey,
				"metadata": doc{"disable-legacy-endpoints": "true"}, "workloadMetadataConfig": doc{"mode": "GKE_METADATA"}, "shieldedInstanceConfig": doc{"enableSecureBoot": true, "enableIntegrityMonitoring": true},
			},
		}
	}
	p.add("container.googleapis.com/Cluster", "container.googleapis.com", path, googleRegion, with(doc{
		"name": name, "id": p.hex("gke/"+name, 40), "location": googleRegion, "locations": list{googleZone, anotherZone}, "status": "RUNNING", "createTime": p.ago(age), "resourceLabels": p.owned(team),
		"selfLink": "https://container.googleapis.com/v1/" + p.path(path), "currentMasterVersion": "1.35.1-gke.1030000", "network": network, "subnetwork": subnet, "endpoint": "34.107.44.9",
		"networkConfig":                  doc{"network": p.path("global/networks/" + network), "subnetwork": p.path("regions/" + googleRegion + "/subnetworks/" + subnet), "datapathProvider": "ADVANCED_DATAPATH", "defaultEnablePrivateNodes": true},
		"privateClusterConfig":           doc{"enablePrivateNodes": true, "masterIpv4CidrBlock": "172.16.8.0/28"},
		"masterAuthorizedNetworksConfig": doc{"enabled": true, "cidrBlocks": list{doc{"displayName": "offices", "cidrBlock": "198.51.100.0/27"}}},
		"releaseChannel":                 doc{"channel": "REGULAR"}, "shieldedNodes": doc{"enabled": true}, "legacyAbac": doc{}, "databaseEncryption": doc{"state": "ENCRYPTED", "keyName": kmsKey},
		"workloadIdentityConfig": doc{"workloadPool": p.name + ".svc.id.goog"}, "binaryAuthorization": doc{"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"}, "masterAuth": doc{"clientCertificateConfig": doc{}},
		"loggingService": "logging.googleapis.com/kubernetes", "loggingConfig": doc{"componentConfig": doc{"enableComponents": list{"SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER"}}}, "nodePools": list{pool()},
	}, changes))
	p.add("container.googleapis.com/NodePool", "container.googleapis.com", path+"/nodePools/system", googleRegion, pool())
}

// run adds a service of Cloud Run.
func (p project) run(name, team, account string, age int, public bool, environment map[string]string) {
	env := list{}
	for _, k := range sortedKeys(plainMap(environment)) {
		env = append(env, doc{"name": k, "value": collect.Redact(k, environment[k])})
	}
	caller := "serviceAccount:" + p.email("search")
	if public {
		caller = "allUsers"
	}
	p.add("run.googleapis.com/Service", "run.googleapis.com", "locations/"+googleRegion+"/services/"+name, googleRegion, doc{
		"apiVersion": "serving.knative.dev/v1", "kind": "Service",
		"metadata": doc{
			"name": name, "namespace": p.number, "uid": p.uuid("run/" + name), "creationTimestamp": p.ago(age), "labels": p.owned(team),
			"annotations": doc{"run.googleapis.com/ingress": "all", "run.googleapis.com/launch-stage": "GA"},
		},
		"spec": doc{"template": doc{"spec": doc{"serviceAccountName": account, "containerConcurrency": 80, "timeoutSeconds": 300, "containers": list{doc{
			"image": googleRegion + "-docker.pkg.dev/" + ShopProject + "/services/" + name + ":2025.11", "env": env,
		}}}}},
		"status":    doc{"url": "https://" + name + "-" + p.hex("run/"+name, 10) + "-ey.a.run.app"},
		"iamPolicy": p.granted([]string{"roles/run.invoker", caller}),
	})
}

// function adds a function of the second generation and the service that runs it.
func (p project) function(name, team, runtime, account, connector string, age int, environment map[string]string) {
	env := doc{}
	for k, v := range environment {
		env[k] = collect.Redact(k, v)
	}
	full := p.path("locations/" + googleRegion + "/functions/" + name)
	service := doc{
		"service": p.path("locations/" + googleRegion + "/services/" + name), "serviceAccountEmail": account, "timeoutSeconds": 60, "availableMemory": "256M", "maxInstanceCount": 10,
		"ingressSettings": "ALLOW_INTERNAL_ONLY", "environmentVariables": env, "revision": name + "-00012-xuq",
	}
	if connector != "" {
		service["vpcConnector"], service["vpcConnectorEgressSettings"] = connector, "PRIVATE_RANGES_ONLY"
	}
	p.add("cloudfunctions.googleapis.com/Function", "cloudfunctions.googleapis.com", "locations/"+googleRegion+"/functions/"+name, googleRegion, doc{
		"name": full, "environment": "GEN_2", "state": "ACTIVE", "createTime": p.ago(age), "updateTime": p.ago(age / 4), "labels": p.owned(team), "serviceConfig": service,
		"buildConfig": doc{"runtime": runtime, "entryPoint": "handle", "dockerRepository": p.path("locations/" + googleRegion + "/repositories/gcf-artifacts")},
		"iamPolicy":   p.granted([]string{"roles/cloudfunctions.invoker", "serviceAccount:" + account}),
	})
	p.run(name, team, account, age, false, environment)
}

// connector adds the way of functions into a network and returns its name.
func (p project) connector(name, network string) string {
	full := p.path("locations/" + googleRegion + "/connectors/" + name)
	p.put(p.scope(), "vpcaccess.googleapis.com/Connector", "//vpcaccess.googleapis.com/"+full, googleRegion, doc{
		"name": full, "network": network, "ipCidrRange": "10.80.31.0/28", "state": "READY", "minInstances": 2, "maxInstances": 3, "machineType": "e2-micro",
	})
	return full
}

// images adds a repository of container images.
func (p project) images(name, team, kmsKey string, age int) {
	full := p.path("locations/" + googleRegion + "/repositories/" + name)
	p.put(p.scope(), "artifactregistry.googleapis.com/Repository", "//artifactregistry.googleapis.com/"+full, googleRegion, doc{
		"name": full, "format": "DOCKER", "mode": "STANDARD_REPOSITORY", "createTime": p.ago(age), "updateTime": p.ago(2), "labels": p.owned(team), "kmsKeyName": kmsKey,
		"vulnerabilityScanningConfig": doc{"enablementConfig": "INHERITED", "enablementState": "SCANNING_ACTIVE"},
		"iamPolicy":                   p.granted([]string{"roles/artifactregistry.reader", "serviceAccount:" + p.email("gke-nodes")}),
	})
}

// zone adds a zone of Cloud DNS; algorithm is that of its keys, "" where it is not
// signed.
func (p project) zone(name, dnsName, visibility, algorithm string, age int) {
	config := doc{
		"kind": "dns#managedZone", "id": p.computeID("zone/" + name), "name": name, "dnsName": dnsName, "visibility": visibility, "description": "", "creationTime": p.ago(age), "labels": p.owned("platform"),
	}
	if visibility == "public" {
		state := doc{"kind": "dns#managedZoneDnsSecConfig", "state": "off"}
		if algorithm != "" {
			state = doc{"kind": "dns#managedZoneDnsSecConfig", "state": "on", "nonExistence": "nsec3", "defaultKeySpecs": list{
				doc{"kind": "dns#dnsKeySpec", "keyType": "keySigning", "algorithm": algorithm, "keyLength": 2048}, doc{"kind": "dns#dnsKeySpec", "keyType": "zoneSigning", "algorithm": algorithm, "keyLength": 1024},
			}}
		}
		config["dnssecConfig"] = state
	}
	p.add("dns.googleapis.com/ManagedZone", "dns.googleapis.com", "managedZones/"+name, "global", config)
}

// apiKey adds a key for APIs that ask for no more.
func (p project) apiKey(display string, age int, restrictions doc) {
	name := p.numbered("locations/global/keys/" + p.uuid("api key/"+display))
	config := doc{"name": name, "uid": p.uuid("api key/" + display), "displayName": display, "createTime": p.ago(age), "updateTime": p.ago(age), "etag": `W/"` + p.hex(display, 12) + `"`}
	if restrictions != nil {
		config["restrictions"] = restrictions
	}
	p.put(p.scope(), "apikeys.googleapis.com/Key", "//apikeys.googleapis.com/"+name, "global", config)
}
