package estate

import (
	"strings"

	"github.com/stance-sec/stance/internal/collect"
)

// function adds a Lambda function. Variables are the names and values of its
// environment; like a scan, it keeps their lengths and hashes only.
func (b *builder) function(region, name, team, runtime string, age int, variables map[string]string, changes ...doc) {
	arn := b.arn("lambda", region, "function:"+name)
	environment := doc{}
	for k, v := range variables {
		environment[k] = collect.Redact(k, v)
	}
	config := with(doc{
		"FunctionName": name, "FunctionArn": arn, "Runtime": runtime, "Role": b.role("lambda-" + name), "Handler": "app.handler", "PackageType": "Zip", "CodeSize": 1482240,
		"Description": "", "Timeout": 30, "MemorySize": 512, "LastModified": b.at(age / 4).Format("2006-01-02T15:04:05.000+0000"), "Version": "$LATEST", "Architectures": list{"arm64"},
		"CodeSha256": b.hex("code/"+name, 43) + "=", "RevisionId": b.uuid("revision/" + name), "EphemeralStorage": doc{"Size": 512}, "TracingConfig": doc{"Mode": "PassThrough"},
		"LoggingConfig":       doc{"LogFormat": "JSON", "LogGroup": "/aws/lambda/" + name},
		"EventSourceMappings": list{}, "Tags": tagMap(b.owned(team)...),
	}, changes...)
	if len(environment) > 0 {
		config["Environment"] = doc{"Variables": environment}
	}
	b.add("AWS::Lambda::Function", region, arn, name, "", config)
}

// invokedBy is the policy that lets a service call a function; an empty source
// leaves open for whose sake.
func (b *builder) invokedBy(region, function, service, source string) doc {
	s := doc{
		"Sid": strings.SplitN(service, ".", 2)[0], "Effect": "Allow", "Principal": doc{"Service": service}, "Action": "lambda:InvokeFunction",
		"Resource": b.arn("lambda", region, "function:"+function),
	}
	if source != "" {
		s["Condition"] = doc{"ArnLike": doc{"AWS:SourceArn": source}}
	}
	return with(policy(s), doc{"Id": "default"})
}

func (b *builder) layer(region, name string) {
	arn := b.arn("lambda", region, "layer:"+name)
	b.add("AWS::Lambda::LayerVersion", region, arn+":12", name, "", doc{
		"LayerName": name, "LayerArn": arn, "LayerVersionArn": arn + ":12", "Version": 12, "CreatedDate": b.at(45).Format("2006-01-02T15:04:05.000+0000"),
		"CompatibleRuntimes": list{"python3.13"}, "CompatibleArchitectures": list{"arm64"},
	})
}

// queue adds a queue; a policy is that of the senders.
func (b *builder) queue(region, name, team string, encrypted bool, senders doc) {
	arn := b.arn("sqs", region, name)
	attributes := doc{
		"QueueArn": arn, "MessageRetentionPeriod": "345600", "VisibilityTimeout": "60", "DelaySeconds": "0", "MaximumMessageSize": "262144",
		"ReceiveMessageWaitTimeSeconds": "20", "CreatedTimestamp": "1735689600", "LastModifiedTimestamp": "1735689600", "SqsManagedSseEnabled": "false",
	}
	if encrypted {
		attributes["SqsManagedSseEnabled"] = "true"
	}
	if senders != nil {
		attributes["Policy"] = senders
	}
	b.add("AWS::SQS::Queue", region, arn, name, "", doc{
		"QueueName": name, "QueueUrl": "https://sqs." + region + ".amazonaws.com/" + b.id + "/" + name, "Attributes": attributes, "Tags": tagMap(b.owned(team)...),
	})
}

