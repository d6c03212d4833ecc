package estate

import (
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// nsgRule is a rule of a network security group that lets something in.
type nsgRule struct {
	name, protocol, from, ports, note string
	deny                              bool
}

// groupNSG adds a network security group with rules in the order of their
// priority, and Azure's own after them.
func (s subscription) groupNSG(group, name, team string, rules []nsgRule, subnets ...string) string {
	id := s.path(group, "Microsoft.Network/networkSecurityGroups", name)
	rule := func(kind, name string, priority int, direction, access, protocol, from, to, ports, note string) doc {
		return doc{"id": id + "/" + kind + "/" + name, "name": name, "properties": doc{
			"access": access, "direction": direction, "priority": priority, "protocol": protocol, "sourceAddressPrefix": from, "sourceAddressPrefixes": list{}, "sourcePortRange": "*",
			"sourcePortRanges": list{}, "destinationAddressPrefix": to, "destinationAddressPrefixes": list{}, "destinationPortRange": ports, "destinationPortRanges": list{}, "description": note,
		}}
	}
	own := list{}
	for i, r := range rules {
		access := "Allow"
		if r.deny {
			access = "Deny"
		}
		own = append(own, rule("securityRules", r.name, 100+10*i, "Inbound", access, r.protocol, r.from, "*", r.ports, r.note))
	}
	used := list{}
	for _, subnet := range subnets {
		used = append(used, refTo(subnet))
	}
	const usual = "defaultSecurityRules"
	s.add(group, "Microsoft.Network/networkSecurityGroups", name, team, doc{
		"securityRules": own, "subnets": used, "networkInterfaces": list{}, "flowLogs": list{}, "flushConnection": false,
		usual: list{
			rule(usual, "AllowVnetInBound", 65000, "Inbound", "Allow", "*", "VirtualNetwork", "VirtualNetwork", "*", "Allow inbound traffic from all VMs in VNET"),
			rule(usual, "AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "*", "AzureLoadBalancer", "*", "*", "Allow inbound traffic from azure load balancer"),
			rule(usual, "DenyAllInBound", 65500, "Inbound", "Deny", "*", "*", "*", "*", "Deny all inbound traffic"),
			rule(usual, "AllowVnetOutBound", 65000, "Outbound", "Allow", "*", "VirtualNetwork", "VirtualNetwork", "*", "Allow outbound traffic from all VMs to all VMs in VNET"),
			rule(usual, "AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "*", "Internet", "*", "Allow outbound traffic from all VMs to Internet"),
			rule(usual, "DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*", "*", "*", "Deny all outbound traffic"),
		},
	})
	return id
}

// subnetOf is a subnet and the network security group that protects it.
type subnetOf struct{ name, prefix, nsg, delegation string }

// vnet adds a virtual network with its subnets.
func (s subscription) vnet(group, name, team, space string, subnets []subnetOf, more doc) {
	id := s.path(group, "Microsoft.Network/virtualNetworks", name)
	items := func() list {
		out := list{}
		for _, n := range subnets {
			p := doc{"addressPrefix": n.prefix, "serviceEndpoints": list{}, "delegations": list{}, "privateEndpointNetworkPolicies": "Enabled", "defaultOutboundAccess": false}
			if n.nsg != "" {
				p["networkSecurityGroup"] = refTo(n.nsg)
			}
			if n.delegation != "" {
				p["delegations"] = list{doc{"id": id + "/subnets/" + n.name + "/delegations/d", "name": "d", "properties": doc{"serviceName": n.delegation}}}
			}
			out = append(out, doc{"id": id + "/subnets/" + n.name, "name": n.name, "properties": p})
		}
		return out
	}
	a := s.add(group, "Microsoft.Network/virtualNetworks", name, team, with(doc{
		"addressSpace": doc{"addressPrefixes": list{space}}, "subnets": items(), "enableDdosProtection": false, "dhcpOptions": doc{"dnsServers": list{}},
		"virtualNetworkPeerings": list{}, "flowLogs": list{},
	}, more))
	for _, item := range items() {
		m, _ := item.(doc)
		properties, _ := m["properties"].(doc)
		name, _ := m["name"].(string)
		s.child(a, "Microsoft.Network/virtualNetworks/subnets", "subnets/"+name, properties)
	}
}

// subnetID is the id of a subnet.
func (s subscription) subnetID(group, network, name string) string {
	return s.path(group, "Microsoft.Network/virtualNetworks", network) + "/subnets/" + name
}

// peered is one end of a peering.
func peered(network, name, remote string) list {
	return list{doc{"id": network + "/virtualNetworkPeerings/" + name, "name": name, "properties": doc{
		"remoteVirtualNetwork": refTo(remote), "peeringState": "Connected", "allowVirtualNetworkAccess": true, "allowForwardedTraffic": false, "allowGatewayTransit": false, "useRemoteGateways": false,
	}}}
}

// address adds a public address and returns its id; its user is a
// configuration of an interface, a bastion or the like.
func (s subscription) address(group, name, team, ip, user string) string {
	return idOf(s.add(group, "Microsoft.Network/publicIPAddresses", name, team, doc{
		"ipAddress": ip, "publicIPAddressVersion": "IPv4", "publicIPAllocationMethod": "Static", "ipConfiguration": refTo(user), "ddosSettings": doc{"protectionMode": "VirtualNetworkInherited"},
	}, doc{"sku": doc{"name": "Standard", "tier": "Regional"}}))
}

// networkGroup is where the subscription's private endpoints are.
func (s subscription) networkGroup() string {
	if s.sub == Analytics {
		return "rg-analytics"
	}
	return "rg-network"
}

// endpointID is the id of the private endpoint of an asset.
func (s subscription) endpointID(name string) string {
	return s.path(s.networkGroup(), "Microsoft.Network/privateEndpoints", "pe-"+name)
}

// endpoint adds a private endpoint for an asset.
func (s subscription) endpoint(subnet, group, typ, asset, part string) {
	id := s.endpointID(asset)
	s.add(s.networkGroup(), "Microsoft.Network/privateEndpoints", "pe-"+asset, "platform", doc{
		"subnet": refTo(subnet), "manualPrivateLinkServiceConnections": list{}, "privateLinkServiceConnections": list{doc{
			"id": id + "/privateLinkServiceConnections/" + asset, "name": asset, "properties": doc{
				"privateLinkServiceId": s.path(group, typ, asset), "groupIds": list{part}, "privateLinkServiceConnectionState": doc{"status": "Approved"},
			},
		}},
	})
}

// watcher adds the network watcher of a region.
func (s subscription) watcher(region string) *model.Asset {
	return s.add("NetworkWatcherRG", "Microsoft.Network/networkWatchers", "NetworkWatcher_"+region, "", doc{"provisioningState": "Succeeded"}, doc{"location": region, "tags": doc{}})
}

// flowLog adds the log of a network's traffic.
func (s subscription) flowLog(watcher *model.Asset, target, storage, workspace string, days int) {
	name := target[strings.LastIndexByte(target, '/')+1:]
	s.child(watcher, "Microsoft.Network/networkWatchers/flowLogs", "flowLogs/fl-"+name, doc{
		"enabled": true, "targetResourceId": target, "storageId": storage, "retentionPolicy": doc{"enabled": true, "days": days},
		"flowAnalyticsConfiguration": doc{"networkWatcherFlowAnalyticsConfiguration": doc{"enabled": true, "workspaceResourceId": workspace, "trafficAnalyticsInterval": 10}},
	}, doc{"location": azureRegion})
}
