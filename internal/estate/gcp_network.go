package estate

import "strings"

// computeID is an identifier as Compute Engine makes them.
func (p project) computeID(seed string) int64 {
	var n int64
	for _, c := range p.hex("compute/"+seed, 15) {
		n = 16*n + int64(c%16)
	}
	return n
}

// computeDoc is what all documents of Compute Engine have.
func (p project) computeDoc(kind, path string, age int, changes ...doc) doc {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return with(doc{
		"kind": "compute#" + kind, "id": p.computeID(path), "name": name, "creationTimestamp": p.ago(age), "selfLink": p.link(path),
	}, changes...)
}

// computeProject adds the settings of Compute Engine of the project.
func (p project) computeProject(age int, metadata ...string) {
	items := list{}
	for i := 0; i+1 < len(metadata); i += 2 {
		items = append(items, doc{"key": metadata[i], "value": metadata[i+1]})
	}
	p.put(p.scope(), "compute.googleapis.com/Project", "//compute.googleapis.com/projects/"+p.name, "global", doc{
		"kind": "compute#project", "id": p.number64(), "name": p.name, "creationTimestamp": p.ago(age), "selfLink": "https://www.googleapis.com/compute/v1/projects/" + p.name,
		"defaultServiceAccount": p.defaultEmail(), "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS", "defaultNetworkTier": "PREMIUM", "commonInstanceMetadata": doc{"kind": "compute#metadata", "fingerprint": p.hex("metadata", 12), "items": items},
	})
}

// network adds a network with subnets of one region; logged says whether their
// traffic, and what is looked up from them, is logged.
func (p project) network(name string, age int, automatic, logged bool, subnets ...[2]string) {
	path := "global/networks/" + name
	links := list{}
	for _, s := range subnets {
		links = append(links, p.link("regions/"+googleRegion+"/subnetworks/"+s[0]))
	}
	p.add("compute.googleapis.com/Network", "compute.googleapis.com", path, "global", p.computeDoc("network", path, age, doc{
		"autoCreateSubnetworks": automatic, "subnetworks": links, "routingConfig": doc{"routingMode": "REGIONAL"}, "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL",
	}))
	for _, s := range subnets {
		path := "regions/" + googleRegion + "/subnetworks/" + s[0]
		config := p.computeDoc("subnetwork", path, age, doc{
			"network": p.link("global/networks/" + name), "ipCidrRange": s[1], "region": p.link("regions/" + googleRegion), "privateIpGoogleAccess": logged, "purpose": "PRIVATE",
			"stackType": "IPV4_ONLY", "logConfig": doc{"enable": false},
		})
		if logged {
			config["enableFlowLogs"] = true
			config["logConfig"] = doc{"enable": true, "aggregationInterval": "INTERVAL_5_SEC", "flowSampling": 0.5, "metadata": "INCLUDE_ALL_METADATA"}
		}
		p.add("compute.googleapis.com/Subnetwork", "compute.googleapis.com", path, googleRegion, config)
	}
	route := "global/routes/default-route-" + p.hex("route/"+name, 16)
	p.add("compute.googleapis.com/Route", "compute.googleapis.com", route, "global", p.computeDoc("route", route, age, doc{
		"network": p.link(path), "destRange": "0.0.0.0/0", "priority": 1000, "nextHopGateway": p.link("global/gateways/default-internet-gateway"), "description": "Default route to the Internet.",
	}))
	if logged {
		p.add("dns.googleapis.com/Policy", "dns.googleapis.com", "policies/log-"+name, "global", doc{
			"kind": "dns#policy", "id": p.computeID("dns policy/" + name), "name": "log-" + name, "enableLogging": true, "networks": list{doc{"kind": "dns#policyNetwork", "networkUrl": p.link(path)}},
		})
	}
}

// door is a firewall rule that lets something in.
type door struct {
	name, network, from, protocol string
	ports, tags                   list
	priority, age                 int
	note                          string
}

func (p project) door(d door) {
	path := "global/firewalls/" + d.name
	allowed := doc{"IPProtocol": d.protocol}
	if len(d.ports) > 0 {
		allowed["ports"] = d.ports
	}
	if d.priority == 0 {
		d.priority = 1000
	}
	config := p.computeDoc("firewall", path, d.age, doc{
		"network": p.link("global/networks/" + d.network), "direction": "INGRESS", "priority": d.priority, "sourceRanges": list{d.from}, "allowed": list{allowed}, "description": d.note,
		"logConfig": doc{"enable": d.network != "default"},
	})
	if len(d.tags) > 0 {
		config["targetTags"] = d.tags
	}
	p.add("compute.googleapis.com/Firewall", "compute.googleapis.com", path, "global", config)
}

// nat adds a router through which what has no public address reaches out.
func (p project) nat(name, network string, age int) {
	path := "regions/" + googleRegion + "/routers/" + name
	p.add("compute.googleapis.com/Router", "compute.googleapis.com", path, googleRegion, p.computeDoc("router", path, age, doc{
		"network": p.link("global/networks/" + network), "region": p.link("regions/" + googleRegion),
		"nats": list{doc{"name": "nat", "natIpAllocateOption": "AUTO_ONLY", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES", "logConfig": doc{"enable": true, "filter": "ERRORS_ONLY"}}},
	}))
}

// privateAPIs adds the door to Google's own APIs inside of a network.
func (p project) privateAPIs(name, network, address string, age int) {
	path := "global/forwardingRules/" + name
	p.add("compute.googleapis.com/GlobalForwardingRule", "compute.googleapis.com", path, "global", p.computeDoc("forwardingRule", path, age, doc{
		"network": p.link("global/networks/" + network), "IPAddress": address, "target": "all-apis",
	}))
}

// balancer adds a load balancer for HTTPS in front of a group of machines.
func (p project) balancer(name, group string, age int) {
	add := func(typ, kind, path string, changes doc) {
		p.add("compute.googleapis.com/"+typ, "compute.googleapis.com", path, "global", p.computeDoc(kind, path, age, changes))
	}
	add("SslPolicy", "sslPolicy", "global/sslPolicies/modern", doc{"profile": "MODERN", "minTlsVersion": "TLS_1_2"})
	add("SslCertificate", "sslCertificate", "global/sslCertificates/"+name, doc{"type": "MANAGED", "managed": doc{"domains": list{"search." + companyDomain}, "status": "ACTIVE"}, "expireTime": p.ago(-60)})
	add("BackendService", "backendService", "global/backendServices/"+name, doc{
		"protocol": "HTTPS", "loadBalancingScheme": "EXTERNAL_MANAGED", "backends": list{doc{"group": group, "balancingMode": "RATE"}}, "logConfig": doc{"enable": true, "sampleRate": 1.0},
	})
	add("UrlMap", "urlMap", "global/urlMaps/"+name, doc{"defaultService": p.link("global/backendServices/" + name)})
	add("TargetHttpsProxy", "targetHttpsProxy", "global/targetHttpsProxies/"+name, doc{
		"urlMap": p.link("global/urlMaps/" + name), "sslPolicy": p.link("global/sslPolicies/modern"), "sslCertificates": list{p.link("global/sslCertificates/" + name)},
	})
	add("GlobalForwardingRule", "forwardingRule", "global/forwardingRules/"+name, doc{
		"IPAddress": "34.149.87.20", "IPProtocol": "TCP", "portRange": "443-443", "loadBalancingScheme": "EXTERNAL_MANAGED", "target": p.link("global/targetHttpsProxies/" + name),
	})
}
