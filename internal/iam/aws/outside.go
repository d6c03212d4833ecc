package aws

import (
	"slices"
	"strings"
)

// OutsideAccounts returns the accounts outside the zone that the resource or
// trust policy lets in, sorted; "*" stands for every account, the id of an
// organization for every account of that, and a canonical user id for the
// account that has it. It is Unknown when the policy is too complex to be
// decided for all; those returned are let in all the same.
func OutsideAccounts(p Policy, q PublicQuery) ([]string, Truth) {
	var out []string
	known := True
	probe := newExposure(p, q)
	callers := append([]caller{strangerCaller(&probe.policy, probe.zone)}, namedCallers(&probe.policy, probe.zone)...)
	callers = append(callers, probe.sources()...)
	for _, c := range callers {
		if c.level < ExternalLevel {
			continue
		}
		x := newExposure(p, q)
		x.try(&c)
		if x.incomplete {
			known = Unknown
		}
		if x.answer.Level < ExternalLevel {
			continue
		}
		account := c.principal.AccountID()
		switch {
		case c.level >= AnyAuthenticated:
			account = "*"
		case c.source != "":
			account = c.source
		case account == "any0":
			account = c.principal.OrgID
		case c.principal.CanonicalID != "":
			account = c.principal.CanonicalID
		}
		if account != "" && !slices.Contains(out, account) {
			out = append(out, account)
		}
	}
	slices.Sort(out)
	return out, known
}

// OutsideGrantees returns the outsiders that grants of access control lists let
// in, sorted, as OutsideAccounts does; public lists stand apart, because a
// switch of Block Public Access closes them.
func OutsideGrantees(grants []ACLGrant, q PublicQuery) (named []string, public bool) {
	z := q.zone()
	for _, g := range grants {
		switch {
		case g.Grantee == AllUsers, g.Grantee == AuthenticatedUsers:
			public = true
		case isCanonicalID(g.Grantee) && z.levelOfCanonical(g.Grantee) >= ExternalLevel && !slices.Contains(named, g.Grantee):
			named = append(named, g.Grantee)
		}
	}
	slices.Sort(named)
	return named, public
}

// isCanonicalID tells an account's id from the URI of a group. It is no digest
// check: what names an account, names it.
func isCanonicalID(grantee string) bool { return grantee != "" && !strings.Contains(grantee, "://") }

// UnboundServices returns the services that a trust policy lets in on behalf of
// any of their customers: neither account, nor resource, nor organization of
// the source is bound. Whether a service calls across accounts at all is for
// the caller to know.
func UnboundServices(trust Policy, q PublicQuery) ([]string, Truth) {
	q.Resources = nil
	x := newExposure(trust, q)
	var out []string
	for _, c := range x.services() {
		if open, _ := x.assumes(&c, "sts:assumerole"); open {
			out = append(out, c.principal.ARN)
		}
	}
	slices.Sort(out)
	known := True
	if x.incomplete {
		known = Unknown
	}
	return out, known
}
