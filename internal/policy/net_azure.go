package policy

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

// The Azure asset types that questions about networks look up.
const (
	nsgType             = "Microsoft.Network/networkSecurityGroups"
	azureInterfaceType  = "Microsoft.Network/networkInterfaces"
	azureNetworkType    = "Microsoft.Network/virtualNetworks"
	publicAddressType   = "Microsoft.Network/publicIPAddresses"
	azureRouteTableType = "Microsoft.Network/routeTables"
	loadBalancerType    = "Microsoft.Network/loadBalancers"
	virtualMachineType  = "Microsoft.Compute/virtualMachines"
)

func init() {
	filterOf[nsgType] = (*assetRef).securityRules
	for _, f := range []string{"opens", "opens_everything"} {
		usesMembersOf(f, nsgType, nsgType, "properties")
	}
	exposuresOf[virtualMachineType] = (*assetRef).virtualMachine
	const f = "internet_reachable"
	linked := []string{azureInterfaceType, azureNetworkType, nsgType, publicAddressType, azureRouteTableType, loadBalancerType, azureFirewallType, azureFirewallPolicyType}
	usesOf(f, virtualMachineType, linked...)
	for _, typ := range append(linked, virtualMachineType) {
		usesMembersOf(f, virtualMachineType, typ, "properties")
	}
	usesMembersOf(f, virtualMachineType, publicAddressType, "properties", "sku")
	usesMembersOf(f, virtualMachineType, loadBalancerType, "properties", "sku")
	usesMembersOf(f, virtualMachineType, azureFirewallPolicyType, "properties", "ruleCollectionGroups")
}

// securityRules is what a network security group lets in to some interface.
func (a *assetRef) securityRules() (network.Filter, *model.Gap) {
	c, gap := a.st.chain(a.asset, readSecurityRules)
	return c.Somewhere(), gap
}

func readSecurityRules(a *model.Asset) (network.Chain, *model.Gap) {
	if g := gapAt(a, "properties", "securityRules"); g != nil {
		return network.UnknownChain("securityRules"), g
	}
	doc := a.Config
	if gapAt(a, "properties", "defaultSecurityRules") != nil {
		// They are the same everywhere.
		doc = maps.Clone(doc)
		properties := maps.Clone(at(doc, "properties"))
		delete(properties, "defaultSecurityRules")
		doc["properties"] = properties
	}
	return network.SecurityRules(doc, network.NarrowTags), nil
}

// arm returns the asset that an ARM id names, whatever its case.
func (st *state) arm(typ, id string) *model.Asset {
	return st.view.inv.Find(typ, strings.ToLower(id))
}

// virtualMachine finds the addresses of a virtual machine.
func (a *assetRef) virtualMachine() machine {
	if g := gapAt(a.asset, "properties", "networkProfile"); g != nil {
		return machine{gap: g}
	}
	nics := items(at(a.asset.Config, "properties", "networkProfile")["networkInterfaces"])
	if len(nics) == 0 { // every machine has one
		return machine{gap: a.st.notRead(azureInterfaceType, "the interface of the machine")}
	}
	var m machine
	for _, ref := range nics {
		id, _ := ref["id"].(string)
		nic := a.st.arm(azureInterfaceType, id)
		if nic == nil {
			m.gap = a.st.notRead(azureInterfaceType, id)
			continue
		}
		if g := gapAt(nic, "properties", "ipConfigurations"); g != nil {
			m.gap = g
			continue
		}
		for _, c := range items(at(nic.Config, "properties")["ipConfigurations"]) {
			m.addresses = append(m.addresses, a.st.azureAddress(nic, at(c, "properties")))
			if private, err := netip.ParseAddr(textAt(at(c, "properties"), "privateIPAddress")); err == nil {
				m.addresses = append(m.addresses, a.st.translated(private)...)
			}
		}
	}
	return m
}

// azureAddress describes one IP configuration of a network interface.
func (st *state) azureAddress(nic *model.Asset, config map[string]any) address {
	b := azureBuilder{st: st}
	i := &b.around
	private, _ := netip.ParseAddr(textAt(config, "privateIPAddress"))
	to := network.Destination{LabelsKnown: true}
	v6 := private.Is6() || strings.EqualFold(textAt(config, "privateIPAddressVersion"), "IPv6")
	if v6 {
		to.IPv6 = private
	} else {
		to.IPv4 = private
	}
	for _, g := range items(config["applicationSecurityGroups"]) {
		to.Labels = append(to.Labels, strings.ToLower(textAt(g, "id")))
	}
	b.public(config, v6)
	i.GroupsKnown = network.True
	b.subnet(textAt(config, "subnet", "id"), to)
	if g := gapAt(nic, "properties", "networkSecurityGroup"); g != nil {
		b.note(g)
		f := network.UnknownFilter("network security group of the interface")
		i.Own = &f
	} else {
		i.Own = b.group(textAt(nic.Config, "properties", "networkSecurityGroup", "id"), to)
	}
	name := nic.Name
	if private.IsValid() {
		name += " " + private.String()
	}
	return address{name: name, exposed: i.Exposed, gap: b.gap}
}

