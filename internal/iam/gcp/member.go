package gcp

import "strings"

// Kind says what a member of a binding is.
type Kind string

// The kinds of members. A service agent is an account of Google's that acts for
// a service; a federated one is an identity of a workload or workforce pool.
const (
	AllUsers              Kind = "allUsers"
	AllAuthenticatedUsers Kind = "allAuthenticatedUsers"
	User                  Kind = "user"
	ServiceAccount        Kind = "serviceAccount"
	ServiceAgent          Kind = "serviceAgent"
	Group                 Kind = "group"
	Domain                Kind = "domain"
	Federated             Kind = "principal"
	FederatedSet          Kind = "principalSet"
	ProjectOwner          Kind = "projectOwner"
	ProjectEditor         Kind = "projectEditor"
	ProjectViewer         Kind = "projectViewer"
	// Invalid is a member whose form is not known: it may be anybody.
	Invalid Kind = "invalid"
)

// Kinds are the kinds that a question can ask for.
var Kinds = []Kind{
	AllUsers, AllAuthenticatedUsers, User, ServiceAccount, ServiceAgent, Group, Domain, Federated, FederatedSet,
	ProjectOwner, ProjectEditor, ProjectViewer,
}

// Member is a member of a binding.
// https://cloud.google.com/iam/docs/principal-identifiers
type Member struct {
	// Text is the member as written.
	Text string
	Kind Kind
	// Name is what follows the kind, in lower case where case does not matter:
	// an address, a domain, a project.
	Name string
	// Deleted says that who it was is gone; it is nobody, even where somebody
	// of the same name came later.
	Deleted bool
}

var prefixes = map[string]Kind{
	"user": User, "serviceaccount": ServiceAccount, "group": Group, "domain": Domain,
	"projectowner": ProjectOwner, "projecteditor": ProjectEditor, "projectviewer": ProjectViewer,
}

// ParseMember reads a member. It never fails: what it does not know is Invalid.
func ParseMember(text string) Member {
	m := Member{Text: text, Kind: Invalid}
	switch strings.ToLower(text) {
	case "allusers":
		m.Kind = AllUsers
		return m
	case "allauthenticatedusers":
		m.Kind = AllAuthenticatedUsers
		return m
	}
	prefix, rest, ok := strings.Cut(text, ":")
	if !ok || rest == "" {
		return m
	}
	switch strings.ToLower(prefix) {
	case "deleted":
		if len(rest) >= len(prefix) && strings.EqualFold(rest[:len(prefix)], prefix) {
			return m // nothing is deleted twice
		}
		inner := ParseMember(rest)
		inner.Text, inner.Deleted = text, true
		inner.Name, _, _ = strings.Cut(inner.Name, "?uid=")
		return inner
	case "principal", "principalset":
		if name, ok := strings.CutPrefix(rest, "//"); ok && name != "" {
			m.Name, m.Kind = name, Federated
			if strings.EqualFold(prefix, "principalSet") {
				m.Kind = FederatedSet
			}
		}
		return m
	}
	kind, known := prefixes[strings.ToLower(prefix)]
	if !known {
		return m
	}
	m.Kind, m.Name = kind, strings.ToLower(rest)
	if kind == ServiceAccount {
		m.Kind = accountKind(m.Name)
		if m.Kind == Federated {
			m.Name = rest
		}
	}
	return m
}

// accountKind tells the accounts of Google's services, and Kubernetes accounts
// of the form PROJECT.svc.id.goog[NAMESPACE/ACCOUNT], from service accounts.
func accountKind(name string) Kind {
	switch {
	case strings.Contains(name, ".svc.id.goog["):
		return Federated
	case IsServiceAgent(name):
		return ServiceAgent
	}
	return ServiceAccount
}

// host is what follows the @ of an address, or the domain itself.
func (m Member) host() string {
	if m.Kind == Domain {
		return m.Name
	}
	name, _, _ := strings.Cut(m.Name, "?uid=")
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		return name[i+1:]
	}
	return ""
}
