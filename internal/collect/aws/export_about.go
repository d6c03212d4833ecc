package aws

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
)

// hookAbouts are the answers of operations that hooks call about one asset, and of
// those that are asked about a kind: of contact, and of what web ACLs are for.
var hookAbouts = []reflect.Type{
	reflect.TypeFor[account.GetAlternateContactOutput](),
	reflect.TypeFor[cloudtrail.GetEventSelectorsOutput](),
	reflect.TypeFor[cloudtrail.GetInsightSelectorsOutput](),
	reflect.TypeFor[cloudtrail.ListTagsOutput](),
	reflect.TypeFor[ecr.DescribeImagesOutput](),
	reflect.TypeFor[efs.DescribeMountTargetsOutput](),
	reflect.TypeFor[efs.DescribeMountTargetSecurityGroupsOutput](),
	reflect.TypeFor[eks.DescribeAccessEntryOutput](),
	reflect.TypeFor[eks.ListAccessEntriesOutput](),
	reflect.TypeFor[eks.ListAssociatedAccessPoliciesOutput](),
	reflect.TypeFor[elb.DescribeListenerCertificatesOutput](),
	reflect.TypeFor[lambda.ListAliasesOutput](),
	reflect.TypeFor[organizations.ListDelegatedServicesForAccountOutput](),
	reflect.TypeFor[organizations.ListOrganizationalUnitsForParentOutput](),
	reflect.TypeFor[organizations.ListPoliciesOutput](),
	reflect.TypeFor[rds.DescribeDBClusterParametersOutput](),
	reflect.TypeFor[rds.DescribeDBParametersOutput](),
	reflect.TypeFor[sns.ListSubscriptionsByTopicOutput](),
	reflect.TypeFor[wafv2.ListWebACLsOutput](),
}

func outputsByName(types []reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for _, t := range types {
		service := t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:]
		out[service+":"+strings.TrimSuffix(t.Name(), "Output")] = t
	}
	return out
}

// abouts are the operations that are asked about one asset: their output does not
// say about which one, but the name of its file may. They follow from the
// declarations.
var abouts = sync.OnceValue(func() map[string]*readable {
	hooks := outputsByName(hookAbouts)
	out := map[string]*readable{}
	for _, c := range registry {
		for i := range c.Types {
			top := &c.Types[i]
			add := func(op operation, typ reflect.Type) {
				name := op.String()
				if typ == nil {
					typ = hooks[name]
				}
				if op.Name == "" || typ == nil || readables()[name] != nil && hooks[name] == nil {
					return
				}
				if out[name] == nil {
					out[name] = &readable{name: name, out: typ, global: top.Global}
				}
				if !slices.Contains(out[name].types, top) {
					out[name].types = append(out[name].types, top)
				}
			}
			addAbouts(top, add)
		}
	}
	return out
})

func addAbouts(t *Type, add func(op operation, out reflect.Type)) {
	if t.List != nil {
		add(t.List.op, t.List.out)
	}
	if t.Root != nil {
		add(t.Root.op, t.Root.out)
	}
	if t.Custom != nil {
		for _, op := range t.Custom.Ops {
			add(op, nil)
		}
	}
	for i := range t.Side {
		add(t.Side[i].op, t.Side[i].out)
		for _, op := range t.Side[i].more {
			add(op, nil)
		}
	}
	for i := range t.Children {
		addAbouts(&t.Children[i], add)
	}
}

// keep files an output about one asset under what its name may be: as it is
// written, or the name in an ARN. The name alone may be that of assets of several
// services, unless one command alone has such an output.
func (x *exported) keep(o *output) {
	names := aboutNames(o.named.about)
	keys := []string{aboutKey(names), aboutKey([]string{o.named.about})}
	if len(names) == 1 && len(o.alike) == 1 {
		if short := shortName(names[0]); short != "" {
			keys = append(keys, aboutKey([]string{short}))
		}
	}
	slices.Sort(keys)
	for _, r := range o.alike {
		if x.abouts[r.name] == nil {
			x.abouts[r.name] = map[string][]*output{}
		}
		for _, key := range slices.Compact(keys) {
			x.abouts[r.name][key] = append(x.abouts[r.name][key], o)
		}
	}
}

// about finds the output of an operation about an asset of some names.
func (x *exported) about(op, region string, names []string) *output {
	keys := []string{aboutKey(names)}
	if len(names) == 1 {
		if short := shortName(names[0]); short != "" {
			keys = append(keys, aboutKey([]string{short}))
		}
	}
	for i, key := range keys {
		for _, o := range x.abouts[op][key] {
			if found := o.of(op); (found.op.global || o.region == region) && (i == 0 || len(o.alike) == 1) {
				return found
			}
		}
	}
	return nil
}

// of returns the output as that of one of the operations that may have made it.
func (o *output) of(op string) *output {
	for _, r := range o.alike {
		if r.name == op {
			only := *o
			only.op = r
			return &only
		}
	}
	return o
}

// everywhere says that the output needs no region.
func (o *output) everywhere() bool {
	return o.op.global || slices.ContainsFunc(o.alike, func(r *readable) bool { return r.global })
}
