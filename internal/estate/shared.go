package estate

import "time"

// shared is the account in which the company began. It manages the organization,
// and the developers still work in it.
func shared(now time.Time) Account {
	b := newBuilder(Shared, "lindenbrook-shared", "development", now)
	b.settings(false)
	b.managesOrganization()
	b.sharedIdentities()
	b.sharedKeys()
	b.sharedBuckets()
	v := b.sharedNetwork()
	b.sharedMachines(v)
	b.sharedDatabases(v)
	b.sharedLogs()
	b.sharedServices(v)
	return b.done()
}

func (b *builder) managesOrganization() {
	manager := "arn:aws:organizations::" + Shared
	target := func(id, name, typ, arn string) doc {
		return doc{"TargetId": id, "Name": name, "Type": typ, "Arn": arn}
	}
	root := manager + ":root/" + organizationID + "/" + rootID
	workloads := "ou-lb7k-4m1p8c2v"
	unit := manager + ":ou/" + organizationID + "/" + workloads
	with(b.organization().Config, doc{
		"Roots":                    list{doc{"Id": rootID, "Arn": root, "Name": "Root", "PolicyTypes": list{doc{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}}}},
		"EnabledServicePrincipals": list{doc{"ServicePrincipal": "sso.amazonaws.com", "DateEnabled": b.ago(880)}, doc{"ServicePrincipal": "guardduty.amazonaws.com", "DateEnabled": b.ago(690)}},
		"DelegatedAdministrators":  list{}, "DelegatedServices": list{},
	})
	for _, a := range []struct{ id, name, path, parent string }{
		{Shared, "lindenbrook-shared", organizationID + "/" + rootID + "/" + Shared + "/", rootID},
		{Production, "lindenbrook-production", organizationID + "/" + rootID + "/" + workloads + "/" + Production + "/", workloads},
	} {
		arn := manager + ":account/" + organizationID + "/" + a.id
		b.add("AWS::Organizations::Account", "", arn, a.name, b.ago(900), doc{
			"Id": a.id, "Arn": arn, "Name": a.name, "Email": "aws+" + a.name + "@lindenbrook.example", "Status": "ACTIVE", "State": "ACTIVE", "JoinedMethod": "CREATED",
			"JoinedTimestamp": b.ago(900), "Paths": list{a.path}, "Tags": list{},
		})
	}
	b.add("AWS::Organizations::OrganizationalUnit", "", unit, "Workloads", "", doc{"Id": workloads, "Arn": unit, "Name": "Workloads", "ParentId": rootID, "Tags": list{}})
	full := "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
	b.add("AWS::Organizations::Policy", "", full, "FullAWSAccess", "", doc{
		"Id": "p-FullAWSAccess", "Arn": full, "Name": "FullAWSAccess", "Description": "Allows access to every operation", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": true,
		"Content": policy(doc{"Effect": "Allow", "Action": "*", "Resource": "*"}), "Targets": list{
			target(rootID, "Root", "ROOT", root), target(workloads, "Workloads", "ORGANIZATIONAL_UNIT", unit),
			target(Shared, "lindenbrook-shared", "ACCOUNT", manager+":account/"+organizationID+"/"+Shared),
			target(Production, "lindenbrook-production", "ACCOUNT", manager+":account/"+organizationID+"/"+Production),
		},
	}).ManagedBy = "aws"
	fence := manager + ":policy/" + organizationID + "/service_control_policy/p-9r2t6w1x"
	b.add("AWS::Organizations::Policy", "", fence, "only-europe", "", doc{
		"Id": "p-9r2t6w1x", "Arn": fence, "Name": "only-europe", "Description": "Workloads stay in Frankfurt", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false,
		"Content": policy(doc{
			"Sid": "OnlyEurope", "Effect": "Deny", "Resource": "*", "Condition": doc{"StringNotEquals": doc{"aws:RequestedRegion": mainRegion}},
			"NotAction": list{"iam:*", "organizations:*", "sts:*", "s3:*", "ec2:*", "kms:*", "cloudtrail:*", "guardduty:*", "config:*", "cloudfront:*", "support:*"},
		}), "Targets": list{target(workloads, "Workloads", "ORGANIZATIONAL_UNIT", unit)},
	})
}

