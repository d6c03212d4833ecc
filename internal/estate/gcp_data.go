package estate

// cloudBucket adds a bucket with an allow policy. Those that differ from what the
// company wants say so by changes.
func (p project) cloudBucket(name, team, kmsKey string, age int, policy doc, changes ...doc) {
	config := with(doc{
		"kind": "storage#bucket", "id": name, "name": name, "projectNumber": p.number64(), "location": "EU", "locationType": "multi-region", "storageClass": "STANDARD", "timeCreated": p.ago(age), "updated": p.ago(age / 2),
		"labels": p.owned(team), "versioning": doc{"enabled": true}, "softDeletePolicy": doc{"retentionDurationSeconds": 604800}, "lifecycle": doc{"rule": list{doc{"action": doc{"type": "Delete"}, "condition": doc{"numNewerVersions": 5, "isLive": false}}}},
		"iamConfiguration": doc{"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": doc{"enabled": true, "lockedTime": p.ago(age - 90)}}, "logging": doc{"logBucket": "lindenbrook-usage-logs", "logObjectPrefix": name},
		"etag": "CAE=",
	}, changes...)
	if kmsKey != "" {
		config["encryption"] = doc{"defaultKmsKeyName": kmsKey}
	}
	usual := []string{"roles/storage.legacyBucketOwner", "projectOwner:" + p.name}
	if policy == nil {
		policy = p.granted(usual)
	}
	config["iamPolicy"] = policy
	location, _ := config["location"].(string)
	p.put(p.scope(), "storage.googleapis.com/Bucket", "//storage.googleapis.com/"+name, location, config)
}

// retained keeps the objects of a bucket so many days, locked or not.
func (p project) retained(days int, locked bool) doc {
	policy := doc{"retentionPeriod": days * 86400, "effectiveTime": p.ago(600)}
	if locked {
		policy["isLocked"] = true
	}
	return doc{"retentionPolicy": policy}
}

// inherited leaves it to the organization whether a bucket may be public.
func (p project) inherited() doc {
	return doc{"iamConfiguration": doc{"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": doc{"enabled": true, "lockedTime": p.ago(-60)}}}
}

