package estate

import (
	"strings"
)

// person is a user of IAM. Ages are days; 0 for a password or key means that
// there is none, -1 for a use that it never was.
type person struct {
	name, team string
	age        int
	groups     []string
	policies   []string // ARNs
	inline     doc      // documents by name
	password   int      // days since its last change
	signedIn   int      // days since the last sign-in
	mfa        bool
	keys       []accessKey
	tags       []string
}

type accessKey struct {
	age, used int
	inactive  bool
	service   string
}

func (b *builder) person(p person) {
	arn := b.iam("user/" + p.name)
	report := doc{"user": p.name, "arn": arn, "user_creation_time": b.ago(p.age), "password_enabled": p.password > 0, "mfa_active": p.mfa, "GeneratedTime": b.ago(0)}
	config := doc{
		"UserName": p.name, "UserId": b.unique("AIDA", p.name), "Arn": arn, "Path": "/", "CreateDate": b.ago(p.age), "GroupList": p.groups,
		"AttachedManagedPolicies": attached(p.policies), "UserPolicyList": inlinePolicies(p.inline), "Tags": pairs(append([]string{"team", p.team}, p.tags...)...),
		"MFADevices": list{}, "SSHPublicKeys": list{}, "SigningCertificates": list{}, "ServiceSpecificCredentials": list{}, "CredentialReport": report,
	}
	if p.groups == nil {
		config["GroupList"] = list{}
	}
	if p.password > 0 {
		config["LoginProfile"] = doc{"UserName": p.name, "CreateDate": b.ago(p.age), "PasswordResetRequired": false}
		report["password_last_changed"] = b.ago(p.password)
		if p.signedIn >= 0 {
			config["PasswordLastUsed"], report["password_last_used"] = b.ago(p.signedIn), b.ago(p.signedIn)
		}
	}
	if p.mfa {
		b.mfaDevice(p.name, arn, p.age-1)
		config["MFADevices"] = list{doc{"UserName": p.name, "SerialNumber": b.iam("mfa/" + p.name), "EnableDate": b.ago(p.age - 1)}}
	}
	metadata, children := list{}, []func(){}
	for i, k := range p.keys {
		n := string(rune('1' + i))
		status := "Active"
		if k.inactive {
			status = "Inactive"
		}
		id := b.unique("AKIA", p.name+n)[:20]
		row := doc{"AccessKeyId": id, "UserName": p.name, "Status": status, "CreateDate": b.ago(k.age)}
		metadata = append(metadata, row)
		report["access_key_"+n+"_active"], report["access_key_"+n+"_last_rotated"] = !k.inactive, b.ago(k.age)
		used := doc{"Region": "N/A", "ServiceName": "N/A"}
		if k.used >= 0 {
			used = doc{"Region": mainRegion, "ServiceName": k.service, "LastUsedDate": b.ago(k.used)}
			report["access_key_"+n+"_last_used_date"], report["access_key_"+n+"_last_used_region"], report["access_key_"+n+"_last_used_service"] = b.ago(k.used), mainRegion, k.service
		}
		children = append(children, func() {
			b.add("AWS::IAM::AccessKey", "", b.iam("access-key/"+id), id, b.ago(k.age), with(plain(row), doc{"AccessKeyLastUsed": used}))
		})
	}
	for _, n := range []string{"1", "2"} {
		if _, ok := report["access_key_"+n+"_active"]; !ok {
			report["access_key_"+n+"_active"] = false
		}
	}
	report["cert_1_active"], report["cert_2_active"] = false, false
	config["AccessKeyMetadata"] = metadata
	b.add("AWS::IAM::User", "", arn, p.name, b.ago(p.age), config)
	for _, child := range children {
		child()
	}
}

