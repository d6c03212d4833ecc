package policy

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestFrontedInstances holds which forwarding rules may lead the internet to an instance
// without an address of its own.
func TestFrontedInstances(t *testing.T) {
	e := cloudEngine(t)
	project := model.Scope{Provider: model.GCP, Account: "p", OrgPath: "organizations/1/projects/p"}
	const root = "https://www.googleapis.com/compute/v1/projects/p/"
	const region, service = root + "regions/europe-west1", root + "regions/europe-west1/backendServices/s"
	rule := func(c *cloud, members string, gaps ...string) {
		c.add(forwardingRuleType, googleRoot+"regions/europe-west1/forwardingRules/f", `{"name":"f","region":"`+region+`","loadBalancingScheme":"EXTERNAL","IPProtocol":"TCP",`+members+`}`, gaps...)
	}
	backend := func(c *cloud, group string, gaps ...string) {
		rule(c, `"backendService":"`+service+`","ports":["22","443"]`)
		c.add(regionalBackendType, googleRoot+"regions/europe-west1/backendServices/s", `{"name":"s","backends":[{"group":"`+root+group+`"}]}`, gaps...)
	}
	for _, tt := range []struct {
		name    string
		change  func(*cloud)
		want    model.Verdict
		because string
	}{
		{"none", func(*cloud) {}, model.Fail, ""},
		{"a group of its zone", func(c *cloud) { backend(c, "zones/europe-west1-b/instanceGroups/g") }, model.Unknown, "whether group g behind backend service s leads to i is not read"},
		{"a group of its region", func(c *cloud) { backend(c, "regions/europe-west1/instanceGroups/g") }, model.Unknown, "group g"},
		{"a group of another zone", func(c *cloud) { backend(c, "zones/europe-west1-c/instanceGroups/g") }, model.Fail, ""},
		{"a group of another network", func(c *cloud) {
			backend(c, "zones/europe-west1-b/instanceGroups/g")
			c.add(instanceGroupType, googleRoot+"zones/europe-west1-b/instanceGroups/g", `{"name":"g","size":3,"network":"`+root+`global/networks/other"}`)
		}, model.Fail, ""},
		{"an empty group", func(c *cloud) {
			backend(c, "zones/europe-west1-b/instanceGroups/g")
			c.add(instanceGroupType, googleRoot+"zones/europe-west1-b/instanceGroups/g", `{"name":"g","size":0}`)
		}, model.Fail, ""},
		{"backends not read", func(c *cloud) { backend(c, "zones/europe-west1-c/instanceGroups/g", "backends") }, model.Unknown, "read backends"},
		{"a service that is not there", func(c *cloud) { rule(c, `"backendService":"`+service+`"`) }, model.Unknown, "backendServices/s is not in the inventory"},
		{"a target pool", func(c *cloud) { rule(c, `"target":"`+region+`/targetPools/t","portRange":"1-1024"`) }, model.Unknown, "target pool t"},
		{"a target instance of its zone", func(c *cloud) { rule(c, `"target":"`+root+`zones/europe-west1-b/targetInstances/t"`) }, model.Unknown, "target instance t"},
		{"a target instance of another zone", func(c *cloud) { rule(c, `"target":"`+root+`zones/europe-west1-c/targetInstances/t"`) }, model.Fail, ""},
		{"a proxy", func(c *cloud) { rule(c, `"target":"`+region+`/targetHttpsProxies/t"`) }, model.Fail, ""},
		{"other ports", func(c *cloud) { rule(c, `"target":"`+region+`/targetPools/t","portRange":"443-443"`) }, model.Fail, "ports of the forwarding rule"},
		{"a range that makes no sense", func(c *cloud) { rule(c, `"target":"`+region+`/targetPools/t","portRange":"x"`) }, model.Unknown, ""},
		{"another protocol", func(c *cloud) { rule(c, `"target":"`+region+`/targetPools/t","IPProtocol":"UDP"`) }, model.Fail, ""},
		{"every protocol", func(c *cloud) {
			rule(c, `"target":"`+region+`/targetPools/t","IPProtocol":"L3_DEFAULT","allPorts":true`)
		}, model.Unknown, ""},
		{"inside only", func(c *cloud) { rule(c, `"target":"`+region+`/targetPools/t","loadBalancingScheme":"INTERNAL"`) }, model.Fail, ""},
		{"another region", func(c *cloud) { rule(c, `"target":"`+region+`/targetPools/t","region":"`+root+`regions/us-west1"`) }, model.Fail, ""},
		{"IPv6, which the firewall does not let in", func(c *cloud) { rule(c, `"target":"`+region+`/targetPools/t","ipVersion":"IPV6"`) }, model.Fail, ""},
		{"a rule that was not read", func(c *cloud) { rule(c, `"target":"x"`, "loadBalancingScheme") }, model.Unknown, "read loadBalancingScheme"},
		{"rules not listed", func(c *cloud) { c.unlisted(forwardingRuleType) }, model.Unknown, "list " + forwardingRuleType},
		{"rules not listed, and the firewall shuts", func(c *cloud) {
			c.unlisted(forwardingRuleType)
			c.byID[googleRoot+"global/firewalls/ssh"].Config["disabled"] = true
		}, model.Fail, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCloud(t, project)
			_, _, instance := google(c)
			delete(items(instance.Config["networkInterfaces"])[0], "accessConfigs")
			tt.change(c)
			c.want(e, instance, `asset.internet_reachable(["tcp"], [22])`, tt.want, tt.because)
		})
	}
}
