package network

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const testNetwork = "projects/p/global/networks/n"

// vpc makes VPC rules from documents.
func vpc(t *testing.T, docs ...string) Chain {
	t.Helper()
	var rules []VPCRule
	for _, d := range docs {
		doc := decode(t, d)
		rules = append(rules, VPCRule{ID: "//compute/" + text(doc["name"]), Doc: doc})
	}
	return VPCRules(rules...)
}

// policyOf makes a firewall policy from its rules.
func policyOf(t *testing.T, rules string) Chain {
	t.Helper()
	return FirewallPolicy("//compute/policy", decode(t, `{"shortName":"org","rules":[`+rules+`]}`), testNetwork)
}

func TestGoogleRules(t *testing.T) {
	const (
		open22  = `{"name":"ssh","priority":1000,"direction":"INGRESS","allowed":[{"IPProtocol":"tcp","ports":["22"]}],"sourceRanges":["0.0.0.0/0"]}`
		deny22  = `{"name":"no","priority":1000,"direction":"INGRESS","denied":[{"IPProtocol":"tcp","ports":["22"]}],"sourceRanges":["0.0.0.0/0"]}`
		policy  = `{"priority":1,"action":"%","direction":"INGRESS","match":{"srcIpRanges":["0.0.0.0/0"],"layer4Configs":[{"ipProtocol":"tcp","ports":["22"]}]}}`
		denyAll = `{"priority":9,"action":"deny","direction":"INGRESS","match":{"srcIpRanges":["0.0.0.0/0","::/0"],"layer4Configs":[{"ipProtocol":"all"}]}}`
	)
	act := func(action string) string { return strings.Replace(policy, "%", action, 1) }
	swap := func(s, old, new string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("%s has no %s", s, old)
		}
		return strings.Replace(s, old, new, 1)
	}
	tests := []struct {
		name  string
		chain Chain
		ask   string
		want  Truth
	}{
		{"nothing", vpc(t), "any", False},
		{"open", vpc(t, open22), "any tcp 22", True},
		{"open, other port", vpc(t, open22), "any tcp 23", False},
		{"open, other family", vpc(t, open22), "v6 tcp 22", False},
		{"IPv6", vpc(t, swap(open22, "0.0.0.0/0", "::/0")), "v6 tcp 22", True},
		{"two halves", vpc(t, swap(open22, `"0.0.0.0/0"`, `"0.0.0.0/1","128.0.0.0/1"`)), "v4 tcp 22 strict", True},
		{"two halves in two rules", vpc(t, swap(open22, "0.0.0.0/0", "0.0.0.0/1"), swap(open22, "0.0.0.0/0", "128.0.0.0/1")), "v4 tcp 22 strict", True},
		{"no source means any", vpc(t, swap(open22, `,"sourceRanges":["0.0.0.0/0"]`, "")), "v4 tcp 22", True},
		{"no source, IPv6", vpc(t, swap(open22, `,"sourceRanges":["0.0.0.0/0"]`, "")), "v6 tcp 22", Unknown},
		{"empty source means any", vpc(t, swap(open22, `["0.0.0.0/0"]`, "[]")), "v4 tcp 22", True},
		{"source tags only", vpc(t, swap(open22, `"sourceRanges":["0.0.0.0/0"]`, `"sourceTags":["web"]`)), "any tcp 22", False},
		{"source accounts only", vpc(t, swap(open22, `"sourceRanges":["0.0.0.0/0"]`, `"sourceServiceAccounts":["a@b"]`)), "any tcp 22", False},
		{"ranges or tags", vpc(t, swap(open22, `"sourceRanges"`, `"sourceTags":["web"],"sourceRanges"`)), "v4 tcp 22", True},
		{"disabled", vpc(t, swap(open22, `"name"`, `"disabled":true,"name"`)), "any tcp 22", False},
		{"disabled deny", vpc(t, open22, swap(deny22, `"name"`, `"disabled":true,"name"`)), "any tcp 22", True},
		{"egress", vpc(t, swap(open22, "INGRESS", "EGRESS")), "any tcp 22", False},
		{"no direction is ingress", vpc(t, swap(open22, `"direction":"INGRESS",`, "")), "any tcp 22", True},
		{"all protocols", vpc(t, swap(open22, `{"IPProtocol":"tcp","ports":["22"]}`, `{"IPProtocol":"all"}`)), "any tcp 3389", True},
		{"all TCP ports", vpc(t, swap(open22, `,"ports":["22"]`, "")), "any tcp 3389", True},
		{"range of ports", vpc(t, swap(open22, `"22"`, `"20-25","80"`)), "any tcp 22", True},
		{"port as a number", vpc(t, swap(open22, `"22"`, `22`)), "any tcp 22", True},
		{"second protocol", vpc(t, swap(open22, `{"IPProtocol":"tcp","ports":["22"]}`, `{"IPProtocol":"icmp"},{"IPProtocol":"6","ports":["22"]}`)), "any tcp 22", True},
		{"ICMP is no port", vpc(t, swap(open22, `{"IPProtocol":"tcp","ports":["22"]}`, `{"IPProtocol":"icmp"}`)), "any tcp udp", False},
		{"37 deny wins at equal priority", vpc(t, open22, deny22), "any tcp 22", False},
		{"deny later", vpc(t, open22, swap(deny22, "1000", "1001")), "any tcp 22", True},
		{"deny for one tag", vpc(t, open22, swap(deny22, `"name"`, `"targetTags":["web"],"name"`)), "any tcp 22", True},
		{"open for one tag", vpc(t, swap(open22, `"name"`, `"targetTags":["web"],"name"`)), "any tcp 22", True},
		{"priority of 1000 is the default", vpc(t, swap(open22, `"priority":1000,`, ""), swap(deny22, "1000", "999")), "any tcp 22", False},
		{"priority unreadable", vpc(t, open22, swap(deny22, "1000", `"?"`)), "any tcp 22", Unknown},
		{"neither allowed nor denied", vpc(t, swap(open22, "allowed", "permitted")), "any tcp 22", Unknown},
		{"rule not read", VPCRules(VPCRule{ID: "x"}), "any tcp 22", Unknown},
		{"38 policy allows first", policyOf(t, act("allow")).Then(vpc(t, deny22)), "any tcp 22", True},
		{"39 policy passes on", policyOf(t, act("goto_next")+","+denyAll).Then(vpc(t, open22)), "any tcp 22", True},
		{"policy denies the rest", policyOf(t, act("goto_next")+","+denyAll).Then(vpc(t, swap(open22, `"22"`, `"23"`))), "any tcp 23", False},
		{"policy denies", policyOf(t, act("deny")).Then(vpc(t, open22)), "any tcp 22", False},
		{"policy rule off", policyOf(t, swap(act("deny"), `"priority"`, `"disabled":true,"priority"`)).Then(vpc(t, open22)), "any tcp 22", True},
		{"policy of another network", policyOf(t, swap(act("deny"), `"priority"`, `"targetResources":["https://www.googleapis.com/compute/v1/projects/p/global/networks/other"],"priority"`)).Then(vpc(t, open22)), "any tcp 22", True},
		{"policy of this network", policyOf(t, swap(act("deny"), `"priority"`, `"targetResources":["https://www.googleapis.com/compute/beta/projects/p/global/networks/n"],"priority"`)).Then(vpc(t, open22)), "any tcp 22", False},
		{"policy for secure tags", policyOf(t, swap(act("deny"), `"priority"`, `"targetSecureTags":[{"name":"tagValues/1"}],"priority"`)).Then(vpc(t, open22)), "any tcp 22", Unknown},
		{"policy from secure tags", policyOf(t, swap(act("deny"), `"srcIpRanges":["0.0.0.0/0"]`, `"srcSecureTags":[{"name":"tagValues/1"}]`)).Then(vpc(t, open22)), "any tcp 22", True},
		{"policy from threat lists", policyOf(t, swap(act("deny"), `"srcIpRanges":["0.0.0.0/0"]`, `"srcThreatIntelligences":["iplist-known-malicious-ips"]`)).Then(vpc(t, open22)), "any tcp 22", True},
		{"policy from regions", policyOf(t, swap(act("deny"), `"srcIpRanges":["0.0.0.0/0"]`, `"srcRegionCodes":["ZZ"]`)).Then(vpc(t, open22)), "any tcp 22", Unknown},
		{"policy from outside the internet", policyOf(t, swap(act("allow"), `"srcIpRanges"`, `"srcNetworkType":"NON_INTERNET","srcIpRanges"`)), "any tcp 22", False},
		{"policy inspects", policyOf(t, act("apply_security_profile_group")).Then(vpc(t, open22)), "any tcp 22", Unknown},
		{"policy unreadable", FirewallPolicy("x", nil, testNetwork).Then(vpc(t, open22)), "any tcp 22", Unknown},
		{"policy without rules", FirewallPolicy("x", map[string]any{"name": "x"}, testNetwork).Then(vpc(t, open22)), "any tcp 22", Unknown},
		{"45 rules first", vpc(t, swap(deny22, "1000", "900")).Then(policyOf(t, act("allow"))), "any tcp 22", False},
		{"policy after rules that do not match", vpc(t, swap(deny22, `"22"`, `"23"`)).Then(policyOf(t, act("allow"))), "any tcp 22", True},
		{"passed on for one account, allowed for one tag", policyOf(t, swap(act("goto_next"), `"priority"`, `"targetServiceAccounts":["a@b"],"priority"`)+","+denyAll).Then(vpc(t, swap(open22, `"name"`, `"targetTags":["web"],"name"`))), "any tcp 22", True},
		{"contributes", vpc(t, open22).ContributedBy("//compute/ssh"), "any tcp 22", True},
		{"contributes nothing after a denial", vpc(t, open22, deny22).ContributedBy("//compute/ssh"), "any tcp 22", False},
		{"contributes nothing behind a policy", policyOf(t, denyAll).Then(vpc(t, open22)).ContributedBy("//compute/ssh"), "any tcp 22", False},
		{"contributes beside another rule", vpc(t, open22, swap(swap(open22, "ssh", "all"), "1000", "10")).ContributedBy("//compute/ssh"), "any tcp 22", True},
		{"a denial contributes nothing", vpc(t, open22, swap(deny22, "1000", "2000")).ContributedBy("//compute/no"), "any tcp 22", False},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := Exposed(tt.chain.Somewhere(), query(t, strings.Fields(tt.ask)))
			if a.Value != tt.want {
				t.Errorf("%s: got %s, want %s", tt.ask, a.Value, tt.want)
			}
		})
	}
}

