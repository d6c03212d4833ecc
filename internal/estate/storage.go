package estate

import "strings"

// bucket adds a bucket with what the company sets on all of them; changes say
// otherwise.
func (b *builder) bucket(region, name, team string, age int, tags []string, changes ...doc) {
	owner := b.hex("canonical-user", 64)
	config := with(doc{
		"Name": name, "BucketRegion": region, "CreationDate": b.ago(age), "BucketArn": "arn:aws:s3:::" + name,
		"PublicAccessBlockConfiguration":    blockAll(true),
		"Acl":                               doc{"Owner": doc{"ID": owner}, "Grants": list{doc{"Grantee": doc{"Type": "CanonicalUser", "ID": owner}, "Permission": "FULL_CONTROL"}}},
		"OwnershipControls":                 doc{"Rules": list{doc{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"ServerSideEncryptionConfiguration": encryptedWith("AES256", ""),
		"Versioning":                        doc{"Status": "Enabled"},
		"LoggingEnabled":                    doc{"TargetBucket": "lindenbrook-access-logs" + map[string]string{Shared: "-shared"}[b.id], "TargetPrefix": name + "/"},
		"Policy":                            policy(tlsOnly(name)),
		"NotificationConfiguration":         doc{},
		"LifecycleConfiguration": doc{"Rules": list{doc{
			"ID": "old versions", "Status": "Enabled", "Filter": doc{"Prefix": ""}, "NoncurrentVersionExpiration": doc{"NoncurrentDays": 90},
			"AbortIncompleteMultipartUpload": doc{"DaysAfterInitiation": 7},
		}}},
		"TagSet": pairs(b.owned(team, tags...)...),
	}, changes...)
	b.add("AWS::S3::Bucket", region, "arn:aws:s3:::"+name, name, b.ago(age), config)
}

func blockAll(on bool) doc {
	return doc{"BlockPublicAcls": on, "IgnorePublicAcls": on, "BlockPublicPolicy": on, "RestrictPublicBuckets": on}
}

func encryptedWith(algorithm, key string) doc {
	rule := doc{"SSEAlgorithm": algorithm}
	if key != "" {
		rule["KMSMasterKeyID"] = key
	}
	return doc{"Rules": list{doc{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": key != ""}}}
}

// tlsOnly is the statement that refuses plain HTTP.
func tlsOnly(bucket string) doc {
	return doc{
		"Sid": "TLSOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": list{"arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/*"},
		"Condition": doc{"Bool": doc{"aws:SecureTransport": "false"}},
	}
}

// delivery is the statement that lets a service of AWS write to a bucket.
func (b *builder) delivery(bucket, service, source string) doc {
	return doc{
		"Sid": "Delivery", "Effect": "Allow", "Principal": doc{"Service": service}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::" + bucket + "/*",
		"Condition": doc{"StringEquals": doc{"aws:SourceAccount": b.id}, "ArnLike": doc{"aws:SourceArn": source}},
	}
}

// bucketPolicyDenied takes a bucket's policy away and leaves the gap that a
// refusal makes.
func (b *builder) bucketPolicyDenied(name string) {
	for _, a := range b.assets {
		if a.Type == "AWS::S3::Bucket" && a.Name == name {
			delete(a.Config, "Policy")
			denied(a, "Policy", "s3:GetBucketPolicy", "s3:GetBucketPolicy", "AccessDenied", "resource_policy", "")
		}
	}
}

// accountBlock is the setting of the account that stands above all buckets; an
// account that never set it has no member.
func (b *builder) accountBlock(set bool) {
	config := doc{}
	if set {
		config["PublicAccessBlockConfiguration"] = blockAll(true)
	}
	b.add("AWS::S3::AccountPublicAccessBlock", "", b.arn("s3", "", "settings/account-public-access-block"), "account-public-access-block", "", config)
}

// keyARN is the ARN of the key that an alias names.
func (b *builder) keyARN(region, alias string) string {
	return b.arn("kms", region, "key/"+b.uuid(region+"/"+alias))
}

// key adds a key of the company with its alias. Its policy gives the account the
// key, and statements more.
func (b *builder) key(region, alias, team string, age int, rotated bool, changes doc, statements ...doc) {
	id, arn := b.uuid(region+"/"+alias), b.keyARN(region, alias)
	root := doc{"Sid": "Account", "Effect": "Allow", "Principal": doc{"AWS": b.iam("root")}, "Action": "kms:*", "Resource": "*"}
	tags := list{}
	for _, t := range pairs(b.owned(team)...) {
		m, _ := t.(doc)
		tags = append(tags, doc{"TagKey": m["Key"], "TagValue": m["Value"]})
	}
	config := with(doc{
		"KeyId": id, "KeyArn": arn, "Arn": arn, "AWSAccountId": b.id, "CreationDate": b.ago(age), "Description": "of " + alias, "Enabled": true,
		"KeyManager": "CUSTOMER", "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT",
		"Origin": "AWS_KMS", "MultiRegion": false, "EncryptionAlgorithms": list{"SYMMETRIC_DEFAULT"}, "Policy": policy(append([]doc{root}, statements...)...),
		"KeyRotationStatus": doc{"KeyId": id, "KeyRotationEnabled": rotated}, "Grants": list{}, "Tags": tags, "Aliases": list{"alias/" + alias},
	}, changes)
	b.add("AWS::KMS::Key", region, arn, id, b.ago(age), config)
	b.alias(region, "alias/"+alias, id, age)
}

// keyPolicyDenied takes the policy of a key away: one that leaves the account out
// refuses even its administrators.
func (b *builder) keyPolicyDenied(region, alias string) {
	arn := b.keyARN(region, alias)
	for _, a := range b.assets {
		if a.ID == arn {
			delete(a.Config, "Policy")
			delete(a.Config, "Grants")
			denied(a, "Policy", "kms:GetKeyPolicy", "kms:GetKeyPolicy", "AccessDeniedException", "resource_policy", "")
			denied(a, "Grants", "kms:ListGrants", "kms:ListGrants", "AccessDeniedException", "resource_policy", "")
		}
	}
}

func (b *builder) alias(region, name, key string, age int) {
	arn := b.arn("kms", region, name)
	a := b.add("AWS::KMS::Alias", region, arn, name, b.ago(age), doc{
		"AliasArn": arn, "AliasName": name, "TargetKeyId": key, "CreationDate": b.ago(age), "LastUpdatedDate": b.ago(age),
	})
	if strings.HasPrefix(name, "alias/aws/") {
		a.ManagedBy = "aws"
	}
}

// serviceKey adds the key that AWS makes for one of its services.
func (b *builder) serviceKey(region, service string, age int) {
	alias := "aws/" + service
	id, arn := b.uuid(region+"/"+alias), b.keyARN(region, alias)
	b.add("AWS::KMS::Key", region, arn, id, b.ago(age), doc{
		"KeyId": id, "KeyArn": arn, "Arn": arn, "AWSAccountId": b.id, "CreationDate": b.ago(age), "Enabled": true, "KeyManager": "AWS", "KeyState": "Enabled",
		"Description": "Default key that protects my " + service + " data when no other key is defined", "KeySpec": "SYMMETRIC_DEFAULT",
		"CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "MultiRegion": false,
		"EncryptionAlgorithms": list{"SYMMETRIC_DEFAULT"}, "Grants": list{}, "Aliases": list{"alias/" + alias},
		"Policy": policy(doc{
			"Sid": "Allow access through the service", "Effect": "Allow", "Principal": doc{"AWS": "*"}, "Action": list{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"},
			"Resource": "*", "Condition": doc{"StringEquals": doc{"kms:CallerAccount": b.id, "kms:ViaService": service + "." + region + ".amazonaws.com"}},
		}),
	}).ManagedBy = "aws"
	b.alias(region, "alias/"+alias, id, age)
}

// fileSystem adds a file system with mount targets in two private subnets.
func (v *vpc) fileSystem(name, team string, age int, accessPoints ...string) {
	b := v.b
	id := "fs-0" + b.hex("fs/"+name, 16)
	arn := b.arn("elasticfilesystem", v.region, "file-system/"+id)
	targets := list{}
	for _, s := range []string{"private-a", "private-b"} {
		targets = append(targets, doc{
			"MountTargetId": "fsmt-0" + b.hex(name+s, 16), "FileSystemId": id, "SubnetId": v.subnets[s], "VpcId": v.id, "LifeCycleState": "available", "OwnerId": b.id,
			"IpAddress": v.privateAddress(s), "AvailabilityZoneName": v.zones[v.subnets[s]], "SecurityGroups": list{v.groups["files"]},
		})
	}
	b.add("AWS::EFS::FileSystem", v.region, arn, name, b.ago(age), doc{
		"FileSystemId": id, "FileSystemArn": arn, "Name": name, "OwnerId": b.id, "CreationTime": b.ago(age), "CreationToken": b.uuid(name), "LifeCycleState": "available",
		"Encrypted": true, "KmsKeyId": b.keyARN(v.region, "ebs"), "PerformanceMode": "generalPurpose", "ThroughputMode": "elastic", "NumberOfMountTargets": 2,
		"SizeInBytes": doc{"Value": 48318382080}, "BackupPolicy": doc{"Status": "ENABLED"}, "MountTargets": targets, "Tags": pairs(append([]string{"Name", name}, b.owned(team)...)...),
		"Policy": policy(doc{"Sid": "Mount", "Effect": "Allow", "Principal": doc{"AWS": b.iam("root")}, "Action": list{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"}, "Resource": arn}),
	})
	for i, p := range accessPoints {
		pid := "fsap-0" + b.hex("ap/"+p, 16)
		parn := b.arn("elasticfilesystem", v.region, "access-point/"+pid)
		b.add("AWS::EFS::AccessPoint", v.region, parn, p, "", doc{
			"AccessPointId": pid, "AccessPointArn": parn, "FileSystemId": id, "Name": p, "OwnerId": b.id, "LifeCycleState": "available",
			"PosixUser": doc{"Uid": 1000 + i, "Gid": 1000 + i}, "RootDirectory": doc{"Path": "/" + p}, "Tags": pairs(append([]string{"Name", p}, b.owned(team)...)...),
		})
	}
}