// topic adds a topic with subscriptions, as protocol and endpoint in turn.
func (b *builder) topic(region, name, team, key string, more []doc, subscriptions ...string) string {
	arn := b.arn("sns", region, name)
	owner := doc{
		"Sid": "owner", "Effect": "Allow", "Principal": doc{"AWS": "*"}, "Action": list{"SNS:GetTopicAttributes", "SNS:Subscribe", "SNS:Publish"}, "Resource": arn,
		"Condition": doc{"StringEquals": doc{"AWS:SourceOwner": b.id}},
	}
	attributes := doc{
		"TopicArn": arn, "Owner": b.id, "DisplayName": "", "Policy": policy(append([]doc{owner}, more...)...), "SubscriptionsConfirmed": string(rune('0' + len(subscriptions)/2)),
		"SubscriptionsPending": "0", "SubscriptionsDeleted": "0",
	}
	if key != "" {
		attributes["KmsMasterKeyId"] = key
	}
	subs := list{}
	for i := 0; i+1 < len(subscriptions); i += 2 {
		subs = append(subs, doc{"Protocol": subscriptions[i], "Endpoint": subscriptions[i+1], "Owner": b.id, "TopicArn": arn, "SubscriptionArn": arn + ":" + b.uuid(subscriptions[i+1])})
	}
	b.add("AWS::SNS::Topic", region, arn, name, "", doc{"TopicArn": arn, "Attributes": attributes, "Subscriptions": subs, "Tags": pairs(b.owned(team)...)})
	return arn
}

// secret adds a secret. Changed, rotated and used are days; rotated 0 means that
// it does not rotate.
func (b *builder) secret(region, name, team string, age, changed, rotated, used int) {
	suffix := b.hex("secret/"+name, 6)
	arn := b.arn("secretsmanager", region, "secret:"+name+"-"+suffix)
	config := doc{
		"ARN": arn, "Name": name, "CreatedDate": b.ago(age), "LastChangedDate": b.ago(changed), "LastAccessedDate": b.ago(used), "KmsKeyId": b.keyARN(region, "data"),
		"SecretVersionsToStages": doc{b.uuid("version/" + name): list{"AWSCURRENT"}}, "Tags": pairs(b.owned(team)...),
	}
	if rotated > 0 {
		config = with(config, doc{
			"RotationEnabled": true, "LastRotatedDate": b.ago(rotated), "NextRotationDate": b.ago(rotated - 30), "RotationRules": doc{"AutomaticallyAfterDays": 30},
			"RotationLambdaARN": b.arn("lambda", region, "function:secret-rotation"),
		})
	}
	b.add("AWS::SecretsManager::Secret", region, arn, name, b.ago(age), config)
}