func (b *builder) mfaDevice(name, user string, age int) {
	serial := b.iam("mfa/" + name)
	u := doc{"Arn": user, "UserId": b.unique("AIDA", name), "UserName": name, "Path": "/", "CreateDate": b.ago(age + 1)}
	if strings.HasSuffix(user, ":root") {
		u = doc{"Arn": user, "UserId": b.id, "CreateDate": b.ago(age + 1)}
	}
	b.add("AWS::IAM::VirtualMFADevice", "", serial, serial[strings.LastIndexByte(serial, '/')+1:], b.ago(age), doc{
		"SerialNumber": serial, "EnableDate": b.ago(age), "User": u,
	})
}

func attached(arns []string) list {
	out := list{}
	for _, a := range arns {
		out = append(out, doc{"PolicyArn": a, "PolicyName": a[strings.LastIndexByte(a, '/')+1:]})
	}
	return out
}

func inlinePolicies(byName doc) list {
	out := list{}
	for _, name := range sortedKeys(byName) {
		out = append(out, doc{"PolicyName": name, "PolicyDocument": byName[name]})
	}
	return out
}

func ofAWS(name string) string { return "arn:aws:iam::aws:policy/" + name }

func (b *builder) userGroup(name string, age int, policies ...string) {
	arn := b.iam("group/" + name)
	b.add("AWS::IAM::Group", "", arn, name, b.ago(age), doc{
		"GroupName": name, "GroupId": b.unique("AGPA", name), "Arn": arn, "Path": "/", "CreateDate": b.ago(age), "GroupPolicyList": list{},
		"AttachedManagedPolicies": attached(policies),
	})
}

// managedPolicy adds a policy of the company.
func (b *builder) managedPolicy(name string, age, attachments int, document doc) {
	b.addPolicy(b.iam("policy/"+name), name, age, attachments, document)
}

// awsPolicy adds one of AWS's own policies, which a scan reads where they are
// attached.
func (b *builder) awsPolicy(name string, attachments int, document doc) {
	b.addPolicy(ofAWS(name), name[strings.LastIndexByte(name, '/')+1:], 3000, attachments, document)
	b.assets[len(b.assets)-1].ManagedBy = "aws"
}

func (b *builder) addPolicy(arn, name string, age, attachments int, document doc) {
	path := "/"
	if i, j := strings.Index(arn, ":policy/"), strings.LastIndexByte(arn, '/'); j > i+len(":policy") {
		path = arn[i+len(":policy") : j+1]
	}
	b.add("AWS::IAM::ManagedPolicy", "", arn, name, b.ago(age), doc{
		"PolicyName": name, "PolicyId": b.unique("ANPA", name), "Arn": arn, "Path": path, "CreateDate": b.ago(age), "UpdateDate": b.ago(age / 2),
		"DefaultVersionId": "v1", "IsAttachable": true, "AttachmentCount": attachments, "PermissionsBoundaryUsageCount": 0,
		"PolicyVersionList": list{doc{"VersionId": "v1", "IsDefaultVersion": true, "CreateDate": b.ago(age / 2), "Document": document}},
	})
}

// identity is a role.
type identity struct {
	name, description string
	age, used         int // days; used is -1 for never
	trust             doc
	policies          []string
	inline            doc
	profile           bool // has an instance profile of the same name
	path              string
	tags              []string
}

