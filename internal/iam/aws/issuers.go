package aws

import (
	"slices"
	"strings"
)

// issuer is an OIDC issuer that serves many tenants: whoever signs up there gets
// tokens, so that the trust has to name the tenant by a claim.
type issuer struct {
	host string
	// claims maps a claim to the text that stands before the tenant's name and
	// the rune that ends it. A claim with neither bounds by its whole value.
	claims map[string]tenantClaim
}

type tenantClaim struct{ before, end string }

var whole = tenantClaim{}

// issuers are the shared ones that AWS roles commonly trust.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
var issuers = []issuer{
	{"token.actions.githubusercontent.com", map[string]tenantClaim{
		"sub": {"repo:", "/"}, "repository": {"", "/"}, "repository_owner": whole, "repository_owner_id": whole, "repository_id": whole,
		"job_workflow_ref": {"", "/"}, "enterprise": whole, "enterprise_id": whole,
	}},
	{"gitlab.com", map[string]tenantClaim{"sub": {"project_path:", "/"}, "namespace_path": {"", "/"}, "namespace_id": whole, "project_path": {"", "/"}, "project_id": whole}},
	{"app.terraform.io", map[string]tenantClaim{"sub": {"organization:", ":"}, "terraform_organization_id": whole, "terraform_organization_name": whole}},
	{"agent.buildkite.com", map[string]tenantClaim{"sub": {"organization:", ":"}, "organization_slug": whole, "organization_id": whole}},
	{"oidc.circleci.com", map[string]tenantClaim{"sub": {"org/", "/"}, "aud": whole}},
	{"api.bitbucket.org", map[string]tenantClaim{"sub": {"{", "}"}, "aud": whole, "workspaceuuid": whole}},
	{"oidc.vercel.com", map[string]tenantClaim{"sub": {"owner:", ":"}, "aud": whole, "owner_id": whole}},
	{"api.pulumi.com", map[string]tenantClaim{"sub": {"pulumi:deploy:org:", ":"}, "aud": whole}},
	{"spacelift.io", map[string]tenantClaim{"sub": {"space:", ":"}, "aud": whole}},
	{"oidc.codefresh.io", map[string]tenantClaim{"sub": {"account:", ":"}, "account_id": whole}},
	{"login.microsoftonline.com/common", map[string]tenantClaim{"sub": whole, "tid": whole, "aud": whole}},
	{"accounts.google.com", map[string]tenantClaim{"sub": whole, "aud": whole, "oaud": whole, "email": whole}},
	{identityPools, map[string]tenantClaim{"sub": whole, "aud": whole}},
	{"www.amazon.com", map[string]tenantClaim{"sub": whole, "app_id": whole, "user_id": whole}},
	{"graph.facebook.com", map[string]tenantClaim{"sub": whole, "app_id": whole, "id": whole}},
}

// issuerOf finds the shared issuer of a provider's ARN or name.
func issuerOf(provider string) (issuer, bool) {
	host := provider
	if _, h, ok := strings.Cut(provider, ":oidc-provider/"); ok {
		host = h
	}
	host = strings.ToLower(host)
	for _, i := range issuers {
		if host == i.host || strings.HasPrefix(host, i.host+"/") || strings.HasSuffix(host, "."+i.host) {
			// Claims are named after the provider's own host.
			i.host = host
			return i, true
		}
	}
	return issuer{}, false
}

// otherTenant is what the claims can be for a tenant that the policy does not
// name. Claims that name no tenant, the audience of most issuers among them,
// are the tenant's own choice.
func otherTenant(iss issuer, p *Policy) map[string]domain {
	out := map[string]domain{}
	for claim, tc := range iss.claims {
		key := iss.host + ":" + claim
		var ban []glob
		for i := range p.statements {
			for _, c := range p.statements[i].conditions {
				if c.key != key {
					continue
				}
				for _, v := range c.values {
					if g, ok := tc.fixed(v); ok {
						ban = append(ban, g)
					}
				}
			}
		}
		d := domain{mayBePresent: true}
		if len(ban) > 0 {
			d.within = append(d.within, constraint{globs: ban})
		}
		if tc.before != "" {
			d.within = append(d.within, constraint{globs: []glob{newGlob(tc.before + "?*" + tc.end + "*")}, want: true})
		}
		out[key] = d
	}
	return out
}

// fixed is the pattern of all values of the tenant that v names, if v names one
// without wildcards.
func (tc tenantClaim) fixed(v string) (glob, bool) {
	if strings.Contains(v, "${") {
		return glob{}, false
	}
	if tc.end == "" {
		return literalGlob(v), !strings.ContainsAny(v, "*?")
	}
	rest, ok := strings.CutPrefix(v, tc.before)
	tenant, _, ended := strings.Cut(rest, tc.end)
	if !ok || !ended || tenant == "" || strings.ContainsAny(tenant, "*?") {
		return literalGlob(v), !strings.ContainsAny(v, "*?")
	}
	return globOf(append(slices.Clip(literalGlob(tc.before+tenant+tc.end).toks), token{kind: tokStar}), ""), true
}

// identityPools is the issuer of the tokens of Cognito's identity pools.
const identityPools = "cognito-identity.amazonaws.com"

// admitsGuests reports whether a trust in identity pools lets in identities of
// which none is named and that nobody signed in. Whoever knows the id of a pool,
// which stands in every application that uses it, has such an identity if the pool
// gives them out.
// https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
func (x *exposure) admitsGuests(c *caller, action string) bool {
	guest := *c
	guest.keys = map[string]Value{identityPools + ":amr": Is("unauthenticated")}
	guest.domains = map[string]domain{identityPools + ":sub": c.domains[identityPools+":sub"]}
	ok, _ := x.assumes(&guest, action)
	return ok
}
