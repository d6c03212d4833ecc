package policy

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// vpcSchemas are the asset types that questions about networks of AWS look up.
func vpcSchemas() map[string]*model.Schema {
	out := testSchemas()
	any, text := kind(model.Any), kind(model.String)
	out[securityGroupType] = shape(map[string]*model.Schema{"GroupId": text, "IpPermissions": any})
	out[prefixListType] = shape(map[string]*model.Schema{"PrefixListId": text, "Entries": any})
	out[routeTableType] = shape(map[string]*model.Schema{"RouteTableId": text, "VpcId": text, "Associations": any, "Routes": any})
	out[subnetType] = shape(map[string]*model.Schema{"SubnetId": text, "VpcId": text})
	return out
}

const vpcARN = "arn:aws:ec2:eu-west-1:111122223333:"

func vpcEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := New(vpcSchemas())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func vpcCloud(t *testing.T) *cloud {
	c := newCloud(t, model.Scope{Provider: model.AWS, Account: "111122223333", Region: "eu-west-1"})
	c.all.Of(c.scope).MarkRead()
	return c
}

func TestGroupsOpen(t *testing.T) {
	e, c := vpcEngine(t), vpcCloud(t)
	group := func(id, permissions string, gaps ...string) {
		c.add(securityGroupType, vpcARN+"security-group/"+id, `{"GroupId": "`+id+`", "IpPermissions": [`+permissions+`]}`, gaps...)
	}
	group("sg-low", `{"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8090, "IpRanges": [{"CidrIp": "0.0.0.0/1"}]}`)
	group("sg-high", `{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 9000, "IpRanges": [{"CidrIp": "128.0.0.0/1"}]}`)
	group("sg-web", `{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}`)
	group("sg-six", `{"IpProtocol": "17", "FromPort": 53, "ToPort": 53, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}`)
	group("sg-all", `{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}`)
	group("sg-private", `{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}`)
	group("sg-list", `{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": "pl-gone"}]}`)
	group("sg-denied", ``, "IpPermissions")
	thing := c.add("T::Thing", "thing/1", `{}`)
	for _, tt := range []struct {
		question string
		want     model.Verdict
	}{
		// The halves of the address space stand in two groups, and meet on 8080 to 8090.
		{`asset.groups_open("any", ["sg-low", "sg-high"], ["tcp"], ["8085"])`, model.Pass},
		{`asset.groups_open("any", ["sg-low", "sg-high"], ["tcp"], ["8000-8079"])`, model.Pass}, // half of the internet is any
		{`asset.groups_open("any", ["sg-web"], ["tcp"], ports_except(["443"]))`, model.Fail},
		{`asset.groups_open("any", ["sg-web"], ["tcp"], ports_except(["80", "22"]))`, model.Pass},
		{`asset.groups_open("any", ["sg-web"], ["udp"], [])`, model.Fail},
		{`asset.groups_open("ipv4", ["sg-six"], [], [])`, model.Fail},
		{`asset.groups_open("ipv6", ["sg-six"], [], [])`, model.Pass},
		{`asset.groups_open("any", ["sg-six"], [], ports_except(["0-52", "54-65535"]))`, model.Pass},
		{`asset.groups_open("any", ["sg-all"], [], ports_except(["80", "443", "22"]))`, model.Pass},
		{`asset.groups_open("any", ["sg-private"], [], [])`, model.Fail},
		{`asset.groups_open("any", [], [], [])`, model.Fail},
		{`asset.groups_open("any", ["sg-web", "sg-lost"], ["tcp"], ["22"])`, model.Unknown},
		{`asset.groups_open("any", ["sg-web", "sg-lost"], ["tcp"], ["443"])`, model.Pass},
		{`asset.groups_open("any", ["sg-list"], ["tcp"], ["22"])`, model.Unknown},
		{`asset.groups_open("any", ["sg-list"], ["tcp"], ["23"])`, model.Fail},
		{`asset.groups_open("any", ["sg-denied"], ["tcp"], ["22"])`, model.Unknown},
	} {
		c.want(e, thing, tt.question, tt.want)
	}
	for _, wrong := range []string{`["x"]`, `["70000"]`, `["9-1"]`, `["-1"]`, `ports_except(["0-65535"])`} {
		if got := c.ask(e, thing, `asset.groups_open("any", ["sg-web"], [], `+wrong+`)`); got.Verdict != model.Unknown {
			t.Errorf("ports %s: got %s, want unknown", wrong, got.Verdict)
		}
	}
}

