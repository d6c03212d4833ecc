package policy

import (
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestTranslatedMachines holds which rules of firewalls may lead the internet to a
// machine without a public address.
func TestTranslatedMachines(t *testing.T) {
	e := cloudEngine(t)
	const ssh = `asset.internet_reachable(["tcp"], [22])`
	rule := func(change ...string) string {
		text := `{"ruleType":"NatRule","name":"r","ipProtocols":["TCP"],"sourceAddresses":["*"],"destinationAddresses":["20.1.1.1"],"destinationPorts":["2222"],"translatedAddress":"10.0.0.4","translatedPort":"22"}`
		return strings.NewReplacer(change...).Replace(text)
	}
	policy := func(properties string, rules ...string) func(*cloud) {
		return func(c *cloud) {
			c.add(azureFirewallPolicyType, azureRoot+"firewallpolicies/p", `{"properties":{`+properties+`},"ruleCollectionGroups":[{"properties":{"priority":1,"ruleCollections":[
				{"ruleCollectionType":"FirewallPolicyFilterRuleCollection","rules":[`+rule()+`]},
				{"ruleCollectionType":"FirewallPolicyNatRuleCollection","action":{"type":"DNAT"},"rules":[`+strings.Join(rules, ",")+`]}]}}]}`)
		}
	}
	for _, tt := range []struct {
		name    string
		change  func(*cloud)
		want    model.Verdict
		because string
	}{
		{"no firewall", func(*cloud) {}, model.Fail, ""},
		{"no translation", policy(``), model.Fail, ""},
		{"a policy", policy(`"firewalls":[{"id":"f"}]`, rule()), model.Unknown, "rule r of p translates to 10.0.0.4"},
		{"a policy of which nobody says whose it is", policy(``, rule()), model.Unknown, "rule r of p"},
		{"a policy of no firewall", policy(`"firewalls":[],"childPolicies":[]`, rule()), model.Fail, ""},
		{"to another address", policy(``, rule("10.0.0.4", "10.0.0.40")), model.Fail, ""},
		{"to another port", policy(``, rule(`"22"`, `"443"`)), model.Fail, "ports of the translation"},
		{"another protocol", policy(``, rule("TCP", "UDP")), model.Fail, ""},
		{"any protocol", policy(``, rule("TCP", "any")), model.Unknown, ""},
		{"from one office", policy(``, rule(`"*"`, `"203.0.113.0/24","198.51.100.7"`)), model.Fail, ""},
		{"from two halves of everything", policy(``, rule(`"*"`, `"0.0.0.0/1","128.0.0.0/1"`)), model.Unknown, ""},
		{"from a group of addresses", policy(``, rule(`"sourceAddresses":["*"]`, `"sourceIpGroups":["g"]`)), model.Unknown, ""},
		{"rules of the firewall itself", func(c *cloud) {
			c.add(azureFirewallType, azureRoot+"azurefirewalls/f", `{"properties":{"natRuleCollections":[{"properties":{"rules":[`+rule(`"ipProtocols"`, `"protocols"`)+`]}}]}}`)
		}, model.Unknown, "rule r of f"},
		{"groups not read", func(c *cloud) {
			c.add(azureFirewallPolicyType, azureRoot+"firewallpolicies/p", `{"properties":{}}`, "ruleCollectionGroups")
		}, model.Unknown, "read ruleCollectionGroups"},
		{"firewalls not listed", func(c *cloud) { c.unlisted(azureFirewallType) }, model.Unknown, "list " + azureFirewallType},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCloud(t, model.Scope{Provider: model.Azure, Account: "s"})
			vm := azureMachine(c)
			address := items(at(c.byID[azureRoot+"networkinterfaces/nic"].Config, "properties")["ipConfigurations"])[0]["properties"].(map[string]any)
			delete(address, "publicIPAddress")
			address["privateIPAddress"] = "10.0.0.4"
			tt.change(c)
			c.want(e, vm, ssh, tt.want, tt.because)
		})
	}
}
