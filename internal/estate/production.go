package estate

import (
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// production is the account of the shop: three people looked after it well, and
// then came an agency, an import from the old system and a migration.
func production(now time.Time) Account {
	b := newBuilder(Production, "lindenbrook-production", "production", now)
	b.settings(true)
	b.memberOfOrganization()
	b.productionIdentities()
	b.productionKeys()
	b.productionBuckets()
	v := b.productionNetwork()
	b.productionMachines(v)
	b.productionDatabases(v)
	b.productionLogs()
	b.productionServices(v)
	b.quietRegion()
	return b.done()
}

// memberOfOrganization is what a member account sees of its organization: that
// it is in one.
func (b *builder) memberOfOrganization() {
	a := b.organization()
	for _, m := range [][2]string{
		{"Roots", "ListRoots"},
		{"EnabledServicePrincipals", "ListAWSServiceAccessForOrganization"},
		{"DelegatedAdministrators", "ListDelegatedAdministrators"},
		{"DelegatedServices", "ListDelegatedAdministrators"},
		{"ResourcePolicy", "DescribeResourcePolicy"},
	} {
		denied(a, m[0], "organizations:"+m[1], "organizations:"+m[1], "AccessDeniedException", "", "")
	}
	for _, t := range [][2]string{{"Account", "ListAccounts"}, {"OrganizationalUnit", "ListRoots"}, {"Policy", "ListRoots"}} {
		b.unlisted("AWS::Organizations::"+t[0], "", "organizations:"+t[1], "organizations:"+t[1], "AccessDeniedException", "", "")
	}
}

func (b *builder) organization() *model.Asset {
	manager := "arn:aws:organizations::" + Shared
	return b.add("AWS::Organizations::Organization", "", manager+":organization/"+organizationID, organizationID, "", doc{
		"Enabled": true, "Id": organizationID, "Arn": manager + ":organization/" + organizationID, "FeatureSet": "ALL", "MasterAccountId": Shared,
		"MasterAccountArn": manager + ":account/" + organizationID + "/" + Shared, "MasterAccountEmail": "aws@lindenbrook.example",
		"AvailablePolicyTypes": list{doc{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}},
	})
}

func (b *builder) productionIdentities() {
	b.summary("lindenbrook", 212, doc{"Users": 4, "Groups": 2, "Roles": 31, "MFADevices": 3, "MFADevicesInUse": 3, "Policies": 8, "Providers": 2, "InstanceProfiles": 6})
	b.passwordPolicy(doc{
		"MinimumPasswordLength": 14, "RequireSymbols": true, "RequireNumbers": true, "RequireUppercaseCharacters": true, "RequireLowercaseCharacters": true,
		"AllowUsersToChangePassword": true, "ExpirePasswords": false, "PasswordReusePrevention": 24,
	})
	b.federations()
	b.userGroup("administrators", 1100, ofAWS("AdministratorAccess"))
	b.userGroup("auditors", 900, ofAWS("SecurityAudit"))
	// He set the account up and left; the directory forgot him, IAM did not.
	b.person(person{
		name: "t.brandt", team: "platform", age: 1180, groups: []string{"administrators"}, password: 1180, signedIn: 400,
		keys: []accessKey{{age: 1170, used: 400, service: "s3"}}, tags: []string{"note", "founding engineer, left the company"},
	})
	b.person(person{name: "breakglass", team: "security", age: 880, groups: []string{"administrators"}, password: 60, signedIn: 60, mfa: true, tags: []string{"note", "emergency access, key in the safe"}})
	b.person(person{name: "auditor", team: "finance", age: 420, groups: []string{"auditors"}, password: 40, signedIn: 18, mfa: true})
	b.person(person{
		name: "svc-erp", team: "erp", age: 760, policies: []string{b.iam("policy/erp-exchange")}, signedIn: -1,
		keys: []accessKey{{age: 330, used: 0, service: "s3"}, {age: 760, used: 335, service: "s3", inactive: true}}, tags: []string{"note", "the ERP cannot assume roles"},
	})

	admin := policy(doc{"Effect": "Allow", "Action": "*", "Resource": "*"})
	b.awsPolicy("AdministratorAccess", 3, admin)
	b.awsPolicy("SecurityAudit", 2, policy(doc{"Sid": "Audit", "Effect": "Allow", "Action": list{"iam:Get*", "iam:List*", "s3:GetBucket*", "ec2:Describe*"}, "Resource": "*"}))
	b.awsPolicy("AmazonSSMManagedInstanceCore", 5, policy(allow("Manage", "*", list{"ssm:DescribeAssociation", "ssm:GetDocument", "ssm:UpdateInstanceInformation", "ssmmessages:OpenDataChannel", "ssmmessages:CreateDataChannel"})))
	b.awsPolicy("AWSSupportAccess", 1, policy(allow("Support", "*", "support:*")))
	b.awsPolicy("AmazonEKSClusterPolicy", 1, policy(allow("Cluster", "*", list{"ec2:DescribeInstances", "elasticloadbalancing:DescribeLoadBalancers", "kms:DescribeKey"})))
	b.awsPolicy("AmazonEKSWorkerNodePolicy", 1, policy(allow("Nodes", "*", list{"ec2:DescribeInstances", "ec2:DescribeVolumes", "eks:DescribeCluster"})))
	b.awsPolicy("service-role/AWSLambdaBasicExecutionRole", 8, policy(doc{"Effect": "Allow", "Action": list{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}, "Resource": "*"}))

	b.managedPolicy("erp-exchange", 760, 1, policy(allow("Exchange", list{"arn:aws:s3:::lindenbrook-erp-exchange", "arn:aws:s3:::lindenbrook-erp-exchange/*"}, list{"s3:ListBucket", "s3:GetObject", "s3:PutObject"})))
	b.managedPolicy("shop-web", 700, 1, policy(
		allow("Assets", "arn:aws:s3:::lindenbrook-shop-assets/*", list{"s3:GetObject"}), allow("Sessions", b.arn("dynamodb", mainRegion, "table/shop-*"), list{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}),
		allow("Orders", b.arn("sqs", mainRegion, "shop-orders"), "sqs:SendMessage")))
	b.managedPolicy("shop-worker", 700, 1, policy(
		allow("Orders", b.arn("sqs", mainRegion, "shop-orders"), list{"sqs:ReceiveMessage", "sqs:DeleteMessage"}), allow("Invoices", "arn:aws:s3:::lindenbrook-invoices/*", "s3:PutObject"),
		allow("Secrets", b.arn("secretsmanager", mainRegion, "secret:shop/*"), "secretsmanager:GetSecretValue"), allow("Decrypt", b.keyARN(mainRegion, "data"), list{"kms:Decrypt", "kms:GenerateDataKey"})))
	b.managedPolicy("search-index", 640, 1, policy(allow("Catalogue", "arn:aws:s3:::lindenbrook-catalogue/*", list{"s3:GetObject", "s3:PutObject"})))
	b.managedPolicy("analytics-read", 520, 2, policy(allow("Lake", list{"arn:aws:s3:::lindenbrook-analytics-*", "arn:aws:s3:::lindenbrook-analytics-*/*"}, list{"s3:Get*", "s3:List*"}), allow("Query", "*", list{"athena:StartQueryExecution", "athena:GetQueryResults"})))
	// A developer asked for "enough to deploy"; it is enough to become anybody.
	b.managedPolicy("deploy-shop", 460, 1, policy(
		allow("Functions", "*", list{"lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:InvokeFunction", "lambda:GetFunction"}), allow("Roles", "*", "iam:PassRole"),
		allow("Images", "*", list{"ecr:GetAuthorizationToken", "ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"})))
	b.managedPolicy("deploy-site", 460, 1, policy(allow("Site", list{"arn:aws:s3:::lindenbrook-shop-assets", "arn:aws:s3:::lindenbrook-shop-assets/*"}, list{"s3:ListBucket", "s3:PutObject", "s3:DeleteObject"}), allow("Cache", "*", "cloudfront:CreateInvalidation")))
	b.managedPolicy("data-science", 300, 1, policy(allow("Lake", list{"arn:aws:s3:::lindenbrook-analytics-curated/*"}, "s3:GetObject"), allow("Keys", "*", "kms:Decrypt")))
	b.productionRoles()
}

func (b *builder) productionRoles() {
	instance := b.serviceTrust("ec2.amazonaws.com", false)
	core := ofAWS("AmazonSSMManagedInstanceCore")
	for _, r := range []identity{
		{name: "shop-web", description: "Web servers of the shop", age: 700, policies: []string{core, b.iam("policy/shop-web")}},
		{name: "shop-worker", description: "Order processing", age: 700, policies: []string{core, b.iam("policy/shop-worker")}},
		{name: "search", description: "Search index", age: 640, policies: []string{core, b.iam("policy/search-index")}},
		{name: "erp-bridge", description: "Connector to the ERP", age: 610, policies: []string{core}, inline: doc{"exchange": policy(allow("Exchange", "arn:aws:s3:::lindenbrook-erp-exchange/*", list{"s3:GetObject", "s3:PutObject"}))}},
		// The agency needed it to work before the trade fair.
		{name: "media-transcode", description: "Temporary: video transcoding for the trade fair", age: 295, policies: []string{core, ofAWS("AdministratorAccess")}, tags: []string{"note", "admin until the agency knows what it needs"}},
	} {
		r.trust, r.profile = instance, true
		r.tags = append([]string{"team", "platform"}, r.tags...)
		b.identity(r)
	}
	basic := ofAWS("service-role/AWSLambdaBasicExecutionRole")
	for _, f := range []string{"order-events", "image-resize", "invoice-render", "erp-export", "stock-alert", "newsletter-sync", "webhook-payments", "secret-rotation"} {
		b.identity(identity{
			name: "lambda-" + f, age: 500, used: 0, trust: b.serviceTrust("lambda.amazonaws.com", f != "newsletter-sync"), policies: []string{basic}, tags: []string{"team", "shop"},
			inline: doc{"own": policy(allow("Own", b.arn("sqs", mainRegion, f), list{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}))},
		})
	}
	b.identity(identity{name: "eks-platform", age: 380, used: 0, trust: b.serviceTrust("eks.amazonaws.com", true), policies: []string{ofAWS("AmazonEKSClusterPolicy")}, tags: []string{"team", "platform"}})
	b.identity(identity{name: "eks-nodes", age: 380, used: 0, trust: instance, profile: true, policies: []string{ofAWS("AmazonEKSWorkerNodePolicy"), core}, tags: []string{"team", "platform"}})
	b.identity(identity{name: "rds-monitoring", age: 690, used: 0, trust: b.serviceTrust("monitoring.rds.amazonaws.com", true), inline: doc{"logs": policy(allow("Metrics", b.arn("logs", mainRegion, "log-group:RDS*"), list{"logs:CreateLogStream", "logs:PutLogEvents"}))}})
	b.identity(identity{name: "flow-logs", age: 700, used: 0, trust: b.serviceTrust("vpc-flow-logs.amazonaws.com", true), inline: doc{"write": policy(allow("Write", b.arn("logs", mainRegion, "log-group:/vpc/*"), list{"logs:CreateLogStream", "logs:PutLogEvents"}))}})
	b.identity(identity{name: "cloudtrail-logs", age: 720, used: 0, trust: b.serviceTrust("cloudtrail.amazonaws.com", true), inline: doc{"write": policy(allow("Write", b.arn("logs", mainRegion, "log-group:/cloudtrail/*"), list{"logs:CreateLogStream", "logs:PutLogEvents"}))}})
	// The wildcard admits every branch, every pull request and every fork's name
	// that begins with the company's.
	b.identity(identity{name: "github-deploy", description: "Deploys the shop from GitHub", age: 460, used: 0, trust: b.githubTrust("StringLike", "repo:lindenbrook*"), policies: []string{b.iam("policy/deploy-shop")}, tags: []string{"team", "shop"}})
	b.identity(identity{name: "github-site", description: "Deploys the site from GitHub", age: 460, used: 3, trust: b.githubTrust("StringEquals", "repo:lindenbrook/site:ref:refs/heads/main"), policies: []string{b.iam("policy/deploy-site")}, tags: []string{"team", "shop"}})
	b.identity(identity{name: "terraform", description: "Applies the infrastructure", age: 800, used: 1, trust: accountTrust(Shared, doc{"StringEquals": doc{"aws:PrincipalArn": "arn:aws:iam::" + Shared + ":role/terraform-runner"}}), policies: []string{ofAWS("AdministratorAccess")}, tags: []string{"team", "platform"}})
	// The tool's vendor had no account to name, and the contract ended.
	b.identity(identity{name: "vendor-costs", description: "Cost reports of an outside tool", age: 690, used: 431, trust: policy(doc{"Effect": "Allow", "Principal": doc{"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": doc{"StringEquals": doc{"sts:ExternalId": "lindenbrook-costs"}}}), policies: []string{b.iam("policy/analytics-read")}, tags: []string{"team", "finance"}})
	b.identity(identity{name: "analysts", description: "Reads the lake", age: 520, used: 2, path: "/aws-reserved/sso.amazonaws.com/", trust: b.samlTrust(), policies: []string{b.iam("policy/analytics-read")}})
	b.identity(identity{name: "data-science", description: "Notebooks", age: 300, used: 21, path: "/aws-reserved/sso.amazonaws.com/", trust: b.samlTrust(), policies: []string{b.iam("policy/data-science")}})
	b.identity(identity{name: "support", description: "Opens cases with AWS", age: 800, used: 74, path: "/aws-reserved/sso.amazonaws.com/", trust: b.samlTrust(), policies: []string{ofAWS("AWSSupportAccess")}})
	b.identity(identity{name: "platform", description: "Engineers of the platform", age: 800, used: 0, path: "/aws-reserved/sso.amazonaws.com/", trust: b.samlTrust(), inline: doc{"operate": policy(allow("Operate", "*", list{"ec2:Describe*", "ec2:RebootInstances", "ssm:StartSession", "cloudwatch:Get*", "logs:Get*"}))}})
	b.identity(identity{name: "StanceReader", description: "Reads configuration for Stance", age: 12, used: 0, trust: accountTrust(Shared, doc{"StringEquals": doc{"sts:ExternalId": "lb-7f3c"}}), policies: []string{ofAWS("SecurityAudit")}, tags: []string{"team", "security"}})
	b.serviceLinked("config.amazonaws.com", "AWSServiceRoleForConfig", 500)
	b.serviceLinked("guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty", 690)
	b.serviceLinked("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing", 1000)
	b.serviceLinked("rds.amazonaws.com", "AWSServiceRoleForRDS", 1000)
}

func (b *builder) productionKeys() {
	usable := doc{"Sid": "Logs", "Effect": "Allow", "Principal": doc{"Service": "logs." + mainRegion + ".amazonaws.com"}, "Action": list{"kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"}, "Resource": "*", "Condition": doc{"ArnLike": doc{"kms:EncryptionContext:aws:logs:arn": b.arn("logs", mainRegion, "*")}}}
	b.key(mainRegion, "ebs", "platform", 820, true, nil)
	b.key(mainRegion, "rds", "platform", 820, true, nil)
	b.key(mainRegion, "data", "platform", 820, true, nil)
	b.key(mainRegion, "logs", "security", 720, true, nil, usable)
	b.key(mainRegion, "trail", "security", 720, true, nil, doc{"Sid": "Trail", "Effect": "Allow", "Principal": doc{"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*", "Condition": doc{"StringEquals": doc{"aws:SourceArn": b.arn("cloudtrail", mainRegion, "trail/production")}}})
	b.key(mainRegion, "backups", "platform", 700, false, nil)
	b.key(mainRegion, "payments", "payments", 640, true, nil)
	b.keyPolicyDenied(mainRegion, "payments") // it names the payment team and nobody else
	b.key(mainRegion, "erp-import", "erp", 900, false, doc{"KeyState": "PendingDeletion", "Enabled": false, "DeletionDate": b.ago(-9), "KeyRotationStatus": nil, "PendingDeletionWindowInDays": nil})
	b.key(otherRegion, "ebs", "platform", 400, true, nil)
	for _, service := range []string{"lambda", "secretsmanager", "elasticfilesystem"} {
		b.serviceKey(mainRegion, service, 800)
	}
}

func (b *builder) productionBuckets() {
	b.accountBlock(false) // the press kit would not work with it
	secret := encryptedWith("aws:kms", b.keyARN(mainRegion, "data"))
	sealed := doc{"ServerSideEncryptionConfiguration": secret}
	b.bucket(mainRegion, "lindenbrook-press-kit", "marketing", 560, []string{"note", "public press downloads", "data", "public"}, doc{
		"PublicAccessBlockConfiguration": blockAll(false), "Versioning": doc{}, "LoggingEnabled": nil, "LifecycleConfiguration": nil,
		"Policy": policy(doc{"Sid": "PressDownloads", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lindenbrook-press-kit/*"}),
	})
	b.bucket(mainRegion, "lindenbrook-shop-assets", "shop", 840, nil, doc{"Policy": policy(tlsOnly("lindenbrook-shop-assets"), doc{
		"Sid": "Cache", "Effect": "Allow", "Principal": doc{"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lindenbrook-shop-assets/*",
		"Condition": doc{"StringEquals": doc{"AWS:SourceArn": b.arn("cloudfront", "", "distribution/E2QWRUHEXAMPLE")}},
	})})
	b.bucket(mainRegion, "lindenbrook-invoices", "finance", 840, []string{"data", "personal"}, sealed, doc{"ObjectLockConfiguration": doc{"ObjectLockEnabled": "Enabled", "Rule": doc{"DefaultRetention": doc{"Mode": "COMPLIANCE", "Years": 10}}}})
	b.bucket(mainRegion, "lindenbrook-orders-archive", "shop", 700, []string{"data", "personal"}, sealed)
	b.bucket(mainRegion, "lindenbrook-customer-exports", "crm", 410, []string{"data", "personal"}, sealed, doc{"PublicAccessBlockConfiguration": nil})
	b.bucket(mainRegion, "lindenbrook-erp-exchange", "erp", 760, nil, doc{"PublicAccessBlockConfiguration": nil})
	b.bucketPolicyDenied("lindenbrook-customer-exports")
	b.bucketPolicyDenied("lindenbrook-erp-exchange")
	b.bucket(mainRegion, "lindenbrook-catalogue", "shop", 640, nil)
	b.bucket(mainRegion, "lindenbrook-analytics-raw", "analytics", 520, nil, sealed)
	b.bucket(mainRegion, "lindenbrook-analytics-curated", "analytics", 520, nil, sealed, doc{"Policy": policy(tlsOnly("lindenbrook-analytics-curated"), doc{
		"Sid": "Shared", "Effect": "Allow", "Principal": doc{"AWS": "arn:aws:iam::" + Shared + ":role/dashboards"}, "Action": list{"s3:GetObject", "s3:ListBucket"},
		"Resource": list{"arn:aws:s3:::lindenbrook-analytics-curated", "arn:aws:s3:::lindenbrook-analytics-curated/*"},
	})})
	// The drop for the agency's raw footage; anybody may leave something there.
	b.bucket(mainRegion, "lindenbrook-media-source", "marketing", 300, []string{"note", "agency uploads"}, doc{
		"PublicAccessBlockConfiguration": blockAll(false), "OwnershipControls": doc{"Rules": list{doc{"ObjectOwnership": "BucketOwnerPreferred"}}},
		"Policy": policy(doc{"Sid": "AgencyUploads", "Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::lindenbrook-media-source/incoming/*"}), "Versioning": doc{"Status": "Suspended"}, "LifecycleConfiguration": nil,
	})
	b.bucket(mainRegion, "lindenbrook-media-derived", "marketing", 300, nil, doc{"Policy": nil, "LifecycleConfiguration": nil})
	b.bucket(mainRegion, "lindenbrook-terraform-state", "platform", 900, nil, sealed)
	b.bucket(mainRegion, "lindenbrook-backups", "platform", 700, nil, doc{
		"ServerSideEncryptionConfiguration": encryptedWith("aws:kms", b.keyARN(mainRegion, "backups")),
		"ObjectLockConfiguration":           doc{"ObjectLockEnabled": "Enabled", "Rule": doc{"DefaultRetention": doc{"Mode": "GOVERNANCE", "Days": 35}}},
		"ReplicationConfiguration": doc{"Role": b.role("aws-service-role/replication"), "Rules": list{doc{
			"ID": "away", "Status": "Enabled", "Priority": 1, "Filter": doc{"Prefix": ""}, "DeleteMarkerReplication": doc{"Status": "Disabled"},
			"Destination": doc{"Bucket": "arn:aws:s3:::lindenbrook-backups-us", "StorageClass": "GLACIER_IR"},
		}}},
	})
	b.bucket(otherRegion, "lindenbrook-backups-us", "platform", 400, nil, doc{"LoggingEnabled": nil})
	b.bucket(mainRegion, "lindenbrook-cloudtrail", "security", 720, nil, sealed, doc{"Policy": policy(tlsOnly("lindenbrook-cloudtrail"), b.delivery("lindenbrook-cloudtrail", "cloudtrail.amazonaws.com", b.arn("cloudtrail", mainRegion, "trail/*")))})
	b.bucket(mainRegion, "lindenbrook-config", "security", 500, nil, doc{"Policy": policy(tlsOnly("lindenbrook-config"), b.delivery("lindenbrook-config", "config.amazonaws.com", b.arn("config", "*", "*")))})
	b.bucket(mainRegion, "lindenbrook-lb-logs", "platform", 610, nil, doc{"Policy": policy(tlsOnly("lindenbrook-lb-logs"), b.delivery("lindenbrook-lb-logs", "logdelivery.elasticloadbalancing.amazonaws.com", b.arn("elasticloadbalancing", mainRegion, "loadbalancer/*")))})
	b.bucket(mainRegion, "lindenbrook-access-logs", "platform", 900, nil, doc{"LoggingEnabled": nil, "Policy": policy(tlsOnly("lindenbrook-access-logs"), b.delivery("lindenbrook-access-logs", "logging.s3.amazonaws.com", "arn:aws:s3:::lindenbrook-*"))})
}

func (b *builder) productionNetwork() *vpc {
	v := b.network(mainRegion, "shop", "10.20", "platform")
	b.prefixLists(mainRegion)
	offices := b.offices(mainRegion)
	v.group("alb", "Load balancer of the shop", everywhere("tcp", 443, 443, "customers"), everywhere("tcp", 80, 80, "redirect to HTTPS"))
	v.group("web", "Web servers", v.from("alb", 8080, "from the load balancer"))
	v.group("workers", "Order processing")
	v.group("search", "Search index", v.from("web", 9200, "queries"))
	v.group("bridge", "Connector to the ERP", fromList(offices, 8443, "ERP in the offices"))
	v.group("cluster", "Kubernetes", admit("tcp", 443, 443, "nodes", "10.20.0.0/16"))
	v.group("endpoints", "Endpoints of AWS services", admit("tcp", 443, 443, "inside the network", "10.20.0.0/16"))
	v.group("files", "File system", v.from("web", 2049, "NFS"))
	v.group("database", "Databases of the shop", v.from("web", 5432, "shop"), v.from("workers", 5432, "orders"))
	// Opened for the agency's home offices, and never closed.
	v.groupWith("media-transcode", "Video transcoding", b.named("media-transcode", "marketing", "note", "temporary, until the trade fair"),
		[]doc{everywhere("tcp", 22, 22, "agency, changing addresses"), everywhere("tcp", 443, 443, "upload page")}, []doc{everywhere("-1", 0, 0, "")})
	// The BI tool runs at its vendor, who names no addresses.
	v.groupWith("reporting", "Reporting database", b.named("reporting", "finance", "note", "BI vendor has no fixed addresses"),
		[]doc{everywhere("tcp", 3306, 3306, "BI tool"), v.from("workers", 3306, "nightly load")}, []doc{admit("tcp", 0, 65535, "inside the network", "10.20.0.0/16")})
	v.groupWith("migration", "Move to Aurora, 2024", b.named("migration", "shop"), []doc{everywhere("tcp", 5432, 5432, "migration service"), everywhere("tcp", 22, 22, "consultant")}, []doc{everywhere("-1", 0, 0, "")})
	v.flowLog("/vpc/shop", "flow-logs")
	v.endpoint("s3", "Gateway")
	v.endpoint("dynamodb", "Gateway")
	v.endpoint("ec2", "Interface")
	v.endpoint("secretsmanager", "Interface")
	b.peering(mainRegion, "shop-to-shared", v.side(), doc{"VpcId": sharedVPC, "OwnerId": Shared, "Region": mainRegion, "CidrBlock": "10.40.0.0/16", "CidrBlockSet": list{doc{"CidrBlock": "10.40.0.0/16"}}})
	b.defaults(mainRegion, true)
	return v
}

// side is this VPC as an end of a peering.
func (v *vpc) side() doc {
	return doc{"VpcId": v.id, "OwnerId": v.b.id, "Region": v.region, "CidrBlock": v.prefix + ".0.0/16", "CidrBlockSet": list{doc{"CidrBlock": v.prefix + ".0.0/16"}}}
}

// The networks that are peered, as the other side names them.
var (
	sharedVPC     = (&builder{seed: seed{id: Shared}}).ec2ID("vpc", "tools")
	productionVPC = (&builder{seed: seed{id: Production}}).ec2ID("vpc", "shop")
)

func (b *builder) productionMachines(v *vpc) {
	web := list{}
	for i, subnet := range []string{"private-a", "private-b", "private-a"} {
		name := "shop-web-" + string(rune('1'+i))
		web = append(web, b.ec2ID("i", v.name+"/"+name))
		v.machine(machine{name: name, team: "shop", subnet: subnet, groups: []string{"web"}, profile: "shop-web", size: "m7i.large", age: 41, protected: true})
	}
	v.machine(machine{name: "shop-worker-1", team: "shop", subnet: "private-a", groups: []string{"workers"}, profile: "shop-worker", size: "c7i.large", age: 41})
	v.machine(machine{name: "shop-worker-2", team: "shop", subnet: "private-b", groups: []string{"workers"}, profile: "shop-worker", size: "c7i.large", age: 41})
	v.machine(machine{name: "search-1", team: "shop", subnet: "private-a", groups: []string{"search"}, profile: "search", size: "r7i.large", age: 320, disk: 200, oldIMDS: true, plainDisk: true})
	v.machine(machine{name: "search-2", team: "shop", subnet: "private-b", groups: []string{"search"}, profile: "search", size: "r7i.large", age: 320, disk: 200, oldIMDS: true, plainDisk: true})
	v.machine(machine{name: "erp-bridge", team: "erp", subnet: "private-a", groups: []string{"bridge"}, profile: "erp-bridge", size: "t3.medium", age: 610, oldIMDS: true, plainDisk: true})
	v.machine(machine{name: "eks-platform-1", team: "platform", subnet: "private-a", groups: []string{"cluster"}, profile: "eks-nodes", size: "m7i.large", age: 9, tags: []string{"eks:cluster-name", "platform"}})
	v.machine(machine{name: "eks-platform-2", team: "platform", subnet: "private-b", groups: []string{"cluster"}, profile: "eks-nodes", size: "m7i.large", age: 9, tags: []string{"eks:cluster-name", "platform"}})
	v.machine(machine{
		name: "media-transcode", team: "marketing", subnet: "public-a", groups: []string{"media-transcode"}, profile: "media-transcode", size: "c6i.2xlarge", age: 290,
		public: true, oldIMDS: true, plainDisk: true, key: "agency-2", disk: 500, tags: []string{"note", "temporary: agency for the trade fair"},
	})
	b.keyPair(mainRegion, "agency-2", 292)
	b.keyPair(mainRegion, "platform", 900)
	b.image(mainRegion, "lindenbrook-base-2025.11", "platform", 60)
	b.image(mainRegion, "lindenbrook-base-2025.06", "platform", 210)
	b.launchTemplate(mainRegion, "shop-web", "shop", 500, doc{"IamInstanceProfile": doc{"Arn": b.iam("instance-profile/shop-web")}, "SecurityGroupIds": list{v.groups["web"]}})
	b.launchTemplate(mainRegion, "shop-worker", "shop", 500, doc{"IamInstanceProfile": doc{"Arn": b.iam("instance-profile/shop-worker")}, "SecurityGroupIds": list{v.groups["workers"]}})
	b.snapshot(mainRegion, "search-1 before upgrade", "shop", "before the upgrade of the index", 118, true, nil)
	b.snapshot(mainRegion, "erp-bridge monthly", "erp", "monthly copy", 20, false, nil)
	b.snapshot(mainRegion, "shop-web golden", "shop", "golden image", 60, true, nil)
	v.balancer("shop", "shop", "internet-facing", []string{"public-a", "public-b"}, []string{"alb"}, web, nil, "routing.http.drop_invalid_header_fields.enabled", "true")
	v.balancer("partners", "erp", "internal", []string{"private-a", "private-b"}, []string{"web"}, list{}, doc{"SslPolicy": "ELBSecurityPolicy-2016-08"}, "routing.http.drop_invalid_header_fields.enabled", "false")
	v.fileSystem("shop-media", "shop", 590, "uploads", "thumbnails")
}

func (b *builder) productionDatabases(v *vpc) {
	inner := v.subnetGroup("shop-data", "data-a", "data-b")
	outer := v.subnetGroup("reporting", "public-a", "public-b")
	b.parameters(mainRegion, "shop-postgres16", "postgres16", parameter("rds.force_ssl", "1", "user"), parameter("log_connections", "1", "user"), parameter("log_disconnections", "1", "user"), parameter("log_statement", "ddl", "user"))
	b.parameters(mainRegion, "default.mysql8.0", "mysql8.0", parameter("require_secure_transport", "OFF", "engine-default"), parameter("general_log", "0", "engine-default"), parameter("local_infile", "1", "engine-default"))
	b.parameters(mainRegion, "default.aurora-postgresql16", "aurora-postgresql16")
	b.clusterParameters(mainRegion, "catalogue-aurora16", "aurora-postgresql16", parameter("rds.force_ssl", "1", "user"), parameter("shared_preload_libraries", "pgaudit", "user"))
	v.database("shop-orders", "shop", 690, inner, "database", "shop-postgres16", []string{"data", "personal"})
	v.database("crm", "crm", 480, inner, "database", "shop-postgres16", []string{"data", "personal"})
	v.cluster("catalogue", "shop", 520, inner, "database", "catalogue-aurora16", []string{"catalogue-1", "catalogue-2"})
	v.database("reporting", "finance", 560, outer, "reporting", "default.mysql8.0", []string{"note", "BI vendor connects from outside", "data", "personal"}, doc{
		"Engine": "mysql", "EngineVersion": "8.0.39", "LicenseModel": "general-public-license", "PubliclyAccessible": true, "MultiAZ": false, "BackupRetentionPeriod": 1,
		"StorageEncrypted": false, "KmsKeyId": nil, "DeletionProtection": false, "IAMDatabaseAuthenticationEnabled": false, "EnabledCloudwatchLogsExports": list{}, "AutoMinorVersionUpgrade": false,
		"Endpoint": doc{"Address": "reporting." + b.hex("rds", 12) + "." + mainRegion + ".rds.amazonaws.com", "Port": 3306, "HostedZoneId": "Z1RLNUO7B9Q6NB"},
	})
	b.dbSnapshot(mainRegion, "shop-orders-before-16", "shop-orders", "shop", 200, true, nil)
	b.dbSnapshot(mainRegion, "crm-quarter", "crm", "crm", 30, true, nil)
	b.dbSnapshot(mainRegion, "reporting-handover", "reporting", "finance", 330, false, list{"999900001111"}, "note", "copy for the BI vendor")
	b.clusterSnapshot(mainRegion, "catalogue-release-40", "catalogue", "shop", 75)
	for _, t := range []string{"shop-sessions", "shop-carts", "shop-vouchers"} {
		b.table(mainRegion, t, "shop", 600, true)
	}
	b.table(mainRegion, "newsletter", "marketing", 350, false)
}

// The statements that the CIS benchmark asks alarms for, as far as the security
// team got.
var watches = [][2]string{
	{"denied-calls", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`},
	{"sign-in-without-mfa", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`},
	{"root-activity", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`},
	{"iam-changes", `{ ($.eventName = DeleteGroupPolicy) || ($.eventName = DeleteRolePolicy) || ($.eventName = DeleteUserPolicy) || ($.eventName = PutGroupPolicy) || ($.eventName = PutRolePolicy) || ($.eventName = PutUserPolicy) || ($.eventName = CreatePolicy) || ($.eventName = DeletePolicy) || ($.eventName = CreatePolicyVersion) || ($.eventName = DeletePolicyVersion) || ($.eventName = AttachRolePolicy) || ($.eventName = DetachRolePolicy) || ($.eventName = AttachUserPolicy) || ($.eventName = DetachUserPolicy) || ($.eventName = AttachGroupPolicy) || ($.eventName = DetachGroupPolicy) }`},
	{"trail-changes", `{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }`},
	{"failed-sign-in", `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`},
	{"key-removal", `{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }`},
	{"bucket-policy-changes", `{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }`},
	{"security-group-changes", `{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }`},
	{"route-changes", `{ ($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateRoute) || ($.eventName = CreateRouteTable)) }`},
	{"gateway-changes", `{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }`},
}

func (b *builder) productionLogs() {
	trailGroup := "/cloudtrail/production"
	b.trail(mainRegion, "production", "lindenbrook-cloudtrail", doc{
		"KmsKeyId": b.keyARN(mainRegion, "trail"), "CloudWatchLogsLogGroupArn": b.arn("logs", mainRegion, "log-group:"+trailGroup+":*"), "CloudWatchLogsRoleArn": b.role("cloudtrail-logs"),
	}, nil)
	b.logGroup(mainRegion, trailGroup, "security", 400, true)
	b.logGroup(mainRegion, "/vpc/shop", "security", 400, true)
	b.logGroup(mainRegion, "/aws/eks/platform/cluster", "platform", 400, true)
	for _, d := range []string{"shop-orders", "crm"} {
		b.logGroup(mainRegion, "/aws/rds/instance/"+d+"/postgresql", "shop", 400, true)
	}
	for _, f := range []string{"order-events", "image-resize", "invoice-render", "erp-export", "stock-alert", "newsletter-sync", "webhook-payments", "secret-rotation"} {
		days := 400
		if f == "newsletter-sync" || f == "image-resize" {
			days = 14
		}
		b.logGroup(mainRegion, "/aws/lambda/"+f, "shop", days, days > 14)
	}
	b.logGroup(mainRegion, "shop/web", "shop", 400, true)
	alerts := b.topic(mainRegion, "security-alerts", "security", b.keyARN(mainRegion, "data"), nil, "email", "security@lindenbrook.example")
	for _, w := range watches {
		b.watch(mainRegion, trailGroup, w[0], w[1], list{alerts})
	}
	operations := b.topic(mainRegion, "operations", "platform", b.keyARN(mainRegion, "data"), nil, "email", "operations@lindenbrook.example", "https", "https://events.paging.example")
	b.alarm(mainRegion, "shop 5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", list{operations})
	b.alarm(mainRegion, "orders queue age", "AWS/SQS", "ApproximateAgeOfOldestMessage", list{operations})
	b.alarm(mainRegion, "orders database storage", "AWS/RDS", "FreeStorageSpace", list{operations})
	b.alarm(mainRegion, "transcode cpu", "AWS/EC2", "CPUUtilization", list{})
	b.recorder(mainRegion, "lindenbrook-config", true)
	b.configRule(mainRegion, "s3-bucket-server-side-encryption", "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED")
	b.configRule(mainRegion, "rds-storage-encrypted", "RDS_STORAGE_ENCRYPTED")
	b.configRule(mainRegion, "root-account-mfa", "ROOT_ACCOUNT_MFA_ENABLED")
	b.detector(mainRegion, "S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS")
	b.hub(mainRegion, true)
	b.analyzer(mainRegion, b.accessFinding("AWS::S3::Bucket", "arn:aws:s3:::lindenbrook-press-kit", 479), b.accessFinding("AWS::IAM::Role", b.role("vendor-costs"), 479), b.accessFinding("AWS::IAM::Role", b.role("github-deploy"), 460))
}

func (b *builder) productionServices(v *vpc) {
	private := doc{"VpcConfig": doc{"VpcId": v.id, "SubnetIds": list{v.subnets["private-a"], v.subnets["private-b"]}, "SecurityGroupIds": list{v.groups["workers"]}}}
	b.function(mainRegion, "order-events", "shop", "python3.13", 500, map[string]string{"QUEUE": "shop-orders", "TABLE": "shop-carts"}, private)
	b.function(mainRegion, "image-resize", "shop", "python3.13", 500, nil, doc{"Policy": b.invokedBy(mainRegion, "image-resize", "s3.amazonaws.com", "arn:aws:s3:::lindenbrook-shop-assets")})
	b.function(mainRegion, "invoice-render", "finance", "nodejs22.x", 420, map[string]string{"BUCKET": "lindenbrook-invoices"}, private)
	// It was to move to Secrets Manager after the go-live.
	b.function(mainRegion, "erp-export", "erp", "python3.8", 480, map[string]string{"ERP_HOST": "erp.lindenbrook.example", "ERP_PASSWORD": "ask-the-erp-team-for-it"}, private)
	b.function(mainRegion, "stock-alert", "shop", "python3.13", 300, nil, doc{"Policy": b.invokedBy(mainRegion, "stock-alert", "events.amazonaws.com", b.arn("events", mainRegion, "rule/stock"))})
	b.function(mainRegion, "newsletter-sync", "marketing", "nodejs16.x", 350, map[string]string{"LIST": "customers"}, doc{"Policy": b.invokedBy(mainRegion, "newsletter-sync", "s3.amazonaws.com", "")})
	// The payment provider signs its calls, so the address asks for no sign-in.
	b.function(mainRegion, "webhook-payments", "payments", "nodejs22.x", 380, map[string]string{"PROVIDER_SECRET_ARN": b.arn("secretsmanager", mainRegion, "secret:shop/payments")}, doc{
		"FunctionUrlConfig": doc{"AuthType": "NONE", "FunctionUrl": "https://" + b.hex("url", 32) + ".lambda-url." + mainRegion + ".on.aws/", "CreationTime": b.ago(380), "LastModifiedTime": b.ago(380), "InvokeMode": "BUFFERED"},
		"Policy": policy(doc{
			"Sid": "url", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "Resource": b.arn("lambda", mainRegion, "function:webhook-payments"),
			"Condition": doc{"StringEquals": doc{"lambda:FunctionUrlAuthType": "NONE"}},
		}),
	})
	b.function(mainRegion, "secret-rotation", "platform", "python3.13", 400, nil, private, doc{"Policy": b.invokedBy(mainRegion, "secret-rotation", "secretsmanager.amazonaws.com", b.arn("secretsmanager", mainRegion, "secret:*"))})
	b.layer(mainRegion, "observability")
	for _, q := range []string{"shop-orders", "shop-orders-failed", "order-events", "image-resize", "invoice-render"} {
		b.queue(mainRegion, q, "shop", true, nil)
	}
	b.queue(mainRegion, "newsletter-bounces", "marketing", false, policy(doc{"Sid": "Bounces", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": b.arn("sqs", mainRegion, "newsletter-bounces")}))
	b.topic(mainRegion, "stock-changes", "shop", b.keyARN(mainRegion, "data"), nil, "sqs", b.arn("sqs", mainRegion, "order-events"))
	b.topic(mainRegion, "campaigns", "marketing", "", nil, "http", "http://mailer.agency.example")
	b.secret(mainRegion, "shop/database", "shop", 690, 11, 11, 0)
	b.secret(mainRegion, "shop/payments", "payments", 380, 20, 20, 0)
	b.secret(mainRegion, "crm/database", "crm", 480, 25, 25, 1)
	b.secret(mainRegion, "catalogue/database", "shop", 520, 6, 6, 0)
	b.secret(mainRegion, "erp/api", "erp", 610, 610, 0, 2)
	b.secret(mainRegion, "agency/upload", "marketing", 292, 292, 0, 205)
	b.repository(mainRegion, "shop/web", "shop", 640, true, doc{"MEDIUM": 4, "LOW": 11})
	b.repository(mainRegion, "shop/worker", "shop", 640, true, doc{"HIGH": 3, "LOW": 7})
	b.repository(mainRegion, "platform/ingress", "platform", 380, true, doc{"HIGH": 1, "LOW": 2})
	b.repository(mainRegion, "marketing/landing", "marketing", 290, false, nil, doc{"ImageTagMutability": "MUTABLE"})
	b.registry(mainRegion)
	v.kubernetes("platform", "platform", "1.33", 380, []string{"private-a", "private-b"}, doc{"EndpointPublicAccess": true, "PublicAccessCidrs": list{"198.51.100.16/28"}}, nil, nil)
}

// quietRegion is the region that nobody uses but for a backup. A control policy
// of the organization forbids most services there, reading included.
func (b *builder) quietRegion() {
	b.defaultVPC(otherRegion)
	b.prefixLists(otherRegion)
	b.defaults(otherRegion, false)
	b.registry(otherRegion)
	b.detector(otherRegion, "S3_DATA_EVENTS")
	b.hub(otherRegion, false)
	b.unlisted("AWS::SecretsManager::Secret", otherRegion, "secretsmanager:ListSecrets", "secretsmanager:ListSecrets", "AccessDeniedException", "scp", "")
}
