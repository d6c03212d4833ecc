package network

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// Worked cases 8 and 9: a group reference admits the private addresses of its
// members, not their public ones.
func TestGroupMembers(t *testing.T) {
	db := SecurityGroupIngress(map[string]any{"GroupId": "sg-db", "IpPermissions": []any{map[string]any{
		"IpProtocol": "tcp", "FromPort": int64(5432), "ToPort": int64(5432),
		"UserIdGroupPairs": []any{map[string]any{"GroupId": "sg-web"}, map[string]any{"UserId": "123456789012"}},
	}}}, nil)
	private, public := netip.MustParseAddr("10.0.1.5"), netip.MustParseAddr("8.8.8.8")
	members := func(id string) (AddrSet, bool) { return setOf(t, "10.0.1.5"), id == "sg-web" }
	resolved := db.WithMembers(members)
	tests := []struct {
		name string
		f    Filter
		addr netip.Addr
		port uint16
		want Truth
	}{
		{"8 member", resolved, private, 5432, True},
		{"8 another port", resolved, private, 22, False},
		{"9 public address of the member", resolved, public, 5432, False},
		{"not resolved", db, private, 5432, False},
		{"members are not known", db.WithMembers(func(string) (AddrSet, bool) { return AddrSet{}, false }), private, 5432, Unknown},
		{"one of two groups", AnyOf(SecurityGroupIngress(map[string]any{}, nil), db).WithMembers(members), private, 5432, True},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.f.AdmitsPacket(tt.addr, TCP, tt.port); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	want := []Rule{{Owner: "sg-db", Allow: true, Text: "IpPermissions[0]: tcp 5432 from sg-web"}}
	if diff := cmp.Diff(want, resolved.Rules()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestEgress(t *testing.T) {
	f := SecurityGroupEgress(map[string]any{"GroupId": "sg-1", "IpPermissionsEgress": []any{
		map[string]any{"IpProtocol": "-1", "IpRanges": []any{map[string]any{"CidrIp": "0.0.0.0/0"}}},
	}}, nil)
	a := OpenToInternet(f, IPv4)
	want := []Rule{{Owner: "sg-1", Allow: true, Text: "IpPermissionsEgress[0]: all to 0.0.0.0/0"}}
	if diff := cmp.Diff(want, a.Rules); a.Value != True || diff != "" {
		t.Errorf("value %s, rules (-want +got):\n%s", a.Value, diff)
	}
}

func TestGapsAreNamed(t *testing.T) {
	f := SecurityGroupIngress(map[string]any{"IpPermissions": "x"}, nil)
	if diff := cmp.Diff([]string{"IpPermissions"}, f.Gaps()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	bad := SecurityGroupIngress(map[string]any{"IpPermissions": []any{map[string]any{
		"IpProtocol": "tcp", "FromPort": 22, "ToPort": json.Number("22"),
		"PrefixListIds": []any{map[string]any{"PrefixListId": "pl-1"}},
	}}}, func(string) ([]string, bool) { return []string{"10.0.0.0/8", "x"}, true })
	if got := OpenToInternet(bad, IPv4, Port(22)); got.Value != Unknown || len(got.Gaps) != 1 {
		t.Errorf("a prefix list with an unreadable entry gives %+v", got)
	}
	for _, doc := range []map[string]any{{"Entries": 1}, {"Entries": []any{1}}} {
		if got := OpenToInternet(NetworkACL(doc).Ingress, IPv4); got.Value != Unknown {
			t.Errorf("%v gives %s", doc, got.Value)
		}
	}
	for _, doc := range []map[string]any{nil, {"Routes": 1}, {"Routes": []any{1}}, {"Routes": []any{map[string]any{"GatewayId": "igw-1"}}}} {
		if r := ReplyRoute(doc, nil); r.Maybe.IsEmpty() || !r.Clients.IsEmpty() {
			t.Errorf("%v gives %+v", doc, r)
		}
	}
}

func TestSeveralGroups(t *testing.T) {
	permit := func(cidr string) Filter {
		return SecurityGroupIngress(map[string]any{"IpPermissions": []map[string]any{{
			"IpProtocol": int64(6), "FromPort": int64(22), "ToPort": int64(22), "IpRanges": []any{map[string]any{"CidrIp": cidr}},
		}}}, nil)
	}
	all := InternetRoute()
	i := Interface{
		Groups:            []Filter{permit("0.0.0.0/1"), permit("128.0.0.0/1")},
		ACL:               &ACL{AllowAll(), AllowAll()},
		PublicIPv4:        True,
		PublicIPv6:        False,
		BlockPublicAccess: False,
		Route:             &all,
	}
	got := i.Exposed(Query{Ports: []PortRange{Port(22)}, Strict: true})
	if got.Value != True || got.Sources.String() != "0.0.0.0/0" {
		t.Errorf("got %s from %s", got.Value, got.Sources)
	}
	for name, hide := range map[string]func(*Interface){
		"acl":    func(i *Interface) { i.ACL = nil },
		"acl 2":  func(i *Interface) { acl := UnknownACL(); i.ACL = &acl },
		"public": func(i *Interface) { i.PublicIPv4 = Unknown },
		"groups": func(i *Interface) { i.Groups = nil },
		"route":  func(i *Interface) { r := UnknownRoute(); i.Route = &r },
		"bpa":    func(i *Interface) { i.BlockPublicAccess = Unknown },
	} {
		j := i
		hide(&j)
		if got := j.Exposed(Query{Ports: []PortRange{Port(22)}}); got.Value != Unknown || len(got.Gaps) == 0 {
			t.Errorf("without %s: %s, gaps %v", name, got.Value, got.Gaps)
		}
	}
}

// Any document gives an answer: bounds in order, and no crash.
func FuzzDocuments(f *testing.F) {
	f.Add(`{"IpPermissions":[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}`)
	f.Add(`{"IpPermissions":[{"IpProtocol":-1,"Ipv6Ranges":[{"CidrIpv6":"::/0"}],"PrefixListIds":[{"PrefixListId":"pl"}]}]}`)
	f.Add(`{"Entries":[{"RuleNumber":1,"RuleAction":"deny","Egress":true,"Protocol":"1","IcmpTypeCode":{"Type":8,"Code":-1},"CidrBlock":"10.0.0.0/8"}]}`)
	f.Add(`{"Routes":[{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"igw-1"},{"DestinationIpv6CidrBlock":"::/0","EgressOnlyInternetGatewayId":"e"}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		v, err := model.DecodeJSON([]byte(s))
		if err != nil {
			return
		}
		doc, _ := v.(map[string]any)
		group, acl, route := SecurityGroupIngress(doc, nil), NetworkACL(doc), ReplyRoute(doc, nil)
		for _, f := range []Filter{group, acl.Ingress, acl.Egress} {
			if !f.MayAdmit().Covers(f.Admits()) {
				t.Fatalf("the bounds of %s are the wrong way round", s)
			}
			Exposed(f, Query{})
		}
		Interface{Groups: []Filter{group}, ACL: &acl, Route: &route, PublicIPv4: True}.Exposed(Query{})
	})
}

func benchGroup(rules, ranges int) map[string]any {
	var ps []any
	for i := range rules {
		var rs []any
		for j := range ranges {
			rs = append(rs, map[string]any{"CidrIp": fmt.Sprintf("%d.%d.%d.0/24", 11+i%100, j%256, i%256)})
		}
		ps = append(ps, map[string]any{"IpProtocol": "tcp", "FromPort": int64(20 + i), "ToPort": int64(25 + i), "IpRanges": rs})
	}
	return map[string]any{"IpPermissions": ps}
}

func BenchmarkSecurityGroup(b *testing.B) {
	for _, size := range []struct{ rules, ranges int }{{2, 1}, {60, 1}, {50, 20}} {
		doc := benchGroup(size.rules, size.ranges)
		b.Run(fmt.Sprintf("%d rules of %d", size.rules, size.ranges), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				OpenToInternet(SecurityGroupIngress(doc, nil), AnyFamily, Port(22), Port(3389))
			}
		})
	}
}

func BenchmarkNetworkACL(b *testing.B) {
	var entries []any
	for i := range 40 {
		action := "allow"
		if i%3 == 0 {
			action = "deny"
		}
		entries = append(entries, map[string]any{
			"RuleNumber": int64(i), "RuleAction": action, "Egress": i%2 == 0, "Protocol": "6",
			"CidrBlock": fmt.Sprintf("%d.0.0.0/8", 11+i), "PortRange": map[string]any{"From": int64(i), "To": int64(1000 * i)},
		})
	}
	doc := map[string]any{"Entries": entries}
	b.ReportAllocs()
	for b.Loop() {
		OpenToInternet(NetworkACL(doc).Ingress, IPv4, Port(22))
	}
}

func BenchmarkAnswer(b *testing.B) {
	f := SecurityGroupIngress(benchGroup(60, 1), nil)
	b.ReportAllocs()
	for b.Loop() {
		OpenToInternet(f, AnyFamily, Port(22), Port(3389))
	}
}
