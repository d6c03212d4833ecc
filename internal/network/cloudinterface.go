package network

import (
	"slices"
	"strings"
)

// The stage codes of interfaces in Azure and Google Cloud.
const (
	CodeSubnetNSG    = "nsg-subnet"
	CodeInterfaceNSG = "nsg-nic"
	CodeNoNSG        = "no-nsg"
	CodeFirewall     = "fw-rule"
	CodeAsymmetric   = "route-asymmetric"
)

// AzureInterface is what stands between the internet and one address of an Azure
// network interface. The zero value answers Unknown to all.
type AzureInterface struct {
	// PublicIPv4 and PublicIPv6 tell whether a public address leads to it.
	PublicIPv4, PublicIPv6 Truth
	// Balanced are what public load balancers hand on to it.
	Balanced []Filter
	// OpenByDefault is True for a public address of SKU Basic, which lets
	// everything in where no security group stands; Standard lets nothing in.
	// https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses
	OpenByDefault Truth
	// Subnet and Own are the security groups of the subnet and of the interface,
	// nil where there is none.
	Subnet, Own *Filter
	// GroupsKnown is True when it is known which groups there are. Otherwise a
	// nil one may exist.
	GroupsKnown Truth
	// Route is that of the reply.
	Route *Route
}

// Exposed decides whether the internet reaches the address with q.
func (i AzureInterface) Exposed(q Query) Exposure { return exposed(i.walk, q) }

func (i AzureInterface) walk(f Family) walk {
	public := i.PublicIPv4
	if f == IPv6 {
		public = i.PublicIPv6
	}
	group := func(g *Filter) Filter {
		switch {
		case g != nil:
			return *g
		case i.GroupsKnown == True:
			return gate(True, "")
		}
		return UnknownFilter("network security groups")
	}
	guarded := True
	if i.Subnet == nil && i.Own == nil {
		guarded = i.GroupsKnown.Not()
	}
	route := routeStage(i.Route, f)
	if route.code == CodeNoGateway {
		route.code = CodeAsymmetric
	}
	return newWalk(f,
		stage{CodeNoPublicAddress, AnyOf(append(slices.Clone(i.Balanced), gate(public, "public address"))...), ""},
		stage{CodeNoNSG, gate(guarded.Or(i.OpenByDefault), "SKU of the public address"), ""},
		stage{CodeSubnetNSG, group(i.Subnet), ""},
		stage{CodeInterfaceNSG, group(i.Own), ""},
		route,
	)
}

// AzureRoute evaluates the user-defined routes of a subnet
// (Microsoft.Network/routeTables, member properties.routes) on top of the system
// route to the internet. A reply that a route sends to an appliance or gateway
// instead does not leave by the public address. A nil document is a table that
// could not be read; a subnet without one has SystemRoute.
// https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview
func AzureRoute(doc map[string]any) Route {
	properties, ok := object(doc["properties"])
	items, isList := list(properties, "routes")
	if !ok || !isList {
		return UnknownRoute()
	}
	var hops []hop
	for _, item := range items {
		outer, _ := object(item)
		p, ok := object(outer["properties"])
		addrs, err := ParseCIDR(text(p["addressPrefix"]))
		h := hop{addrs: AllAddrs(AnyFamily), unsure: true, code: azureHop(text(p["nextHopType"]))}
		if err == nil && ok {
			h = hop{addrs: AddrSetOf(addrs), bits: addrs.Bits(), code: h.code}
		} else if tagName.MatchString(text(p["addressPrefix"])) {
			continue // a service tag: some of the vendor's own addresses
		}
		h.text = text(p["addressPrefix"]) + " to " + text(p["nextHopType"])
		hops = append(hops, h)
	}
	return follow(longestFirst(append(hops, hop{addrs: AllAddrs(AnyFamily), tie: 1, text: "system route to the internet"})))
}

// SystemRoute is the route of a subnet without a route table.
func SystemRoute() Route {
	return Route{Clients: AllAddrs(AnyFamily), Text: []string{"system route to the internet"}}
}

func azureHop(kind string) string {
	switch strings.ToLower(kind) {
	case "internet":
		return ""
	case "none":
		return CodeBlackhole
	}
	return CodeAsymmetric
}

// GoogleInterface is what stands between the internet and a network interface of
// a Compute Engine instance. The zero value answers Unknown to all.
type GoogleInterface struct {
	// PublicIPv4 and PublicIPv6 tell whether it has an external address.
	PublicIPv4, PublicIPv6 Truth
	// Firewall is what policies and rules admit; nil is unknown.
	Firewall *Filter
}

// Exposed decides whether the internet reaches the interface with q.
func (i GoogleInterface) Exposed(q Query) Exposure { return exposed(i.walk, q) }

func (i GoogleInterface) walk(f Family) walk {
	public := i.PublicIPv4
	if f == IPv6 {
		public = i.PublicIPv6
	}
	firewall := UnknownFilter("firewall")
	if i.Firewall != nil {
		firewall = *i.Firewall
	}
	return newWalk(f,
		stage{CodeNoPublicAddress, gate(public, "external address"), ""},
		stage{CodeFirewall, firewall, ""},
	)
}
