package estate

// subnetGroup names the subnets that databases may use.
func (v *vpc) subnetGroup(name string, subnets ...string) doc {
	b := v.b
	arn := b.arn("rds", v.region, "subgrp:"+name)
	in := list{}
	for _, s := range subnets {
		in = append(in, doc{"SubnetIdentifier": v.subnets[s], "SubnetStatus": "Active", "SubnetAvailabilityZone": doc{"Name": v.zones[v.subnets[s]]}})
	}
	group := doc{
		"DBSubnetGroupName": name, "DBSubnetGroupArn": arn, "DBSubnetGroupDescription": "of " + v.name, "VpcId": v.id, "SubnetGroupStatus": "Complete", "Subnets": in,
		"SupportedNetworkTypes": list{"IPV4"},
	}
	b.add("AWS::RDS::DBSubnetGroup", v.region, arn, name, "", plain(group))
	return group
}

// database adds a database as the company sets them up: encrypted, in two zones,
// in the innermost subnets, with a week of backups.
func (v *vpc) database(name, team string, age int, subnets doc, group, parameters string, tags []string, changes ...doc) {
	b := v.b
	arn := b.arn("rds", v.region, "db:"+name)
	config := with(doc{
		"DBInstanceIdentifier": name, "DBInstanceArn": arn, "DbiResourceId": "db-" + b.unique("", name), "DBInstanceClass": "db.r7g.large", "DBInstanceStatus": "available",
		"Engine": "postgres", "EngineVersion": "16.4", "LicenseModel": "postgresql-license", "AllocatedStorage": 200, "StorageType": "gp3", "InstanceCreateTime": b.ago(age),
		"Endpoint":         doc{"Address": name + "." + b.hex("rds", 12) + "." + v.region + ".rds.amazonaws.com", "Port": 5432, "HostedZoneId": "Z1RLNUO7B9Q6NB"},
		"StorageEncrypted": true, "KmsKeyId": b.keyARN(v.region, "rds"), "PubliclyAccessible": false, "MultiAZ": true, "BackupRetentionPeriod": 14,
		"AutoMinorVersionUpgrade": true, "DeletionProtection": true, "IAMDatabaseAuthenticationEnabled": true, "CopyTagsToSnapshot": true,
		"MasterUsername": "lindenbrook", "DBSubnetGroup": subnets, "VpcSecurityGroups": list{doc{"VpcSecurityGroupId": v.groups[group], "Status": "active"}},
		"DBParameterGroups": list{doc{"DBParameterGroupName": parameters, "ParameterApplyStatus": "in-sync"}}, "PreferredBackupWindow": "01:10-01:40",
		"PreferredMaintenanceWindow": "sun:02:30-sun:03:00", "EnabledCloudwatchLogsExports": list{"postgresql", "upgrade"}, "CACertificateIdentifier": "rds-ca-rsa2048-g1",
		"PerformanceInsightsEnabled": true, "MonitoringInterval": 60, "MonitoringRoleArn": b.role("rds-monitoring"), "AvailabilityZone": v.region + "a",
		"TagList": pairs(b.owned(team, tags...)...),
	}, changes...)
	status := "available"
	if config["EngineVersion"] == "14.11" {
		status = "deprecated"
	}
	config["DBEngineVersion"] = doc{"Engine": config["Engine"], "EngineVersion": config["EngineVersion"], "Status": status}
	b.add("AWS::RDS::DBInstance", v.region, arn, name, b.ago(age), config)
}

// cluster adds an Aurora cluster and its members.
func (v *vpc) cluster(name, team string, age int, subnets doc, group, parameters string, members []string, changes ...doc) {
	b := v.b
	arn := b.arn("rds", v.region, "cluster:"+name)
	in := list{}
	for i, m := range members {
		in = append(in, doc{"DBInstanceIdentifier": m, "IsClusterWriter": i == 0, "DBClusterParameterGroupStatus": "in-sync", "PromotionTier": i})
	}
	b.add("AWS::RDS::DBCluster", v.region, arn, name, b.ago(age), with(doc{
		"DBClusterIdentifier": name, "DBClusterArn": arn, "DbClusterResourceId": "cluster-" + b.unique("", name), "Engine": "aurora-postgresql", "EngineMode": "provisioned",
		"EngineVersion": "16.4", "Status": "available", "ClusterCreateTime": b.ago(age), "StorageEncrypted": true, "KmsKeyId": b.keyARN(v.region, "rds"), "MultiAZ": true,
		"BackupRetentionPeriod": 14, "DeletionProtection": true, "IAMDatabaseAuthenticationEnabled": true, "CopyTagsToSnapshot": true, "DBClusterMembers": in,
		"DBClusterParameterGroup": parameters, "DBSubnetGroup": subnets["DBSubnetGroupName"], "VpcSecurityGroups": list{doc{"VpcSecurityGroupId": v.groups[group], "Status": "active"}},
		"EnabledCloudwatchLogsExports": list{"postgresql"}, "Endpoint": name + ".cluster-" + b.hex("rds", 12) + "." + v.region + ".rds.amazonaws.com", "Port": 5432,
		"MasterUsername": "lindenbrook", "AvailabilityZones": list{v.region + "a", v.region + "b"}, "PreferredBackupWindow": "01:40-02:10", "TagList": pairs(b.owned(team)...),
	}, changes...))
	for _, m := range members {
		v.database(m, team, age, subnets, group, "default.aurora-postgresql16", nil, doc{
			"Engine": "aurora-postgresql", "DBClusterIdentifier": name, "StorageType": "aurora", "AllocatedStorage": 1, "MultiAZ": false,
			"IAMDatabaseAuthenticationEnabled": true, "EnabledCloudwatchLogsExports": list{"postgresql"},
		})
	}
}

