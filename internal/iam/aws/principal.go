package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// class is how a grant reached the caller; the decision treats them apart.
type class uint8

const (
	classNone      class = iota
	classAny             // everyone
	classDirect          // the user, or exactly this session
	classRole            // the role of the session
	classAccount         // the caller's account
	classService         // the service principal
	classFederated       // the identity provider
)

type entryKind uint8

const (
	entryAny entryKind = iota
	entryAccount
	entryUser
	entryRole
	entrySession
	entryFederatedUser
	entryService
	entryFederated
	entryCanonical
	entryDead // an id of a deleted user or role, or text that names nobody
)

// principalEntry is one compiled entry of Principal or NotPrincipal.
type principalEntry struct {
	kind    entryKind
	text    string // as written
	account string
	name    string // the user's, role's or session's name; the service; the provider
	session string
}

// parsePrincipal reads "*" or an object of lists by type. A bare account, ARN or
// service, as callers of Lambda's AddPermission name it, is read as what they mean;
// AWS itself never stores one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func parsePrincipal(v any) ([]principalEntry, string) {
	if s, ok := v.(string); ok {
		switch {
		case s == "*":
			return []principalEntry{{kind: entryAny, text: s}}, ""
		case isAccountID(s), strings.HasPrefix(s, "arn:"):
			v = map[string]any{"AWS": s}
		case strings.HasSuffix(s, ".amazonaws.com"), strings.HasSuffix(s, ".amazon.com"):
			v = map[string]any{"Service": s}
		default:
			return nil, fmt.Sprintf("Principal %q is neither * nor an object", s)
		}
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, "Principal is neither * nor an object"
	}
	var out []principalEntry
	for _, typ := range slices.Sorted(maps.Keys(m)) {
		list, ok := stringList(m[typ])
		if !ok {
			return nil, "Principal " + typ + " is no list of strings"
		}
		for _, s := range list {
			e, ok := newPrincipalEntry(typ, s)
			if !ok {
				return nil, fmt.Sprintf("unknown type of principal %q", typ)
			}
			out = append(out, e)
		}
	}
	return out, ""
}

func newPrincipalEntry(typ, s string) (principalEntry, bool) {
	e := principalEntry{text: s, name: s}
	switch typ {
	case "AWS":
		return awsEntry(e), true
	case "Service":
		e.kind, e.name = entryService, serviceName(s)
	case "Federated":
		e.kind = entryFederated
	case "CanonicalUser":
		e.kind = entryCanonical
	default:
		return e, false
	}
	if s == "*" {
		// Valid for Federated and Service in stored documents; it names all of them.
		e.name = "*"
	}
	return e, true
}

func awsEntry(e principalEntry) principalEntry {
	s := e.text
	e.kind = entryDead
	if s == "*" {
		e.kind = entryAny
		return e
	}
	if isAccountID(s) {
		e.kind, e.account = entryAccount, s
		return e
	}
	a, ok := splitARN(s)
	if !ok || strings.ContainsAny(s, "*?") {
		return e
	}
	e.account = a.account
	typ, rest, _ := strings.Cut(a.resource, "/")
	last := rest[strings.LastIndexByte(rest, '/')+1:]
	switch {
	case a.service == "iam" && a.resource == "root":
		e.kind = entryAccount
	case a.service == "iam" && typ == "user":
		e.kind, e.name = entryUser, last
	case a.service == "iam" && typ == "role":
		e.kind, e.name = entryRole, last
	case a.service == "sts" && typ == "assumed-role":
		e.kind = entrySession
		e.name, e.session, _ = strings.Cut(rest, "/")
	case a.service == "sts" && typ == "federated-user":
		e.kind, e.name = entryFederatedUser, rest
	case a.service == "iam" && strings.Contains(a.resource, "CloudFront Origin Access Identity"), a.account == "cloudfront":
		e.kind, e.name = entryService, "cloudfront.amazonaws.com"
	}
	return e
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// serviceName drops the partition's suffix and the region of a regional
// spelling: "sns.eu-west-1.amazonaws.com.cn" is "sns.amazonaws.com".
func serviceName(s string) string {
	s = strings.TrimSuffix(strings.ToLower(s), ".cn")
	host, ok := strings.CutSuffix(s, ".amazonaws.com")
	if !ok {
		return s
	}
	if i := strings.LastIndexByte(host, '.'); i >= 0 && strings.Count(host[i:], "-") >= 2 {
		host = host[:i]
	}
	return host + ".amazonaws.com"
}

// matches is the class in which the entry covers the caller, or classNone.
func (e principalEntry) matches(p Principal) class {
	account := p.AccountID()
	switch e.kind {
	case entryAny:
		return classAny
	case entryAccount:
		if account != "" && account == e.account {
			return classAccount
		}
	case entryUser:
		if p.Kind == User && account == e.account && lastSegment(p.ARN) == e.name {
			return classDirect
		}
		if p.Kind == FederatedUser && account == e.account && p.Parent != "" && lastSegment(p.Parent) == e.name {
			return classRole
		}
	case entryRole:
		if p.Kind == RoleSession && account == e.account && strings.EqualFold(lastSegment(p.ARN), e.name) {
			return classRole
		}
	case entrySession:
		if p.Kind == RoleSession && account == e.account && strings.EqualFold(lastSegment(p.ARN), e.name) && p.Session == e.session {
			return classDirect
		}
	case entryFederatedUser:
		if p.Kind == FederatedUser && account == e.account && lastSegment(p.ARN) == e.name {
			return classDirect
		}
	case entryService:
		if p.Kind == Service && (e.name == "*" || serviceName(p.ARN) == e.name) {
			return classService
		}
	case entryFederated:
		if p.Kind == Federated && (e.name == "*" || p.ARN == e.name) {
			return classFederated
		}
	case entryCanonical:
		if p.CanonicalID != "" && p.CanonicalID == e.text {
			return classAccount
		}
	}
	return classNone
}

func lastSegment(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// principalMatch is the class in which the statement's principal element covers
// the caller. partial is set for a Deny whose NotPrincipal lists some levels of
// the caller but not all.
func (s *Statement) principalMatch(p Principal, bounded bool, sw Switches) (c class, partial bool) {
	if s.noPrincipal {
		return classAny, false
	}
	best := classNone
	for _, e := range s.principals {
		c := e.matches(p)
		if c != classNone && (best == classNone || c < best) {
			best = c
		}
	}
	if !s.notPrincipal {
		return best, false
	}
	if s.Allow {
		if best == classNone {
			return classAny, false
		}
		return classNone, false
	}
	if bounded {
		return classAny, false
	}
	switch {
	case best == classNone:
		return classAny, false
	case s.exempts(p):
		return classNone, false
	case sw.PartialNotPrincipalExempts:
		return classNone, false
	}
	return classAny, true
}

// exempts reports whether NotPrincipal lists the caller and every broader level.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (s *Statement) exempts(p Principal) bool {
	var own, role, account, all bool
	for _, e := range s.principals {
		switch e.matches(p) {
		case classAny:
			all = true
		case classDirect, classService, classFederated:
			own = true
		case classRole:
			role = true
		case classAccount:
			account = true
		}
	}
	switch p.Kind {
	case Root:
		return all || account
	case RoleSession:
		return all || (own && role && account)
	case FederatedUser:
		return all || (own && account)
	case User:
		return all || (own && account)
	}
	return all || own
}
