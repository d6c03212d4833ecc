package network

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// nsgOf makes a group of rules written as "100 Allow Tcp 22 from * [to *]" with
// lists separated by commas.
func nsgOf(t *testing.T, rules ...string) map[string]any {
	t.Helper()
	var out []any
	for _, line := range rules {
		w := strings.Fields(line)
		p := map[string]any{
			"direction": "Inbound", "priority": w[0], "access": w[1], "protocol": w[2], "sourcePortRange": "*",
			"destinationAddressPrefix": "*",
		}
		one := func(singular, plural, values string) {
			list := []any{}
			for _, v := range strings.Split(values, ",") {
				list = append(list, v)
			}
			if len(list) == 1 {
				p[singular] = values
				return
			}
			p[plural] = list
		}
		one("destinationPortRange", "destinationPortRanges", w[3])
		one("sourceAddressPrefix", "sourceAddressPrefixes", w[5])
		if len(w) > 7 && w[6] == "to" {
			one("destinationAddressPrefix", "destinationAddressPrefixes", w[7])
		}
		if len(w) > 7 && w[6] == "sports" {
			one("sourcePortRange", "sourcePortRanges", w[7])
		}
		out = append(out, map[string]any{"name": "r" + w[0], "properties": p})
	}
	return map[string]any{"id": "/Subscriptions/S/NSG", "properties": map[string]any{"securityRules": out}}
}

