package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// cloudSchemas are the asset types that the questions of these tests are about.
func cloudSchemas() map[string]*model.Schema {
	out := testSchemas()
	for _, typ := range []string{nsgType, virtualMachineType, vpcNetworkType, firewallType, instanceType} {
		out[typ] = shape(map[string]*model.Schema{"properties": kind(model.Any), "name": kind(model.String)})
	}
	return out
}

func config(t testing.TB, text string) model.Document {
	t.Helper()
	v, err := model.DecodeJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v.(map[string]any)
}

// cloud is what an account holds, in the words of the tests.
type cloud struct {
	t   *testing.T
	all *Inventories
	// scope of what is added next.
	scope model.Scope
	byID  map[string]*model.Asset
}

func newCloud(t *testing.T, scope model.Scope) *cloud {
	return &cloud{t: t, all: NewInventories(), scope: scope, byID: map[string]*model.Asset{}}
}

func (c *cloud) add(typ, id, text string, gaps ...string) *model.Asset {
	a := &model.Asset{ID: id, Name: id[strings.LastIndex(id, "/")+1:], Type: typ, Scope: c.scope, Config: config(c.t, text)}
	for _, g := range gaps {
		a.Gaps = append(a.Gaps, model.Gap{Scope: c.scope, Type: typ, Asset: id, Path: g, Reason: model.Denied, Operation: "read " + g})
	}
	c.all.Of(c.scope).Add(a)
	c.byID[id] = a
	return a
}

func (c *cloud) unlisted(typ string) {
	c.all.Of(c.scope).AddGap(&model.Gap{Scope: c.scope, Type: typ, Reason: model.Denied, Operation: "list " + typ})
}

func (c *cloud) ask(e *Engine, a *model.Asset, question string) Result {
	c.t.Helper()
	p, err := e.Compile(model.Control{ID: "test", Type: a.Type, Holds: question, Title: "title", Message: "wrong"})
	if err != nil {
		c.t.Fatal(err)
	}
	return NewEvaluator(c.all.View(a.Scope), now).Evaluate(p, a)
}

func (c *cloud) want(e *Engine, a *model.Asset, question string, want model.Verdict, because ...string) {
	c.t.Helper()
	got := c.ask(e, a, question)
	if got.Verdict != want {
		c.t.Errorf("%s: got %s (%s %v), want %s", question, got.Verdict, got.Message, got.Evidence, want)
	}
	if got.Verdict == model.Unknown && len(got.Gaps) == 0 {
		c.t.Errorf("%s: unknown without a gap: %s", question, got.Message)
	}
	text := got.Message
	for _, e := range got.Evidence {
		text += "\n" + e.Path + " " + e.Asset + " " + e.Note
		if s, ok := e.Value.(string); ok {
			text += " " + s
		}
	}
	for _, b := range because {
		if !strings.Contains(text, b) {
			c.t.Errorf("%s: %q is not said:\n%s", question, b, text)
		}
	}
}

func cloudEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := New(cloudSchemas())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const (
	azureRoot = "/subscriptions/s/resourcegroups/g/providers/microsoft.network/"
	opensSSH  = `asset.opens("any", ["tcp"], [22])`
)

func nsgRule(priority, access, source, port string) string {
	return `{"name":"r` + priority + `","properties":{"priority":` + priority + `,"direction":"Inbound","access":"` + access + `","protocol":"Tcp","sourceAddressPrefix":"` + source +
		`","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"` + port + `"}}`
}

func nsgDoc(rules ...string) string {
	return `{"id":"` + strings.ToUpper(azureRoot) + `networkSecurityGroups/N","properties":{"securityRules":[` + strings.Join(rules, ",") + `]}}`
}

