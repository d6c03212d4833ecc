package ask

import "strings"

// CallerKind is the kind of who makes a request.
type CallerKind uint8

// The kinds of callers.
const (
	Anonymous CallerKind = iota
	User
	RoleSession
	RootUser
	ServicePrincipal
	FederatedIdentity // of sts:AssumeRoleWithSAML and AssumeRoleWithWebIdentity
)

// Caller is who makes a request.
type Caller struct {
	Kind    CallerKind
	Account string
	// Arn is that of the user or role (not of the session); the service's name
	// for services; the provider's ARN or host for federated identities.
	Arn string
	// Session is the name of a role session.
	Session string
}

// class says how a statement names a caller; the kind decides what it bypasses.
type class uint8

const (
	notNamed class = iota
	byAccount
	byRole
	byService
	byFederation
	direct
	anyone
)

// named returns how the entry names the caller.
func (p Principal) named(c *Caller) class {
	switch p.Type {
	case "Service":
		if c.Kind == ServicePrincipal && (p.Value == "*" || strings.EqualFold(p.Value, c.Arn)) {
			return byService
		}
		return notNamed
	case "Federated":
		if c.Kind == FederatedIdentity && (p.Value == "*" || p.Value == c.Arn) {
			return byFederation
		}
		return notNamed
	case "CanonicalUser":
		return notNamed
	}
	if p.Value == "*" {
		if c.Kind == FederatedIdentity {
			return byFederation
		}
		return anyone
	}
	account := p.Value
	if strings.HasPrefix(p.Value, "arn:") {
		parts := strings.SplitN(p.Value, ":", 6)
		if len(parts) < 6 {
			return notNamed
		}
		account = parts[4]
		if parts[5] != "root" {
			switch {
			case c.Kind == User && p.Value == c.Arn:
				return direct
			case c.Kind == RoleSession && sameRole(parts, c):
				return byRole
			case c.Kind == RoleSession && parts[2] == "sts" && parts[4] == c.Account && parts[5] == "assumed-role/"+lastPart(c.Arn)+"/"+c.Session:
				return direct
			}
			return notNamed
		}
	}
	if isAccount(account) && account == c.Account && c.Account != "" {
		return byAccount
	}
	// "arn:aws:iam::*:root" names every account.
	if account == "*" && c.Account != "" {
		return anyone
	}
	return notNamed
}

func sameRole(parts []string, c *Caller) bool {
	return parts[2] == "iam" && parts[4] == c.Account && strings.HasPrefix(parts[5], "role/") && strings.EqualFold(lastPart(parts[5]), lastPart(c.Arn))
}

func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// names returns how the statement's principal element names the caller; a
// NotPrincipal names everybody but those whose every level is listed.
func (s *Statement) names(c *Caller) class {
	best := notNamed
	var account, self bool
	for _, p := range s.Principals {
		n := p.named(c)
		best = max(best, n)
		switch n {
		case byAccount:
			account = true
		case anyone:
			account, self = true, true
		case notNamed:
		default:
			self = true
		}
	}
	if !s.NotPrinc {
		return best
	}
	exempt := self && (account || c.Account == "")
	if s.Allow {
		exempt = self || account
	}
	if exempt {
		return notNamed
	}
	return anyone
}
