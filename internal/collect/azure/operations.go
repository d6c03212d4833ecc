package azure

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/collect"
)

// Operations returns every call that scanning may make, sorted. The calls that
// open a session come under the collector "session".
func Operations() []collect.ReadOperation {
	out := []collect.ReadOperation{
		{Collector: "session", Type: SubscriptionType, Operation: opSubscriptions, Action: permissionOf(opSubscriptions), Global: true},
		{Collector: "session", Type: SubscriptionType, Operation: opProviders, Action: permissionOf(opProviders), Global: true},
		{Collector: "session", Type: SubscriptionType, Operation: "resourcegraph:resourcecontainers", Action: graphQueryAction, Global: true},
		{Collector: "session", Type: TenantType, Operation: opTenants, Action: permissionOf(opTenants), Global: true},
		{Collector: "session", Type: GroupType, Operation: opDescendants, Action: permissionOf(opDescendants), Global: true},
	}
	for _, c := range registry {
		for i := range c.Types {
			out = append(out, c.Types[i].operations(c.Name)...)
		}
	}
	slices.SortFunc(out, func(a, b collect.ReadOperation) int {
		return cmp.Or(cmp.Compare(a.Collector, b.Collector), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Operation, b.Operation))
	})
	return out
}

const graphQueryAction = "Microsoft.ResourceGraph/resources/read"

func permissionOf(op string) string { return strings.TrimPrefix(op, "arm:") }

func (t *Type) operations(collector string) []collect.ReadOperation {
	op := func(member string, c call) collect.ReadOperation {
		return collect.ReadOperation{
			Collector: collector, Type: t.Name, Member: member, Operation: c.op, Action: c.permission,
			Global: t.Graph != nil || t.Table != "",
		}
	}
	var out []collect.ReadOperation
	switch {
	case isFrame(t.Name):
	case t.Table != "":
		// A row shows where the caller may read the asset itself.
		out = append(out, op("", call{"resourcegraph:" + t.Table, t.Name + "/read"}))
	case t.List != nil:
		out = append(out, op("", t.listCall()))
	case t.Graph != nil:
		out = append(out, op("", call{"graph:" + graphOperation(t.Graph.Path), t.Graph.Permission}))
	}
	for _, path := range t.Reread {
		out = append(out, op(path, call{"arm:" + t.Name + "/read", t.Name + "/read"}))
	}
	for i := range t.Side {
		out = append(out, op(t.Side[i].Member, t.call(&t.Side[i])))
	}
	return out
}
