package aws

import (
	"maps"
	"slices"
	"strings"
)

// PrincipalKind is what kind of caller makes a request.
type PrincipalKind string

// The kinds of callers. Federated is the holder of a SAML assertion or OIDC
// token that calls sts:AssumeRoleWith*.
const (
	Root          PrincipalKind = "Account"
	User          PrincipalKind = "User"
	RoleSession   PrincipalKind = "AssumedRole"
	FederatedUser PrincipalKind = "FederatedUser"
	Service       PrincipalKind = "Service"
	Federated     PrincipalKind = "Federated"
	Anonymous     PrincipalKind = "Anonymous"
)

// Principal is the caller of a request. Condition keys that follow from it need
// not be repeated in the Context.
type Principal struct {
	Kind PrincipalKind
	// ARN is the user's ARN; for a session the ARN of its role, with path; for
	// a federated user arn:aws:sts::A:federated-user/N; for Federated the
	// provider's ARN or host name; for Service the service principal.
	ARN string
	// Account is the caller's account; empty means that of the ARN.
	Account string
	// Session is the session name of a RoleSession.
	Session string
	// Parent is the ARN of the user that a FederatedUser session belongs to.
	Parent string
	// UniqueID is the AIDA… or AROA… id, if known.
	UniqueID string
	// CanonicalID is the account's canonical user id of S3, if known.
	CanonicalID string
	// OrgID and OrgPaths place the account: "o-1", "o-1/r-ab12/ou-ab12-1/".
	OrgID    string
	OrgPaths []string
	// Management says that the account is its organization's management
	// account: SCPs do not apply.
	Management bool
	// ServiceLinked says that the role is service-linked: SCPs and RCPs do not
	// apply.
	ServiceLinked bool
	// SessionToken says that the credentials came from GetSessionToken; MFA
	// whether that was with MFA.
	SessionToken, MFA bool
	// Tags are the principal tags, session tags included.
	Tags map[string]string
}

// AccountID is the caller's account, "" for services and anonymous callers.
func (p Principal) AccountID() string {
	if p.Account != "" || p.Kind == Service || p.Kind == Anonymous || p.Kind == Federated {
		return p.Account
	}
	return Account(p.ARN)
}

// ValueState says what is known of a condition key.
type ValueState uint8

// The states of a key. Free is a value that the caller chooses, Unfetched one
// that is decided but not known here.
const (
	Absent ValueState = iota
	Present
	Free
	Unfetched
)

// Value is what is known of one condition key.
type Value struct {
	State  ValueState
	Values []string
}

// Is is a key with these values; a key that can hold several takes more than one.
func Is(values ...string) Value { return Value{State: Present, Values: values} }

// Context is what is known of the condition keys of a request, by the key's
// name in any case. A key that is not in it, and does not follow from the
// principal or the resource, is absent.
type Context map[string]Value

func (c Context) lower() Context {
	out := make(Context, len(c))
	if len(c) < 2 { // no two spellings of one key
		for k, v := range c {
			out[strings.ToLower(k)] = v
		}
		return out
	}
	for _, k := range slices.Sorted(maps.Keys(c)) {
		out[strings.ToLower(k)] = c[k]
	}
	return out
}

// Request is one authorization question. A call of the API may need several.
type Request struct {
	Principal Principal
	// Action is "service:Name" in any case.
	Action string
	// Resource is the ARN, or "*" for an action without a resource type.
	Resource string
	// ResourceAccount and ResourceOrgID name the owner where the ARN does not
	// (S3). An unknown owner is taken as another account, and reported.
	ResourceAccount string
	ResourceOrgID   string
	Context         Context
}

func (r Request) owner() string {
	if r.ResourceAccount != "" {
		return r.ResourceAccount
	}
	if a := Account(r.Resource); a != "" {
		return a
	}
	if r.Resource == "*" {
		return r.Principal.AccountID()
	}
	return ""
}

// principalKeys are the condition keys that follow from the caller.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
func principalKeys(p Principal, set func(key string, values ...string)) {
	if p.Kind == Anonymous { // aws:PrincipalIsAWSService is there in signed requests only
		set("aws:userid", "anonymous")
		set("aws:principalaccount", "anonymous")
		set("aws:principaltype", string(Anonymous))
		return
	}
	set("aws:principalisawsservice", boolText(p.Kind == Service))
	switch p.Kind {
	case Service:
		set("aws:principalservicename", p.ARN)
		set("aws:principalservicenameslist", p.ARN)
		return
	case Federated:
		return
	}
	account := p.AccountID()
	set("aws:principaltype", string(p.Kind))
	set("aws:principalarn", p.ARN)
	set("aws:principalaccount", account)
	set("kms:calleraccount", account)
	set("aws:principalorgid", p.OrgID)
	set("aws:principalorgpaths", p.OrgPaths...)
	for k, v := range p.Tags {
		set("aws:principaltag/"+strings.ToLower(k), v)
	}
	switch p.Kind {
	case Root:
		set("aws:userid", account)
	case User:
		set("aws:userid", p.UniqueID)
		set("aws:username", p.ARN[strings.LastIndexByte(p.ARN, '/')+1:])
	case RoleSession:
		if p.UniqueID != "" {
			set("aws:userid", p.UniqueID+":"+p.Session)
		}
	case FederatedUser:
		set("aws:userid", account+":"+p.ARN[strings.LastIndexByte(p.ARN, '/')+1:])
	}
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