func TestHasInternetRoute(t *testing.T) {
	const (
		igw  = `{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}`
		nat  = `{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}`
		dead = `{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "blackhole"}`
		half = `{"DestinationCidrBlock": "0.0.0.0/1", "GatewayId": "igw-1", "State": "active"}`
		six  = `{"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "State": "active"}`
		out6 = `{"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"}`
		list = `{"DestinationPrefixListId": "pl-gone", "GatewayId": "igw-1", "State": "active"}`
		s3   = `{"DestinationPrefixListId": "pl-gone", "GatewayId": "vpce-1", "State": "active"}`
	)
	table := func(id, association, routes string) string {
		return `{"RouteTableId": "` + id + `", "VpcId": "vpc-1", "Associations": [` + association + `], "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}` + routes + `]}`
	}
	const main, own = `{"Main": true}`, `{"SubnetId": "subnet-1", "Main": false}`
	for _, tt := range []struct {
		name   string
		tables []string
		gaps   []string
		family string
		want   model.Verdict
	}{
		{"own table to the gateway", []string{table("a", main, ""), table("b", own, ","+igw)}, nil, "any", model.Pass},
		{"own table hides the main one", []string{table("a", main, ","+igw), table("b", own, ","+nat)}, nil, "any", model.Fail},
		{"main table", []string{table("a", main, ","+igw)}, nil, "any", model.Pass},
		{"main table, the other family", []string{table("a", main, ","+igw)}, nil, "ipv6", model.Fail},
		{"local only", []string{table("a", main, "")}, nil, "any", model.Fail},
		{"the gateway is gone", []string{table("a", main, ","+dead)}, nil, "any", model.Fail},
		{"half of the addresses", []string{table("a", main, ","+half)}, nil, "any", model.Pass},
		{"IPv6 in both directions", []string{table("a", main, ","+six)}, nil, "any", model.Pass},
		{"IPv6 outwards", []string{table("a", main, ","+out6)}, nil, "any", model.Fail},
		{"an unread prefix list", []string{table("a", main, ","+list)}, nil, "any", model.Unknown},
		{"a gateway endpoint", []string{table("a", main, ","+s3)}, nil, "any", model.Fail},
		{"no table was read", nil, nil, "any", model.Unknown},
		{"routes were not read", []string{table("a", main, "")}, []string{"Routes"}, "any", model.Unknown},
		{"associations were not read", []string{table("a", main, ","+igw)}, []string{"Associations"}, "any", model.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, c := vpcEngine(t), vpcCloud(t)
			for i, text := range tt.tables {
				c.add(routeTableType, vpcARN+"route-table/"+string(rune('a'+i)), text, tt.gaps...)
			}
			subnet := c.add(subnetType, vpcARN+"subnet/subnet-1", `{"SubnetId": "subnet-1", "VpcId": "vpc-1"}`)
			c.want(e, subnet, `asset.has_internet_route("`+tt.family+`")`, tt.want)
		})
	}
}

func TestRanges(t *testing.T) {
	e, c := vpcEngine(t), vpcCloud(t)
	thing := c.add("T::Thing", "thing/1", `{"Names": ["8.8.8.0/24", "8.8.9.0/24"]}`)
	for question, want := range map[string]model.Verdict{
		`routable(["10.0.0.0/8", "fc00::/7"])`:                      model.Fail,
		`routable(["10.0.0.0/8", "8.8.8.8/32"])`:                    model.Pass,
		`routable(["2600::/32"])`:                                   model.Pass,
		`routable([""])`:                                            model.Fail,
		`routable(["nonsense"])`:                                    model.Unknown,
		`widest_range(["8.8.8.0/24"]) == 256`:                       model.Pass,
		`widest_range(config.Names) == 512`:                         model.Pass, // side by side
		`widest_range(["8.8.8.0/24", "8.8.10.0/24"]) == 256`:        model.Pass,
		`widest_range(["10.0.0.0/8", "192.168.0.0/16"]) == 0`:       model.Pass,
		`widest_range(["9.0.0.0/8", "10.0.0.0/8"]) == 16777216`:     model.Pass, // 10/8 is not routed
		`widest_range(["2600::/32"]) == 0`:                          model.Pass,
		`sum([1, 2, 3]) == 6`:                                       model.Pass,
		`sum(config.Names.map(n, size(n))) == 20`:                   model.Pass,
		`sum(config.Rules.map(r, r.Port)) == 0`:                     model.Pass,
		`assets("T::Log").with("Name", "x").size() == 0`:            model.Pass,
		`ports_except(["1-65534"]) == ["0-0", "65535-65535"]`:       model.Pass,
		`widest_range(["0.0.0.0/0"]) > widest_range(["8.0.0.0/9"])`: model.Pass,
	} {
		if got := c.ask(e, thing, question); got.Verdict != want {
			t.Errorf("%s: got %s (%s), want %s", question, got.Verdict, got.Message, want)
		}
	}
}

