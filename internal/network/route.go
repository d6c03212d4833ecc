package network

import (
	"slices"
	"strings"
)

// Route tells for which clients the reply of an interface leaves through an
// internet gateway. The zero value is no such route; a route table that could
// not be read is UnknownRoute.
type Route struct {
	// Clients whose reply surely leaves there.
	Clients AddrSet
	// Maybe are further clients whose reply may.
	Maybe AddrSet
	// EgressOnly are clients to which an egress-only gateway leads, Blackhole
	// those whose route has lost its target.
	EgressOnly, Blackhole AddrSet
	// Text names the routes to the gateway.
	Text []string
}

// UnknownRoute returns a route about which nothing is known.
func UnknownRoute() Route { return Route{Maybe: AllAddrs(AnyFamily)} }

// InternetRoute returns a default route of both families to an internet gateway.
func InternetRoute() Route {
	return Route{Clients: AllAddrs(AnyFamily), Text: []string{"default route to an internet gateway"}}
}

// ReplyRoute evaluates a route table (ec2 DescribeRouteTables, member Routes)
// by longest prefix. A nil document is a table that could not be read; prefix
// lists that could not be resolved make the routes through them uncertain.
func ReplyRoute(doc map[string]any, lists PrefixLists) Route {
	items, ok := list(doc, "Routes")
	if doc == nil || !ok {
		return UnknownRoute()
	}
	var hops []hop
	for _, item := range items {
		hops = append(hops, readHops(item, lists)...)
	}
	return follow(longestFirst(hops))
}

// longestFirst sorts hops: of one length static before propagated.
func longestFirst(hops []hop) []hop {
	slices.SortStableFunc(hops, func(a, b hop) int {
		if a.bits != b.bits {
			return b.bits - a.bits
		}
		return a.tie - b.tie
	})
	return hops
}

// follow gives every client to the first hop that holds it.
func follow(hops []hop) Route {
	var r Route
	var toward, away AddrSet // where hops of unknown extent may lead
	left := AllAddrs(AnyFamily)
	for _, h := range hops {
		part := h.addrs.Intersect(left)
		switch {
		case h.unsure && h.code == "":
			toward = toward.Union(h.addrs)
			continue
		case h.unsure:
			away = away.Union(h.addrs)
			continue
		case h.code == "":
			r.Clients = r.Clients.Union(part)
			r.Text = append(r.Text, h.text)
		case h.code == CodeEgressOnly:
			r.EgressOnly = r.EgressOnly.Union(part)
		case h.code == CodeBlackhole:
			r.Blackhole = r.Blackhole.Union(part)
		}
		left = left.Subtract(part)
	}
	r.Maybe = r.Clients.Intersect(away).Union(toward)
	r.Clients = r.Clients.Subtract(away)
	return r
}

// code is the stage code for the clients of a family that are not in Clients.
func (r Route) code(f Family) string {
	switch BreadthAny {
	case BreadthOf(r.EgressOnly, f):
		return CodeEgressOnly
	case BreadthOf(r.Blackhole, f):
		return CodeBlackhole
	}
	return CodeNoGateway
}

// hop is one prefix of a route; an empty code means an internet gateway.
type hop struct {
	addrs     AddrSet
	bits, tie int
	code      string
	unsure    bool // the prefixes are not known
	text      string
}

func readHops(v any, lists PrefixLists) []hop {
	doc, ok := object(v)
	if !ok {
		all := hop{addrs: AllAddrs(AnyFamily), unsure: true}
		away := all
		away.code = CodeNoGateway
		return []hop{all, away}
	}
	code, target := nextHop(doc)
	h := hop{code: code}
	if text(doc["Origin"]) == "EnableVgwRoutePropagation" {
		h.tie = 1
	}
	cidrs := []string{text(doc["DestinationCidrBlock"]) + text(doc["DestinationIpv6CidrBlock"])}
	if id := text(doc["DestinationPrefixListId"]); id != "" {
		known := false
		if lists != nil {
			cidrs, known = lists(id)
		}
		if !known {
			if strings.HasPrefix(target, "vpce-") {
				return nil // gateway endpoint: the vendor's own services only
			}
			return []hop{{addrs: AllAddrs(AnyFamily), code: code, unsure: true}}
		}
	}
	var out []hop
	for _, c := range cidrs {
		p, err := ParseCIDR(c)
		if err != nil {
			out = append(out, hop{addrs: AllAddrs(AnyFamily), code: code, unsure: true})
			continue
		}
		h.addrs, h.bits, h.text = AddrSetOf(p), p.Bits(), c+" to "+target
		out = append(out, h)
	}
	return out
}

// nextHop classifies the target of a route.
func nextHop(doc map[string]any) (code, target string) {
	gateway := text(doc["GatewayId"])
	switch {
	case text(doc["State"]) == "blackhole":
		return CodeBlackhole, gateway
	case strings.HasPrefix(gateway, "igw-"):
		return "", gateway
	case text(doc["EgressOnlyInternetGatewayId"]) != "":
		return CodeEgressOnly, text(doc["EgressOnlyInternetGatewayId"])
	}
	return CodeNoGateway, gateway
}
