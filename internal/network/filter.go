package network

import "slices"

// Rule names one rule of a filter as evidence.
type Rule struct {
	// Owner is the id of the group or ACL, if its document holds one.
	Owner string
	// Index is the position in the list of its owner.
	Index int
	// Number is the rule number of a network ACL entry, 0 for a group's rule.
	Number int64
	// Allow is false for an ACL entry that denies.
	Allow bool
	// Text is the rule in words: "IpPermissions[0]: tcp 22 from 0.0.0.0/0".
	Text string
}

// Filter is what a packet filter admits in one direction. The zero value admits
// nothing; UnknownFilter is what stands for a filter nobody could read.
type Filter struct {
	lower, upper FlowSet // surely admitted, possibly admitted; lower is in upper
	rules        []ruleFlows
	members      []memberRule
	asides       []ruleFlows // allowing rules, with what they match from sources that are not counted
	gaps         []string
}

// ruleFlows is a rule with the headers that it decides: those it matches and no
// rule before it does.
type ruleFlows struct {
	Rule
	lower, upper FlowSet
}

// UnknownFilter returns a filter that may admit anything; why is the gap that
// answers name.
func UnknownFilter(why string) Filter {
	return Filter{upper: AllFlows(AnyFamily), gaps: []string{why}}
}

// AllowAll returns a filter that admits everything, such as the default ACL.
func AllowAll() Filter {
	all := AllFlows(AnyFamily)
	r := Rule{Allow: true, Text: "all from anywhere"}
	return Filter{lower: all, upper: all, rules: []ruleFlows{{r, all, all}}}
}

// Admits returns the headers that the filter surely admits.
func (f Filter) Admits() FlowSet { return f.lower }

// MayAdmit returns the headers that the filter may admit: those it surely
// admits and those that depend on what could not be read.
func (f Filter) MayAdmit() FlowSet { return f.upper }

// Gaps returns what could not be read or resolved, in order.
func (f Filter) Gaps() []string { return slices.Clone(f.gaps) }

// Rules returns all rules in the order in which the vendor evaluates them.
func (f Filter) Rules() []Rule {
	out := make([]Rule, len(f.rules))
	for i, r := range f.rules {
		out[i] = r.Rule
	}
	return out
}

// AnyOf returns the filter that admits what one of the filters admits: the
// security groups of one interface.
func AnyOf(filters ...Filter) Filter {
	if len(filters) == 1 {
		return filters[0]
	}
	var out Filter
	lower, upper := make([]FlowSet, 0, len(filters)), make([]FlowSet, 0, len(filters))
	for _, f := range filters {
		lower, upper = append(lower, f.lower), append(upper, f.upper)
		out.rules = append(out.rules, f.rules...)
		out.members = append(out.members, f.members...)
		out.asides = append(out.asides, f.asides...)
		out.gaps = append(out.gaps, f.gaps...)
	}
	out.lower, out.upper = unionFlows(lower), unionFlows(upper)
	return out
}

// state tells whether the filter admits a header.
func (f Filter) state(in func(FlowSet) bool) Truth {
	switch {
	case in(f.lower):
		return True
	case !in(f.upper):
		return False
	}
	return Unknown
}