// azureBuilder gathers what stands around an address.
type azureBuilder struct {
	st     *state
	around network.AzureInterface
	gap    *model.Gap
}

func (b *azureBuilder) note(g *model.Gap) {
	if b.gap == nil {
		b.gap = g
	}
}

// group returns what a network security group lets in to an address, nil when
// there is no group.
func (b *azureBuilder) group(id string, to network.Destination) *network.Filter {
	if id == "" {
		return nil
	}
	f := network.UnknownFilter("network security group " + id)
	if g := b.st.arm(nsgType, id); g == nil {
		b.note(b.st.notRead(nsgType, id))
	} else {
		c, gap := b.st.chain(g, readSecurityRules)
		if gap != nil {
			b.note(gap)
		}
		f = b.st.filterAt(placeKey{owner: g}, c, to)
	}
	return &f
}

// public finds the public address, and the load balancers that lead to it.
func (b *azureBuilder) public(config map[string]any, v6 bool) {
	i := &b.around
	i.PublicIPv4, i.PublicIPv6, i.OpenByDefault = network.False, network.False, network.False
	if id := textAt(config, "publicIPAddress", "id"); id != "" {
		if v6 {
			i.PublicIPv6 = network.True
		} else {
			i.PublicIPv4 = network.True
		}
		ip := b.st.arm(publicAddressType, id)
		switch {
		case ip == nil:
			i.OpenByDefault = network.Unknown
			b.note(b.st.notRead(publicAddressType, id))
		default:
			i.OpenByDefault = b.basic(ip)
		}
	}
	parts := map[string][]string{}
	for _, member := range []string{"loadBalancerBackendAddressPools", "loadBalancerInboundNatRules"} {
		for _, part := range items(config[member]) {
			id := strings.ToLower(textAt(part, "id"))
			balancer, _, _ := strings.Cut(id, "/backendaddresspools/")
			balancer, _, _ = strings.Cut(balancer, "/inboundnatrules/")
			parts[balancer] = append(parts[balancer], id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(parts)) {
		lb := b.st.arm(loadBalancerType, id)
		switch {
		case lb == nil:
			b.note(b.st.notRead(loadBalancerType, id))
		case gapAt(lb, "properties") != nil:
			b.note(gapAt(lb, "properties"))
		default:
			i.Balanced = append(i.Balanced, network.LoadBalancer(lb.Config, parts[id]))
			i.OpenByDefault = i.OpenByDefault.Or(b.basic(lb))
			continue
		}
		i.Balanced = append(i.Balanced, network.UnknownFilter("load balancer "+id))
		i.OpenByDefault = i.OpenByDefault.Or(network.Unknown)
	}
}

// basic says whether a public address or load balancer is of the SKU that lets
// everything in where there is no security group.
func (b *azureBuilder) basic(a *model.Asset) network.Truth {
	if g := gapAt(a, "sku"); g != nil {
		b.note(g)
		return network.Unknown
	}
	switch sku := textAt(a.Config, "sku", "name"); {
	case strings.EqualFold(sku, "Basic"):
		return network.True
	case sku != "":
		return network.False
	}
	return network.Unknown
}

// subnet finds the security group and the routes of the subnet.
func (b *azureBuilder) subnet(id string, to network.Destination) {
	i := &b.around
	unknown := func(g *model.Gap) {
		b.note(g)
		f, r := network.UnknownFilter("network security group of the subnet"), network.UnknownRoute()
		i.Subnet, i.Route = &f, &r
	}
	vnet, _, _ := strings.Cut(strings.ToLower(id), "/subnets/")
	n := b.st.arm(azureNetworkType, vnet)
	if n == nil {
		unknown(b.st.notRead(azureNetworkType, vnet))
		return
	}
	if g := gapAt(n, "properties", "subnets"); g != nil {
		unknown(g)
		return
	}
	for _, s := range items(at(n.Config, "properties")["subnets"]) {
		if !strings.EqualFold(textAt(s, "id"), id) {
			continue
		}
		i.Subnet = b.group(textAt(s, "properties", "networkSecurityGroup", "id"), to)
		r := b.route(textAt(s, "properties", "routeTable", "id"))
		i.Route = &r
		return
	}
	unknown(b.st.notRead(azureNetworkType, id))
}

func (b *azureBuilder) route(id string) network.Route {
	if id == "" {
		return network.SystemRoute()
	}
	t := b.st.arm(azureRouteTableType, id)
	if t == nil {
		b.note(b.st.notRead(azureRouteTableType, id))
		return network.UnknownRoute()
	}
	if g := gapAt(t, "properties", "routes"); g != nil {
		b.note(g)
		return network.UnknownRoute()
	}
	return network.AzureRoute(t.Config)
}