func TestSecurityRules(t *testing.T) {
	tests := []struct {
		name  string
		rules []string
		ask   string
		want  Truth
	}{
		{"only the defaults", nil, "any", False},
		{"star", []string{"100 Allow Tcp 22 from *"}, "any tcp 22", True},
		{"any", []string{"100 allow TCP 22 from Any"}, "any tcp 22", True},
		{"internet", []string{"100 ALLOW tcp 22 from internet"}, "v4 tcp 22", True},
		{"internet is IPv6, too", []string{"100 Allow Tcp 22 from Internet"}, "v6 tcp 22", True},
		{"IPv4 prefix", []string{"100 Allow Tcp 22 from 0.0.0.0/0"}, "v4 tcp 22", True},
		{"IPv4 prefix is not IPv6", []string{"100 Allow Tcp 22 from 0.0.0.0/0"}, "v6 tcp 22", False},
		{"IPv6 prefix", []string{"100 Allow Tcp 22 from ::/0"}, "v6 tcp 22", True},
		{"two halves in one rule", []string{"100 Allow Tcp 22 from 0.0.0.0/1,128.0.0.0/1"}, "v4 tcp 22 strict", True},
		{"two halves in two rules", []string{"100 Allow Tcp 22 from 0.0.0.0/1", "101 Allow * 20-25 from 128.0.0.0/1"}, "v4 tcp 22 strict", True},
		{"one office", []string{"100 Allow Tcp 22 from 9.9.9.0/24"}, "any tcp 22", False},
		{"one block of eight bits", []string{"100 Allow Tcp 22 from 9.0.0.0/8"}, "any tcp 22", False},
		{"range of ports", []string{"100 Allow Tcp 20-25 from *"}, "any tcp 22", True},
		{"list of ports", []string{"100 Allow Tcp 80,20-25,443 from *"}, "any tcp 22", True},
		{"another port", []string{"100 Allow Tcp 23 from *"}, "any tcp 22", False},
		{"another protocol", []string{"100 Allow Udp 22 from *"}, "any tcp 22", False},
		{"every protocol", []string{"100 Allow * 22 from *"}, "any tcp 22", True},
		{"ICMP is no port", []string{"100 Allow Icmp * from *"}, "any tcp udp", False},
		{"deny first", []string{"100 Deny Tcp 22 from *", "200 Allow * * from *"}, "any tcp 22", False},
		{"deny first leaves others", []string{"100 Deny Tcp 22 from *", "200 Allow * * from *"}, "any tcp 23", True},
		{"deny later", []string{"300 Deny Tcp 22 from *", "200 Allow * * from *"}, "any tcp 22", True},
		{"29: 80-443 allowed, 443 denied before", []string{"300 Allow Tcp 80-443 from Internet", "200 Deny Tcp 443 from *"}, "any tcp 443", False},
		{"29: the other port", []string{"300 Allow Tcp 80-443 from Internet", "200 Deny Tcp 443 from *"}, "any tcp 80", True},
		{"deny of one family", []string{"100 Deny Tcp 22 from 0.0.0.0/0", "200 Allow * * from *"}, "v6 tcp 22", True},
		{"deny of a country's worth", []string{"100 Deny Tcp 22 from 5.0.0.0/8", "200 Allow * * from *"}, "v4 tcp 22", True},
		{"virtual network", []string{"100 Allow * * from VirtualNetwork"}, "any", False},
		{"load balancer", []string{"100 Allow * * from AzureLoadBalancer"}, "any", False},
		{"tag", []string{"100 Allow Tcp 443 from AzureFrontDoor.Backend"}, "any", False},
		{"tag before the internet", []string{"100 Deny Tcp 443 from AzureCloud", "200 Allow Tcp 443 from Internet"}, "any 443", True},
		{"for one destination", []string{"100 Deny * * from * to 10.0.0.4", "200 Allow Tcp 22 from *"}, "any tcp 22", True},
		{"closed for the same destination", []string{"100 Deny * * from * to 10.0.0.4", "200 Allow Tcp 22 from * to 10.0.0.4"}, "any tcp 22", False},
		{"open for a part of it", []string{"100 Deny * * from * to 10.0.0.0/25", "200 Allow Tcp 22 from * to 10.0.0.0/24"}, "any tcp 22", True},
		{"to the network", []string{"100 Allow Tcp 22 from * to VirtualNetwork"}, "any tcp 22", True},
		{"to a tag that no interface has", []string{"100 Allow Tcp 22 from * to Storage"}, "any tcp 22", False},
		{"a client chooses its port", []string{"100 Deny Tcp 22 from * sports 0-1023", "200 Allow Tcp 22 from *"}, "any tcp 22", True},
		{"all ports of the client", []string{"100 Deny Tcp 22 from * sports 0-1023", "101 Deny Tcp 22 from * sports 1024-65535", "200 Allow Tcp 22 from *"}, "any tcp 22", False},
		{"unreadable priority", []string{"x Deny Tcp 22 from *", "200 Allow Tcp 22 from *"}, "any tcp 22", Unknown},
		{"unreadable access", []string{"100 ? Tcp 22 from *", "200 Allow Tcp 22 from *"}, "any tcp 22", Unknown},
		{"unreadable allow does not matter", []string{"100 Allow Tcp ?? from *", "200 Allow Tcp 22 from *"}, "any tcp 22", True},
		{"unreadable protocol may be one without ports", []string{"100 Deny ? 22 from *", "200 Allow Icmp * from *"}, "any icmp", Unknown},
		{"unreadable source", []string{"100 Allow Tcp 22 from 1.2.3.4/99"}, "any tcp 22", Unknown},
		{"unreadable source of another port", []string{"100 Allow Tcp 23 from 1.2.3.4/99"}, "any tcp 22", False},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := Exposed(SecurityRules(nsgOf(t, tt.rules...), NarrowTags).Somewhere(), query(t, strings.Fields(tt.ask)))
			if a.Value != tt.want {
				t.Errorf("%s: got %s, want %s", tt.ask, a.Value, tt.want)
			}
			if a.Value == Unknown && len(a.Gaps) == 0 {
				t.Error("unknown without a gap")
			}
		})
	}
}

