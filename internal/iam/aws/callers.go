package aws

import (
	"slices"
	"strings"
)

// caller is a set of callers that a question tries: a principal for the
// principal element, and what its condition keys can be.
type caller struct {
	principal Principal
	label     string
	level     Level
	keys      map[string]Value   // its own
	common    []map[string]Value // of all callers of its kind; not to be changed
	domains   map[string]domain  // of single keys; they go before named and outside
	source    string             // the account or organization that a service calls for
	named     *namedDomains
	outside   *outsider
}

// domain is what the caller can make of a condition key.
func (c *caller) domain(key string) domain {
	if d, ok := c.domains[key]; ok {
		return d
	}
	if c.named != nil {
		if d, ok := c.named.domain(key); ok {
			return d
		}
	}
	if c.outside != nil {
		if d, ok := c.outside.domain(key); ok {
			return d
		}
	}
	return openDomain(key)
}

// zone says what is one's own.
type zone struct {
	account      string
	orgID        string
	accounts     []string // others that count as one's own
	canonical    []string
	anyCanonical bool
	resource     map[string]Value // what follows from the resource for every caller
}

func newZone(account, orgID string, accounts []string) zone {
	z := zone{account: account, orgID: orgID, accounts: accounts}
	z.resource = resourceKeys(z)
	return z
}

// owns reports whether the account is one's own.
func (z zone) owns(account string) bool {
	return account != "" && account == z.account || slices.Contains(z.accounts, account)
}

// ownOrg stands for the organization where its id is not known, so that
// ${aws:ResourceOrgID} still bounds.
func (z zone) ownOrg() string {
	if z.orgID != "" {
		return z.orgID
	}
	return "o-own"
}

type boundKind uint8

const (
	boundExact   boundKind = iota // a fixed value bounds
	boundARN                      // so does a fixed account in an ARN
	boundAccount                  // an account id
	boundOrg                      // an organization id
	boundOrgPath                  // a fixed organization id in front
	boundUserID                   // a fixed unique id in front
)

// boundingKeys are the condition keys that a caller cannot give a value of his
// choice, so that a fixed value bounds who calls. Every other key bounds nothing.
var boundingKeys = map[string]boundKind{
	"aws:principalarn": boundARN, "aws:principalaccount": boundAccount, "aws:principalorgid": boundOrg,
	"aws:principalorgpaths": boundOrgPath, "aws:userid": boundUserID, "kms:calleraccount": boundAccount,
	"aws:principalservicename": boundExact, "aws:principalservicenameslist": boundExact,
	"aws:sourcearn": boundARN, "aws:sourceaccount": boundAccount, "aws:sourceowner": boundAccount,
	"aws:sourceorgid": boundOrg, "aws:sourceorgpaths": boundOrgPath,
	"aws:sourcevpc": boundExact, "aws:sourcevpce": boundExact, "aws:sourcevpcarn": boundARN,
	"aws:vpceaccount": boundAccount, "aws:vpceorgid": boundOrg, "aws:vpceorgpaths": boundOrgPath,
	"aws:ec2instancesourcevpc": boundExact, "ec2:sourceinstancearn": boundARN, "lambda:sourcefunctionarn": boundARN,
	"s3:x-amz-server-side-encryption-aws-kms-key-id": boundARN,
	"s3:dataaccesspointarn":                          boundARN, "s3:dataaccesspointaccount": boundAccount,
	"elasticfilesystem:accesspointarn": boundARN, "elasticfilesystem:accessedviamounttarget": boundExact,
	"lambda:eventsourcetoken": boundExact, "aws:federatedprovider": boundARN, "aws:chatbotsourcearn": boundARN,
	"cognito-identity.amazonaws.com:aud": boundExact, "saml:namequalifier": boundExact,
}

// sourceKeys are present only where a service calls for somebody.
var sourceKeys = []string{"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"}

