package network

import "slices"

// The stage codes of exposures.
const (
	CodeNoPublicAddress = "no-public-address"
	CodeNoGateway       = "no-gateway"
	CodeEgressOnly      = "gateway-direction"
	CodeBlackhole       = "blackhole"
	CodeBlockPublic     = "bpa"
	CodeACLIn           = "nacl-in"
	CodeACLReply        = "nacl-reply"
	CodeGroupIn         = "sg-in"
)

// ephemeral is the widest range from which clients on the internet take the
// port to which a reply goes; NAT devices use all of it.
var ephemeral = PortRange{1024, 65535}

// Interface is what stands between the internet and a network interface. Each
// fact is unknown until it is set: the zero value answers Unknown to all.
type Interface struct {
	// Groups are the ingress filters of the security groups on the interface.
	// Empty is unknown, as every interface carries a group.
	Groups []Filter
	// ACL of the subnet.
	ACL *ACL
	// PublicIPv4 tells whether a public IPv4 address maps to the interface.
	PublicIPv4 Truth
	// PublicIPv6 tells whether the interface has a global IPv6 address.
	PublicIPv6 Truth
	// Route is that of the reply: the subnet's own or the main route table.
	Route *Route
	// BlockPublicAccess is True when VPC block public access drops inbound
	// packets for this subnet: a mode is on and no exclusion applies.
	BlockPublicAccess Truth
}

// Stage is one step on the way, judged as if all others let everything pass.
type Stage struct {
	// Code is the stage code: "sg-in", "nacl-in", "no-gateway" and the others.
	Code string
	// Passes is whether what was asked for passes this stage.
	Passes Truth
	// Rules that let it pass or, if none does, that deny it.
	Rules []Rule
	// Note says more, such as "partial-ephemeral".
	Note string
}

// Exposure is the answer about one interface.
type Exposure struct {
	Value   Truth
	Family  Family // the families over which it is reachable; AnyFamily is both
	Ports   PortSet
	Sources AddrSet
	Breadth Breadth
	// Stages in the order of the packet, for the family that is reachable or,
	// if none is, for the one that came closest.
	Stages []Stage
	// Blocked are the codes of all stages that alone keep the packet out. If it
	// is empty and the value is False, no source passes all stages together.
	Blocked []string
	// Gaps are the codes of the stages that are not known and would decide.
	Gaps []string
}

// Exposed decides whether the interface is reachable with q: the packet must
// pass every stage, and so must its reply.
func (i Interface) Exposed(q Query) Exposure { return exposed(i.walk, q) }

// exposed decides whether q passes all stages of the walk of some family.
func exposed(way func(Family) walk, q Query) Exposure {
	var answers []Exposure
	for _, f := range []Family{IPv4, IPv6} {
		if q.Family.Includes(f) {
			answers = append(answers, way(f).exposed(q, f))
		}
	}
	best := slices.MaxFunc(answers, func(a, b Exposure) int { return a.rank() - b.rank() })
	if len(answers) == 2 && answers[0].Value == True && answers[1].Value == True {
		best = answers[0]
		other := answers[1]
		best.Family = AnyFamily
		best.Ports = best.Ports.Union(other.Ports)
		best.Sources = best.Sources.Union(other.Sources)
		best.Breadth = max(best.Breadth, other.Breadth)
	}
	return best
}

// rank orders answers by what the user needs to see first.
func (e Exposure) rank() int {
	switch e.Value {
	case True:
		return 1000
	case Unknown:
		return 500
	}
	return 100 - len(e.Blocked)
}

func (w walk) exposed(q Query, f Family) Exposure {
	q.Family = f
	q = q.withDefaults()
	e := Exposure{Value: True, Family: f}
	for _, s := range w.stages {
		st := s.judge(q)
		e.Stages = append(e.Stages, st)
		switch st.Passes {
		case False:
			e.Blocked = append(e.Blocked, st.Code)
		case Unknown:
			e.Gaps = append(e.Gaps, st.Code)
		}
	}
	scope := q.scope()
	sure, possible := q.measure(w.lower.Intersect(scope)), q.measure(w.upper.Intersect(scope))
	switch {
	case sure.open:
		e.fill(True, sure)
	case possible.open:
		e.fill(Unknown, possible)
	default:
		e.fill(False, sure)
	}
	if e.Value != Unknown {
		e.Gaps = nil
	}
	return e
}

func (e *Exposure) fill(v Truth, m measured) {
	e.Value, e.Breadth = v, m.breadth
	e.Ports, e.Sources = m.flows.Ports(), m.flows.Addrs()
}
