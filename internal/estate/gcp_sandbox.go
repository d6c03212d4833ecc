package estate

// sandbox is the project in which everybody may try things, and nobody tidies up.
func (p project) sandbox() {
	p.frame("Sandbox", 690, p.granted(
		[]string{"roles/iam.securityReviewer", crew("security")},
		[]string{"roles/editor", crew("web"), "user:t.brandt.dev@gmail.com", "serviceAccount:" + p.defaultEmail()},
	))
	p.services("cloudasset", "compute", "generativelanguage", "iam", "logging", "monitoring", "storage")
	p.serviceAccount(p.defaultEmail(), "Compute Engine default service account", 0, nil)
	p.serviceAccount(p.email("demo-bot"), "Demo for the board", 0, nil)
	p.userKey(p.email("demo-bot"), "board", 540, 0)
	p.computeProject(690)
	// As Google makes them, with a door for each protocol.
	p.network("default", 690, true, false, [2]string{"default", "10.156.0.0/20"})
	p.door(door{name: "default-allow-ssh", network: "default", from: "0.0.0.0/0", protocol: "tcp", ports: list{"22"}, priority: 65534, age: 690, note: "Allow SSH from anywhere"})
	p.door(door{name: "default-allow-rdp", network: "default", from: "0.0.0.0/0", protocol: "tcp", ports: list{"3389"}, priority: 65534, age: 690, note: "Allow RDP from anywhere"})
	p.door(door{name: "default-allow-icmp", network: "default", from: "0.0.0.0/0", protocol: "icmp", priority: 65534, age: 690, note: "Allow ICMP from anywhere"})
	p.door(door{name: "default-allow-internal", network: "default", from: "10.128.0.0/9", protocol: "tcp", ports: list{"0-65535"}, priority: 65534, age: 690, note: "Allow internal traffic on the default network"})
	p.instance(vm{
		name: "try-llm", team: "web", zone: googleZone, network: "default", subnet: "default", private: "10.156.0.3", public: "35.198.112.6", account: p.defaultEmail(), scopes: list{allOfCloud}, age: 260, careless: true,
		metadata: map[string]string{"startup-script": "#!/bin/sh\nexport WIKI_PASSWORD=change-me-later\ncurl -sf https://wiki.lindenbrook.example/setup | sh\n"},
	})
	p.instance(vm{
		name: "carla-test", team: "web", zone: anotherZone, network: "default", subnet: "default", private: "10.156.0.4", account: p.defaultEmail(), scopes: list{loggingOnly, metricsOnly}, age: 150, careless: true,
	})
	// A copy of last year's shop, for a demonstration.
	p.cloudBucket("lindenbrook-demo-site", "web", "", 380, p.granted([]string{"roles/storage.objectViewer", "allUsers"}), p.inherited(), doc{
		"versioning": nil, "lifecycle": nil, "logging": nil, "website": doc{"mainPageSuffix": "index.html"}, "location": "EUROPE-WEST3", "locationType": "region",
	})
	p.apiKey("try gemini", 310, nil)
	p.logStores(30)
}