func TestGoogleRulesSay(t *testing.T) {
	c := policyOf(t, `{"priority":5,"action":"goto_next","match":{"srcIpRanges":["0.0.0.0/0"],"layer4Configs":[{"ipProtocol":"tcp","ports":["22","80-90"]}]}}`).
		Then(vpc(t, `{"name":"ssh","priority":1000,"allowed":[{"IPProtocol":"tcp","ports":["22"]},{"IPProtocol":"icmp"}],"sourceRanges":["0.0.0.0/0"],"targetTags":["web"]}`,
			`{"name":"no","priority":900,"denied":[{"IPProtocol":"all"}],"sourceRanges":["5.0.0.0/8"]}`))
	a := Exposed(c.Somewhere(), query(t, []string{"v4", "tcp", "22"}))
	want := []string{
		"+ org rules[0]: 5 goto_next tcp 22,80-90 from 0.0.0.0/0",
		"+ ssh: 1000 allow tcp 22; icmp from 0.0.0.0/0 to tag:web",
		"- no: 900 deny all from 5.0.0.0/8",
	}
	if diff := cmp.Diff(want, drawAnswer(a)[1:]); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if got := a.Rules[1].Owner; got != "//compute/ssh" {
		t.Errorf("owner is %s", got)
	}
}

// More destinations than are tried one by one make the answer unknown, not wrong.
func TestManyDestinations(t *testing.T) {
	var docs []string
	for i := range 80 {
		label := strings.Repeat("x", i+1)
		docs = append(docs,
			`{"name":"a`+label+`","priority":10,"denied":[{"IPProtocol":"all"}],"sourceRanges":["0.0.0.0/0"],"destinationRanges":["10.0.`+decimal(i)+`.7"],"targetTags":["`+label+`"]}`)
	}
	docs = append(docs, `{"name":"ssh","priority":1000,"allowed":[{"IPProtocol":"tcp","ports":["22"]}],"sourceRanges":["0.0.0.0/0"]}`)
	if got := OpenToInternet(vpc(t, docs...).Somewhere(), IPv4, Port(22)).Value; got != Unknown {
		t.Errorf("got %s, want unknown", got)
	}
	if got := OpenToInternet(vpc(t, docs...).Somewhere(), IPv4, Port(23)).Value; got != False {
		t.Errorf("port 23: got %s, want false", got)
	}
}