func TestWith(t *testing.T) {
	e, c := vpcEngine(t), vpcCloud(t)
	here := c.scope
	c.add("T::Log", "log/a", `{"Name": "a", "Kept": true}`)
	c.add("T::Log", "log/b", `{"Name": "b", "Kept": false}`)
	c.add("T::Log", "log/c", `{"Name": "c"}`)
	c.add("T::Log", "log/none", `{}`)
	c.scope.Region = "eu-central-1"
	c.add("T::Log", "log/there", `{"Name": "there"}`)
	c.scope = here
	thing := c.add("T::Thing", "thing/1", `{"Name": "a"}`)
	list := func(value string) string { return `assets("T::Log").with("Name", ` + value + `)` }
	for question, want := range map[string]model.Verdict{
		list(`config.Name`) + `.exists(l, l.config.Name == config.Name && l.config.Kept)`: model.Pass,
		list(`"b"`) + `.exists(l, l.config.Name == "b" && l.config.Kept)`:                 model.Fail,
		list(`"d"`) + `.exists(l, l.config.Name == "d")`:                                  model.Fail,
		list(`"a"`) + `.size() == 1`:                                                      model.Pass,
		list(`""`) + `.all(l, l.config.Name == "")`:                                       model.Pass,
		list(`"there"`) + `.size() == 1`:                                                  model.Pass,
		`region_` + list(`"there"`) + `.size() == 0`:                                      model.Pass,
	} {
		c.want(e, thing, question, want)
	}
	// One whose name was not read may be any of them.
	c2 := vpcCloud(t)
	c2.add("T::Log", "log/a", `{"Name": "a", "Kept": true}`)
	c2.add("T::Log", "log/unread", `{"Kept": true}`, "Name")
	thing = c2.add("T::Thing", "thing/1", `{"Name": "a"}`)
	for question, want := range map[string]model.Verdict{
		list(`"a"`) + `.exists(l, l.config.Name == "a")`: model.Pass,
		list(`"d"`) + `.exists(l, l.config.Name == "d")`: model.Unknown,
		list(`"d"`) + `.all(l, l.config.Name != "d")`:    model.Unknown,
	} {
		c2.want(e, thing, question, want)
	}
	c2.unlisted("T::Log")
	c2.want(e, thing, list(`"a"`)+`.exists(l, l.config.Name == "a")`, model.Pass)
	c2.want(e, thing, list(`"a"`)+`.size() == 1`, model.Unknown)
}

func BenchmarkWith(b *testing.B) {
	e, err := New(vpcSchemas())
	if err != nil {
		b.Fatal(err)
	}
	inv := NewInventory()
	scope := model.Scope{Provider: model.AWS, Account: "1", Region: "r"}
	for i := range 20000 {
		inv.Add(&model.Asset{ID: "log/" + string(rune(i)), Type: "T::Log", Scope: scope, Config: model.Document{"Name": string(rune(0x4e00 + i%5000))}})
	}
	thing := &model.Asset{ID: "t", Type: "T::Thing", Scope: scope, Config: model.Document{"Name": string(rune(0x4e00 + 1))}}
	inv.Add(thing)
	p := compile(b, e, `assets("T::Log").with("Name", config.Name).exists(l, l.config.Name == config.Name && !has(l.config.Kept))`, nil)
	ev := NewEvaluator(inv, now)
	b.ReportAllocs()
	for b.Loop() {
		if got := ev.Evaluate(p, thing); got.Verdict != model.Pass {
			b.Fatal(got.Verdict)
		}
	}
}
