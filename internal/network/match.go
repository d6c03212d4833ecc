package network

// match is the protocol and port part of a rule. If it is not sure, the rule
// matches something in the given box that could not be read.
type match struct {
	protocols protocolRange
	ports     PortRange
	sure      bool
}

// lower returns the headers from addrs that the rule surely matches.
func (m match) lower(addrs AddrSet) FlowSet {
	if !m.sure {
		return FlowSet{}
	}
	return m.upper(addrs)
}

// upper returns the headers from addrs that the rule may match.
func (m match) upper(addrs AddrSet) FlowSet {
	return Box{addrs, [2]Protocol{m.protocols.from, m.protocols.to}, m.ports}.flows()
}

// String returns "tcp 22", "icmp type 8 code 0" or "all".
func (m match) String() string {
	switch {
	case !m.sure:
		return "unreadable " + m.protocols.String()
	case m.protocols.from != m.protocols.to:
		return "all"
	case m.protocols.from == ICMP || m.protocols.from == ICMPv6:
		return m.protocols.String() + icmpText(m.ports)
	case m.ports == AllPorts && m.protocols.from != TCP && m.protocols.from != UDP:
		return "protocol " + m.protocols.String()
	}
	return m.protocols.String() + " " + m.ports.String()
}

// permissionMatch reads IpProtocol, FromPort and ToPort of a permission. Ports
// count for TCP and UDP, types and codes for ICMP; for every other protocol the
// API documents that all ports are meant, whatever range is given
// (ec2 API reference, IpPermission).
func permissionMatch(doc map[string]any) match {
	protocols, ok := parseProtocol(doc["IpProtocol"])
	if !ok {
		return match{allProtocols, AllPorts, false}
	}
	return portMatch(protocols, doc["FromPort"], doc["ToPort"])
}

// portMatch adds the ports. Both absent, or a first one of -1, mean all.
func portMatch(protocols protocolRange, from, to any) match {
	all := match{protocols, AllPorts, true}
	unsure := match{protocols, AllPorts, false}
	if protocols.from != protocols.to || from == nil && to == nil {
		return all
	}
	first, okFrom := integer(from)
	last, okTo := integer(to)
	switch protocols.from {
	case TCP, UDP:
		switch {
		case okFrom && first == -1 && (to == nil || okTo):
			return all
		case !okFrom || !okTo || first < 0 || first > last || last > 65535:
			return unsure
		}
		return match{protocols, PortRange{uint16(first), uint16(last)}, true}
	case ICMP, ICMPv6:
		if r, ok := icmpRange(from, to); ok {
			return match{protocols, r, true}
		}
		return unsure
	}
	return all
}

// icmpRange returns the type and code as a range of type x 256 + code; -1 or an
// absent value means all.
func icmpRange(kind, code any) (PortRange, bool) {
	t, okType := integer(kind)
	c, okCode := integer(code)
	if kind == nil {
		t, okType = -1, true
	}
	if code == nil {
		c, okCode = -1, true
	}
	switch {
	case !okType || !okCode || t < -1 || t > 255 || c < -1 || c > 255:
		return PortRange{}, false
	case t == -1:
		return AllPorts, true
	case c == -1:
		return PortRange{uint16(t << 8), uint16(t<<8 | 255)}, true
	}
	return Port(uint16(t<<8 | c)), true
}

func icmpText(r PortRange) string {
	switch {
	case r == AllPorts:
		return ""
	case r.From == r.To:
		return " type " + Port(r.From>>8).String() + " code " + Port(r.From&255).String()
	}
	return " type " + Port(r.From>>8).String()
}

// filterBuilder collects rules whose order does not matter.
type filterBuilder struct {
	rules []ruleFlows
	gaps  []string
}

func (b *filterBuilder) gap(what string) { b.gaps = append(b.gaps, what) }

func (b *filterBuilder) add(r Rule, lower, upper FlowSet) {
	b.rules = append(b.rules, ruleFlows{r, lower, upper})
}

func (b *filterBuilder) filter() Filter {
	lower, upper := make([]FlowSet, 0, len(b.rules)), make([]FlowSet, 0, len(b.rules))
	for _, r := range b.rules {
		lower, upper = append(lower, r.lower), append(upper, r.upper)
	}
	f := Filter{lower: unionFlows(lower), rules: b.rules, gaps: b.gaps}
	f.upper = f.lower
	if len(b.gaps) > 0 { // without a gap each rule has one set
		f.upper = unionFlows(upper)
	}
	return f
}
