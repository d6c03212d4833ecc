package aws

import (
	"slices"
	"strings"
)

// AssumerKind is what kind of caller a trust policy lets in.
type AssumerKind string

// The kinds of assumers.
const (
	AssumerAnyone    AssumerKind = "anyone"
	AssumerAccount   AssumerKind = "account"
	AssumerOrg       AssumerKind = "organization"
	AssumerService   AssumerKind = "service"
	AssumerSAML      AssumerKind = "saml"
	AssumerOIDC      AssumerKind = "oidc"
	AssumerPrincipal AssumerKind = "principal"
)

// Assumer is one caller, or set of callers, that may assume a role.
type Assumer struct {
	Kind AssumerKind
	// Who is the account id, ARN, service principal, provider or organization.
	Who string
	// Account is the caller's account, "" for services, OIDC and everyone.
	Account string
	Level   Level
	// Open says that the trust does not bound whom it means: everyone, every
	// tenant of a shared identity provider, every customer of a service.
	Open bool
	// NeedsExternalID says that the caller has to give an external id.
	NeedsExternalID bool
	// Deputy says that a service calls for its customers and neither
	// aws:SourceArn nor aws:SourceAccount binds for whom.
	Deputy  bool
	Because []Cite
}

// TrustAnswer lists who may assume a role. Value is True if anybody may that
// the trust does not bound (Open), or everyone.
type TrustAnswer struct {
	Answer
	Assumers []Assumer
	// Incomplete says that the policy was too involved to be decided for every
	// caller: others than Assumers may be let in.
	Incomplete bool
}

// ThirdPartiesWithoutExternalID are the accounts outside the zone that may
// assume the role without an external id.
func (t TrustAnswer) ThirdPartiesWithoutExternalID() []Assumer {
	var out []Assumer
	for _, a := range t.Assumers {
		if a.Level == ExternalLevel && !a.NeedsExternalID && (a.Kind == AssumerAccount || a.Kind == AssumerPrincipal || a.Kind == AssumerOrg) {
			out = append(out, a)
		}
	}
	return out
}

// Deputies are the services that could be made to assume the role for another
// customer.
func (t TrustAnswer) Deputies() []Assumer {
	var out []Assumer
	for _, a := range t.Assumers {
		if a.Deputy {
			out = append(out, a)
		}
	}
	return out
}

// AssumableBy reports who may assume a role with this trust policy. For callers
// in other accounts it takes their own account to allow them. Resources of the
// query are not used.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html
func AssumableBy(trust Policy, q PublicQuery) TrustAnswer {
	q.Resources = nil
	x := newExposure(trust, q)
	t := TrustAnswer{}
	z, p := x.zone, &x.policy
	callers := []caller{strangerCaller(p, z)}
	callers = append(callers, namedCallers(p, z)...)
	callers = append(callers, orgCaller(p, z))
	for i := range callers {
		if a, ok := x.assumer(&callers[i], "sts:assumerole"); ok {
			t.Assumers = append(t.Assumers, a)
		}
	}
	for _, c := range x.services() {
		t.service(x, &c)
	}
	for _, e := range x.providers() {
		t.federated(x, e)
	}
	for _, a := range t.Assumers {
		t.Level = max(t.Level, a.Level)
		t.because(a.Because...)
		if a.Open && !a.Deputy {
			t.Value = True
		}
	}
	t.Incomplete = x.incomplete
	if t.Value == Unknown && !x.incomplete {
		t.Value = False
	}
	if t.Level > Private {
		t.Capabilities = map[Capability]Level{Assume: t.Level}
	}
	t.finish()
	return t
}

// assumer asks whether the caller may do the action.
func (x *exposure) assumer(c *caller, action string) (Assumer, bool) {
	reach, external := x.assumes(c, action)
	if !reach {
		return Assumer{}, false
	}
	a := Assumer{Kind: AssumerPrincipal, Who: c.label, Account: c.principal.AccountID(), Level: c.level, NeedsExternalID: external}
	switch {
	case c.level == AnyAuthenticated:
		a.Kind, a.Who, a.Account, a.Open = AssumerAnyone, "*", "", true
	case strings.HasPrefix(c.label, "account "):
		a.Kind, a.Who = AssumerAccount, a.Account
	case c.level == OrgWide:
		a.Kind, a.Who, a.Account = AssumerOrg, x.zone.orgID, ""
	case strings.HasPrefix(c.label, "organization "):
		a.Kind, a.Who, a.Account = AssumerOrg, strings.TrimPrefix(c.label, "organization "), ""
	}
	a.Because = x.cites("lets " + a.Who + " assume the role")
	return a, true
}

// assumes reports whether the caller is let in, and whether only with an
// external id.
func (x *exposure) assumes(c *caller, action string) (ok, externalID bool) {
	e := x.env(c, action)
	allow := x.grants(e)
	phi := and(not(x.denies(e)), allow)
	const key = "sts:externalid"
	ok, networks, complete := reachable(phi, c.domain, x.q)
	x.incomplete = x.incomplete || !complete
	ok = ok || (len(networks) > 0 && c.level < AnyAuthenticated)
	if !ok {
		return false, false
	}
	without := satisfiable(phi, func(k string) domain {
		if k == key {
			return domain{mayBeAbsent: true}
		}
		return c.domain(k)
	})
	return true, !without
}