func (b *builder) identity(r identity) {
	path := r.path
	if path == "" {
		path = "/"
	}
	arn := b.iam("role" + path + r.name)
	id := b.unique("AROA", r.name)
	lastUsed := doc{}
	if r.used >= 0 {
		lastUsed = doc{"LastUsedDate": b.ago(r.used), "Region": mainRegion}
	}
	tags := pairs(r.tags...)
	profiles := list{}
	profile := b.iam("instance-profile/" + r.name)
	inside := doc{"RoleName": r.name, "RoleId": id, "Arn": arn, "Path": path, "CreateDate": b.ago(r.age), "AssumeRolePolicyDocument": r.trust}
	if r.profile {
		profiles = list{doc{
			"InstanceProfileName": r.name, "InstanceProfileId": b.unique("AIPA", r.name), "Arn": profile, "Path": "/", "CreateDate": b.ago(r.age), "Roles": list{plain(inside)},
		}}
	}
	a := b.add("AWS::IAM::Role", "", arn, r.name, b.ago(r.age), doc{
		"RoleName": r.name, "RoleId": id, "Arn": arn, "Path": path, "CreateDate": b.ago(r.age), "Description": r.description, "AssumeRolePolicyDocument": r.trust,
		"RolePolicyList": inlinePolicies(r.inline), "AttachedManagedPolicies": attached(r.policies), "InstanceProfileList": profiles, "RoleLastUsed": lastUsed,
		"MaxSessionDuration": 3600, "Tags": tags,
	})
	if strings.HasPrefix(path, "/aws-service-role/") {
		a.ManagedBy = "aws"
	}
	if r.profile {
		b.add("AWS::IAM::InstanceProfile", "", profile, r.name, b.ago(r.age), doc{
			"InstanceProfileName": r.name, "InstanceProfileId": b.unique("AIPA", r.name), "Arn": profile, "Path": "/", "CreateDate": b.ago(r.age), "Roles": list{inside}, "Tags": tags,
		})
	}
}

// serviceTrust lets a service of AWS take a role; bound says for this account
// only.
func (b *builder) serviceTrust(service string, bound bool) doc {
	s := doc{"Effect": "Allow", "Principal": doc{"Service": service}, "Action": "sts:AssumeRole"}
	if bound {
		s["Condition"] = doc{"StringEquals": doc{"aws:SourceAccount": b.id}}
	}
	return policy(s)
}

// accountTrust lets the administrators of another account take a role.
func accountTrust(account string, condition doc) doc {
	s := doc{"Effect": "Allow", "Principal": doc{"AWS": "arn:aws:iam::" + account + ":root"}, "Action": "sts:AssumeRole"}
	if condition != nil {
		s["Condition"] = condition
	}
	return policy(s)
}

// samlTrust lets people take a role who signed in at the company's directory.
func (b *builder) samlTrust() doc {
	return policy(doc{
		"Effect": "Allow", "Principal": doc{"Federated": b.iam("saml-provider/AWSSSO_7c1d3e5f9a_DO_NOT_DELETE")}, "Action": list{"sts:AssumeRoleWithSAML", "sts:TagSession"},
		"Condition": doc{"StringEquals": doc{"SAML:aud": "https://signin.aws.amazon.com/saml"}},
	})
}

// githubTrust lets workflows of GitHub take a role; subject names which ones.
func (b *builder) githubTrust(operator, subject string) doc {
	const issuer = "token.actions.githubusercontent.com"
	condition := doc{"StringEquals": doc{issuer + ":aud": "sts.amazonaws.com"}}
	by, ok := condition[operator].(doc)
	if !ok {
		by = doc{}
		condition[operator] = by
	}
	by[issuer+":sub"] = subject
	return policy(doc{
		"Effect": "Allow", "Principal": doc{"Federated": b.iam("oidc-provider/" + issuer)}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
	})
}

// serviceLinked adds a role that belongs to a service of AWS.
func (b *builder) serviceLinked(service, name string, age int) {
	b.identity(identity{
		name: name, age: age, used: 0, path: "/aws-service-role/" + service + "/", trust: b.serviceTrust(service, false),
		policies: []string{ofAWS("aws-service-role/" + strings.TrimPrefix(name, "AWSServiceRoleFor") + "ServiceRolePolicy")},
	})
}

func (b *builder) federations() {
	saml, github := b.iam("saml-provider/AWSSSO_7c1d3e5f9a_DO_NOT_DELETE"), b.iam("oidc-provider/token.actions.githubusercontent.com")
	b.add("AWS::IAM::SAMLProvider", "", saml, "AWSSSO_7c1d3e5f9a_DO_NOT_DELETE", b.ago(880), doc{
		"Arn": saml, "CreateDate": b.ago(880), "ValidUntil": b.now.AddDate(97, 0, 0).Format("2006-01-02T15:04:05Z07:00"), "Tags": list{},
		"SAMLMetadataDocument": "<EntityDescriptor entityID=\"https://portal.sso." + mainRegion + ".amazonaws.com/saml/assertion/lindenbrook\"/>",
	})
	b.add("AWS::IAM::OIDCProvider", "", github, "token.actions.githubusercontent.com", b.ago(540), doc{
		"Arn": github, "Url": "token.actions.githubusercontent.com", "ClientIDList": list{"sts.amazonaws.com"},
		"ThumbprintList": list{b.hex("github", 40)}, "CreateDate": b.ago(540), "Tags": list{},
	})
}