func TestSecurityGroupsOfAzure(t *testing.T) {
	e := cloudEngine(t)
	tests := []struct {
		name, question string
		rules          []string
		gaps           []string
		want           model.Verdict
		because        string
	}{
		{"open", opensSSH, []string{nsgRule("100", "Allow", "Internet", "20-25")}, nil, model.Pass, "securityRules[0] r100: 100 allow tcp 20-25 from Internet"},
		{"closed", opensSSH, nil, nil, model.Fail, "no rule admits it"},
		{"closed by a denial", opensSSH, []string{nsgRule("100", "Allow", "*", "22"), nsgRule("99", "Deny", "*", "*")}, nil, model.Fail, "99 deny"},
		{"tag", `asset.opens("any", [], [])`, []string{nsgRule("100", "Allow", "AzureCloud", "22")}, nil, model.Fail, "not counted as the internet"},
		{"rules not read", opensSSH, nil, []string{"properties.securityRules"}, model.Unknown, "properties.securityRules denied"},
		{"document not read", opensSSH, nil, []string{"properties"}, model.Unknown, ""},
		{"default rules not read", opensSSH, nil, []string{"properties.defaultSecurityRules"}, model.Fail, ""},
		{"another part not read", opensSSH, nil, []string{"properties.flowLogs"}, model.Fail, ""},
		{"everything", `asset.opens_everything("any")`, []string{nsgRule("100", "Allow", "*", "*")}, nil, model.Fail, ""},
		{"everything of both protocols", `asset.opens_everything("ipv4")`, []string{strings.Replace(nsgRule("100", "Allow", "*", "*"), `"Tcp"`, `"*"`, 1)}, nil, model.Pass, ""},
		{"everything, not read", `asset.opens_everything("ipv4")`, nil, []string{"properties"}, model.Unknown, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCloud(t, model.Scope{Provider: model.Azure, Account: "s"})
			c.want(e, c.add(nsgType, azureRoot+"networksecuritygroups/n", nsgDoc(tt.rules...), tt.gaps...), tt.question, tt.want, tt.because)
		})
	}
}

// azureMachine adds a machine with a public address, an interface and a network.
func azureMachine(c *cloud) *model.Asset {
	ref := func(kind string) string {
		return `{"id":"/Subscriptions/S/resourceGroups/G/providers/Microsoft.Network/` + kind + `"}`
	}
	c.add(azureInterfaceType, azureRoot+"networkinterfaces/nic", `{"properties":{"networkSecurityGroup":`+ref("networkSecurityGroups/nicNSG")+
		`,"ipConfigurations":[{"properties":{"privateIPAddress":"10.0.0.4","subnet":`+ref("virtualNetworks/V/subnets/A")+`,"publicIPAddress":`+ref("publicIPAddresses/IP")+`}}]}}`)
	c.add(azureNetworkType, azureRoot+"virtualnetworks/v", `{"properties":{"subnets":[{"id":"`+azureRoot+`virtualNetworks/v/subnets/other","properties":{}},
		{"id":"`+azureRoot+`virtualNetworks/v/subnets/a","properties":{"networkSecurityGroup":`+ref("networkSecurityGroups/subnetNSG")+`,"routeTable":`+ref("routeTables/RT")+`}}]}}`)
	c.add(nsgType, azureRoot+"networksecuritygroups/nicnsg", nsgDoc(nsgRule("100", "Allow", "0.0.0.0/0", "22")))
	c.add(nsgType, azureRoot+"networksecuritygroups/subnetnsg", nsgDoc(nsgRule("200", "Allow", "*", "1-1000")))
	c.add(publicAddressType, azureRoot+"publicipaddresses/ip", `{"sku":{"name":"Standard"},"properties":{}}`)
	c.add(azureRouteTableType, azureRoot+"routetables/rt", `{"properties":{"routes":[]}}`)
	return c.add(virtualMachineType, "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/m",
		`{"properties":{"networkProfile":{"networkInterfaces":[`+ref("networkInterfaces/NIC")+`]}}}`)
}

