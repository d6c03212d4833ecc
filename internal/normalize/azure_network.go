package normalize

import (
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// owner relates the asset to the one that a configuration of it belongs to:
// what stands before "/ipConfigurations/" and the like.
func (s shape) owner(kind model.RelationKind, ids ...string) {
	for _, id := range ids {
		id = strings.ToLower(id)
		for _, segment := range []string{"/ipconfigurations/", "/frontendipconfigurations/"} {
			id, _, _ = strings.Cut(id, segment)
		}
		s.to(kind, ownerType(id), id)
	}
}

// ownerType tells the type of an id from its last segment but one, "" when it is
// none of those that have addresses.
func ownerType(id string) string {
	for typ, segment := range map[string]string{
		azureInterface:                          "/providers/microsoft.network/networkinterfaces/",
		"Microsoft.Network/loadBalancers":       "/providers/microsoft.network/loadbalancers/",
		"Microsoft.Network/applicationGateways": "/providers/microsoft.network/applicationgateways/",
		"Microsoft.Network/bastionHosts":        "/providers/microsoft.network/bastionhosts/",
		"Microsoft.Network/azureFirewalls":      "/providers/microsoft.network/azurefirewalls/",
	} {
		if _, name, ok := strings.Cut(id, segment); ok && !strings.Contains(name, "/") {
			return typ
		}
	}
	return ""
}

// frontends relates the asset to the addresses and subnets of its sides.
func (s shape) frontends(path string) {
	s.armEach(model.Uses, azureAddress, path, "properties.publicIPAddress.id")
	s.armEach(model.MemberOf, azureSubnet, path, "properties.subnet.id")
}

func azureNetworks() {
	on(func(s shape) {
		s.armEach(model.RoutesTo, azureNetwork, "properties.virtualNetworkPeerings", "properties.remoteVirtualNetwork.id")
		s.arm(model.Uses, "Microsoft.Network/ddosProtectionPlans", s.text("properties.ddosProtectionPlan.id"))
	}, azureNetwork)
	on(func(s shape) {
		s.below(azureNetwork, "/subnets/")
		s.arm(model.AttachedTo, azureFilter, s.text("properties.networkSecurityGroup.id"))
		s.arm(model.AttachedTo, "Microsoft.Network/routeTables", s.text("properties.routeTable.id"))
		s.arm(model.RoutesTo, "Microsoft.Network/natGateways", s.text("properties.natGateway.id"))
	}, azureSubnet)
	on(func(s shape) {
		s.armEach(model.Protects, azureInterface, "properties.networkInterfaces", "id")
		s.armEach(model.Protects, azureSubnet, "properties.subnets", "id")
	}, azureFilter)
	on(func(s shape) {
		for _, c := range s.list("properties.ipConfigurations") {
			s.arm(model.MemberOf, azureSubnet, itemText(c, "properties.subnet.id"))
			s.arm(model.Uses, azureAddress, itemText(c, "properties.publicIPAddress.id"))
			if m, ok := c.(map[string]any); ok {
				for _, g := range list(m, "properties.applicationSecurityGroups") {
					s.arm(model.MemberOf, "Microsoft.Network/applicationSecurityGroups", itemText(g, "id"))
				}
			}
		}
		s.arm(model.AttachedTo, azureMachine, s.text("properties.virtualMachine.id"))
		s.arm(model.AttachedTo, azureFilter, s.text("properties.networkSecurityGroup.id"))
	}, azureInterface)
	on(func(s shape) { s.owner(model.AttachedTo, s.text("properties.ipConfiguration.id")) }, azureAddress)
	on(func(s shape) { s.armEach(model.AttachedTo, azureSubnet, "properties.subnets", "id") }, "Microsoft.Network/routeTables")
	on(func(s shape) {
		s.armEach(model.Uses, azureAddress, "properties.publicIpAddresses", "id")
		s.armEach(model.AttachedTo, azureSubnet, "properties.subnets", "id")
	}, "Microsoft.Network/natGateways")
	on(func(s shape) {
		for _, path := range []string{"properties.privateLinkServiceConnections", "properties.manualPrivateLinkServiceConnections"} {
			s.armEach(model.AttachedTo, "", path, "properties.privateLinkServiceId")
		}
		s.arm(model.MemberOf, azureSubnet, s.text("properties.subnet.id"))
	}, "Microsoft.Network/privateEndpoints")
	on(func(s shape) {
		s.armEach(model.AttachedTo, azureNetwork, "virtualNetworkLinks", "properties.virtualNetwork.id")
	}, "Microsoft.Network/privateDnsZones")
	on(func(s shape) {
		s.arm(model.AttachedTo, "", s.text("properties.targetResourceId"))
		s.arm(model.LogsTo, azureStorage, s.text("properties.storageId"))
		s.arm(model.LogsTo, azureWorkspace, s.text("properties.flowAnalyticsConfiguration.networkWatcherFlowAnalyticsConfiguration.workspaceResourceId"))
	}, "Microsoft.Network/networkWatchers/flowLogs")
	on(func(s shape) {
		s.armEach(model.Protects, azureNetwork, "properties.virtualNetworks", "id")
	}, "Microsoft.Network/ddosProtectionPlans")
}

func azureTraffic() {
	on(func(s shape) {
		s.frontends("properties.frontendIPConfigurations")
		for _, p := range s.list("properties.backendAddressPools") {
			if m, ok := p.(map[string]any); ok {
				for _, c := range list(m, "properties.backendIPConfigurations") {
					s.owner(model.RoutesTo, itemText(c, "id"))
				}
			}
		}
	}, "Microsoft.Network/loadBalancers")
	on(func(s shape) {
		s.frontends("properties.frontendIPConfigurations")
		s.arm(model.Uses, "Microsoft.Network/applicationGatewayWebApplicationFirewallPolicies", s.text("properties.firewallPolicy.id"))
		s.diagnostics()
	}, "Microsoft.Network/applicationGateways")
	on(func(s shape) {
		s.armEach(model.Protects, "Microsoft.Network/applicationGateways", "properties.applicationGateways", "id")
	}, "Microsoft.Network/applicationGatewayWebApplicationFirewallPolicies")
	on(func(s shape) {
		s.armEach(model.Protects, "", "properties.frontendEndpointLinks", "id")
		s.armEach(model.Protects, "", "properties.securityPolicyLinks", "id")
	}, "Microsoft.Network/frontDoorWebApplicationFirewallPolicies")
	on(func(s shape) {
		s.frontends("properties.ipConfigurations")
		s.arm(model.Uses, "Microsoft.Network/firewallPolicies", s.text("properties.firewallPolicy.id"))
		s.diagnostics()
	}, "Microsoft.Network/azureFirewalls")
	on(func(s shape) {
		s.frontends("properties.ipConfigurations")
		s.diagnostics()
	}, "Microsoft.Network/bastionHosts", "Microsoft.Network/virtualNetworkGateways")
	on(func(s shape) {
		s.arm(model.Uses, "Microsoft.Network/azureFirewalls", s.text("properties.azureFirewall.id"))
	}, "Microsoft.Network/virtualHubs")
	on(func(s shape) {
		s.armEach(model.RoutesTo, "", "properties.endpoints", "properties.targetResourceId")
	}, "Microsoft.Network/trafficManagerProfiles")
}
