package network

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// FuzzChains reads any document as each kind of filter: nothing panics, and what
// is surely admitted may be admitted.
func FuzzChains(f *testing.F) {
	for _, s := range []string{
		`{}`,
		`{"properties":{"securityRules":[{"name":"a","properties":{"priority":100,"direction":"Inbound","access":"Allow","protocol":"*","sourceAddressPrefix":"*","sourcePortRange":"1-2","destinationAddressPrefix":"10.0.0.4","destinationPortRange":"22"}}]}}`,
		`{"priority":1,"allowed":[{"IPProtocol":"tcp","ports":["22"]}],"sourceRanges":["::/0"],"targetTags":["a"],"destinationRanges":["::1"]}`,
		`{"rules":[{"priority":1,"action":"goto_next","match":{"srcIpRanges":["0.0.0.0/1"],"layer4Configs":[{"ipProtocol":"all"}]},"targetServiceAccounts":["a"]}]}`,
		`{"properties":{"frontendIPConfigurations":[{"id":"f"}],"loadBalancingRules":[{"properties":{}}],"routes":[{"properties":{"addressPrefix":"0.0.0.0/0"}}]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := model.DecodeJSON(data)
		doc, ok := v.(map[string]any)
		if err != nil || !ok {
			return
		}
		chain := FirewallPolicy("p", doc, "projects/p/global/networks/n").Then(VPCRules(VPCRule{ID: "r", Doc: doc}))
		for _, f := range []Filter{
			SecurityRules(doc, NarrowTags).Somewhere(), SecurityRules(doc, nil).At(Destination{}), chain.Somewhere(),
			chain.ContributedBy("r").At(Destination{}), LoadBalancer(doc, []string{"x"}),
		} {
			if !f.MayAdmit().Covers(f.Admits()) {
				t.Errorf("admits %s, which is not in %s", f.Admits(), f.MayAdmit())
			}
			if a := OpenToInternet(f, AnyFamily); a.Value == Unknown && len(a.Gaps) == 0 {
				t.Error("unknown without a gap")
			}
		}
		AzureRoute(doc)
	})
}
