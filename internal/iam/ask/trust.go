package ask

import (
	"slices"
	"strings"
)

// tenants are issuers of web identities that serve many customers: a trust that
// does not fix the subject trusts every project of the issuer. The value is how
// the subject names the owner.
var tenants = map[string]string{
	"token.actions.githubusercontent.com": "repo:",
	"gitlab.com":                          "project_path:",
	"app.terraform.io":                    "organization:",
	"oidc.circleci.com":                   "org/",
	"agent.buildkite.com":                 "organization:",
	"accounts.google.com":                 "",
	"vstoken.dev.azure.com":               "sc://",
	"bitbucket.org":                       "",
}

// WebIdentityUnbound says whether a trust policy lets in tokens of a
// multi-tenant issuer whose subject belongs to a stranger.
func WebIdentityUnbound(p Policy, issuers []string) Yes {
	ans := Yes{Known: true}
	for i := range p.Statements {
		for _, pr := range p.Statements[i].Principals {
			if pr.Type != "Federated" || !p.Statements[i].Allow {
				continue
			}
			host := issuerOf(pr.Value)
			owner, ok := tenants[host]
			if !ok && !slices.Contains(issuers, host) {
				continue
			}
			r := Request{Caller: Caller{Kind: FederatedIdentity, Arn: pr.Value}, Action: "sts:AssumeRoleWithWebIdentity", Resource: "*"}
			sp := newSpace([]Policy{p}, func(key string) ([][]string, bool) {
				if key == host+":sub" {
					return strangersSubjects(&p, key, owner), true
				}
				if strings.HasPrefix(key, host+":") && key != host+":aud" {
					return [][]string{{fresh}}, true
				}
				return nil, false
			})
			ps := Policies{Resource: []Policy{p}}
			known := sp.each(func(ctx Context) bool {
				r.Context = ctx
				if allowedByResource(&r, &ps) != nil {
					ans.Value = true
					who := "any subject"
					if sub := ctx[host+":sub"]; sub != nil {
						who = "subject " + sub[0]
					}
					ans.Because = append(ans.Because, p.Statements[i].String()+" lets in "+who+" of "+host)
				}
				return !ans.Value
			})
			ans.Known = ans.Known && known
		}
	}
	ans.Known = ans.Known || ans.Value
	return ans
}

func issuerOf(provider string) string {
	if i := strings.Index(provider, "oidc-provider/"); i >= 0 {
		provider = provider[i+len("oidc-provider/"):]
	}
	host, _, _ := strings.Cut(strings.ToLower(provider), "/")
	return host
}

// strangersSubjects returns subjects that a stranger's token can carry: one that
// no policy names, and for each pattern one that it matches although the owner
// is another.
func strangersSubjects(p *Policy, key, owner string) [][]string {
	out := [][]string{{owner + "zzstranger/zz:ref:refs/heads/main"}, {"zzstranger"}}
	for i := range p.Statements {
		for _, c := range p.Statements[i].Conditions {
			if c.Key != key {
				continue
			}
			for _, v := range c.Values {
				star := strings.IndexAny(v, "*?")
				if star < 0 {
					continue
				}
				rest := strings.TrimPrefix(v, owner)
				// Only a separator before the star fixes who owns the subject.
				if sep := strings.IndexAny(rest, "/:"); sep < 0 || sep > star-(len(v)-len(rest)) {
					filled := strings.ReplaceAll(strings.Replace(v, v[star:star+1], "-zzstranger/zz", 1), "*", "zz")
					out = append(out, []string{strings.ReplaceAll(filled, "?", "q")})
				}
			}
		}
	}
	return out
}

// ServiceUnbound returns the services that a trust policy lets in without
// binding them to an account, resource or organization, sorted.
func ServiceUnbound(p Policy, t Target, exempt []string) Yes {
	ans := Yes{Known: true}
	for _, who := range outsiders(&p, t) {
		if who.Kind != ServicePrincipal || slices.Contains(exempt, who.Arn) {
			continue
		}
		r := Request{Caller: who.Caller, Action: "sts:AssumeRole", Resource: "*", Owner: t.Account}
		by, known := admits([]Policy{p}, &r, func(key string) ([][]string, bool) { return who.know(key, t) })
		ans.Known = ans.Known && known
		for _, s := range by {
			ans.Value = true
			ans.Because = append(ans.Because, s+" lets in any customer of "+who.Arn)
		}
	}
	ans.Known = ans.Known || ans.Value
	return ans
}

// OutsideAccounts returns the accounts outside that an Allow of the policy
// names and lets in, sorted; "*" for any.
func OutsideAccounts(p Policy, t Target) ([]string, bool) {
	service := serviceOf(t.ID)
	if p.Kind == Trust {
		service = "sts"
	}
	var out []string
	known := true
	for _, who := range outsiders(&p, t) {
		name := who.Account
		if who.level >= AnyAuthenticated {
			name = "*"
		}
		if who.Kind == ServicePrincipal || slices.Contains(out, name) {
			continue
		}
		for _, use := range usesOf(service, &p, nil) {
			for _, resource := range targets(t.ID, service, &p, use.child) {
				r := Request{Caller: who.Caller, Action: use.action, Resource: resource, Owner: t.Account}
				by, ok := admits([]Policy{p}, &r, func(key string) ([][]string, bool) { return who.know(key, t) })
				known = known && ok
				if by != nil && !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	slices.Sort(out)
	return out, known
}
