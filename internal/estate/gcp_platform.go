package estate

import "strings"

// dataPlatform is the project of the data team: well meant, and open where
// something had to be shared.
func (p project) dataPlatform() {
	p.frame("Data platform", 760, p.granted(
		[]string{"roles/iam.securityReviewer", crew("security")},
		// "Editor" was to be replaced by what the loader needs.
		[]string{"roles/editor", "serviceAccount:" + p.email("loader")},
		[]string{"roles/bigquery.admin", crew("data")},
		[]string{"roles/bigquery.dataViewer", crew("finance"), staff("p.nowak")},
		[]string{"roles/bigquery.jobUser", "serviceAccount:" + p.email("dbt")},
		// He built the first loads, and left.
		[]string{"roles/bigquery.dataEditor", "user:t.brandt.dev@gmail.com"},
	))
	p.services("bigquery", "cloudasset", "cloudfunctions", "cloudkms", "compute", "containeranalysis", "containerscanning", "iam", "logging", "monitoring", "pubsub", "run", "secretmanager", "sqladmin", "storage")
	p.serviceAccount(p.email("loader"), "Nightly loads", 0, nil)
	p.serviceAccount(p.email("dbt"), "Transformations", 0, nil)
	p.userKey(p.email("dbt"), "laptop", 480, 210)
	p.userKey(p.email("dbt"), "scheduler", 75, 0)
	p.serviceAccount(p.email("notebooks"), "Notebooks", -1, nil)
	keys := p.keyRing("europe", "data", "bigquery", "storage", "pubsub", "disks")
	p.dataBuckets(keys)
	p.dataset("sales", "data", keys+"bigquery", 740, list{doc{"role": "READER", "groupByEmail": "finance@" + companyDomain}}, "orders", "order_lines", "customers")
	p.dataset("marketing", "data", keys+"bigquery", 500, nil, "campaigns", "newsletter")
	// Shared with students for a hackathon: everybody with a Google account.
	p.dataset("market_prices", "data", "", 400, list{doc{"role": "READER", "specialGroup": "allAuthenticatedUsers"}}, "competitors", "margins")
	p.computeProject(760, "enable-oslogin", "TRUE", "enable-oslogin-2fa", "TRUE")
	p.network("data", 700, false, true, [2]string{"data", "10.90.0.0/20"})
	p.nat("data-nat", "data", 700)
	p.privateAPIs("google-apis", "data", "10.90.32.2", 400)
	p.door(door{name: "data-inside", network: "data", from: "10.90.0.0/16", protocol: "tcp", ports: list{"443", "3306"}, age: 700})
	p.door(door{name: "data-iap", network: "data", from: "35.235.240.0/20", protocol: "tcp", ports: list{"22"}, age: 690, note: "Identity-Aware Proxy"})
	p.instance(vm{name: "airflow", team: "data", zone: googleZone, network: "data", subnet: "data", private: "10.90.0.5", account: p.email("loader"), scopes: list{allOfCloud}, age: 390, kmsKey: keys + "disks"})
	p.snapshot("airflow-before-upgrade", "airflow", keys+"disks", 160, nil)
	// The questionnaires' tool is hosted elsewhere and has no fixed address.
	p.cloudSQL("surveys", "data", "MYSQL_8_0", "", "data", map[string]string{"local_infile": "on"}, doc{
		"availabilityType": "ZONAL", "deletionProtectionEnabled": false,
		"ipConfiguration": doc{"ipv4Enabled": true, "sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED", "authorizedNetworks": list{doc{"kind": "sql#aclEntry", "name": "survey tool", "value": "0.0.0.0/0"}}},
	}, doc{"ipAddresses": list{doc{"type": "PRIMARY", "ipAddress": "34.159.20.77"}, doc{"type": "OUTGOING", "ipAddress": "34.159.9.10"}}})
	p.topic("stock", "data", keys+"pubsub", "stock-to-bigquery")
	p.topic("orders", "data", keys+"pubsub", "orders-to-bigquery")
	p.topic("rotation", "platform", keys+"pubsub")
	connector := p.connector("data", "data")
	// It fetches the ERP's exchange files from the other cloud, with the key of the
	// user that the ERP has there.
	key := (&builder{seed: seed{id: Production}}).unique("AKIA", "svc-erp1")[:20]
	p.function("stock-sync", "data", "python312", p.email("loader"), connector, 330, map[string]string{
		"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": strings.Repeat("x", 40), "SOURCE_BUCKET": "lindenbrook-erp-exchange", "TARGET_DATASET": "sales",
	})
	p.function("orders-load", "data", "python312", p.email("loader"), connector, 300, map[string]string{"TARGET_DATASET": "sales"})
	p.secret("survey-tool", "data", 390, 0, nil)
	p.secret("dbt-profile", "data", 200, 80, nil)
	p.logStores(400)
	p.sink("everything", "storage.googleapis.com/lindenbrook-data-audit-logs", "")
	p.alarms(420, "custom-roles", "sql-configuration")
}

func (p project) dataBuckets(keys string) {
	loader := p.granted([]string{"roles/storage.objectAdmin", "serviceAccount:" + p.email("loader")})
	p.cloudBucket("lindenbrook-landing", "data", keys+"storage", 740, loader, p.retained(90, false))
	p.cloudBucket("lindenbrook-exports", "data", keys+"storage", 500, p.granted([]string{"roles/storage.objectViewer", crew("finance")}), p.retained(90, false))
	p.cloudBucket("lindenbrook-data-audit-logs", "security", keys+"storage", 500, p.granted([]string{"roles/storage.objectCreator", "serviceAccount:service-" + p.number + "@gcp-sa-logging.iam.gserviceaccount.com"}), p.retained(400, false))
}
