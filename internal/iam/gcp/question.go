package gcp

import (
	"slices"
	"strings"
)

// ask says whether a member that is meant holds a role that is meant. A role
// and a member are judged on their own, and the condition of the binding
// decides whether that counts.
func (p Policy) ask(ctx Context, role func(string) Answer, member func(Member) Truth) Answer {
	out := Answer{Value: False}
	for _, b := range p.Bindings {
		r := Answer{Value: Unknown}
		if b.Role != "" {
			r = role(b.Role)
		}
		if r.Value == False {
			continue
		}
		holds := b.Holds(ctx)
		for _, m := range b.Members {
			who := Unknown
			switch {
			case m.Deleted:
				who = False
			case m.Kind != Invalid:
				who = member(m)
			}
			one := Answer{Value: r.Value.And(who).And(holds)}
			switch one.Value {
			case True:
				one.Because = append([]string{p.Cite(b, m)}, r.Because...)
			case Unknown:
				one.Missing = append([]string{p.missing(b, m)}, r.Missing...)
			}
			out.or(one)
		}
	}
	if faults := p.faults(); len(faults) > 0 {
		out.or(Answer{Value: Unknown, Missing: faults})
	}
	return out.finished()
}

func anyRole(string) Answer { return Answer{Value: True} }

func oneOf(roles []string) func(string) Answer {
	return func(role string) Answer { return Answer{Value: boolean(slices.Contains(roles, role))} }
}

// Public says whether the policy gives anything to everybody, or to everybody
// who has an account with Google.
func Public(p Policy, ctx Context) Answer {
	return p.ask(ctx, anyRole, func(m Member) Truth {
		return boolean(m.Kind == AllUsers || m.Kind == AllAuthenticatedUsers)
	})
}

// Holds says whether a member of one of the kinds holds one of the roles by this
// policy. No kinds mean any but service agents, which hold theirs by design.
func Holds(p Policy, roles []string, kinds []Kind, ctx Context) Answer {
	return p.ask(ctx, oneOf(roles), func(m Member) Truth {
		if len(kinds) == 0 {
			return boolean(m.Kind != ServiceAgent)
		}
		return boolean(slices.Contains(kinds, m.Kind))
	})
}

// BasicRoles says whether anybody but service agents holds a basic role.
func BasicRoles(p Policy, ctx Context) Answer {
	return Holds(p, []string{Owner, Editor, Viewer}, nil, ctx)
}

// AdminServiceAccounts says whether a service account that is not one of
// Google's own holds a role that administers. Roles returns the document of a
// role, or the zero Role; it is asked for custom and predefined ones.
func AdminServiceAccounts(p Policy, roles func(name string) Role, ctx Context) Answer {
	return p.ask(ctx, func(role string) Answer { return Administers(role, roles(role)) }, func(m Member) Truth {
		return boolean(m.Kind == ServiceAccount)
	})
}

// External says whether a person, a group or a domain holds anything that is
// none of the domains: an account that anybody can make, such as one of
// gmail.com, or, unless the list is empty, one of another domain. Service
// accounts and the members that stand for everybody are not judged.
func External(p Policy, domains []string, ctx Context) Answer {
	return p.ask(ctx, anyRole, func(m Member) Truth {
		if m.Kind != User && m.Kind != Group && m.Kind != Domain {
			return False
		}
		host := m.host()
		switch {
		case host == "":
			return Unknown
		case consumerDomains[host]:
			return True
		case len(domains) == 0 || m.Kind == Group && googleGroups[m.Name]:
			return False
		}
		return boolean(!slices.ContainsFunc(domains, func(d string) bool { return strings.EqualFold(d, host) }))
	})
}

// SameMember says whether one member holds a role of the first list and one of
// the second, by the policies of an asset and of all that hold it together. A
// group is a member of its own; who is in it is not looked at. Service agents
// are not judged.
func SameMember(path []Policy, first, second []string, ctx Context) Answer {
	type pair struct{ a, b Answer }
	held := map[Member]*pair{}
	out := Answer{Value: False}
	for _, p := range path {
		for _, b := range p.Bindings {
			for _, m := range b.Members {
				if m.Deleted || m.Kind == ServiceAgent {
					continue
				}
				key := Member{Kind: m.Kind, Name: m.Name}
				if m.Kind == Invalid {
					key.Name = m.Text
				}
				if held[key] == nil {
					held[key] = &pair{Answer{Value: False}, Answer{Value: False}}
				}
				held[key].a.or(p.bound(b, m, first, ctx))
				held[key].b.or(p.bound(b, m, second, ctx))
			}
		}
		if faults := p.faults(); len(faults) > 0 {
			out.or(Answer{Value: Unknown, Missing: faults})
		}
	}
	for _, h := range held {
		one := Answer{Value: h.a.Value.And(h.b.Value)}
		switch one.Value {
		case True:
			one.Because = append(h.a.Because, h.b.Because...)
		case Unknown:
			one.Missing = append(h.a.Missing, h.b.Missing...)
		}
		out.or(one)
	}
	return out.finished()
}

// bound says whether a binding gives one of the roles to its member now.
func (p Policy) bound(b Binding, m Member, roles []string, ctx Context) Answer {
	value := Unknown
	if b.Role != "" {
		value = boolean(slices.Contains(roles, b.Role)).And(b.Holds(ctx))
	}
	switch value {
	case True:
		return Answer{Value: True, Because: []string{p.Cite(b, m)}}
	case Unknown:
		return Answer{Value: Unknown, Missing: []string{p.missing(b, m)}}
	}
	return Answer{Value: False}
}