// keyRing adds a key ring and keys in it, and returns the prefix of their names.
func (p project) keyRing(location, name string, keys ...string) string {
	ring := p.path("locations/" + location + "/keyRings/" + name)
	p.put(p.scope(), "cloudkms.googleapis.com/KeyRing", "//cloudkms.googleapis.com/"+ring, location, doc{"name": ring, "createTime": p.ago(700)})
	for _, k := range keys {
		full := ring + "/cryptoKeys/" + k
		p.put(p.scope(), "cloudkms.googleapis.com/CryptoKey", "//cloudkms.googleapis.com/"+full, location, doc{
			"name": full, "purpose": "ENCRYPT_DECRYPT", "createTime": p.ago(700), "rotationPeriod": "7776000s", "nextRotationTime": p.ago(-40), "destroyScheduledDuration": "2592000s",
			"versionTemplate": doc{"protectionLevel": "HSM", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"},
			"primary":         doc{"name": full + "/cryptoKeyVersions/3", "state": "ENABLED", "protectionLevel": "HSM", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "createTime": p.ago(50), "generateTime": p.ago(50)},
		})
	}
	return ring + "/cryptoKeys/"
}

// stale takes the rotation from a key.
func (o *organization) stale(key string) {
	for _, a := range o.assets {
		if a.Config["name"] == key {
			delete(a.Config, "rotationPeriod")
			delete(a.Config, "nextRotationTime")
		}
	}
}

// secret adds a secret of Secret Manager; rotation in days, 0 is none.
func (p project) secret(name, team string, age, rotation int, policy doc) {
	full := p.numbered("secrets/" + name)
	config := doc{"name": full, "createTime": p.ago(age), "etag": `"16` + p.hex(full, 10) + `"`, "labels": p.owned(team), "replication": doc{"automatic": doc{}}}
	if rotation > 0 {
		config["rotation"] = doc{"rotationPeriod": seconds(rotation), "nextRotationTime": p.ago(-rotation / 2)}
		config["topics"] = list{doc{"name": p.path("topics/rotation")}}
	}
	if policy != nil {
		config["iamPolicy"] = policy
	}
	p.put(p.scope(), "secretmanager.googleapis.com/Secret", "//secretmanager.googleapis.com/"+full, "global", config)
}

// topic adds a topic, and a subscription for each of the others' names.
func (p project) topic(name, team, kmsKey string, subscriptions ...string) {
	full := p.path("topics/" + name)
	config := doc{"name": full, "labels": p.owned(team)}
	if kmsKey != "" {
		config["kmsKeyName"] = kmsKey
	}
	p.put(p.scope(), "pubsub.googleapis.com/Topic", "//pubsub.googleapis.com/"+full, "global", config)
	for _, s := range subscriptions {
		sub := p.path("subscriptions/" + s)
		p.put(p.scope(), "pubsub.googleapis.com/Subscription", "//pubsub.googleapis.com/"+sub, "global", doc{
			"name": sub, "topic": full, "ackDeadlineSeconds": 30, "messageRetentionDuration": "604800s", "state": "ACTIVE", "expirationPolicy": doc{"ttl": "2678400s"}, "labels": p.owned(team),
		})
	}
}

// cloudSQL adds an instance of Cloud SQL whose users cannot be listed.
func (p project) cloudSQL(name, team, version, kmsKey, network string, flags map[string]string, settings, changes doc) {
	set := list{}
	for _, k := range sortedKeys(plainMap(flags)) {
		set = append(set, doc{"name": k, "value": flags[k]})
	}
	config := with(doc{
		"kind": "sql#instance", "name": name, "project": p.name, "databaseVersion": version, "instanceType": "CLOUD_SQL_INSTANCE", "backendType": "SECOND_GEN", "state": "RUNNABLE", "region": googleRegion, "gceZone": googleZone,
		"createTime": p.ago(500), "connectionName": p.name + ":" + googleRegion + ":" + name, "serviceAccountEmailAddress": "p" + p.number + "-" + p.hex("sql/"+name, 6) + "@gcp-sa-cloud-sql.iam.gserviceaccount.com",
		"ipAddresses": list{doc{"type": "PRIVATE", "ipAddress": "10.80.16.3"}},
		"settings": with(doc{
			"kind": "sql#settings", "tier": "db-custom-2-7680", "availabilityType": "REGIONAL", "activationPolicy": "ALWAYS", "dataDiskSizeGb": 100, "dataDiskType": "PD_SSD", "databaseFlags": set, "userLabels": p.owned(team),
			"backupConfiguration": doc{"enabled": true, "startTime": "02:00", "pointInTimeRecoveryEnabled": true, "location": "eu", "transactionLogRetentionDays": 7, "backupRetentionSettings": doc{"retainedBackups": 30, "retentionUnit": "COUNT"}},
			"ipConfiguration":     doc{"ipv4Enabled": false, "privateNetwork": p.link("global/networks/" + network), "sslMode": "ENCRYPTED_ONLY", "requireSsl": true}, "deletionProtectionEnabled": true,
		}, settings),
	}, changes)
	if kmsKey != "" {
		config["diskEncryptionConfiguration"] = doc{"kind": "sql#diskEncryptionConfiguration", "kmsKeyName": kmsKey}
	}
	a := p.add("sqladmin.googleapis.com/Instance", "cloudsql.googleapis.com", "instances/"+name, googleRegion, config)
	denied(a, "users", "sqladmin:users.list", "cloudsql.users.list", "PERMISSION_DENIED", "", "")
}

// dataset adds a data set of BigQuery with tables.
func (p project) dataset(name, team, kmsKey string, age int, access list, tables ...string) {
	base := list{doc{"role": "OWNER", "specialGroup": "projectOwners"}, doc{"role": "READER", "specialGroup": "projectReaders"}}
	config := doc{
		"kind": "bigquery#dataset", "id": p.name + ":" + name, "datasetReference": doc{"projectId": p.name, "datasetId": name}, "location": "EU", "creationTime": p.at(age).UnixMilli(), "lastModifiedTime": p.at(age / 3).UnixMilli(),
		"labels": p.owned(team), "access": append(base, access...), "etag": p.hex(name, 12),
	}
	encrypted := doc{}
	if kmsKey != "" {
		encrypted = doc{"encryptionConfiguration": doc{"kmsKeyName": kmsKey}}
		config["defaultEncryptionConfiguration"] = doc{"kmsKeyName": kmsKey}
	}
	p.add("bigquery.googleapis.com/Dataset", "bigquery.googleapis.com", "datasets/"+name, "EU", config)
	for _, t := range tables {
		p.add("bigquery.googleapis.com/Table", "bigquery.googleapis.com", "datasets/"+name+"/tables/"+t, "EU", with(doc{
			"kind": "bigquery#table", "id": p.name + ":" + name + "." + t, "tableReference": doc{"projectId": p.name, "datasetId": name, "tableId": t}, "type": "TABLE", "location": "EU",
			"creationTime": p.at(age).UnixMilli(), "lastModifiedTime": p.at(1).UnixMilli(), "etag": p.hex(name+t, 12),
		}, encrypted))
	}
}