func decimal(n int) string { return Port(uint16(n)).String() }

func TestGoogleInterface(t *testing.T) {
	open := vpc(t, `{"name":"ssh","priority":1000,"allowed":[{"IPProtocol":"tcp","ports":["22"]}],"sourceRanges":["0.0.0.0/0"],"targetTags":["web"]}`)
	at := func(labels ...string) *Filter {
		f := open.At(Destination{Labels: labels, LabelsKnown: true})
		return &f
	}
	unknown := open.At(Destination{})
	for _, tt := range []struct {
		name string
		i    GoogleInterface
		want []string
	}{
		{"with the tag", GoogleInterface{PublicIPv4: True, PublicIPv6: False, Firewall: at("tag:web")}, []string{"true v4 any 22 0.0.0.0/0"}},
		{"another kind of label", GoogleInterface{PublicIPv4: True, PublicIPv6: False, Firewall: at("account:web")}, []string{"false v4 none", "blocked fw-rule"}},
		{"tags not known", GoogleInterface{PublicIPv4: True, PublicIPv6: False, Firewall: &unknown}, []string{"unknown v4 any 22 0.0.0.0/0", "? fw-rule"}},
		{"internal", GoogleInterface{PublicIPv4: False, PublicIPv6: False, Firewall: at("tag:web")}, []string{"false v4 none", "blocked no-public-address"}},
		{"IPv6 only", GoogleInterface{PublicIPv4: False, PublicIPv6: True, Firewall: at("tag:web")}, []string{"false v4 none", "blocked no-public-address"}},
		{"nothing known", GoogleInterface{}, []string{"unknown v4 any 22 0.0.0.0/0", "? no-public-address, fw-rule"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := drawExposure(tt.i.Exposed(Query{Protocols: []Protocol{TCP}, Ports: []PortRange{Port(22)}}))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestResourcePath(t *testing.T) {
	for in, want := range map[string]string{
		"https://www.googleapis.com/compute/v1/projects/p/global/networks/n":       testNetwork,
		"https://compute.googleapis.com/compute/beta/projects/p/global/networks/n": testNetwork,
		"//compute.googleapis.com/projects/p/global/networks/n":                    testNetwork,
		testNetwork:       testNetwork,
		"my-projects/p/x": "my-projects/p/x",
		"":                "",
	} {
		if got := ResourcePath(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