func parameter(name, value, source string) doc {
	return doc{"ParameterName": name, "ParameterValue": value, "Source": source, "ApplyType": "dynamic", "DataType": "string", "IsModifiable": true, "ApplyMethod": "pending-reboot"}
}

func (b *builder) parameters(region, name, family string, parameters ...doc) {
	arn := b.arn("rds", region, "pg:"+name)
	all := list{}
	for _, p := range parameters {
		all = append(all, p)
	}
	b.add("AWS::RDS::DBParameterGroup", region, arn, name, "", doc{
		"DBParameterGroupName": name, "DBParameterGroupArn": arn, "DBParameterGroupFamily": family, "Description": "of " + name, "Parameters": all,
	})
}

func (b *builder) clusterParameters(region, name, family string, parameters ...doc) {
	arn := b.arn("rds", region, "cluster-pg:"+name)
	all := list{}
	for _, p := range parameters {
		all = append(all, p)
	}
	b.add("AWS::RDS::DBClusterParameterGroup", region, arn, name, "", doc{
		"DBClusterParameterGroupName": name, "DBClusterParameterGroupArn": arn, "DBParameterGroupFamily": family, "Description": "of " + name, "Parameters": all,
	})
}

// dbSnapshot adds a manual snapshot; restore names who else may restore it.
func (b *builder) dbSnapshot(region, name, of, team string, age int, encrypted bool, restore list, more ...string) {
	arn := b.arn("rds", region, "snapshot:"+name)
	if restore == nil {
		restore = list{}
	}
	config := doc{
		"DBSnapshotIdentifier": name, "DBSnapshotArn": arn, "DBInstanceIdentifier": of, "Engine": "postgres", "EngineVersion": "16.4", "SnapshotType": "manual", "Status": "available",
		"SnapshotCreateTime": b.ago(age), "Encrypted": encrypted, "AllocatedStorage": 200, "Port": 5432, "TagList": pairs(b.owned(team, more...)...),
		"DBSnapshotAttributesResult": doc{"DBSnapshotIdentifier": name, "DBSnapshotAttributes": list{doc{"AttributeName": "restore", "AttributeValues": restore}}},
	}
	if encrypted {
		config["KmsKeyId"] = b.keyARN(region, "rds")
	}
	b.add("AWS::RDS::DBSnapshot", region, arn, name, b.ago(age), config)
}

func (b *builder) clusterSnapshot(region, name, of, team string, age int) {
	arn := b.arn("rds", region, "cluster-snapshot:"+name)
	b.add("AWS::RDS::DBClusterSnapshot", region, arn, name, b.ago(age), doc{
		"DBClusterSnapshotIdentifier": name, "DBClusterSnapshotArn": arn, "DBClusterIdentifier": of, "Engine": "aurora-postgresql", "EngineVersion": "16.4", "SnapshotType": "manual",
		"Status": "available", "SnapshotCreateTime": b.ago(age), "StorageEncrypted": true, "KmsKeyId": b.keyARN(region, "rds"), "TagList": pairs(b.owned(team)...),
		"DBClusterSnapshotAttributesResult": doc{"DBClusterSnapshotIdentifier": name, "DBClusterSnapshotAttributes": list{doc{"AttributeName": "restore", "AttributeValues": list{}}}},
	})
}

// table adds a DynamoDB table.
func (b *builder) table(region, name, team string, age int, safe bool) {
	arn := b.arn("dynamodb", region, "table/"+name)
	recovery := doc{"PointInTimeRecoveryStatus": "DISABLED"}
	if safe {
		recovery = doc{"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 35, "EarliestRestorableDateTime": b.ago(35), "LatestRestorableDateTime": b.ago(0)}
	}
	config := doc{
		"TableName": name, "TableArn": arn, "TableId": b.uuid(name), "TableStatus": "ACTIVE", "CreationDateTime": b.ago(age), "ItemCount": 41800, "TableSizeBytes": 9126805,
		"DeletionProtectionEnabled": safe, "BillingModeSummary": doc{"BillingMode": "PAY_PER_REQUEST"}, "AttributeDefinitions": list{doc{"AttributeName": "id", "AttributeType": "S"}},
		"KeySchema":                    list{doc{"AttributeName": "id", "KeyType": "HASH"}},
		"ContinuousBackupsDescription": doc{"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery},
		"TimeToLiveDescription":        doc{"TimeToLiveStatus": "DISABLED"}, "Tags": pairs(b.owned(team)...),
	}
	if safe {
		config["SSEDescription"] = doc{"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": b.keyARN(region, "data")}
	}
	b.add("AWS::DynamoDB::Table", region, arn, name, b.ago(age), config)
}