func TestMachinesOfAzure(t *testing.T) {
	e := cloudEngine(t)
	const ssh, rdp = `asset.internet_reachable(["tcp"], [22])`, `asset.internet_reachable(["tcp"], [3389])`
	set := func(c *cloud, id, text string) { c.byID[azureRoot+id].Config = config(c.t, text) }
	drop := func(c *cloud, id string) {
		c.byID[azureRoot+id].Gaps = []model.Gap{{Reason: model.Denied, Operation: "read " + id}}
	}
	tests := []struct {
		name    string
		change  func(*cloud)
		ask     string
		want    model.Verdict
		because string
	}{
		{"both levels allow", func(*cloud) {}, ssh, model.Pass, "100 allow tcp 22 from 0.0.0.0/0"},
		{"neither allows", func(*cloud) {}, rdp, model.Fail, "blocked by nsg-subnet, nsg-nic"},
		{"the subnet denies", func(c *cloud) {
			set(c, "networksecuritygroups/subnetnsg", nsgDoc(nsgRule("200", "Deny", "Internet", "*")))
		}, ssh, model.Fail, "200 deny"},
		{"not for this address", func(c *cloud) {
			set(c, "networksecuritygroups/nicnsg", strings.Replace(nsgDoc(nsgRule("100", "Allow", "*", "22")), `"destinationAddressPrefix":"*"`, `"destinationAddressPrefix":"10.0.0.5"`, 1))
		}, ssh, model.Fail, "nsg-nic"},
		{"no public address", func(c *cloud) {
			nic := c.byID[azureRoot+"networkinterfaces/nic"]
			delete(items(at(nic.Config, "properties")["ipConfigurations"])[0]["properties"].(map[string]any), "publicIPAddress")
		}, ssh, model.Fail, "no-public-address"},
		{"reply to an appliance", func(c *cloud) {
			set(c, "routetables/rt", `{"properties":{"routes":[{"properties":{"addressPrefix":"0.0.0.0/0","nextHopType":"VirtualAppliance"}}]}}`)
		}, ssh, model.Fail, "route-asymmetric"},
		{"routes not read", func(c *cloud) { drop(c, "routetables/rt") }, ssh, model.Unknown, "read routetables/rt"},
		{"subnet group not read", func(c *cloud) { drop(c, "networksecuritygroups/subnetnsg") }, ssh, model.Unknown, "read networksecuritygroups/subnetnsg"},
		{"subnet group not read, other closed", func(c *cloud) { drop(c, "networksecuritygroups/subnetnsg") }, rdp, model.Fail, "nsg-nic"},
		{"network not read", func(c *cloud) { drop(c, "virtualnetworks/v") }, ssh, model.Unknown, "read virtualnetworks/v"},
		{"interface not read", func(c *cloud) { drop(c, "networkinterfaces/nic") }, ssh, model.Unknown, "read networkinterfaces/nic"},
		{"group of the interface not read", func(c *cloud) {
			nic := c.byID[azureRoot+"networkinterfaces/nic"]
			delete(at(nic.Config, "properties"), "networkSecurityGroup")
			nic.Gaps = []model.Gap{{Path: "properties.networkSecurityGroup", Reason: model.Denied, Operation: "read groups"}}
		}, ssh, model.Unknown, "read groups"},
		{"interface not there", func(c *cloud) {
			c.byID["/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/m"].Config = config(c.t, `{"properties":{"networkProfile":{"networkInterfaces":[{"id":"/x/NIC"}]}}}`)
		}, ssh, model.Unknown, "not in the inventory"},
		{"address not read, with groups", func(c *cloud) { drop(c, "publicipaddresses/ip") }, ssh, model.Pass, ""},
		{"Standard without groups", func(c *cloud) {
			delete(at(c.byID[azureRoot+"networkinterfaces/nic"].Config, "properties"), "networkSecurityGroup")
			delete(at(items(at(c.byID[azureRoot+"virtualnetworks/v"].Config, "properties")["subnets"])[1], "properties"), "networkSecurityGroup")
		}, ssh, model.Fail, "no-nsg"},
		{"Basic without groups", func(c *cloud) {
			delete(at(c.byID[azureRoot+"networkinterfaces/nic"].Config, "properties"), "networkSecurityGroup")
			delete(at(items(at(c.byID[azureRoot+"virtualnetworks/v"].Config, "properties")["subnets"])[1], "properties"), "networkSecurityGroup")
			set(c, "publicipaddresses/ip", `{"sku":{"name":"basic"}}`)
		}, ssh, model.Pass, ""},
		{"behind a load balancer", func(c *cloud) {
			set(c, "networkinterfaces/nic", `{"properties":{"ipConfigurations":[{"properties":{"privateIPAddress":"10.0.0.4","subnet":{"id":"`+azureRoot+`virtualNetworks/v/subnets/a"},
				"loadBalancerBackendAddressPools":[{"id":"`+azureRoot+`loadBalancers/LB/backendAddressPools/P"}]}}]}}`)
			c.add(loadBalancerType, azureRoot+"loadbalancers/lb", `{"sku":{"name":"Standard"},"properties":{"frontendIPConfigurations":[{"id":"f","properties":{"publicIPAddress":{"id":"i"}}}],
				"loadBalancingRules":[{"properties":{"protocol":"Tcp","frontendPort":2022,"backendPort":22,"frontendIPConfiguration":{"id":"F"},"backendAddressPool":{"id":"`+azureRoot+`loadBalancers/lb/backendAddressPools/p"}}}]}}`)
		}, ssh, model.Pass, "to port 22"},
		{"behind a load balancer that was not read", func(c *cloud) {
			set(c, "networkinterfaces/nic", `{"properties":{"ipConfigurations":[{"properties":{"privateIPAddress":"10.0.0.4","subnet":{"id":"`+azureRoot+`virtualNetworks/v/subnets/a"},
				"loadBalancerBackendAddressPools":[{"id":"`+azureRoot+`loadBalancers/LB/backendAddressPools/P"}]}}]}}`)
		}, ssh, model.Unknown, "loadbalancers/lb is not in the inventory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCloud(t, model.Scope{Provider: model.Azure, Account: "s"})
			m := azureMachine(c)
			tt.change(c)
			c.want(e, m, tt.ask, tt.want, tt.because)
		})
	}
}

