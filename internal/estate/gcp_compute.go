package estate

import "github.com/stance-sec/stance/internal/collect"

// vm is an instance of Compute Engine. What is not said is as the company wants
// it.
type vm struct {
	name, team, zone, network, subnet, private string
	public                                     string // an external address
	account                                    string
	scopes                                     list
	age                                        int
	tags                                       list
	kmsKey                                     string
	careless                                   bool
	metadata                                   map[string]string // what may hold secrets
	group                                      string            // that made it
}

const (
	allOfCloud   = "https://www.googleapis.com/auth/cloud-platform"
	loggingOnly  = "https://www.googleapis.com/auth/logging.write"
	metricsOnly  = "https://www.googleapis.com/auth/monitoring.write"
	googleZone   = googleRegion + "-a"
	anotherZone  = googleRegion + "-b"
	publicImages = "https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-12-bookworm-v20251014"
)

// instance adds an instance with its disk.
func (p project) instance(v vm) {
	disk := "zones/" + v.zone + "/disks/" + v.name
	path := "zones/" + v.zone + "/instances/" + v.name
	encrypted := doc{}
	if v.kmsKey != "" {
		encrypted = doc{"diskEncryptionKey": doc{"kmsKeyName": v.kmsKey + "/cryptoKeyVersions/3"}}
	}
	p.add("compute.googleapis.com/Disk", "compute.googleapis.com", disk, v.zone, p.computeDoc("disk", disk, v.age, doc{
		"sizeGb": 50, "status": "READY", "zone": p.link("zones/" + v.zone), "type": p.link("zones/" + v.zone + "/diskTypes/pd-balanced"), "users": list{p.link(path)},
		"labels": p.owned(v.team), "sourceImage": publicImages, "physicalBlockSizeBytes": 4096,
	}, encrypted))
	items := list{}
	if !v.careless {
		items = list{doc{"key": "block-project-ssh-keys", "value": "true"}, doc{"key": "enable-oslogin", "value": "true"}}
	}
	if v.group != "" {
		items = append(items, doc{"key": "created-by", "redacted": collect.Redact("created-by", v.group)})
	}
	for _, k := range sortedKeys(plainMap(v.metadata)) {
		items = append(items, doc{"key": k, "redacted": collect.Redact(k, v.metadata[k])})
	}
	nic := doc{
		"name": "nic0", "network": p.link("global/networks/" + v.network), "subnetwork": p.link("regions/" + googleRegion + "/subnetworks/" + v.subnet), "networkIP": v.private, "stackType": "IPV4_ONLY",
	}
	if v.public != "" {
		nic["accessConfigs"] = list{doc{"kind": "compute#accessConfig", "type": "ONE_TO_ONE_NAT", "name": "External NAT", "natIP": v.public, "networkTier": "PREMIUM"}}
	}
	config := p.computeDoc("instance", path, v.age, doc{
		"status": "RUNNING", "zone": p.link("zones/" + v.zone), "machineType": p.link("zones/" + v.zone + "/machineTypes/n2d-standard-2"), "labels": p.owned(v.team),
		"networkInterfaces": list{nic}, "metadata": doc{"kind": "compute#metadata", "fingerprint": p.hex("metadata/"+v.name, 12), "items": items},
		"serviceAccounts": list{doc{"email": v.account, "scopes": v.scopes}}, "tags": doc{"fingerprint": p.hex("tags/"+v.name, 12), "items": v.tags},
		"disks": list{with(doc{
			"kind": "compute#attachedDisk", "type": "PERSISTENT", "mode": "READ_WRITE", "boot": true, "index": 0, "deviceName": v.name, "source": p.link(disk), "autoDelete": v.careless,
		}, encrypted)},
		"scheduling": doc{"onHostMaintenance": "MIGRATE", "automaticRestart": true, "preemptible": false, "provisioningModel": "STANDARD"}, "deletionProtection": !v.careless, "canIpForward": false,
		"shieldedInstanceConfig": doc{"enableSecureBoot": !v.careless, "enableVtpm": true, "enableIntegrityMonitoring": true}, "shieldedInstanceIntegrityPolicy": doc{"updateAutoLearnPolicy": true},
		"confidentialInstanceConfig": doc{"enableConfidentialCompute": false},
	})
	if !v.careless {
		config["scheduling"] = doc{"onHostMaintenance": "TERMINATE", "automaticRestart": true, "preemptible": false, "provisioningModel": "STANDARD"}
		config["confidentialInstanceConfig"] = doc{"enableConfidentialCompute": true, "confidentialInstanceType": "SEV"}
	}
	p.add("compute.googleapis.com/Instance", "compute.googleapis.com", path, v.zone, config)
}