func TestSecurityRulesSay(t *testing.T) {
	doc := nsgOf(t, "100 Allow Tcp 443 from AzureCloud", "110 Deny Tcp 22 from 5.0.0.0/8", "120 Allow Tcp 22,443 from Internet to 10.0.0.0/24")
	a := Exposed(SecurityRules(doc, NarrowTags).Somewhere(), query(t, []string{"v4", "tcp", "22", "443"}))
	got := drawAnswer(a)[1:]
	for _, r := range a.Asides {
		got = append(got, "aside "+r.Text)
	}
	want := []string{
		"+ securityRules[2] r120: 120 allow tcp 22,443 from Internet to 10.0.0.0/24",
		"- securityRules[1] r110: 110 deny tcp 22 from 5.0.0.0/8",
		"- defaultSecurityRules[2] DenyAllInBound: 65500 deny * all from *",
		"aside securityRules[0] r100: 100 allow tcp 443 from AzureCloud",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if a.Rules[0].Owner != "/subscriptions/s/nsg" {
		t.Errorf("owner is %q", a.Rules[0].Owner)
	}
}

// A tag whose addresses are known counts with them, an unknown one may be any.
func TestServiceTags(t *testing.T) {
	doc := nsgOf(t, "100 Allow Tcp 443 from Storage.WestEurope")
	known := func(tag string) (AddrSet, bool) { return setOf(t, "8.8.8.0/24"), tag == "Storage.WestEurope" }
	for _, tt := range []struct {
		tags ServiceTags
		addr string
		want Truth
	}{{known, "8.8.8.8", True}, {known, "9.9.9.9", False}, {nil, "8.8.8.8", Unknown}, {nil, "10.0.0.1", Unknown}} {
		f := SecurityRules(doc, tt.tags).At(Destination{LabelsKnown: true})
		if got := f.AdmitsPacket(netip.MustParseAddr(tt.addr), TCP, 443); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.addr, got, tt.want)
		}
	}
}

