package aws

import (
	"cmp"
	"slices"

	"github.com/stance-sec/stance/internal/collect"
)

// Operations returns every call that scanning may make, sorted. The calls that
// open a session come under the collector "session".
func Operations() []collect.ReadOperation {
	out := []collect.ReadOperation{
		{Collector: "session", Type: AccountType, Operation: "sts:GetCallerIdentity", Action: "sts:GetCallerIdentity", Global: true},
		{Collector: "session", Type: RegionType, Operation: "ec2:DescribeRegions", Action: "ec2:DescribeRegions", Global: true},
	}
	for _, c := range registry {
		for i := range c.Types {
			out = append(out, operationsOf(c.Name, &c.Types[i], c.Types[i].Global)...)
		}
	}
	slices.SortFunc(out, func(a, b collect.ReadOperation) int {
		return cmp.Or(cmp.Compare(a.Collector, b.Collector), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Operation, b.Operation))
	})
	return out
}

func operationsOf(collector string, t *Type, global bool) []collect.ReadOperation {
	var out []collect.ReadOperation
	add := func(op operation, member string) {
		if op.Name == "" {
			return // a list of what was read already
		}
		out = append(out, collect.ReadOperation{Collector: collector, Type: t.Name, Member: member, Operation: op.String(), Action: op.Action, Global: global})
	}
	if t.List != nil {
		add(t.List.op, "")
	}
	if t.Custom != nil {
		for _, op := range t.Custom.Ops {
			add(op, "")
		}
	}
	if t.Root != nil {
		add(t.Root.op, "")
	}
	for i := range t.Side {
		for _, op := range append([]operation{t.Side[i].op}, t.Side[i].more...) {
			add(op, t.Side[i].Member)
		}
	}
	for i := range t.Children {
		out = append(out, operationsOf(collector, &t.Children[i], global)...)
	}
	return out
}
