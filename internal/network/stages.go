package network

import "slices"

// walk is the way of a packet: its stages and what passes them all.
type walk struct {
	stages       []stage
	lower, upper FlowSet
}

// stage is what one step lets pass.
type stage struct {
	code   string
	filter Filter
	note   string
}

func (i Interface) walk(f Family) walk {
	in, egress := UnknownFilter("network ACL"), UnknownFilter("network ACL")
	if i.ACL != nil {
		in, egress = i.ACL.Ingress, i.ACL.Egress
	}
	groups := UnknownFilter("security groups")
	if len(i.Groups) > 0 {
		groups = AnyOf(i.Groups...)
	}
	public := i.PublicIPv4
	if f == IPv6 {
		public = i.PublicIPv6
	}
	reply, note := replyFilter(egress)
	return newWalk(f,
		stage{CodeBlockPublic, gate(i.BlockPublicAccess.Not(), "block public access"), ""},
		stage{CodeNoPublicAddress, gate(public, "public address"), ""},
		stage{CodeACLIn, in, ""},
		stage{CodeGroupIn, groups, ""},
		stage{CodeACLReply, reply, note},
		routeStage(i.Route, f),
	)
}

// newWalk returns the way through stages and what passes them all.
func newWalk(f Family, stages ...stage) walk {
	w := walk{stages: stages}
	w.lower, w.upper = AllFlows(f), AllFlows(f)
	for _, s := range w.stages {
		w.lower = w.lower.Intersect(s.filter.lower)
		w.upper = w.upper.Intersect(s.filter.upper)
	}
	return w
}

// judge asks the stage alone.
func (s stage) judge(q Query) Stage {
	a := Exposed(s.filter, q)
	st := Stage{Code: s.code, Passes: a.Value, Rules: a.Rules}
	switch a.Value {
	case False:
		st.Rules = a.Denied
	case True:
		st.Note = s.note
	}
	return st
}

// gate lets everything pass or nothing.
func gate(open Truth, why string) Filter {
	switch open {
	case True:
		all := AllFlows(AnyFamily)
		return Filter{lower: all, upper: all}
	case False:
		return Filter{}
	}
	return UnknownFilter(why)
}

func routeStage(r *Route, f Family) stage {
	if r == nil {
		return stage{code: CodeNoGateway, filter: UnknownFilter("route table")}
	}
	sure := Box{r.Clients, [2]Protocol{0, 255}, AllPorts}.flows()
	may := Box{r.Clients.Union(r.Maybe), [2]Protocol{0, 255}, AllPorts}.flows()
	s := stage{code: r.code(f), filter: Filter{lower: sure, upper: may}}
	for i, t := range r.Text {
		s.filter.rules = append(s.filter.rules, ruleFlows{Rule{Index: i, Allow: true, Text: t}, sure, may})
	}
	if !r.Maybe.IsEmpty() {
		s.filter.gaps = []string{"route table"}
	}
	return s
}

// replyFilter turns the outbound rules into the packets whose reply passes: the
// reply goes to the client's ephemeral port, and one that passes is enough. The
// note is "partial-ephemeral" when only some of them pass for some client.
func replyFilter(egress Filter) (f Filter, note string) {
	f.gaps = egress.gaps
	f.lower, note = replies(egress.lower)
	f.upper, _ = replies(egress.upper)
	for _, r := range egress.rules {
		lower, _ := replies(r.lower)
		upper, _ := replies(r.upper)
		f.rules = append(f.rules, ruleFlows{r.Rule, lower, upper})
	}
	return f, note
}

func replies(out FlowSet) (FlowSet, string) {
	note := ""
	var sets []FlowSet
	for _, pc := range out.protocols {
		addrs, whole := anyEphemeral(pc.val)
		if !hasPorts(pc.lo, pc.hi) {
			// Without ports the reply is a packet of the same protocol.
			for _, c := range pc.val {
				addrs = addrs.Union(c.val)
			}
			whole = true
		}
		if !whole && !addrs.IsEmpty() {
			note = "partial-ephemeral"
		}
		b := Box{addrs, [2]Protocol{Protocol(pc.lo), Protocol(pc.hi)}, AllPorts}
		sets = append(sets, b.flows())
	}
	return unionFlows(sets), note
}

// anyEphemeral returns the addresses admitted on at least one ephemeral port,
// and whether each of them is admitted on all.
func anyEphemeral(ports axis[AddrSet]) (addrs AddrSet, whole bool) {
	next := int(ephemeral.From)
	var first *AddrSet
	whole = true
	for _, c := range ports {
		if c.hi < int(ephemeral.From) || c.lo > int(ephemeral.To) {
			continue
		}
		addrs = addrs.Union(c.val)
		if c.lo > next || first != nil && !first.Equal(c.val) {
			whole = false
		}
		first, next = &c.val, c.hi+1
	}
	return addrs, whole && next > int(ephemeral.To)
}

// hasPorts reports whether the protocols of the cell are TCP or UDP, alone or
// within a range that an unrestricted rule makes.
func hasPorts(lo, hi int) bool {
	return slices.ContainsFunc([]Protocol{TCP, UDP}, func(p Protocol) bool {
		return lo <= int(p) && int(p) <= hi
	})
}
