package estate

import (
	"strconv"

	"github.com/stance-sec/stance/internal/collect"
)

// machine is an instance with its disk and its network interface.
type machine struct {
	name, team string
	subnet     string
	groups     []string
	profile    string
	size       string // instance type
	age        int    // days since launch
	public     bool   // has a public address
	oldIMDS    bool   // answers IMDSv1 too
	plainDisk  bool   // its disk is not encrypted
	key        string // name of a key pair
	userData   string
	disk       int // GiB
	protected  bool
	tags       []string
}

func (v *vpc) machine(m machine) {
	b, id := v.b, v.b.ec2ID("i", v.name+"/"+m.name)
	subnet, address := v.subnets[m.subnet], v.privateAddress(m.subnet)
	tags := b.named(m.name, m.team, m.tags...)
	groups := list{}
	for _, g := range m.groups {
		groups = append(groups, doc{"GroupId": v.groups[g], "GroupName": g})
	}
	association := doc{}
	allocation := b.ec2ID("eipalloc", m.name)
	if m.public {
		association = doc{"PublicIp": v.publicAddress(), "IpOwnerId": b.id}
	}
	changes := doc{"Attachment": doc{
		"AttachmentId": b.ec2ID("eni-attach", m.name), "DeviceIndex": 0, "InstanceId": id, "InstanceOwnerId": b.id, "Status": "attached",
		"DeleteOnTermination": true, "AttachTime": b.ago(m.age),
	}}
	if m.public {
		changes["Association"] = with(doc{"AllocationId": allocation, "AssociationId": b.ec2ID("eipassoc", allocation)}, association)
	}
	eni := v.eni(m.name, subnet, groups, address, changes)
	card := doc{
		"NetworkInterfaceId": eni, "SubnetId": subnet, "VpcId": v.id, "Groups": groups, "PrivateIpAddress": address, "SourceDestCheck": true,
		"Status": "in-use", "InterfaceType": "interface", "OwnerId": b.id, "Ipv6Addresses": list{},
		"PrivateIpAddresses": list{doc{"Primary": true, "PrivateIpAddress": address}},
		"Attachment":         doc{"AttachmentId": b.ec2ID("eni-attach", m.name), "DeviceIndex": 0, "Status": "attached", "DeleteOnTermination": true, "AttachTime": b.ago(m.age)},
	}
	volume := v.volume(m, id, tags)
	config := doc{
		"InstanceId": id, "ImageId": b.ec2ID("ami", "base"), "InstanceType": m.size, "LaunchTime": b.ago(m.age), "State": doc{"Code": 16, "Name": "running"},
		"VpcId": v.id, "SubnetId": subnet, "PrivateIpAddress": address, "Architecture": "x86_64", "EbsOptimized": true, "EnaSupport": true, "VirtualizationType": "hvm",
		"Monitoring": doc{"State": "disabled"}, "SecurityGroups": groups, "NetworkInterfaces": list{card}, "SourceDestCheck": true,
		"Placement": doc{"AvailabilityZone": v.zones[subnet], "Tenancy": "default"}, "RootDeviceName": "/dev/xvda", "RootDeviceType": "ebs",
		"BlockDeviceMappings": list{doc{"DeviceName": "/dev/xvda", "Ebs": doc{"VolumeId": volume, "Status": "attached", "DeleteOnTermination": true, "AttachTime": b.ago(m.age)}}},
		"MetadataOptions":     doc{"State": "applied", "HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 2, "InstanceMetadataTags": "disabled"},
		"UserData":            doc{}, "DisableApiTermination": doc{"Value": m.protected}, "Tags": tags,
		"EnclaveOptions": doc{"Enabled": false},
		"Image":          doc{"ImageId": b.ec2ID("ami", "base"), "OwnerId": b.id, "Name": "base", "State": "available", "CreationDate": b.ago(max(m.age, 30))},
	}
	if m.oldIMDS {
		config["MetadataOptions"] = doc{"State": "applied", "HttpEndpoint": "enabled", "HttpTokens": "optional", "HttpPutResponseHopLimit": 1}
	}
	if m.profile != "" {
		config["IamInstanceProfile"] = doc{"Arn": b.iam("instance-profile/" + m.profile), "Id": b.unique("AIPA", m.profile)}
	}
	if m.key != "" {
		config["KeyName"] = m.key
	}
	if m.userData != "" {
		config["UserData"] = doc{"Value": collect.Redact("UserData.Value", m.userData)}
	}
	if m.public {
		card["Association"] = plain(association)
		config["PublicIpAddress"] = association["PublicIp"]
		v.eip(allocation, association["PublicIp"].(string), eni, id, tags) //nolint:forcetypeassert // set above
	}
	b.ec2("Instance", v.region, "instance", id, "", config)
	if !m.oldIMDS { // the forgotten ones run no agent, and nobody keeps their disks
		b.managed(v.region, id, address)
		b.snapshot(v.region, v.name+"/"+m.name, m.team, "nightly snapshot of "+m.name, 1, !m.plainDisk, nil)
	}
}

// managed adds an instance as Systems Manager sees it.
func (b *builder) managed(region, instance, address string) {
	b.add("AWS::SSM::ManagedInstance", region, b.arn("ssm", region, "managed-instance/"+instance), instance, "", doc{
		"InstanceId": instance, "PingStatus": "Online", "LastPingDateTime": b.ago(0), "AgentVersion": "3.3.2299.0", "IsLatestVersion": true, "PlatformType": "Linux",
		"PlatformName": "Amazon Linux", "PlatformVersion": "2023", "ResourceType": "EC2Instance", "IPAddress": address, "SourceId": instance, "SourceType": "AWS::EC2::Instance",
	})
}

func (v *vpc) volume(m machine, instance string, tags list) string {
	b, id := v.b, v.b.ec2ID("vol", v.name+"/"+m.name)
	config := doc{
		"VolumeId": id, "Size": max(m.disk, 20), "VolumeType": "gp3", "Iops": 3000, "Throughput": 125, "State": "in-use", "CreateTime": b.ago(m.age),
		"AvailabilityZone": v.zones[v.subnets[m.subnet]], "Encrypted": !m.plainDisk, "MultiAttachEnabled": false, "SnapshotId": b.ec2ID("snap", "base"), "Tags": tags,
		"Attachments": list{doc{"InstanceId": instance, "VolumeId": id, "Device": "/dev/xvda", "State": "attached", "DeleteOnTermination": true, "AttachTime": b.ago(m.age)}},
	}
	if !m.plainDisk {
		config["KmsKeyId"] = b.keyARN(v.region, "ebs")
	}
	b.ec2("Volume", v.region, "volume", id, b.ago(m.age), config)
	return id
}

// snapshot adds a snapshot of a disk; shared names the groups and accounts that
// may make volumes of it.
func (b *builder) snapshot(region, name, team, description string, age int, encrypted bool, shared list, more ...string) {
	id := b.ec2ID("snap", name)
	if shared == nil {
		shared = list{}
	}
	config := doc{
		"SnapshotId": id, "VolumeId": b.ec2ID("vol", name), "VolumeSize": 40, "State": "completed", "Progress": "100%", "StartTime": b.ago(age),
		"OwnerId": b.id, "Encrypted": encrypted, "Description": description, "StorageTier": "standard", "CreateVolumePermissions": shared,
		"Tags": b.named(name, team, more...),
	}
	if encrypted {
		config["KmsKeyId"] = b.keyARN(region, "ebs")
	}
	b.ec2("Snapshot", region, "snapshot", id, b.ago(age), config)
}

func (b *builder) image(region, name, team string, age int) {
	id := b.ec2ID("ami", name)
	b.add("AWS::EC2::Image", region, b.arn("ec2", region, "image/"+id), name, b.ago(age), doc{
		"ImageId": id, "Name": name, "OwnerId": b.id, "Public": false, "State": "available", "CreationDate": b.ago(age), "Architecture": "x86_64",
		"ImageType": "machine", "RootDeviceName": "/dev/xvda", "RootDeviceType": "ebs", "VirtualizationType": "hvm", "ImdsSupport": "v2.0", "EnaSupport": true,
		"BlockDeviceMappings": list{doc{"DeviceName": "/dev/xvda", "Ebs": doc{"SnapshotId": b.ec2ID("snap", name), "Encrypted": true, "VolumeSize": 20, "VolumeType": "gp3", "DeleteOnTermination": true}}},
		"LaunchPermissions":   list{}, "Tags": b.named(name, team),
	})
}

func (b *builder) launchTemplate(region, name, team string, age int, data doc) {
	id := b.ec2ID("lt", name)
	b.add("AWS::EC2::LaunchTemplate", region, b.arn("ec2", region, "launch-template/"+id), name, b.ago(age), doc{
		"LaunchTemplateId": id, "LaunchTemplateName": name, "CreateTime": b.ago(age), "CreatedBy": b.role("terraform"), "DefaultVersionNumber": 4, "LatestVersionNumber": 4,
		"LaunchTemplateVersions": list{doc{
			"LaunchTemplateId": id, "LaunchTemplateName": name, "VersionNumber": 4, "DefaultVersion": true, "CreateTime": b.ago(age / 3), "CreatedBy": b.role("terraform"),
			"LaunchTemplateData": with(doc{
				"ImageId": b.ec2ID("ami", "base"), "InstanceType": "m7i.large", "EbsOptimized": true,
				"MetadataOptions": doc{"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 2},
			}, data),
		}},
		"Tags": b.named(name, team),
	})
}

func (b *builder) keyPair(region, name string, age int) {
	id := b.ec2ID("key", name)
	b.add("AWS::EC2::KeyPair", region, b.arn("ec2", region, "key-pair/"+id), name, b.ago(age), doc{
		"KeyPairId": id, "KeyName": name, "KeyType": "ed25519", "CreateTime": b.ago(age), "KeyFingerprint": "SHA256:" + b.hex(name, 43), "Tags": list{},
	})
}

// defaults are a region's settings of EC2. Careful says that somebody set them.
func (b *builder) defaults(region string, careful bool) {
	config := doc{
		"EbsEncryptionByDefault": false, "EbsDefaultKmsKeyId": "alias/aws/ebs", "SnapshotBlockPublicAccess": doc{"State": "unblocked"},
		"ImageBlockPublicAccessState": "block-new-sharing", "InstanceMetadataDefaults": doc{"AccountLevel": doc{}}, "SerialConsoleAccessEnabled": false,
		"VpcBlockPublicAccessOptions": doc{"AwsAccountId": b.id, "AwsRegion": region, "State": "default-state", "InternetGatewayBlockMode": "off"},
		"AllowedImagesSettings":       doc{"State": "disabled"},
	}
	if careful {
		config = with(config, doc{
			"EbsEncryptionByDefault": true, "EbsDefaultKmsKeyId": b.keyARN(region, "ebs"), "SnapshotBlockPublicAccess": doc{"State": "block-all-sharing"},
			"InstanceMetadataDefaults": doc{"AccountLevel": doc{"HttpTokens": "required", "HttpPutResponseHopLimit": 2}},
		})
	}
	b.add("AWS::EC2::AccountDefaults", region, b.arn("ec2", region, "settings/defaults"), "EC2 defaults in "+region, "", config)
}

// balancer adds an application load balancer with its listeners and target
// group.
func (v *vpc) balancer(name, team, scheme string, subnets, groups []string, targets list, https doc, attributes ...string) {
	b := v.b
	id := b.hex("lb/"+name, 16)
	arn := b.arn("elasticloadbalancing", v.region, "loadbalancer/app/"+name+"/"+id)
	target := b.arn("elasticloadbalancing", v.region, "targetgroup/"+name+"/"+b.hex("tg/"+name, 16))
	zones, sgs := list{}, list{}
	for _, s := range subnets {
		zones = append(zones, doc{"SubnetId": v.subnets[s], "ZoneName": v.zones[v.subnets[s]], "LoadBalancerAddresses": list{}})
	}
	for _, g := range groups {
		sgs = append(sgs, v.groups[g])
	}
	settings := pairs(append([]string{
		"access_logs.s3.enabled", "true", "access_logs.s3.bucket", "lindenbrook-lb-logs", "deletion_protection.enabled", "true",
		"routing.http.desync_mitigation_mode", "defensive", "idle_timeout.timeout_seconds", "60",
	}, attributes...)...)
	tags := pairs(b.owned(team)...)
	b.add("AWS::ElasticLoadBalancingV2::LoadBalancer", v.region, arn, name, b.ago(610), doc{
		"LoadBalancerArn": arn, "LoadBalancerName": name, "Type": "application", "Scheme": scheme, "State": doc{"Code": "active"}, "VpcId": v.id,
		"AvailabilityZones": zones, "SecurityGroups": sgs, "CreatedTime": b.ago(610), "IpAddressType": "ipv4", "CanonicalHostedZoneId": "Z215JYRZR1TBD5",
		"DNSName": name + "-1204857391." + v.region + ".elb.amazonaws.com", "Attributes": settings, "Tags": tags,
	})
	if scheme == "internet-facing" {
		b.webACL(v.region, name, list{arn})
	}
	forward := doc{"Type": "forward", "TargetGroupArn": target, "Order": 1}
	redirect := doc{"Type": "redirect", "Order": 1, "RedirectConfig": doc{"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301"}}
	certificate := list{doc{"CertificateArn": b.arn("acm", v.region, "certificate/"+b.uuid(name)), "IsDefault": true}}
	v.listener(arn, name, "HTTPS", 443, forward, tags, with(doc{
		"SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06", "Certificates": certificate, "ListenerCertificates": certificate,
	}, https))
	v.listener(arn, name, "HTTP", 80, redirect, tags, nil)
	health := list{}
	for _, t := range targets {
		health = append(health, doc{"Target": doc{"Id": t, "Port": 8080}, "TargetHealth": doc{"State": "healthy"}, "HealthCheckPort": "8080"})
	}
	b.add("AWS::ElasticLoadBalancingV2::TargetGroup", v.region, target, name, "", doc{
		"TargetGroupArn": target, "TargetGroupName": name, "TargetType": "instance", "LoadBalancerArns": list{arn}, "Protocol": "HTTP", "Port": 8080, "VpcId": v.id,
		"HealthCheckEnabled": true, "HealthCheckPath": "/health", "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port", "HealthCheckIntervalSeconds": 30,
		"Matcher": doc{"HttpCode": "200"}, "Attributes": pairs("stickiness.enabled", "false", "deregistration_delay.timeout_seconds", "60"),
		"TargetHealthDescriptions": health, "Tags": tags,
	})
}

// webACL adds a web ACL of WAF with the vendor's common rules.
func (b *builder) webACL(region, name string, protects list) {
	arn := b.arn("wafv2", region, "regional/webacl/"+name+"/"+b.uuid("webacl/"+name))
	seen := func(metric string) doc {
		return doc{"MetricName": metric, "CloudWatchMetricsEnabled": true, "SampledRequestsEnabled": true}
	}
	b.add("AWS::WAFv2::WebACL", region, arn, name, "", doc{
		"ARN": arn, "Id": b.uuid("webacl/" + name), "Name": name, "Description": "", "Capacity": 700, "DefaultAction": doc{"Allow": doc{}}, "ManagedByFirewallManager": false,
		"Rules": list{doc{
			"Name": "common", "Priority": 0, "OverrideAction": doc{"None": doc{}}, "VisibilityConfig": seen("common"),
			"Statement": doc{"ManagedRuleGroupStatement": doc{"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
		}},
		"VisibilityConfig": seen(name), "ResourceArns": protects,
	})
}

func (v *vpc) listener(balancer, name, protocol string, port int, action doc, tags list, more doc) {
	b := v.b
	seed := name + "/" + strconv.Itoa(port)
	arn := b.arn("elasticloadbalancing", v.region, "listener/app/"+name+"/"+b.hex("lb/"+name, 16)+"/"+b.hex("listener/"+seed, 16))
	b.add("AWS::ElasticLoadBalancingV2::Listener", v.region, arn, protocol+" "+strconv.Itoa(port), "", with(doc{
		"ListenerArn": arn, "LoadBalancerArn": balancer, "Protocol": protocol, "Port": port, "DefaultActions": list{action},
		"Rules":      list{doc{"RuleArn": arn + "/default", "Priority": "default", "IsDefault": true, "Conditions": list{}, "Actions": list{plain(action)}}},
		"Attributes": pairs("routing.http.response.server.enabled", "true"), "Tags": tags,
	}, more))
}