func TestApplicationSecurityGroups(t *testing.T) {
	doc := decode(t, `{"properties":{"securityRules":[{"name":"web","properties":{"priority":100,"direction":"Inbound","access":"Allow","protocol":"Tcp",
		"sourceAddressPrefix":"*","sourcePortRange":"*","destinationPortRange":"80","destinationApplicationSecurityGroups":[{"id":"/asg/Web"}]}},
		{"name":"app","properties":{"priority":110,"direction":"Inbound","access":"Allow","protocol":"Tcp","sourcePortRange":"*",
		"destinationAddressPrefix":"*","destinationPortRange":"81","sourceApplicationSecurityGroups":[{"id":"/asg/Web"}]}}]}}`)
	c := SecurityRules(doc, nil)
	for _, tt := range []struct {
		name string
		f    Filter
		port uint16
		want Truth
	}{
		{"member", c.At(Destination{Labels: []string{"/asg/web"}, LabelsKnown: true}), 80, True},
		{"no member", c.At(Destination{LabelsKnown: true}), 80, False},
		{"members not known", c.At(Destination{}), 80, Unknown},
		{"somebody", c.Somewhere(), 80, True},
		{"members are not the internet", c.Somewhere(), 81, False},
	} {
		if got := OpenToInternet(tt.f, IPv4, Port(tt.port)).Value; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func decode(t *testing.T, s string) map[string]any {
	t.Helper()
	v, err := model.DecodeJSON([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

// The worked cases of Azure that one interface decides.
func TestAzureInterface(t *testing.T) {
	at := func(rules ...string) *Filter {
		f := SecurityRules(nsgOf(t, rules...), NarrowTags).At(Destination{IPv4: netip.MustParseAddr("10.0.0.4"), LabelsKnown: true})
		return &f
	}
	system := SystemRoute()
	appliance := AzureRoute(decode(t, `{"properties":{"routes":[{"properties":{"addressPrefix":"0.0.0.0/0","nextHopType":"VirtualAppliance","nextHopIpAddress":"10.0.9.4"}}]}}`))
	web := AzureRoute(decode(t, `{"properties":{"routes":[{"properties":{"addressPrefix":"10.0.0.0/8","nextHopType":"VirtualAppliance"}},{"properties":{"addressPrefix":"Storage","nextHopType":"Internet"}}]}}`))
	unread := UnknownFilter("network security group")
	unreadRoute := AzureRoute(nil)
	lb := LoadBalancer(decode(t, `{"id":"/lb","properties":{"frontendIPConfigurations":[{"id":"/lb/f/Out","properties":{"publicIPAddress":{"id":"/ip"}}},{"id":"/lb/f/in","properties":{}}],
		"loadBalancingRules":[{"name":"web","properties":{"frontendIPConfiguration":{"id":"/lb/f/out"},"backendAddressPool":{"id":"/lb/pool/A"},"protocol":"Tcp","frontendPort":443,"backendPort":8443}},
			{"name":"inside","properties":{"frontendIPConfiguration":{"id":"/lb/f/in"},"backendAddressPool":{"id":"/lb/pool/A"},"protocol":"Tcp","frontendPort":22,"backendPort":22}}],
		"inboundNatRules":[{"id":"/lb/nat/1","name":"ssh","properties":{"frontendIPConfiguration":{"id":"/lb/f/out"},"protocol":"Tcp","frontendPort":50000,"backendPort":2222}}]}}`), []string{"/lb/pool/a"})
	public := AzureInterface{PublicIPv4: True, PublicIPv6: False, OpenByDefault: False, GroupsKnown: True, Route: &system}
	with := func(change func(*AzureInterface)) AzureInterface { i := public; change(&i); return i }
	tests := []struct {
		name string
		i    AzureInterface
		port uint16
		want []string
	}{
		{"26 no group, Standard", public, 22, []string{"false v4 none", "blocked no-nsg"}},
		{"26 no group, Basic", with(func(i *AzureInterface) { i.OpenByDefault = True }), 22, []string{"true v4 any 22 0.0.0.0/0"}},
		{"26 no group, SKU not known", with(func(i *AzureInterface) { i.OpenByDefault = Unknown }), 22, []string{"unknown v4 any 22 0.0.0.0/0", "? no-nsg"}},
		{"27 group of the interface", with(func(i *AzureInterface) { i.Own = at("100 Allow Tcp 22 from 0.0.0.0/0") }), 22, []string{"true v4 any 22 0.0.0.0/0"}},
		{"28 subnet denies", with(func(i *AzureInterface) {
			i.Subnet, i.Own = at("200 Deny Tcp 22 from Internet"), at("100 Allow Tcp 22 from 0.0.0.0/0")
		}), 22, []string{"false v4 none", "blocked nsg-subnet rule 200 rule 65500"}},
		{"both allow", with(func(i *AzureInterface) {
			i.Subnet, i.Own = at("200 Allow * * from 0.0.0.0/1"), at("100 Allow Tcp 22 from 64.0.0.0/2")
		}), 22, []string{"true v4 any 22 64.0.0.0/2"}},
		{"each allows another half", with(func(i *AzureInterface) {
			i.Subnet, i.Own = at("200 Allow * * from 0.0.0.0/1"), at("100 Allow Tcp 22 from 128.0.0.0/1")
		}), 22, []string{"false v4 none"}},
		{"33 reply to an appliance", with(func(i *AzureInterface) { i.Own, i.Route = at("100 Allow * * from 0.0.0.0/0"), &appliance }), 22, []string{"false v4 none", "blocked route-asymmetric"}},
		{"routes of private prefixes do not matter", with(func(i *AzureInterface) { i.Own, i.Route = at("100 Allow * * from 8.0.0.0/6"), &web }), 22, []string{"true v4 any 22 8.0.0.0/7,11.0.0.0/8"}},
		{"no public address", with(func(i *AzureInterface) { i.PublicIPv4, i.Own = False, at("100 Allow * * from 0.0.0.0/0") }), 22, []string{"false v4 none", "blocked no-public-address"}},
		{"load balancer", with(func(i *AzureInterface) {
			i.PublicIPv4, i.Own, i.Balanced = False, at("100 Allow * * from 0.0.0.0/0"), []Filter{lb}
		}), 8443, []string{"true v4 any 8443 0.0.0.0/0"}},
		{"internal front end", with(func(i *AzureInterface) {
			i.PublicIPv4, i.Own, i.Balanced = False, at("100 Allow * * from 0.0.0.0/0"), []Filter{lb}
		}), 22, []string{"false v4 none", "blocked no-public-address"}},
		{"NAT rule for another", with(func(i *AzureInterface) {
			i.PublicIPv4, i.Own, i.Balanced = False, at("100 Allow * * from 0.0.0.0/0"), []Filter{lb}
		}), 2222, []string{"false v4 none", "blocked no-public-address"}},
		{"unread group", with(func(i *AzureInterface) { i.Own, i.Subnet = &unread, at("100 Allow Tcp 22 from 0.0.0.0/0") }), 22, []string{"unknown v4 any 22 0.0.0.0/0", "? nsg-nic"}},
		{"unread group behind a closed one", with(func(i *AzureInterface) { i.Own, i.Subnet = &unread, at() }), 22, []string{"false v4 none", "blocked nsg-subnet rule 65500"}},
		{"unread route", with(func(i *AzureInterface) { i.Own, i.Route = at("100 Allow Tcp 22 from 0.0.0.0/0"), &unreadRoute }), 22, []string{"unknown v4 any 22 0.0.0.0/0", "? route-asymmetric"}},
		{"nothing is known", AzureInterface{}, 22, []string{"unknown v4 any 22 0.0.0.0/0", "? no-public-address, no-nsg, nsg-subnet, nsg-nic, route-asymmetric"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := drawExposure(tt.i.Exposed(Query{Protocols: []Protocol{TCP}, Ports: []PortRange{Port(tt.port)}}))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAddrRange(t *testing.T) {
	for _, tt := range []struct{ first, last, want string }{
		{"0.0.0.0", "255.255.255.255", "0.0.0.0/0"},
		{" 10.0.0.0", "10.0.1.0 ", "10.0.0.0/24,10.0.1.0/32"},
		{"0.0.0.0", "0.0.0.0", "0.0.0.0/32"},
		{"::", "::1", "::/127"},
		{"10.0.0.1", "10.0.0.0", "invalid"},
		{"10.0.0.1", "::1", "invalid"},
		{"", "10.0.0.0", "invalid"},
		{"10.0.0.0/8", "10.0.0.0", "invalid"},
	} {
		s, err := AddrRange(tt.first, tt.last)
		got := s.String()
		if err != nil {
			got = "invalid"
		}
		if got != tt.want {
			t.Errorf("%q to %q: got %s, want %s", tt.first, tt.last, got, tt.want)
		}
	}
}

func TestOpenOnAllPorts(t *testing.T) {
	for _, tt := range []struct {
		rules []string
		want  Truth
	}{
		{[]string{"100 Allow * * from *"}, True},
		{[]string{"100 Allow * * from 0.0.0.0/1", "101 Allow Tcp * from 128.0.0.0/1", "102 Allow Udp 0-65535 from 128.0.0.0/1"}, True},
		{[]string{"100 Allow Tcp * from *"}, False},
		{[]string{"100 Deny Tcp 22 from *", "200 Allow * * from *"}, False},
		{[]string{"100 ? Tcp 22 from *", "200 Allow * * from *"}, Unknown},
		{nil, False},
	} {
		if got := OpenOnAllPorts(SecurityRules(nsgOf(t, tt.rules...), NarrowTags).Somewhere(), IPv4); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.rules, got, tt.want)
		}
	}
}