func TestRangesOfAddresses(t *testing.T) {
	e := cloudEngine(t)
	c := newCloud(t, model.Scope{Provider: model.Azure, Account: "s"})
	a := c.add(nsgType, "n", `{}`)
	c.want(e, a, `internet_range("0.0.0.0", "255.255.255.255")`, model.Pass)
	c.want(e, a, `internet_range("0.0.0.0", "0.0.0.0")`, model.Fail)
	c.want(e, a, `internet_range("10.0.0.0", "10.255.255.255")`, model.Fail)
	c.want(e, a, `internet_range("0.0.0.0", "127.255.255.255")`, model.Pass)
	c.want(e, a, `internet_range(["20.0.0.0", "21.0.0.0"], ["20.255.255.255", "21.0.0.0"])`, model.Pass)
	c.want(e, a, `internet_range(["20.0.0.0", "20.0.0.0"], ["20.255.255.255", "20.0.0.0"])`, model.Fail)
	for _, wrong := range []string{`internet_range("", "9.9.9.9")`, `internet_range(["9.9.9.9"], [])`} {
		if got := c.ask(e, a, wrong); got.Verdict != model.Unknown {
			t.Errorf("%s: got %s, want unknown", wrong, got.Verdict)
		}
	}
}

const googleRoot = computeName + "projects/p/"

// google adds a network with one open rule and an instance in it.
func google(c *cloud) (vpc, rule, instance *model.Asset) {
	const url = "https://www.googleapis.com/compute/v1/projects/p/"
	vpc = c.add(vpcNetworkType, googleRoot+"global/networks/n", `{"name":"n"}`)
	rule = c.add(firewallType, googleRoot+"global/firewalls/ssh", `{"name":"ssh","network":"`+url+`global/networks/n","direction":"INGRESS","priority":1000,"disabled":false,
		"allowed":[{"IPProtocol":"tcp","ports":["22"]}],"sourceRanges":["0.0.0.0/0"],"targetTags":["web"]}`)
	c.add(firewallType, googleRoot+"global/firewalls/elsewhere", `{"name":"elsewhere","network":"`+url+`global/networks/n2","direction":"INGRESS","priority":1,
		"denied":[{"IPProtocol":"all"}],"sourceRanges":["0.0.0.0/0"]}`)
	instance = c.add(instanceType, googleRoot+"zones/europe-west1-b/instances/i", `{"name":"i","zone":"`+url+`zones/europe-west1-b","tags":{"items":["web"]},
		"serviceAccounts":[{"email":"a@p.iam.gserviceaccount.com"}],
		"networkInterfaces":[{"name":"nic0","network":"`+url+`global/networks/n","networkIP":"10.0.0.2","accessConfigs":[{"type":"ONE_TO_ONE_NAT"}]}]}`)
	return vpc, rule, instance
}

