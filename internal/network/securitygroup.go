package network

import (
	"fmt"
	"slices"
)

// PrefixLists resolves the id of a prefix list to its entries. It returns false
// when they could not be read.
type PrefixLists func(id string) (cidrs []string, known bool)

// SecurityGroupIngress returns what the inbound rules of a security group admit
// (ec2 DescribeSecurityGroups, member IpPermissions). A nil document is a group
// that could not be read, lists may be nil when no prefix list could be.
//
// Rules that name a group admit the private addresses of its members and never
// a public one; they add nothing until WithMembers resolves them. A rule whose
// text is not understood may admit everything that it could stand for.
func SecurityGroupIngress(doc map[string]any, lists PrefixLists) Filter {
	return securityGroup(doc, "IpPermissions", "from", lists)
}

// SecurityGroupEgress is SecurityGroupIngress for the outbound rules (member
// IpPermissionsEgress); addresses are those of the destination.
func SecurityGroupEgress(doc map[string]any, lists PrefixLists) Filter {
	return securityGroup(doc, "IpPermissionsEgress", "to", lists)
}

// memberRule is a rule with a group id as source.
type memberRule struct {
	rule  Rule
	group string
	match match
}

// WithMembers resolves the rules that name a group: members returns the private
// addresses of the interfaces that carry it, or false when they are not known.
func (f Filter) WithMembers(members func(groupID string) (AddrSet, bool)) Filter {
	b := filterBuilder{rules: slices.Clip(f.rules), gaps: slices.Clip(f.gaps)}
	for _, m := range f.members {
		addrs, known := members(m.group)
		if known {
			b.add(m.rule, m.match.lower(addrs), m.match.upper(addrs))
			continue
		}
		b.gap("members of " + m.group)
		b.add(m.rule, FlowSet{}, m.match.upper(AllAddrs(AnyFamily)))
	}
	out := b.filter()
	out.lower, out.upper = out.lower.Union(f.lower), out.upper.Union(f.upper)
	return out
}

func securityGroup(doc map[string]any, member, preposition string, lists PrefixLists) Filter {
	if doc == nil {
		return UnknownFilter("security group")
	}
	permissions, ok := list(doc, member)
	if !ok {
		return UnknownFilter(member)
	}
	b := groupBuilder{owner: text(doc["GroupId"]), member: member, preposition: preposition, lists: lists}
	for i, p := range permissions {
		b.permission(i, p)
	}
	out := b.filter()
	out.members = b.members
	return out
}

// groupBuilder turns the permissions of one direction into a filter.
type groupBuilder struct {
	filterBuilder
	owner, member, preposition string
	lists                      PrefixLists
	members                    []memberRule
}

// permission is one item of IpPermissions.
type permission struct {
	index int
	at    string // IpPermissions[0]
	doc   map[string]any
	match match
}

func (b *groupBuilder) permission(i int, v any) {
	p := permission{index: i, at: fmt.Sprintf("%s[%d]", b.member, i)}
	var ok bool
	if p.doc, ok = object(v); !ok {
		p.match = match{allProtocols, AllPorts, false}
		b.unreadable(p, p.at)
		return
	}
	if p.match = permissionMatch(p.doc); !p.match.sure {
		b.gap(p.at)
	}
	b.sources(p, "IpRanges", "CidrIp", func(r Rule, c string) { b.cidr(r, p, c, IPv4) })
	b.sources(p, "Ipv6Ranges", "CidrIpv6", func(r Rule, c string) { b.cidr(r, p, c, IPv6) })
	b.sources(p, "PrefixListIds", "PrefixListId", func(r Rule, id string) { b.prefixList(r, p, id) })
	b.sources(p, "UserIdGroupPairs", "GroupId", func(r Rule, id string) {
		b.members = append(b.members, memberRule{r, id, p.match})
	})
}

// sources calls each with every item of a member. An item that cannot be read
// may stand for any source.
func (b *groupBuilder) sources(p permission, member, key string, each func(Rule, string)) {
	items, ok := list(p.doc, member)
	if !ok {
		b.unreadable(p, p.at+"."+member)
		return
	}
	for j, item := range items {
		o, ok := object(item)
		switch far := text(o[key]); {
		case far != "":
			each(b.rule(p, fmt.Sprintf("%s: %s %s %s", p.at, p.match, b.preposition, far)), far)
		case ok && member == "UserIdGroupPairs":
			// A group of another account that was deleted has no id; whoever it
			// was had private addresses.
		default:
			b.unreadable(p, fmt.Sprintf("%s.%s[%d]", p.at, member, j))
		}
	}
}

func (b *groupBuilder) rule(p permission, text string) Rule {
	return Rule{Owner: b.owner, Index: p.index, Allow: true, Text: text}
}

func (b *groupBuilder) unreadable(p permission, what string) {
	b.gap(what)
	b.add(b.rule(p, what), FlowSet{}, p.match.upper(AllAddrs(AnyFamily)))
}

func (b *groupBuilder) cidr(r Rule, p permission, cidr string, f Family) {
	prefix, err := ParseCIDR(cidr)
	if err != nil || prefix.Addr().Is4() != (f == IPv4) {
		b.gap(p.at + ": " + cidr)
		b.add(r, FlowSet{}, p.match.upper(AllAddrs(f)))
		return
	}
	addrs := AddrSetOf(prefix)
	b.add(r, p.match.lower(addrs), p.match.upper(addrs))
}

func (b *groupBuilder) prefixList(r Rule, p permission, id string) {
	m := p.match
	var cidrs []string
	known := false
	if b.lists != nil {
		cidrs, known = b.lists(id)
	}
	addrs, err := ParseCIDRSet(cidrs)
	switch {
	case !known:
		b.gap("prefix list " + id)
		b.add(r, FlowSet{}, m.upper(AllAddrs(AnyFamily)))
	case err != nil:
		b.gap("prefix list " + id + ": " + err.Error())
		b.add(r, m.lower(addrs), m.upper(AllAddrs(AnyFamily)))
	default:
		b.add(r, m.lower(addrs), m.upper(addrs))
	}
}
