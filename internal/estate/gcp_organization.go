package estate

// frame adds the organization, its folders and projects, and what holds for all
// of them.
func (o *organization) frame() {
	const manager = "//cloudresourcemanager.googleapis.com/"
	o.put(o.scope(), "cloudresourcemanager.googleapis.com/Organization", manager+Organization, "global", doc{
		"name": Organization, "displayName": companyDomain, "directoryCustomerId": "C03lb7k2m", "state": "ACTIVE", "createTime": o.ago(1250), "updateTime": o.ago(1250), "etag": o.hex("organization", 12),
		"iamPolicy": with(o.granted(
			[]string{"roles/resourcemanager.organizationAdmin", staff("m.huber"), staff("emergency")},
			[]string{"roles/iam.securityReviewer", crew("security"), "serviceAccount:stance@" + ShopProject + ".iam.gserviceaccount.com"},
			[]string{"roles/cloudasset.viewer", "serviceAccount:stance@" + ShopProject + ".iam.gserviceaccount.com"},
			[]string{"roles/billing.admin", crew("finance")},
		), doc{"auditConfigs": list{doc{"service": "allServices", "auditLogConfigs": list{doc{"logType": "ADMIN_READ"}, doc{"logType": "DATA_READ"}, doc{"logType": "DATA_WRITE"}}}}}),
	})
	for _, f := range [][2]string{{productionFolder, "Production"}, {labsFolder, "Labs"}} {
		o.put(o.folderScope(f[0]), "cloudresourcemanager.googleapis.com/Folder", manager+f[0], "global", doc{
			"name": f[0], "parent": Organization, "displayName": f[1], "state": "ACTIVE", "createTime": o.ago(1200), "updateTime": o.ago(1200), "etag": o.hex(f[0], 12),
			"iamPolicy": o.granted([]string{"roles/resourcemanager.folderViewer", crew("platform")}),
		})
	}
	o.constraints()
	for _, c := range [][]string{{"security", "SECURITY", "TECHNICAL"}, {"legal", "LEGAL", "SUSPENSION"}} {
		categories := list{}
		for _, category := range c[1:] {
			categories = append(categories, category)
		}
		name := Organization + "/contacts/" + o.hex("contact/"+c[0], 12)
		o.put(o.scope(), "essentialcontacts.googleapis.com/Contact", "//essentialcontacts.googleapis.com/"+name, "global", doc{
			"name": name, "email": c[0] + "@" + companyDomain, "languageTag": "de", "notificationCategorySubscriptions": categories, "validationState": "VALID", "validateTime": o.ago(30),
		})
	}
	o.put(o.scope(), "accessapproval.googleapis.com/AccessApprovalSettings", "//accessapproval.googleapis.com/"+Organization+"/accessApprovalSettings", "global", doc{
		"name": Organization + "/accessApprovalSettings", "notificationEmails": list{"security@" + companyDomain}, "enrolledServices": list{doc{"cloudProduct": "all", "enrollmentLevel": "BLOCK_ALL"}},
	})
	o.perimeter()
	o.role("Bucket auditor", "bucketAuditor", "storage.buckets.get", "storage.buckets.list", "storage.buckets.getIamPolicy")
	o.role("Deployer", "deployer", "run.services.get", "run.services.update", "artifactregistry.repositories.uploadArtifacts")
}

// constraints adds the organization policies. The one against public buckets was
// to follow when the price comparison sites had moved.
func (o *organization) constraints() {
	for _, c := range []string{
		"iam.automaticIamGrantsForDefaultServiceAccounts", "sql.restrictPublicIp", "storage.uniformBucketLevelAccess", "compute.disableSerialPortAccess", "compute.requireOsLogin", "compute.skipDefaultNetworkCreation",
	} {
		o.constraint(Organization, c, list{doc{"enforce": c != "sql.restrictPublicIp"}})
	}
	o.constraint(Organization, "gcp.resourceLocations", list{doc{"values": doc{"allowedValues": list{"in:europe-locations", "in:eu-locations"}}}})
}

func (o *organization) constraint(at, name string, rules list) {
	full := at + "/policies/" + name
	o.put(o.scope(), "orgpolicy.googleapis.com/Policy", "//orgpolicy.googleapis.com/"+full, "global", doc{
		"name": full, "etag": o.hex(full, 12), "spec": doc{"etag": o.hex(full, 12), "updateTime": o.ago(420), "rules": rules},
	})
}

// perimeter adds the service perimeter around what is in production.
func (o *organization) perimeter() {
	const policy = "accessPolicies/602447138855"
	o.put(o.scope(), "identity.accesscontextmanager.googleapis.com/AccessPolicy", "//accesscontextmanager.googleapis.com/"+policy, "global", doc{
		"name": policy, "parent": Organization, "title": "default", "etag": o.hex("access policy", 12),
	})
	o.put(o.scope(), "identity.accesscontextmanager.googleapis.com/ServicePerimeter", "//accesscontextmanager.googleapis.com/"+policy+"/servicePerimeters/production", "global", doc{
		"name": policy + "/servicePerimeters/production", "title": "production", "perimeterType": "PERIMETER_TYPE_REGULAR", "status": doc{
			"resources": list{"projects/508817264403", "projects/593320118846"}, "restrictedServices": list{"storage.googleapis.com", "bigquery.googleapis.com", "secretmanager.googleapis.com"},
			"accessLevels": list{}, "vpcAccessibleServices": doc{"enableRestriction": true, "allowedServices": list{"RESTRICTED-SERVICES"}},
		},
	})
}

func (o *organization) role(title, id string, permissions ...string) {
	name := Organization + "/roles/" + id
	o.put(o.scope(), "iam.googleapis.com/Role", "//iam.googleapis.com/"+name, "global", doc{
		"name": name, "title": title, "stage": "GA", "includedPermissions": permissions, "etag": o.hex(name, 12),
	})
}

// frame adds the project itself with its allow policy.
func (p project) frame(display string, age int, policy doc) {
	p.put(p.scope(), "cloudresourcemanager.googleapis.com/Project", "//cloudresourcemanager.googleapis.com/projects/"+p.number, "global", doc{
		"projectId": p.name, "projectNumber": p.number64(), "name": display, "lifecycleState": "ACTIVE", "createTime": p.ago(age), "labels": tagMap("env", p.env),
		"parent": doc{"type": "folder", "id": p.folder[len("folders/"):]}, "iamPolicy": policy,
	})
}

func (p project) number64() int64 {
	var n int64
	for _, c := range p.number {
		n = 10*n + int64(c-'0')
	}
	return n
}

// services adds the services that are enabled.
func (p project) services(names ...string) {
	for _, n := range names {
		name := p.numbered("services/" + n + ".googleapis.com")
		p.put(p.scope(), "serviceusage.googleapis.com/Service", "//serviceusage.googleapis.com/"+name, "global", doc{"name": name, "parent": "projects/" + p.number, "state": "ENABLED"})
	}
}
