package estate

// shop is the project of the shop's search and recommendations. The web team
// keeps it well; what it forgot is at its edges.
func (p project) shop() {
	p.frame("Shop", 1190, p.granted(
		[]string{"roles/iam.securityReviewer", crew("security")},
		[]string{"roles/compute.admin", crew("platform")},
		[]string{"roles/container.admin", crew("platform")},
		[]string{"roles/cloudsql.client", "serviceAccount:" + p.email("search")},
		[]string{"roles/logging.logWriter", "serviceAccount:" + p.email("gke-nodes"), "serviceAccount:" + p.email("search")},
		[]string{"roles/artifactregistry.writer", "serviceAccount:" + p.email("github-deploy")},
		[]string{"roles/run.developer", crew("web"), "serviceAccount:" + p.email("github-deploy")},
		// The pipeline may act as every account of the project.
		[]string{"roles/iam.serviceAccountUser", "serviceAccount:" + p.email("github-deploy")},
		[]string{"roles/compute.serviceAgent", "serviceAccount:service-" + p.number + "@compute-system.iam.gserviceaccount.com"},
	))
	p.services("artifactregistry", "cloudasset", "cloudfunctions", "cloudkms", "compute", "container", "containeranalysis", "containerscanning", "dns", "iam", "logging", "monitoring", "run", "secretmanager", "sqladmin", "storage")
	p.shopAccounts()
	keys := p.keyRing("europe", "shop", "storage", "disks", "sql", "gke", "pubsub", "images")
	p.stale(keys + "images")
	p.shopBuckets(keys)
	p.computeProject(1190, "enable-oslogin", "TRUE", "enable-oslogin-2fa", "TRUE")
	p.network("shop", 1100, false, true, [2]string{"shop-nodes", "10.80.0.0/20"}, [2]string{"shop-services", "10.80.16.0/24"})
	p.nat("shop-nat", "shop", 1100)
	p.privateAPIs("google-apis", "shop", "10.80.32.2", 400)
	p.door(door{name: "shop-from-balancer", network: "shop", from: "35.191.0.0/16", protocol: "tcp", ports: list{"8443"}, tags: list{"search"}, age: 1090, note: "health checks and the load balancer"})
	p.door(door{name: "shop-inside", network: "shop", from: "10.80.0.0/16", protocol: "tcp", ports: list{"443", "5432", "8443"}, age: 1090})
	p.door(door{name: "shop-iap", network: "shop", from: "35.235.240.0/20", protocol: "tcp", ports: list{"22"}, age: 1000, note: "Identity-Aware Proxy"})
	group := p.machines("search", p.email("search"), "shop-services", "shop", keys+"disks", 200)
	p.balancer("search", group, 620)
	for i, z := range []string{googleZone, anotherZone} {
		name := "search-" + []string{"k3v9", "q7d2"}[i]
		p.instance(vm{
			name: name, team: "search", zone: z, network: "shop", subnet: "shop-services", private: []string{"10.80.16.11", "10.80.16.12"}[i], account: p.email("search"), scopes: list{allOfCloud}, age: 40,
			tags: list{"search"}, kmsKey: keys + "disks", group: p.path("regions/" + googleRegion + "/instanceGroupManagers/search"),
		})
	}
	p.snapshot("search-index-weekly", "search-k3v9", keys+"disks", 5, nil)
	p.gke("shop", "web", p.email("gke-nodes"), "shop", "shop-nodes", keys+"gke", 700, nil)
	p.cloudSQL("catalogue", "web", "POSTGRES_16", keys+"sql", "shop", map[string]string{
		"cloudsql.iam_authentication": "on", "log_connections": "on", "log_disconnections": "on", "log_statement": "ddl", "cloudsql.enable_pgaudit": "on",
	}, nil, nil)
	p.images("services", "web", keys+"images", 800)
	p.run("recommendations", "web", p.email("search"), 520, false, map[string]string{"MODEL_BUCKET": "lindenbrook-models", "LOG_LEVEL": "info"})
	// Customers ask it without signing in: that is what it is for.
	p.run("search-suggest", "web", p.email("search"), 410, true, map[string]string{"INDEX": "https://search.internal." + companyDomain})
	p.function("index-products", "search", "nodejs22", p.email("search"), p.connector("shop", "shop"), 300, map[string]string{"INDEX_BUCKET": "lindenbrook-search-index", "DATABASE": "catalogue"})
	p.topic("products", "search", keys+"pubsub", "index-products")
	p.topic("rotation", "platform", keys+"pubsub")
	p.secret("search-signing", "search", 400, 60, p.granted([]string{"roles/secretmanager.secretAccessor", "serviceAccount:" + p.email("search")}))
	p.secret("pim-token", "web", 700, 0, p.granted([]string{"roles/secretmanager.secretAccessor", "serviceAccount:" + p.email("search")}))
	p.zone("lindenbrook-example", companyDomain+".", "public", "rsasha256", 1150)
	p.zone("internal", "internal."+companyDomain+".", "private", "", 900)
	p.apiKey("shop finder", 60, doc{
		"apiTargets": list{doc{"service": "maps-backend.googleapis.com"}}, "browserKeyRestrictions": doc{"allowedReferrers": list{"https://www." + companyDomain + "/*"}},
	})
	p.logStores(400)
	p.sink("everything", "storage.googleapis.com/lindenbrook-audit-logs", "")
	p.alarms(500)
}

func (p project) shopAccounts() {
	p.serviceAccount(p.email("search"), "Search", 0, nil)
	p.serviceAccount(p.email("gke-nodes"), "Nodes of the cluster", 0, nil)
	p.serviceAccount(p.email("stance"), "Reads the configuration", 1, nil)
	// A condition on the owner would do. Without it, workflows of anybody's
	// repository are let in, as they are at the other cloud.
	p.federation("github", "")
	p.serviceAccount(p.email("github-deploy"), "Deploys from GitHub", 2, p.granted([]string{"roles/iam.workloadIdentityUser", "principalSet://iam.googleapis.com/" + p.numbered("locations/global/workloadIdentityPools/github/*")}))
	// The supplier of the product data keeps the key in a spreadsheet.
	p.serviceAccount(p.email("pim-import"), "Import of product data", 12, nil)
	p.userKey(p.email("pim-import"), "supplier", 610, 12)
}

func (p project) shopBuckets(keys string) {
	p.cloudBucket("lindenbrook-search-index", "search", keys+"storage", 800, p.granted([]string{"roles/storage.objectAdmin", "serviceAccount:" + p.email("search")}), p.retained(90, false))
	p.cloudBucket("lindenbrook-models", "web", keys+"storage", 600, p.granted([]string{"roles/storage.objectViewer", "serviceAccount:" + p.email("search")}), p.retained(90, false))
	p.cloudBucket("lindenbrook-audit-logs", "security", keys+"storage", 640, p.granted([]string{"roles/storage.objectCreator", "serviceAccount:service-" + p.number + "@gcp-sa-logging.iam.gserviceaccount.com"}), p.retained(400, true))
	p.cloudBucket("lindenbrook-usage-logs", "security", keys+"storage", 640, p.granted([]string{"roles/storage.objectCreator", "group:cloud-storage-analytics@google.com"}), p.retained(90, false), doc{"logging": nil})
	// Price comparison sites fetch the feed. Whether a bucket may be public is left
	// to the organization, which has not said.
	p.cloudBucket("lindenbrook-product-feed", "web", keys+"storage", 520, p.granted([]string{"roles/storage.objectViewer", "allUsers"}), p.inherited(), p.retained(90, false))
}
