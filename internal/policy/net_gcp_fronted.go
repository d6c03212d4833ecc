package policy

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

// What stands before instances: rules that forward to them what comes to an external
// address, and the services between.
const (
	forwardingRuleType  = "compute.googleapis.com/ForwardingRule"
	regionalBackendType = "compute.googleapis.com/RegionBackendService"
	instanceGroupType   = "compute.googleapis.com/InstanceGroup"
)

var (
	forwardingMembers = []string{
		"IPProtocol", "allPorts", "backendService", "ipVersion", "loadBalancingScheme", "portRange", "ports", "region", "target",
	}
	backendMembers = []string{"backends"}
	groupMembers   = []string{"network", "size"}
)

// fronted are the addresses by which passthrough load balancers and protocol
// forwarding may lead to the instance. They leave the packet's source and destination
// as they are, so the firewall of the instance decides on the client. Which instances
// stand in a group, a target pool or a target instance is not part of the inventory:
// in the place where they could, it is not known whether this one does. What proxies
// forward comes from the proxies, and is no connection of the internet's.
// https://cloud.google.com/load-balancing/docs/network/networklb-backend-service
// https://cloud.google.com/load-balancing/docs/protocol-forwarding
func (a *assetRef) fronted(filter *network.Filter, networkPath string) []address {
	var out []address
	add := func(name string, v6 bool, limit func(network.Query) (network.Query, bool), gap *model.Gap) {
		i := network.GoogleInterface{PublicIPv4: network.Unknown, PublicIPv6: network.False, Firewall: filter}
		if v6 {
			i.PublicIPv4, i.PublicIPv6 = network.False, network.Unknown
		}
		out = append(out, address{name: name, gap: gap, exposed: func(q network.Query) network.Exposure {
			q, ok := limit(q)
			if !ok {
				return network.Exposure{Value: network.False, Blocked: []string{"ports of the forwarding rule"}}
			}
			return i.Exposed(q)
		}})
	}
	all := func(q network.Query) (network.Query, bool) { return q, true }
	if g := a.st.view.inv.failed(forwardingRuleType, ""); g != nil {
		add("forwarding rules", false, all, g)
	}
	for _, rule := range a.st.view.inv.Assets(forwardingRuleType) {
		if g := memberGap(rule, forwardingMembers); g != nil {
			add("forwarding rule "+rule.Name, false, all, g)
			continue
		}
		doc := rule.Config
		region := path.Base(textAt(doc, "region"))
		if region == "." {
			region = rule.Scope.Region
		}
		if textAt(doc, "loadBalancingScheme") != "EXTERNAL" || region != a.region() {
			continue
		}
		if gap := a.mayForward(rule, networkPath); gap != nil {
			add("forwarding rule "+rule.Name, textAt(doc, "ipVersion") == "IPV6", func(q network.Query) (network.Query, bool) { return forwards(doc, q) }, gap)
		}
	}
	return out
}

// mayForward returns why it is not known whether a rule leads to the instance; nil
// when it cannot.
func (a *assetRef) mayForward(rule *model.Asset, networkPath string) *model.Gap {
	unresolved := func(format string, args ...any) *model.Gap {
		return &model.Gap{
			Scope: a.asset.Scope, Type: forwardingRuleType, Asset: rule.ID, Path: "target", Reason: model.Unresolved,
			Detail: fmt.Sprintf("whether "+format+" leads to "+a.asset.Name+" is not read", args...),
		}
	}
	target := network.ResourcePath(textAt(rule.Config, "target"))
	zone := "/zones/" + a.zone() + "/"
	switch {
	case strings.Contains(target, "/targetPools/"):
		return unresolved("target pool %s", path.Base(target))
	case strings.Contains(target, "/targetInstances/"):
		if !strings.Contains(target, zone) {
			return nil
		}
		return unresolved("target instance %s", path.Base(target))
	case target != "": // a proxy or a VPN gateway
		return nil
	}
	id := network.ResourcePath(textAt(rule.Config, "backendService"))
	service := a.st.view.inv.Find(regionalBackendType, computeName+id)
	if service == nil {
		return a.st.notRead(regionalBackendType, id)
	}
	if g := memberGap(service, backendMembers); g != nil {
		return g
	}
	for _, backend := range items(service.Config["backends"]) {
		group := network.ResourcePath(textAt(backend, "group"))
		if strings.Contains(group, "/zones/") && !strings.Contains(group, zone) || a.groupElsewhere(group, networkPath) {
			continue
		}
		return unresolved("group %s behind backend service %s", path.Base(group), path.Base(id))
	}
	return nil
}

// groupElsewhere says that an instance group was read and has no instance, or stands in
// another network.
func (a *assetRef) groupElsewhere(group, networkPath string) bool {
	g := a.st.view.inv.Find(instanceGroupType, computeName+group)
	if g == nil || memberGap(g, groupMembers) != nil {
		return false
	}
	if size, told := g.Config["size"].(int64); told && size == 0 {
		return true
	}
	of := network.ResourcePath(textAt(g.Config, "network"))
	return of != "" && networkPath != "" && of != networkPath
}

func (a *assetRef) zone() string {
	if zone := path.Base(textAt(a.asset.Config, "zone")); zone != "." {
		return zone
	}
	_, rest, _ := strings.Cut(a.asset.ID, "/zones/")
	zone, _, _ := strings.Cut(rest, "/")
	return zone
}

// forwards limits a question to what the rule forwards; not ok when that is nothing of
// what is asked. A range that cannot be read limits nothing.
// https://cloud.google.com/compute/docs/reference/rest/v1/forwardingRules
func forwards(rule map[string]any, q network.Query) (network.Query, bool) {
	if only, known := map[string]network.Protocol{"TCP": network.TCP, "UDP": network.UDP}[textAt(rule, "IPProtocol")]; known {
		named := len(q.Protocols) == 0
		for _, p := range q.Protocols {
			named = named || p == only
		}
		if !named {
			return q, false
		}
		q.Protocols = []network.Protocol{only}
	}
	ranges := texts(rule["ports"])
	if r := textAt(rule, "portRange"); r != "" {
		ranges = append(ranges, r)
	}
	if every, _ := rule["allPorts"].(bool); every || len(ranges) == 0 {
		return q, true
	}
	asked := q.Ports
	if len(asked) == 0 {
		asked = []network.PortRange{network.AllPorts}
	}
	var out []network.PortRange
	for _, text := range ranges {
		first, last, isRange := strings.Cut(text, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 16)
		to, err2 := strconv.ParseUint(last, 10, 16)
		if err1 != nil || err2 != nil {
			return q, true
		}
		for _, r := range asked {
			if lo, hi := max(r.From, uint16(from)), min(r.To, uint16(to)); lo <= hi {
				out = append(out, network.PortRange{From: lo, To: hi})
			}
		}
	}
	q.Ports = out
	return q, len(out) > 0
}