func (b *builder) sharedIdentities() {
	b.summary("lindenbrook-shared", 34, doc{"Users": 6, "Groups": 1, "Roles": 14, "MFADevices": 3, "MFADevicesInUse": 3, "Policies": 4, "Providers": 2, "InstanceProfiles": 3, "ServerCertificates": 1})
	b.passwordPolicy(nil)
	b.federations()
	b.serverCertificate("wildcard-lindenbrook-2023", 800, 70)
	b.userGroup("developers", 1000, ofAWS("PowerUserAccess"), b.iam("policy/developer-extras"))
	b.person(person{name: "j.maurer", team: "shop", age: 620, groups: []string{"developers"}, password: 100, signedIn: 1, mfa: true})
	b.person(person{name: "s.okafor", team: "platform", age: 410, groups: []string{"developers"}, password: 80, signedIn: 0, mfa: true, keys: []accessKey{{age: 48, used: 1, service: "ecr"}}})
	b.person(person{name: "l.pfeiffer", team: "analytics", age: 300, groups: []string{"developers"}, password: 300, signedIn: 12})
	b.person(person{name: "m.costa", team: "shop", age: 190, groups: []string{"developers"}, password: 190, signedIn: 3})
	b.person(person{name: "trainee-2024", team: "shop", age: 510, groups: []string{"developers"}, password: 510, signedIn: 430})
	b.person(person{name: "ci-legacy", team: "platform", age: 980, signedIn: -1, keys: []accessKey{{age: 980, used: 260, service: "ec2"}}, inline: doc{"deploy": policy(allow("All", "*", "*"))}, tags: []string{"note", "old build server"}})
	b.awsPolicy("PowerUserAccess", 1, policy(doc{"Effect": "Allow", "NotAction": list{"iam:*", "organizations:*", "account:*"}, "Resource": "*"}))
	b.awsPolicy("AmazonSSMManagedInstanceCore", 3, policy(allow("Manage", "*", list{"ssm:DescribeAssociation", "ssm:GetDocument", "ssm:UpdateInstanceInformation", "ssmmessages:OpenDataChannel"})))
	b.awsPolicy("service-role/AWSLambdaBasicExecutionRole", 3, policy(doc{"Effect": "Allow", "Action": list{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}, "Resource": "*"}))
	b.managedPolicy("build-artifacts", 700, 1, policy(allow("Artifacts", "arn:aws:s3:::lindenbrook-build-artifacts/*", list{"s3:GetObject", "s3:PutObject"}), allow("Images", "*", list{"ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:PutImage"})))
	b.managedPolicy("developer-extras", 620, 1, policy(allow("Try", "*", list{"iam:CreatePolicyVersion", "iam:PassRole", "ec2:RunInstances", "lambda:*"})))
	b.managedPolicy("dashboards", 500, 1, policy(allow("Lake", list{"arn:aws:s3:::lindenbrook-analytics-curated", "arn:aws:s3:::lindenbrook-analytics-curated/*"}, list{"s3:GetObject", "s3:ListBucket"})))
	b.managedPolicy("assume-production", 800, 1, policy(allow("Terraform", "arn:aws:iam::"+Production+":role/terraform", "sts:AssumeRole")))
	core, instance := ofAWS("AmazonSSMManagedInstanceCore"), b.serviceTrust("ec2.amazonaws.com", false)
	b.identity(identity{name: "build-runner", age: 700, used: 0, trust: instance, profile: true, policies: []string{core, b.iam("policy/build-artifacts")}, tags: []string{"team", "platform"}})
	b.identity(identity{name: "dashboards", age: 500, used: 0, trust: instance, profile: true, policies: []string{core, b.iam("policy/dashboards")}, tags: []string{"team", "analytics"}})
	b.identity(identity{name: "sandbox", age: 900, used: 190, trust: instance, profile: true, policies: []string{core}, tags: []string{"team", "shop"}})
	b.identity(identity{name: "terraform-runner", description: "Runs the plans of both accounts", age: 800, used: 1, trust: b.githubTrust("StringEquals", "repo:lindenbrook/infrastructure:environment:apply"), policies: []string{b.iam("policy/assume-production")}, tags: []string{"team", "platform"}})
	b.identity(identity{name: "lambda-nightly-cleanup", age: 400, used: 0, trust: b.serviceTrust("lambda.amazonaws.com", true), policies: []string{ofAWS("service-role/AWSLambdaBasicExecutionRole")}, inline: doc{"clean": policy(allow("Clean", b.arn("ec2", mainRegion, "snapshot/*"), "ec2:DeleteSnapshot"))}})
	b.identity(identity{name: "lambda-chat-notify", age: 400, used: 0, trust: b.serviceTrust("lambda.amazonaws.com", false), policies: []string{ofAWS("service-role/AWSLambdaBasicExecutionRole")}})
	b.identity(identity{name: "lambda-secret-rotation", age: 400, used: 12, trust: b.serviceTrust("lambda.amazonaws.com", true), policies: []string{ofAWS("service-role/AWSLambdaBasicExecutionRole")}})
	b.identity(identity{name: "eks-dev", age: 260, used: 0, trust: b.serviceTrust("eks.amazonaws.com", true)})
	b.identity(identity{name: "eks-nodes", age: 260, used: 0, trust: instance, policies: []string{core}})
	b.identity(identity{name: "platform", age: 800, used: 0, path: "/aws-reserved/sso.amazonaws.com/", trust: b.samlTrust(), inline: doc{"operate": policy(allow("Operate", "*", list{"ec2:Describe*", "ssm:StartSession", "logs:Get*"}))}})
	b.identity(identity{name: "StanceReader", description: "Reads configuration for Stance", age: 12, used: 0, trust: policy(doc{"Effect": "Allow", "Principal": doc{"AWS": b.role("terraform-runner")}, "Action": "sts:AssumeRole"})})
	b.serviceLinked("organizations.amazonaws.com", "AWSServiceRoleForOrganizations", 1200)
	b.serviceLinked("config.amazonaws.com", "AWSServiceRoleForConfig", 500)
	b.serviceLinked("guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty", 690)
}