// passwordPolicy is that of the account; a nil one was never set.
func (b *builder) passwordPolicy(p doc) {
	config := doc{"Exists": false}
	if p != nil {
		config = with(doc{"Exists": true}, p)
	}
	b.add("AWS::IAM::AccountPasswordPolicy", "", b.iam("settings/account-password-policy"), "account-password-policy", "", config)
}

// summary tells of the root user. Devices are its virtual ones.
func (b *builder) summary(alias string, rootUsed int, counts doc) {
	device := b.iam("mfa/root-account-mfa-device")
	b.mfaDevice("root-account-mfa-device", b.iam("root"), 900)
	b.add("AWS::IAM::AccountSummary", "", b.iam("settings/account-summary"), "account-summary", "", doc{
		"SummaryMap": with(doc{
			"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, "AccountSigningCertificatesPresent": 0, "AccountPasswordPresent": 1, "AttachedPoliciesPerRoleQuota": 10,
			"GlobalEndpointTokenVersion": 2, "ServerCertificates": 0,
		}, counts),
		"AccountAliases": list{alias}, "EnabledFeatures": list{},
		"VirtualMFADevices": list{doc{"SerialNumber": device, "EnableDate": b.ago(900)}},
		"CredentialReport": doc{
			"user": "<root_account>", "arn": b.iam("root"), "user_creation_time": b.ago(1200), "password_last_used": b.ago(rootUsed), "mfa_active": true,
			"access_key_1_active": false, "access_key_2_active": false, "cert_1_active": false, "cert_2_active": false, "GeneratedTime": b.ago(0),
		},
	})
}

// settings are what the account says of itself.
func (b *builder) settings(security bool) {
	contacts := doc{"BILLING": doc{"AlternateContactType": "BILLING", "Name": "Accounts payable", "Title": "Finance", "EmailAddress": "invoices@lindenbrook.example", "PhoneNumber": "+49 821 5550 110"}}
	if security {
		contacts["SECURITY"] = doc{"AlternateContactType": "SECURITY", "Name": "Security desk", "Title": "Security", "EmailAddress": "security@lindenbrook.example", "PhoneNumber": "+49 821 5550 112"}
	}
	b.add("AWS::Account::Settings", "", b.arn("account", "", "settings/account"), "account", "", doc{
		"ContactInformation": doc{
			"FullName": "Lindenbrook GmbH", "CompanyName": "Lindenbrook GmbH", "AddressLine1": "Am Lechkanal 8", "City": "Augsburg", "PostalCode": "86150", "CountryCode": "DE",
			"StateOrRegion": "Bayern", "PhoneNumber": "+49 821 5550 100",
		},
		"AlternateContacts": contacts,
		"Regions":           list{doc{"RegionName": mainRegion, "RegionOptStatus": "ENABLED_BY_DEFAULT"}, doc{"RegionName": otherRegion, "RegionOptStatus": "ENABLED_BY_DEFAULT"}},
	})
}

// serverCertificate adds a certificate that somebody once uploaded.
func (b *builder) serverCertificate(name string, uploaded, expired int) {
	arn := b.iam("server-certificate/" + name)
	b.add("AWS::IAM::ServerCertificate", "", arn, name, b.ago(uploaded), doc{
		"Arn": arn, "ServerCertificateName": name, "ServerCertificateId": b.unique("ASCA", name), "Path": "/", "UploadDate": b.ago(uploaded), "Expiration": b.ago(expired),
	})
}
