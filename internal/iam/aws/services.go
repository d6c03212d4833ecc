package aws

import (
	"slices"
	"strings"
)

// services are the services that the policy names, each as it calls for a
// customer outside: in an Allow, or, where everybody is allowed, as what a Deny
// spares.
func (x *exposure) services() []caller {
	var out []caller
	for _, name := range x.serviceNames() {
		out = append(out, serviceCaller(name, &x.policy, x.zone))
	}
	return out
}

func (x *exposure) serviceNames() []string {
	var out []string
	add := func(name string) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	anyone := x.grantsAnyone()
	for i := range x.policy.statements {
		s := &x.policy.statements[i]
		for _, e := range s.principals {
			if e.kind == entryService && (s.Allow || anyone && s.notPrincipal) {
				add(e.name)
			}
		}
		for _, c := range s.conditions {
			if anyone && (c.key == "aws:principalservicename" || c.key == "aws:principalservicenameslist") {
				for _, v := range c.values {
					if !strings.Contains(v, "${") {
						add(example(newGlob(v)))
					}
				}
			}
		}
	}
	return out
}

// sources are the services once more, each as it calls for an account or an
// organization that the policy names as the source: a topic of another account
// that may send to a queue lets that account send.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceaccount
func (x *exposure) sources() []caller {
	accounts, orgs := x.policy.namedSources()
	if len(accounts)+len(orgs) == 0 {
		return nil
	}
	names := x.serviceNames()
	if x.grantsAnyone() {
		names = append(names, anyService)
	}
	var out []caller
	for _, name := range names {
		for _, a := range accounts {
			if level := x.zone.levelOf(a); level > Private {
				out = append(out, x.sourced(name, a, "", level))
			}
		}
		for _, org := range orgs {
			if org != x.zone.ownOrg() {
				out = append(out, x.sourced(name, "", org, ExternalLevel))
			}
		}
	}
	return out
}

// namedSources are the fixed accounts and organizations in conditions on the
// source of a service's call.
func (p *Policy) namedSources() (accounts, orgs []string) {
	add := func(list *[]string, v string) {
		if !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
	for i := range p.statements {
		for _, c := range p.statements[i].conditions {
			if !slices.Contains(sourceKeys, c.key) {
				continue
			}
			for _, v := range c.values {
				switch boundingKeys[c.key] {
				case boundAccount:
					if isAccountID(v) {
						add(&accounts, v)
					}
				case boundARN:
					if a := Account(v); isAccountID(a) {
						add(&accounts, a)
					}
				case boundOrg, boundOrgPath:
					if org, _, _ := strings.Cut(v, "/"); strings.HasPrefix(org, "o-") && !strings.ContainsAny(org, "*?$") {
						add(&orgs, org)
					}
				}
			}
		}
	}
	return accounts, orgs
}

// sourced is a service that calls for an account, or for some account of an
// organization.
func (x *exposure) sourced(service, account, org string, level Level) caller {
	c := serviceCaller(service, &x.policy, x.zone)
	c.level, c.source, c.domains = level, account+org, map[string]domain{}
	c.label = "account " + account + " by way of " + service
	switch {
	case account == "":
		c.label = "organization " + org + " by way of " + service
		c.keys["aws:sourceorgid"] = Is(org)
		c.domains["aws:sourceorgpaths"] = domain{mayBeAbsent: true, mayBePresent: true, within: []constraint{{globs: []glob{newGlob(org + "/*")}, want: true}}}
		return c
	case level == Internal:
		c.keys["aws:sourceorgid"] = Is(x.zone.ownOrg())
	}
	c.keys["aws:sourceaccount"], c.keys["aws:sourceowner"] = Is(account), Is(account)
	// ARNs of buckets have no account.
	c.domains["aws:sourcearn"] = domain{mayBeAbsent: true, mayBePresent: true, within: []constraint{{globs: []glob{arnGlob("arn:*:*:*:" + account + ":*"), arnGlob("arn:*:s3:::*")}, want: true}}}
	return c
}