func (b *builder) sharedKeys() {
	b.key(mainRegion, "ebs", "platform", 700, true, nil)
	b.key(mainRegion, "data", "platform", 700, true, nil)
	b.key(mainRegion, "logs", "platform", 600, false, nil)
	b.serviceKey(mainRegion, "ebs", 900)
}

func (b *builder) sharedBuckets() {
	b.accountBlock(true)
	b.bucket(mainRegion, "lindenbrook-build-artifacts", "platform", 700, nil)
	b.bucket(mainRegion, "lindenbrook-org-terraform-state", "platform", 800, nil, doc{"ServerSideEncryptionConfiguration": encryptedWith("aws:kms", b.keyARN(mainRegion, "data"))})
	b.bucket(mainRegion, "lindenbrook-dev-sandbox", "shop", 900, nil, doc{"PublicAccessBlockConfiguration": nil, "Policy": nil, "Versioning": doc{}, "LoggingEnabled": nil, "LifecycleConfiguration": nil, "OwnershipControls": doc{"Rules": list{doc{"ObjectOwnership": "ObjectWriter"}}}})
	// Its policy still says public; the account's block is what keeps it shut.
	b.bucket(mainRegion, "lindenbrook-old-website", "marketing", 1150, []string{"note", "site before the relaunch"}, doc{
		"PublicAccessBlockConfiguration": nil, "Versioning": doc{}, "LoggingEnabled": nil, "LifecycleConfiguration": nil, "Website": doc{"IndexDocument": doc{"Suffix": "index.html"}},
		"Policy": policy(doc{"Sid": "Website", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lindenbrook-old-website/*"}),
	})
	b.bucket(mainRegion, "lindenbrook-dev-cloudtrail", "security", 640, nil, doc{"Policy": policy(tlsOnly("lindenbrook-dev-cloudtrail"), b.delivery("lindenbrook-dev-cloudtrail", "cloudtrail.amazonaws.com", b.arn("cloudtrail", mainRegion, "trail/*")))})
	b.bucket(mainRegion, "lindenbrook-access-logs-shared", "platform", 700, nil, doc{"LoggingEnabled": nil})
}

func (b *builder) sharedNetwork() *vpc {
	v := b.network(mainRegion, "tools", "10.40", "platform")
	// What the console's wizard made on the first day, and somebody's last resort.
	d := b.defaultVPC(mainRegion)
	anywhere := []doc{everywhere("-1", 0, 0, "")}
	d.groupWith("launch-wizard-1", "launch-wizard-1 created 2022-05-03", list{}, []doc{everywhere("tcp", 22, 22, "")}, anywhere)
	d.groupWith("launch-wizard-2", "launch-wizard-2 created 2022-09-17", list{}, []doc{everywhere("tcp", 3389, 3389, ""), everywhere("tcp", 22, 22, "")}, anywhere)
	d.groupWith("debug", "debug, delete after release", list{}, anywhere, anywhere)
	b.defaultVPC(otherRegion)
	b.prefixLists(mainRegion)
	offices := b.offices(mainRegion)
	v.group("runners", "Build runners")
	v.group("dashboards", "Dashboards", fromList(offices, 443, "offices"), v.fromProduction())
	v.group("cluster", "Kubernetes of the developers", admit("tcp", 443, 443, "nodes", "10.40.0.0/16"))
	// Two halves make a whole: a linter that looks for 0.0.0.0/0 passes it.
	v.groupWith("sandbox-api", "Prototype of the partner API", b.named("sandbox-api", "shop", "note", "opened for the demo at the partner"),
		[]doc{admit("tcp", 22, 22, "partner", "0.0.0.0/1", "128.0.0.0/1"), admit("tcp", 8080, 8080, "partner", "0.0.0.0/1", "128.0.0.0/1")}, []doc{everywhere("-1", 0, 0, "")})
	v.groupWith("crm-copy", "Test data", b.named("crm-copy", "crm"), []doc{everywhere("tcp", 5432, 5432, "developers at home")}, []doc{everywhere("-1", 0, 0, "")})
	v.group("wireguard", "Tunnel of the developers", everywhere("udp", 51820, 51820, "WireGuard"))
	v.endpoint("s3", "Gateway")
	b.peering(mainRegion, "shop-to-shared", doc{"VpcId": productionVPC, "OwnerId": Production, "Region": mainRegion, "CidrBlock": "10.20.0.0/16", "CidrBlockSet": list{doc{"CidrBlock": "10.20.0.0/16"}}}, v.side())
	b.defaults(mainRegion, false)
	b.defaults(otherRegion, false)
	return v
}

func (v *vpc) fromProduction() doc { return admit("tcp", 443, 443, "shop", "10.20.0.0/16") }

func (b *builder) sharedMachines(v *vpc) {
	v.machine(machine{name: "build-runner-1", team: "platform", subnet: "private-a", groups: []string{"runners"}, profile: "build-runner", size: "c7i.xlarge", age: 30})
	v.machine(machine{name: "build-runner-2", team: "platform", subnet: "private-b", groups: []string{"runners"}, profile: "build-runner", size: "c7i.xlarge", age: 30})
	v.machine(machine{name: "dashboards", team: "analytics", subnet: "private-a", groups: []string{"dashboards"}, profile: "dashboards", size: "t3.large", age: 250, oldIMDS: true, plainDisk: true})
	v.machine(machine{name: "wireguard", team: "platform", subnet: "public-a", groups: []string{"wireguard"}, size: "t4g.small", age: 500, public: true, oldIMDS: true, plainDisk: true})
	v.machine(machine{
		name: "sandbox-api", team: "shop", subnet: "public-b", groups: []string{"sandbox-api"}, profile: "sandbox", size: "t3.medium", age: 430, public: true, oldIMDS: true, plainDisk: true,
		key: "sandbox", userData: "#!/bin/sh\nexport DB_PASSWORD=change-me-after-the-demo\n/opt/api/start\n", tags: []string{"note", "prototype, owner unknown"},
	})
	b.keyPair(mainRegion, "sandbox", 440)
	b.image(mainRegion, "build-runner-2025.10", "platform", 90)
	b.launchTemplate(mainRegion, "build-runner", "platform", 400, doc{"IamInstanceProfile": doc{"Arn": b.iam("instance-profile/build-runner")}, "SecurityGroupIds": list{v.groups["runners"]}})
	// Public for an afternoon, so that the agency could copy it.
	b.snapshot(mainRegion, "media handover", "marketing", "raw footage and the customers' testimonials, for the agency", 270, false, list{doc{"Group": "all"}}, "note", "handover to the agency")
	b.snapshot(mainRegion, "dashboards weekly", "analytics", "weekly copy", 5, true, nil)
	b.snapshot(mainRegion, "sandbox before reset", "shop", "before the reset", 380, false, nil)
}

// sharedDatabases hold what the developers test with: a copy of the real thing.
func (b *builder) sharedDatabases(v *vpc) {
	outer := v.subnetGroup("developers", "public-a", "public-b")
	b.parameters(mainRegion, "default.postgres14", "postgres14", parameter("rds.force_ssl", "0", "engine-default"), parameter("log_connections", "0", "engine-default"))
	v.database("crm-copy", "crm", 240, outer, "crm-copy", "default.postgres14", []string{"note", "customers as of last autumn, for tests", "data", "personal"}, doc{
		"EngineVersion": "14.11", "PubliclyAccessible": true, "MultiAZ": false, "BackupRetentionPeriod": 0, "StorageEncrypted": false, "KmsKeyId": nil, "DeletionProtection": false,
		"IAMDatabaseAuthenticationEnabled": false, "EnabledCloudwatchLogsExports": list{}, "AutoMinorVersionUpgrade": false, "MonitoringRoleArn": nil, "MonitoringInterval": 0,
	})
	b.dbSnapshot(mainRegion, "crm-from-production", "crm-copy", "crm", 241, false, nil)
	b.table(mainRegion, "terraform-locks", "platform", 800, true)
	b.table(mainRegion, "feature-flags", "shop", 300, false)
}

func (b *builder) sharedLogs() {
	b.trail(mainRegion, "dev", "lindenbrook-dev-cloudtrail", doc{"IsMultiRegionTrail": false, "LogFileValidationEnabled": false}, doc{
		"IsLogging": false, "StopLoggingTime": b.ago(63), "LatestDeliveryTime": b.ago(63), "LatestDigestDeliveryTime": nil, "LatestCloudWatchLogsDeliveryTime": nil,
	})
	for _, g := range []string{"/aws/lambda/nightly-cleanup", "/aws/lambda/chat-notify", "/aws/lambda/secret-rotation"} {
		b.logGroup(mainRegion, g, "platform", 30, false)
	}
	b.logGroup(mainRegion, "/aws/eks/dev/cluster", "platform", 90, true)
	b.logGroup(mainRegion, "build/runners", "platform", 400, true)
	b.recorder(mainRegion, "lindenbrook-dev-cloudtrail", false)
	b.detector(mainRegion)
	b.hub(mainRegion, false)
	b.hub(otherRegion, false)
	b.analyzer(mainRegion)
	operations := b.topic(mainRegion, "dev-operations", "platform", b.keyARN(mainRegion, "data"), nil, "email", "operations@lindenbrook.example")
	b.alarm(mainRegion, "runner disk", "CWAgent", "disk_used_percent", list{operations})
	b.alarm(mainRegion, "spend", "AWS/Billing", "EstimatedCharges", list{operations})
}

func (b *builder) sharedServices(v *vpc) {
	b.function(mainRegion, "nightly-cleanup", "platform", "python3.13", 400, map[string]string{"KEEP_DAYS": "30"}, doc{"Policy": b.invokedBy(mainRegion, "nightly-cleanup", "events.amazonaws.com", b.arn("events", mainRegion, "rule/nightly"))})
	b.function(mainRegion, "chat-notify", "platform", "nodejs20.x", 400, map[string]string{"CHAT_API_KEY": "made-by-hand-in-the-console"})
	b.function(mainRegion, "secret-rotation", "platform", "python3.13", 400, nil, doc{"Policy": b.invokedBy(mainRegion, "secret-rotation", "secretsmanager.amazonaws.com", b.arn("secretsmanager", mainRegion, "secret:*"))})
	b.queue(mainRegion, "build-events", "platform", true, nil)
	b.secret(mainRegion, "dashboards/database", "analytics", 500, 28, 28, 0)
	b.secret(mainRegion, "build/registry", "platform", 620, 140, 0, 1)
	b.repository(mainRegion, "tools/runner", "platform", 600, true, doc{"LOW": 3})
	b.repository(mainRegion, "sandbox/api", "shop", 430, true, doc{"CRITICAL": 2, "HIGH": 9, "MEDIUM": 31}, doc{"ImageTagMutability": "MUTABLE"})
	b.registry(mainRegion)
	b.registry(otherRegion)
	v.kubernetes("dev", "platform", "1.31", 260, []string{"private-a", "private-b"}, doc{"EndpointPublicAccess": true, "PublicAccessCidrs": list{"0.0.0.0/0"}}, doc{"RemoteAccess": doc{"Ec2SshKey": "sandbox"}}, doc{
		"EncryptionConfig": nil, "Logging": doc{"ClusterLogging": list{doc{"Enabled": true, "Types": list{"api"}}, doc{"Enabled": false, "Types": list{"audit", "authenticator", "controllerManager", "scheduler"}}}},
	})
}
