package network

import (
	"fmt"
	"testing"
)

// A network with 500 rules for as many tags, and a group with as many rules as
// Azure allows, half of them for single addresses.
func BenchmarkChains(b *testing.B) {
	var rules []VPCRule
	for i := range 500 {
		rules = append(rules, VPCRule{ID: fmt.Sprint("rule/", i), Doc: map[string]any{
			"priority": int64(i), "sourceRanges": []any{fmt.Sprintf("%d.%d.0.0/16", 1+i%200, i%250)}, "targetTags": []any{fmt.Sprint("tag", i)},
			[]string{"allowed", "denied"}[i%5/4]: []any{map[string]any{"IPProtocol": "tcp", "ports": []any{fmt.Sprint(i + 1)}}},
		}})
	}
	var group []any
	for i := range 1000 {
		to := "*"
		if i%2 == 0 {
			to = fmt.Sprintf("10.0.%d.%d", i/250, i%250)
		}
		group = append(group, map[string]any{"properties": map[string]any{
			"priority": int64(100 + i), "direction": "Inbound", "access": []string{"Allow", "Deny"}[i%3/2], "protocol": "Tcp", "sourcePortRange": "*",
			"sourceAddressPrefix": fmt.Sprintf("%d.%d.0.0/16", 1+i%200, i%250), "destinationAddressPrefix": to, "destinationPortRange": fmt.Sprint(i + 1),
		}})
	}
	doc := map[string]any{"properties": map[string]any{"securityRules": group}}
	vpc := VPCRules(rules...)
	for name, run := range map[string]func(){
		"network":      func() { vpc.Somewhere() },
		"contribution": func() { vpc.ContributedBy("rule/300").Somewhere() },
		"instance":     func() { vpc.At(Destination{Labels: []string{"tag:tag7"}, LabelsKnown: true}) },
		"group":        func() { SecurityRules(doc, NarrowTags).Somewhere() },
		"interface":    func() { SecurityRules(doc, NarrowTags).At(Destination{LabelsKnown: true}) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}