// outsiderBans are the values of a key that somebody outside cannot have: the
// fixed ones that the policy names, and one's own. A value with a wildcard in
// the part that identifies is no fixed value.
func outsiderBans(key string, kind boundKind, p *Policy, z zone) []constraint {
	exact := constraint{globs: ownBans(kind, z)}
	folded := constraint{fold: true}
	for i := range p.statements {
		for _, c := range p.statements[i].conditions {
			if c.key != key {
				continue
			}
			for _, v := range c.values {
				if strings.Contains(v, "${") {
					continue
				}
				if c.op == opFold || c.op == opBool {
					folded.globs = append(folded.globs, literalGlob(strings.ToLower(v)))
				} else if g, ok := fixedPart(kind, v); ok {
					exact.globs = append(exact.globs, g)
				}
			}
		}
	}
	var out []constraint
	for _, c := range []constraint{exact, folded} {
		if len(c.globs) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// fixedPart is the pattern of everything that shares the identifying part of a
// value, if that part has no wildcard.
func fixedPart(kind boundKind, v string) (glob, bool) {
	wild := strings.ContainsAny(v, "*?")
	switch kind {
	case boundARN:
		if a, ok := splitARN(v); ok {
			if isAccountID(a.account) {
				return arnGlob("arn:*:*:*:" + a.account + ":*"), true
			}
			head, _, _ := strings.Cut(a.resource, "/")
			// A bucket's name is its own all over the world, and its ARN has no account.
			global := a.account == "" || a.service == "s3" && a.account == "*" && head == a.resource
			if global && head != "" && !strings.ContainsAny(head, "*?") {
				return newGlob("arn:*:" + a.service + ":*:*:" + head + "*"), true
			}
		}
	case boundOrgPath:
		if org, _, ok := strings.Cut(v, "/"); ok && !strings.ContainsAny(org, "*?") {
			return newGlob(org + "/*"), true
		}
	case boundUserID:
		if id, _, ok := strings.Cut(v, ":"); ok && !strings.ContainsAny(id, "*?") {
			return newGlob(id + ":*"), true
		}
	}
	return literalGlob(v), !wild
}

func ownBans(kind boundKind, z zone) []glob {
	var out []glob
	if kind == boundARN || kind == boundAccount {
		ban := func(a string) {
			if kind == boundARN {
				out = append(out, arnGlob("arn:*:*:*:"+a+":*"))
			} else {
				out = append(out, literalGlob(a))
			}
		}
		if z.account != "" && !slices.Contains(z.accounts, z.account) {
			ban(z.account)
		}
		for _, a := range z.accounts {
			ban(a)
		}
	}
	switch kind {
	case boundOrg:
		out = append(out, literalGlob(z.ownOrg()))
	case boundOrgPath:
		out = append(out, newGlob(z.ownOrg()+"/*"))
	}
	return out
}

var (
	accountIDs = constraint{globs: []glob{newGlob("????????????")}, want: true}
	anyARN     = constraint{globs: []glob{newGlob("arn:*")}, want: true}
	orgIDs     = constraint{globs: []glob{newGlob("o-*")}, want: true}

	fromAnywhere  = domain{mayBeAbsent: true, mayBePresent: true, from: &publicAddresses}
	principalType = domain{mayBePresent: true, within: []constraint{{
		want:  true,
		globs: []glob{literalGlob("Account"), literalGlob("User"), literalGlob("AssumedRole"), literalGlob("FederatedUser")},
	}}}
)

// signedKeys are present in every signed request of an account.
var signedKeys = map[string]bool{"aws:principalarn": true, "aws:principalaccount": true, "aws:userid": true, "kms:calleraccount": true}

// outsider gives the values that condition keys can have for somebody outside.
// Most policies name few keys, so that each is worked out when it is asked for.
type outsider struct {
	policy *Policy
	zone   zone
	signed bool            // the request is signed by a principal of an account
	only   map[string]bool // nil: every bounding key
	known  map[string]domain
}

func (o *outsider) domain(key string) (domain, bool) {
	switch {
	case o.only != nil && !o.only[key]:
		return domain{}, false
	case key == keySourceIP:
		return fromAnywhere, true
	case o.signed && key == "aws:principaltype":
		return principalType, true
	}
	kind, bounds := boundingKeys[key]
	if !bounds {
		return domain{}, false
	}
	if d, ok := o.known[key]; ok {
		return d, true
	}
	d := anyDomain
	d.mayBeAbsent = !o.signed || !signedKeys[key]
	d.within = outsiderBans(key, kind, o.policy, o.zone)
	switch kind {
	case boundAccount:
		d.within = append(d.within, accountIDs)
	case boundARN:
		d.within = append(d.within, anyARN)
	case boundOrg:
		d.within = append(d.within, orgIDs)
	}
	if o.known == nil {
		o.known = map[string]domain{}
	}
	o.known[key] = d
	return d, true
}

// resourceKeys are what follows from the resource for every caller.
func resourceKeys(z zone) map[string]Value {
	keys := map[string]Value{"aws:resourceorgid": Is(z.ownOrg())}
	if z.account != "" {
		keys["aws:resourceaccount"] = Is(z.account)
		keys["s3:resourceaccount"] = Is(z.account)
	}
	return keys
}

// absent are keys that are not there, which all callers of a kind share.
func absent(names ...string) map[string]Value {
	keys := make(map[string]Value, len(names))
	for _, n := range names {
		keys[n] = Value{State: Absent}
	}
	return keys
}

// The keys of the kinds of callers.
var (
	anonymousKeys = func() map[string]Value {
		keys := absent(append(slices.Clone(sourceKeys), "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
			"aws:username", "kms:calleraccount", "aws:principalservicename", "aws:principalservicenameslist", "aws:principalisawsservice", "aws:multifactorauthpresent",
			"aws:multifactorauthage", "aws:tokenissuetime", "aws:federatedprovider", "aws:calledvia")...)
		keys["aws:viaawsservice"] = Is("false")
		keys["lambda:functionurlauthtype"] = Is("NONE") // the other kind asks for a signature
		principalKeys(Principal{Kind: Anonymous}, func(k string, vs ...string) { keys[k] = Is(vs...) })
		return keys
	}()
	signingKeys = func() map[string]Value {
		keys := absent(append(slices.Clone(sourceKeys), "aws:principalservicename", "aws:principalservicenameslist")...)
		keys["aws:principalisawsservice"] = Is("false")
		return keys
	}()
	serviceKeys = absent("aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid", "aws:username",
		"kms:calleraccount", "aws:principaltype", "aws:multifactorauthpresent")
	federatedKeys = absent("aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:sourcearn", "aws:sourceaccount")
)

// shared puts the keys of a kind of callers beside those of the resource.
func (z zone) shared(kind map[string]Value) []map[string]Value {
	return []map[string]Value{kind, z.resource}
}

// anonymousCaller signs nothing.
func anonymousCaller(p *Policy, z zone) caller {
	return caller{
		principal: Principal{Kind: Anonymous}, label: "anonymous callers", level: AnonymousLevel,
		common: z.shared(anonymousKeys), outside: &outsider{policy: p, zone: z},
	}
}

// strangerCaller is a principal of an account outside that nobody named.
func strangerCaller(p *Policy, z zone) caller {
	return caller{
		principal: Principal{Kind: User, Account: "x", ARN: "arn:aws:iam::x:user/x"}, label: "any AWS account", level: AnyAuthenticated,
		common: z.shared(signingKeys), outside: &outsider{policy: p, zone: z, signed: true},
	}
}

// serviceCaller is an AWS service that calls for a customer outside.
func serviceCaller(name string, p *Policy, z zone) caller {
	keys := map[string]Value{}
	principalKeys(Principal{Kind: Service, ARN: name}, func(k string, vs ...string) { keys[k] = Is(vs...) })
	return caller{
		principal: Principal{Kind: Service, ARN: name}, label: "any customer of " + name, level: ServiceWide,
		keys: keys, common: z.shared(serviceKeys), outside: &outsider{policy: p, zone: z},
	}
}

// namedCaller is a principal of the account that the policy, or the zone,
// names; org is its organization if known.
func namedCaller(principal Principal, level Level, z zone) caller {
	account := principal.AccountID()
	c := caller{principal: principal, label: principal.ARN, level: level, common: z.shared(signingKeys)}
	if account != "" || principal.OrgID != "" {
		c.keys = make(map[string]Value, 3)
	}
	if account != "" {
		is := Is(account)
		c.keys["aws:principalaccount"], c.keys["kms:calleraccount"] = is, is
	}
	if principal.OrgID != "" {
		c.keys["aws:principalorgid"] = Is(principal.OrgID)
	}
	if strings.HasSuffix(c.label, "/any0") {
		c.label = "account " + account
	}
	c.named = &namedDomains{principal: principal, account: account, outside: level == ExternalLevel, ownOrg: z.ownOrg()}
	return c
}

// namedDomains gives the values that condition keys can have for a principal
// that is named. Most policies name few keys, so that each is worked out when it
// is asked for.
type namedDomains struct {
	principal Principal
	account   string
	outside   bool
	ownOrg    string
	// anyAccount says that the principal is of no certain account: what its
	// signature tells is not for here to say.
	anyAccount bool
	arns       *domain
}

func (n *namedDomains) domain(key string) (domain, bool) {
	switch key {
	case keySourceIP:
		return fromAnywhere, true
	case "aws:principaltype":
		return principalType, true
	case "aws:principalarn":
		if n.account != "" {
			return n.arn(), true
		}
	case "aws:principalorgpaths":
		if n.principal.OrgID != "" {
			return domain{mayBePresent: true, within: []constraint{{globs: []glob{newGlob(n.principal.OrgID + "/*")}, want: true}}}, true
		}
	case "aws:principalorgid":
		if n.principal.OrgID == "" && n.outside {
			return domain{mayBeAbsent: true, mayBePresent: true, within: []constraint{{globs: []glob{literalGlob(n.ownOrg)}}}}, true
		}
	}
	if signedKeys[key] && !n.anyAccount {
		return domain{mayBePresent: true}, true
	}
	return domain{}, false
}

func (n *namedDomains) arn() domain {
	if n.arns == nil {
		g := arnGlob("arn:*:*:*:" + n.account + ":*")
		if kind := n.principal.Kind; (kind == User || kind == RoleSession) && !strings.HasSuffix(n.principal.ARN, "/any0") {
			g = literalGlob(n.principal.ARN)
		}
		n.arns = &domain{mayBePresent: true, within: []constraint{{globs: []glob{g}, want: true}}}
	}
	return *n.arns
}

// accountPrincipal is some principal of an account.
func accountPrincipal(account string) Principal {
	return Principal{Kind: User, Account: account, ARN: "arn:aws:iam::" + account + ":user/any0"}
}

// namedCallers are the principals, accounts and organizations that the policy
// names: in principal elements, and as fixed values of conditions.
func namedCallers(p *Policy, z zone) []caller {
	var out []caller
	seen := map[string]bool{}
	add := func(c caller) {
		if !seen[c.label] {
			seen[c.label] = true
			out = append(out, c)
		}
	}
	for i := range p.statements {
		s := &p.statements[i]
		for _, e := range s.principals {
			if pr, ok := e.example(); ok {
				add(namedCaller(z.place(pr), z.levelOfPrincipal(pr), z))
			}
		}
		for _, c := range s.conditions {
			for _, v := range c.values {
				addNamedByCondition(c.key, v, z, add)
			}
		}
	}
	slices.SortFunc(out, func(a, b caller) int { return strings.Compare(a.label, b.label) })
	return out
}

func addNamedByCondition(key, v string, z zone, add func(caller)) {
	switch boundingKeys[key] {
	case boundAccount:
		if isAccountID(v) && !slices.Contains(sourceKeys, key) {
			add(namedCaller(z.place(accountPrincipal(v)), z.levelOf(v), z))
		}
	case boundARN:
		if a := Account(v); isAccountID(a) && key == "aws:principalarn" {
			add(namedCaller(z.place(accountPrincipal(a)), z.levelOf(a), z))
		}
	case boundOrg, boundOrgPath:
		org, _, _ := strings.Cut(v, "/")
		if strings.HasPrefix(org, "o-") && !strings.ContainsAny(org, "*?$") && org != z.ownOrg() && strings.HasPrefix(key, "aws:principal") {
			c := namedCaller(Principal{Kind: User, ARN: "arn:aws:iam::any0:user/any0", Account: "any0", OrgID: org}, ExternalLevel, z)
			delete(c.keys, "aws:principalaccount")
			delete(c.keys, "kms:calleraccount")
			c.domains = map[string]domain{"aws:principalarn": {mayBePresent: true}}
			c.label = "organization " + org
			add(c)
		}
	}
}

func (z zone) place(p Principal) Principal {
	if z.owns(p.AccountID()) {
		p.OrgID = z.ownOrg()
	}
	return p
}

func (z zone) levelOf(account string) Level {
	switch {
	case account == z.account && account != "":
		return Private
	case account == "cloudfront":
		// An origin access identity: it acts for a distribution, not an account.
		return Internal
	case z.owns(account):
		return Internal
	}
	return ExternalLevel
}

// logDelivery are the canonical user ids by which CloudFront delivers logs: an
// account of AWS.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
var logDelivery = []string{
	"c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
	"a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56", // in China
}

// levelOfPrincipal is levelOf for principals that are named by account or by
// canonical user id.
func (z zone) levelOfPrincipal(p Principal) Level {
	if p.CanonicalID == "" {
		return z.levelOf(p.AccountID())
	}
	return z.levelOfCanonical(p.CanonicalID)
}

func (z zone) levelOfCanonical(id string) Level {
	switch {
	case z.anyCanonical, slices.Contains(z.canonical, id):
		return Private
	case slices.Contains(logDelivery, id):
		return Internal
	}
	return ExternalLevel
}

// example is a principal that the entry covers; false for entries that name a
// service, everyone or nobody.
func (e principalEntry) example() (Principal, bool) {
	switch e.kind {
	case entryAccount:
		return accountPrincipal(e.account), true
	case entryUser:
		return Principal{Kind: User, ARN: e.text}, true
	case entryRole:
		return Principal{Kind: RoleSession, ARN: e.text, Session: "any0"}, true
	case entrySession:
		return Principal{Kind: RoleSession, Account: e.account, ARN: "arn:aws:iam::" + e.account + ":role/" + e.name, Session: e.session}, true
	case entryFederatedUser:
		return Principal{Kind: FederatedUser, ARN: e.text}, true
	case entryCanonical:
		return Principal{Kind: User, ARN: "canonical user " + e.text, CanonicalID: e.text}, true
	}
	return Principal{}, false
}

// orgCaller is a principal of a member account that nobody named.
func orgCaller(p *Policy, z zone) caller {
	principal := Principal{Kind: User, Account: "any0", ARN: "arn:aws:iam::any0:user/any0", OrgID: z.ownOrg()}
	return caller{
		principal: principal, label: "every account of the organization", level: OrgWide,
		keys: map[string]Value{"aws:principalorgid": Is(principal.OrgID)}, common: z.shared(signingKeys),
		named:   &namedDomains{principal: principal, anyAccount: true},
		outside: &outsider{policy: p, zone: z, signed: true, only: signedKeys},
	}
}

// anyService stands for the services that a policy does not name.
const anyService = "any service"

// anyServiceCaller is a service that somebody outside makes call: what "*"
// lets in beside direct callers.
func anyServiceCaller(p *Policy, z zone) caller {
	c := serviceCaller(anyService, p, z)
	c.level, c.label = AnyAuthenticated, "any AWS account by way of a service"
	return c
}