func TestFirewallsOfGoogleCloud(t *testing.T) {
	e := cloudEngine(t)
	org := model.Scope{Provider: model.GCP, Account: "organizations/1", OrgPath: "organizations/1"}
	project := model.Scope{Provider: model.GCP, Account: "p", OrgPath: "organizations/1/folders/2/projects/p"}
	deny := func(target, extra string) string {
		return `{"shortName":"guard","associations":[{"attachmentTarget":"` + target + `"}],` + extra + `"rules":[{"priority":1,"direction":"INGRESS","action":"deny",
			"match":{"srcIpRanges":["0.0.0.0/0"],"layer4Configs":[{"ipProtocol":"tcp","ports":["22"]}]}}]}`
	}
	const policyID = googleRoot + "global/firewallPolicies/g"
	const network = "https://compute.googleapis.com/compute/v1/projects/p/global/networks/n"
	above := func(c *cloud, text string, gaps ...string) {
		c.scope = org
		c.add(firewallPolicyType, computeName+"locations/global/firewallPolicies/1", text, gaps...)
		c.scope = project
	}
	type verdicts [3]model.Verdict // of network, rule and instance: does it let SSH in?
	all := func(v model.Verdict) verdicts { return verdicts{v, v, v} }
	tests := []struct {
		name    string
		change  func(*cloud)
		want    verdicts
		because string
	}{
		{"open", func(*cloud) {}, all(model.Pass), "ssh: 1000 allow tcp 22 from 0.0.0.0/0 to tag:web"},
		{"disabled", func(c *cloud) { c.byID[googleRoot+"global/firewalls/ssh"].Config["disabled"] = true }, all(model.Fail), ""},
		{"denied before", func(c *cloud) {
			c.add(firewallType, googleRoot+"global/firewalls/no", `{"name":"no","network":"`+network+`","priority":900,"denied":[{"IPProtocol":"all"}],"sourceRanges":["0.0.0.0/0"]}`)
		}, all(model.Fail), "no: 900 deny all from 0.0.0.0/0"},
		{"denied for its account", func(c *cloud) {
			c.add(firewallType, googleRoot+"global/firewalls/no", `{"name":"no","network":"`+network+`","priority":900,"denied":[{"IPProtocol":"all"}],"sourceRanges":["0.0.0.0/0"],
				"targetServiceAccounts":["a@p.iam.gserviceaccount.com"]}`)
		}, verdicts{model.Pass, model.Pass, model.Fail}, ""},
		{"other tag", func(c *cloud) {
			c.byID[googleRoot+"zones/europe-west1-b/instances/i"].Config["tags"] = map[string]any{"items": []any{"db"}}
		}, verdicts{model.Pass, model.Pass, model.Fail}, ""},
		{"no external address", func(c *cloud) {
			delete(items(c.byID[googleRoot+"zones/europe-west1-b/instances/i"].Config["networkInterfaces"])[0], "accessConfigs")
		}, verdicts{model.Pass, model.Pass, model.Fail}, ""},
		{"rules not listed", func(c *cloud) { c.unlisted(firewallType) }, all(model.Unknown), ""},
		{"rule not read", func(c *cloud) {
			c.byID[googleRoot+"global/firewalls/ssh"].Gaps = []model.Gap{{Path: "sourceRanges", Reason: model.Denied, Operation: "x"}}
		}, all(model.Unknown), ""},
		{"rule of another network not read", func(c *cloud) {
			c.byID[googleRoot+"global/firewalls/elsewhere"].Gaps = []model.Gap{{Path: "sourceRanges", Reason: model.Denied, Operation: "x"}}
		}, all(model.Pass), ""},
		{"tags not read", func(c *cloud) {
			c.byID[googleRoot+"zones/europe-west1-b/instances/i"].Gaps = []model.Gap{{Path: "tags", Reason: model.Denied, Operation: "x"}}
			c.byID[googleRoot+"zones/europe-west1-b/instances/i"].Config["tags"] = nil
		}, verdicts{model.Pass, model.Pass, model.Unknown}, ""},
		{"organization denies", func(c *cloud) { above(c, deny("//cloudresourcemanager.googleapis.com/organizations/1", "")) }, all(model.Fail), "guard rules[0]: 1 deny tcp 22"},
		{"folder denies", func(c *cloud) { above(c, deny("folders/2", "")) }, all(model.Fail), ""},
		{"another folder denies", func(c *cloud) { above(c, deny("folders/3", "")) }, all(model.Pass), ""},
		{"organization policy not read", func(c *cloud) { above(c, deny("organizations/1", ""), "rules") }, all(model.Unknown), ""},
		{"policies above not listed", func(c *cloud) { c.scope = org; c.unlisted(firewallPolicyType) }, all(model.Unknown), ""},
		{"policies not listed", func(c *cloud) { c.unlisted(firewallPolicyType) }, all(model.Unknown), ""},
		{"network policy after the rules", func(c *cloud) { c.add(firewallPolicyType, policyID, deny(network, "")) }, all(model.Pass), ""},
		{"network policy before the rules", func(c *cloud) {
			c.add(firewallPolicyType, policyID, deny(network, ""))
			c.byID[googleRoot+"global/networks/n"].Config[orderMember] = "BEFORE_CLASSIC_FIREWALL"
		}, all(model.Fail), ""},
		{"order not read", func(c *cloud) {
			c.add(firewallPolicyType, policyID, deny(network, ""))
			c.byID[googleRoot+"global/networks/n"].Gaps = []model.Gap{{Path: orderMember, Reason: model.Denied, Operation: "x"}}
		}, all(model.Unknown), ""},
		{"policy of the region before the rules", func(c *cloud) {
			c.add(firewallPolicyType, policyID, deny(network, `"region":"https://x/projects/p/regions/europe-west1",`))
			c.byID[googleRoot+"global/networks/n"].Config[orderMember] = "BEFORE_CLASSIC_FIREWALL"
		}, verdicts{model.Pass, model.Pass, model.Fail}, ""},
		{"policy of another region before the rules", func(c *cloud) {
			c.add(firewallPolicyType, policyID, deny(network, `"region":"https://x/projects/p/regions/us-west1",`))
			c.byID[googleRoot+"global/networks/n"].Config[orderMember] = "BEFORE_CLASSIC_FIREWALL"
		}, all(model.Pass), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCloud(t, project)
			vpc, rule, instance := google(c)
			tt.change(c)
			c.scope = project
			c.want(e, vpc, opensSSH, tt.want[0], tt.because)
			c.want(e, rule, opensSSH, tt.want[1])
			c.want(e, instance, `asset.internet_reachable(["tcp"], [22])`, tt.want[2])
			c.want(e, vpc, `asset.opens("ipv6", [], [])`, map[bool]model.Verdict{true: model.Unknown, false: model.Fail}[tt.want[0] == model.Unknown])
		})
	}
	t.Run("shared network", func(t *testing.T) {
		c := newCloud(t, project)
		_, _, instance := google(c)
		items(instance.Config["networkInterfaces"])[0]["network"] = "https://www.googleapis.com/compute/v1/projects/host/global/networks/n"
		c.want(e, instance, `asset.internet_reachable(["tcp"], [22])`, model.Unknown, "projects/host/global/networks/n is not in the inventory")
	})
	t.Run("place in the organization not known", func(t *testing.T) {
		c := newCloud(t, model.Scope{Provider: model.GCP, Account: "p"})
		vpc, _, _ := google(c)
		c.want(e, vpc, opensSSH, model.Pass)
		c.add(firewallPolicyType, policyID, deny("folders/2", ""))
		c.want(e, vpc, opensSSH, model.Unknown, "whether it applies is not known")
	})
}