// snapshot adds a copy of a disk.
func (p project) snapshot(name, disk, kmsKey string, age int, policy doc) {
	path := "global/snapshots/" + name
	config := p.computeDoc("snapshot", path, age, doc{
		"status": "READY", "diskSizeGb": 50, "sourceDisk": p.link("zones/" + googleZone + "/disks/" + disk), "storageLocations": list{"eu"}, "labels": tagMap("env", p.env),
	})
	if kmsKey != "" {
		config["snapshotEncryptionKey"] = doc{"kmsKeyName": kmsKey + "/cryptoKeyVersions/3"}
	}
	if policy != nil {
		config["iamPolicy"] = policy
	}
	p.add("compute.googleapis.com/Snapshot", "compute.googleapis.com", path, "eu", config)
}

// machines adds a group of like machines that a load balancer serves, and returns
// the link of the group.
func (p project) machines(name, account, subnet, network, kmsKey string, age int) string {
	template, group := "global/instanceTemplates/"+name, "regions/"+googleRegion+"/instanceGroups/"+name
	p.add("compute.googleapis.com/InstanceTemplate", "compute.googleapis.com", template, "global", p.computeDoc("instanceTemplate", template, age, doc{"properties": doc{
		"machineType": "n2d-standard-2", "labels": p.owned("search"), "serviceAccounts": list{doc{"email": account, "scopes": list{allOfCloud}}},
		"networkInterfaces":      list{doc{"name": "nic0", "network": p.link("global/networks/" + network), "subnetwork": p.link("regions/" + googleRegion + "/subnetworks/" + subnet)}},
		"disks":                  list{doc{"boot": true, "autoDelete": true, "type": "PERSISTENT", "initializeParams": doc{"sourceImage": publicImages}, "diskEncryptionKey": doc{"kmsKeyName": kmsKey}}},
		"shieldedInstanceConfig": doc{"enableSecureBoot": true, "enableVtpm": true, "enableIntegrityMonitoring": true},
		"metadata":               doc{"items": list{doc{"key": "block-project-ssh-keys", "value": "true"}, doc{"key": "enable-oslogin", "value": "true"}}},
	}}))
	manager := "regions/" + googleRegion + "/instanceGroupManagers/" + name
	p.add("compute.googleapis.com/InstanceGroup", "compute.googleapis.com", group, googleRegion, p.computeDoc("instanceGroup", group, age, doc{
		"network": p.link("global/networks/" + network), "size": 2, "region": p.link("regions/" + googleRegion),
	}))
	p.add("compute.googleapis.com/InstanceGroupManager", "compute.googleapis.com", manager, googleRegion, p.computeDoc("instanceGroupManager", manager, age, doc{
		"baseInstanceName": name, "instanceGroup": p.link(group), "instanceTemplate": p.link(template), "targetSize": 2,
		"distributionPolicy":  doc{"zones": list{doc{"zone": p.link("zones/" + googleZone)}, doc{"zone": p.link("zones/" + anotherZone)}}},
		"autoHealingPolicies": list{doc{"healthCheck": p.link("global/healthChecks/https"), "initialDelaySec": 120}},
	}))
	return p.link(group)
}