func (t *TrustAnswer) service(x *exposure, c *caller) {
	name := c.principal.ARN
	a := Assumer{Kind: AssumerService, Who: name, Level: Private}
	open, _ := x.assumes(c, "sts:assumerole")
	if open && deputies[name] {
		a.Deputy, a.Open, a.Level = true, true, ServiceWide
	}
	if !open {
		// Bound to own sources; it still assumes the role for the owner.
		own := *c
		own.domains, own.named, own.outside = nil, nil, nil
		if ok, _ := x.assumes(&own, "sts:assumerole"); !ok {
			return
		}
		a.Level = x.forSources(name)
	}
	a.Because = x.cites("lets " + name + " assume the role")
	t.Assumers = append(t.Assumers, a)
}

// forSources is the highest level of a source that the policy names and for which
// the service may assume the role.
func (x *exposure) forSources(service string) Level {
	level := Private
	for _, c := range x.sources() {
		if c.principal.ARN != service || c.level <= level {
			continue
		}
		if ok, _ := x.assumes(&c, "sts:assumerole"); ok {
			level = c.level
		}
	}
	return level
}

// deputies are the services that assume roles on behalf of a resource whose ARN
// and account they put into aws:SourceArn and aws:SourceAccount. Services that
// take a role only from its own account by iam:PassRole and set neither key,
// such as EC2, are not among them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
var deputies = setOf("apigateway.amazonaws.com appflow.amazonaws.com aps.amazonaws.com backup.amazonaws.com bedrock.amazonaws.com bedrock-agentcore.amazonaws.com " +
	"chatbot.amazonaws.com cloudformation.amazonaws.com cloudtrail.amazonaws.com codebuild.amazonaws.com codepipeline.amazonaws.com " +
	"cognito-idp.amazonaws.com config.amazonaws.com connect.amazonaws.com databrew.amazonaws.com datasync.amazonaws.com delivery.logs.amazonaws.com " +
	"dms.amazonaws.com ecs-tasks.amazonaws.com eks.amazonaws.com elasticmapreduce.amazonaws.com events.amazonaws.com evidently.amazonaws.com " +
	"export.rds.amazonaws.com firehose.amazonaws.com forecast.amazonaws.com frauddetector.amazonaws.com glue.amazonaws.com grafana.amazonaws.com " +
	"imagebuilder.amazonaws.com iot.amazonaws.com kendra.amazonaws.com kinesisanalytics.amazonaws.com lakeformation.amazonaws.com " +
	"lex.amazonaws.com lexv2.amazonaws.com logs.amazonaws.com macie.amazonaws.com personalize.amazonaws.com pipes.amazonaws.com pods.eks.amazonaws.com " +
	"qbusiness.amazonaws.com quicksight.amazonaws.com redshift.amazonaws.com rekognition.amazonaws.com rolesanywhere.amazonaws.com s3.amazonaws.com " +
	"sagemaker.amazonaws.com scheduler.amazonaws.com scheduler.redshift.amazonaws.com ses.amazonaws.com sns.amazonaws.com ssm.amazonaws.com ssm-incidents.amazonaws.com " +
	"states.amazonaws.com storagegateway.amazonaws.com synthetics.amazonaws.com timestream.amazonaws.com transcribe.amazonaws.com transfer.amazonaws.com " +
	"translate.amazonaws.com vpc-flow-logs.amazonaws.com wellarchitected.amazonaws.com wisdom.amazonaws.com xray.amazonaws.com")

func setOf(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// providers are the Federated entries of the Allow statements.
func (x *exposure) providers() []principalEntry {
	var out []principalEntry
	for i := range x.policy.statements {
		s := &x.policy.statements[i]
		if !s.Allow {
			continue
		}
		for _, e := range s.principals {
			if e.kind == entryFederated && !slices.ContainsFunc(out, func(o principalEntry) bool { return o.name == e.name }) {
				out = append(out, e)
			}
		}
	}
	return out
}

func (t *TrustAnswer) federated(x *exposure, e principalEntry) {
	a := Assumer{Kind: AssumerOIDC, Who: e.name, Account: Account(e.name), Level: Private}
	action := "sts:assumerolewithwebidentity"
	if strings.Contains(e.name, ":saml-provider/") {
		a.Kind, action = AssumerSAML, "sts:assumerolewithsaml"
	}
	c := &caller{principal: Principal{Kind: Federated, ARN: e.name}, common: x.zone.shared(federatedKeys)}
	if ok, _ := x.assumes(c, action); !ok {
		return
	}
	if a.Account != "" && a.Account != x.zone.account {
		a.Level = x.zone.levelOf(a.Account)
	}
	if iss, ok := issuerOf(e.name); ok && a.Kind == AssumerOIDC {
		c.domains = otherTenant(iss, &x.policy)
		c.level = AnyAuthenticated
		if open, _ := x.assumes(c, action); open {
			a.Open, a.Level = true, AnyAuthenticated
		}
	}
	if e.name == identityPools && !a.Open && x.admitsGuests(c, action) {
		a.Open, a.Level = true, AnonymousLevel
	}
	why := "lets identities of " + e.name + " assume the role"
	switch {
	case a.Level == AnonymousLevel:
		why = "lets guests of an identity pool, who do not sign in, assume the role"
	case a.Open:
		why = "lets any tenant of " + e.name + " assume the role"
	}
	a.Because = x.cites(why)
	t.Assumers = append(t.Assumers, a)
}