// What a function looks up depends on what it is asked of.
func TestLookupsOfFunctions(t *testing.T) {
	e := cloudEngine(t)
	for _, tt := range []struct {
		typ, question string
		want          []string
	}{
		{nsgType, opensSSH, nil},
		{firewallType, opensSSH, []string{firewallType, firewallPolicyType, vpcNetworkType}},
		{virtualMachineType, `asset.internet_reachable([], [])`, []string{azureFirewallType, azureFirewallPolicyType, loadBalancerType, azureInterfaceType, nsgType, publicAddressType, azureRouteTableType, azureNetworkType}},
		{instanceType, `asset.internet_reachable([], [])`, []string{firewallType, firewallPolicyType, forwardingRuleType, instanceGroupType, vpcNetworkType, regionalBackendType}},
		{nsgType, `assets("` + firewallType + `").exists(f, f.opens("any", [], []))`, []string{firewallType, firewallPolicyType, vpcNetworkType}},
	} {
		p, err := e.Compile(model.Control{ID: "test", Type: tt.typ, Holds: tt.question})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, p.Uses.Inventory); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", tt.question, tt.typ, diff)
		}
	}
}

func TestQuestionsToTheWrongAsset(t *testing.T) {
	e := cloudEngine(t)
	c := newCloud(t, model.Scope{Provider: model.Azure, Account: "s"})
	vm, nsg := c.add(virtualMachineType, "v", `{}`), c.add(nsgType, "n", `{}`)
	for a, question := range map[*model.Asset]string{vm: opensSSH, nsg: `asset.internet_reachable([], [])`} {
		if got := c.ask(e, a, question); got.Verdict != model.Unknown || !strings.Contains(got.Message, "Cannot be decided") {
			t.Errorf("%s of %s: got %s %s", question, a.Type, got.Verdict, got.Message)
		}
	}
}