// repository adds a repository of images with the newest one and what its scan
// found.
func (b *builder) repository(region, name, team string, age int, scanned bool, found doc, changes ...doc) {
	arn := b.arn("ecr", region, "repository/"+name)
	image := doc{
		"RegistryId": b.id, "RepositoryName": name, "ImageDigest": "sha256:" + b.hex("image/"+name, 64), "ImageTags": list{"1." + b.hex(name, 1) + ".0"}, "ImagePushedAt": b.ago(6),
		"ImageSizeInBytes": 88080384,
	}
	if scanned {
		image["ImageScanStatus"] = doc{"Status": "COMPLETE"}
		image["ImageScanFindingsSummary"] = doc{"ImageScanCompletedAt": b.ago(6), "FindingSeverityCounts": found}
	}
	b.add("AWS::ECR::Repository", region, arn, name, b.ago(age), with(doc{
		"RepositoryName": name, "RepositoryArn": arn, "RegistryId": b.id, "RepositoryUri": b.id + ".dkr.ecr." + region + ".amazonaws.com/" + name, "CreatedAt": b.ago(age),
		"ImageTagMutability": "IMMUTABLE", "ImageScanningConfiguration": doc{"ScanOnPush": scanned}, "EncryptionConfiguration": doc{"EncryptionType": "AES256"},
		"ImageDetails": list{image}, "Tags": pairs(b.owned(team)...),
		"PolicyText": policy(doc{
			"Sid": "Pull", "Effect": "Allow", "Principal": "*", "Action": list{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			"Condition": doc{"StringEquals": doc{"aws:PrincipalOrgID": organizationID}},
		}),
	}, changes...))
}

func (b *builder) registry(region string) {
	b.add("AWS::ECR::Registry", region, b.arn("ecr", region, "settings/registry"), "registry", "", doc{
		"RegistryId": b.id, "ReplicationConfiguration": doc{"Rules": list{}}, "ScanningConfiguration": doc{"ScanType": "BASIC", "Rules": list{}},
	})
}

// kubernetes adds an EKS cluster with one node group and its add-ons.
func (v *vpc) kubernetes(name, team, version string, age int, subnets []string, endpoint, nodes, changes doc) {
	b := v.b
	arn := b.arn("eks", v.region, "cluster/"+name)
	ids := list{}
	for _, s := range subnets {
		ids = append(ids, v.subnets[s])
	}
	b.add("AWS::EKS::Cluster", v.region, arn, name, b.ago(age), with(doc{
		"Name": name, "Arn": arn, "Version": version, "PlatformVersion": "eks.12", "Status": "ACTIVE", "CreatedAt": b.ago(age), "RoleArn": b.role("eks-" + name), "DeletionProtection": false,
		"Endpoint":                "https://" + strings.ToUpper(b.hex(name, 32)) + ".gr7." + v.region + ".eks.amazonaws.com",
		"ResourcesVpcConfig":      with(doc{"VpcId": v.id, "SubnetIds": ids, "SecurityGroupIds": list{v.groups["cluster"]}, "EndpointPrivateAccess": true}, endpoint),
		"KubernetesNetworkConfig": doc{"ServiceIpv4Cidr": "172.20.0.0/16", "IpFamily": "ipv4"},
		"Logging":                 doc{"ClusterLogging": list{doc{"Enabled": true, "Types": list{"api", "audit", "authenticator", "controllerManager", "scheduler"}}}},
		"EncryptionConfig":        list{doc{"Resources": list{"secrets"}, "Provider": doc{"KeyArn": b.keyARN(v.region, "data")}}},
		"AccessConfig":            doc{"AuthenticationMode": "API", "BootstrapClusterCreatorAdminPermissions": false},
		"AccessEntries": list{doc{
			"ClusterName": name, "PrincipalArn": b.role("aws-reserved/sso.amazonaws.com/platform"), "Type": "STANDARD", "KubernetesGroups": list{}, "CreatedAt": b.ago(age - 1),
			"AssociatedAccessPolicies": list{doc{"PolicyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", "AccessScope": doc{"Type": "cluster", "Namespaces": list{}}}},
		}},
		"PodIdentityAssociations": list{}, "IdentityProviderConfigs": list{}, "Tags": tagMap(b.owned(team)...),
	}, changes))
	group := b.arn("eks", v.region, "nodegroup/"+name+"/workers/"+b.uuid(name+"/workers"))
	b.add("AWS::EKS::Nodegroup", v.region, group, "workers", b.ago(age), with(doc{
		"NodegroupName": "workers", "NodegroupArn": group, "ClusterName": name, "Version": version, "Status": "ACTIVE", "CreatedAt": b.ago(age), "CapacityType": "ON_DEMAND",
		"AmiType": "BOTTLEROCKET_x86_64", "InstanceTypes": list{"m7i.large"}, "NodeRole": b.role("eks-nodes"), "Subnets": ids, "Tags": tagMap(b.owned(team)...),
		"ScalingConfig": doc{"MinSize": 2, "MaxSize": 6, "DesiredSize": 2},
	}, nodes))
	for _, addon := range []string{"coredns", "kube-proxy", "vpc-cni"} {
		arn := b.arn("eks", v.region, "addon/"+name+"/"+addon+"/"+b.uuid(name+addon))
		setting := doc{}
		if addon == "vpc-cni" {
			setting["EnableNetworkPolicy"] = true
		}
		b.add("AWS::EKS::Addon", v.region, arn, addon, b.ago(age), with(setting, doc{
			"AddonName": addon, "AddonArn": arn, "ClusterName": name, "AddonVersion": "v1.11.4-eksbuild.2", "Status": "ACTIVE", "CreatedAt": b.ago(age), "ModifiedAt": b.ago(age / 2),
			"Tags": tagMap(b.owned(team)...),
		}))
	}
}
