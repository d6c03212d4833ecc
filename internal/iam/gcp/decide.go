package gcp

import (
	"slices"
	"strings"
)

// Request asks whether somebody has a permission on a resource.
type Request struct {
	// Caller is who asks: a user, a service account or a federated identity;
	// AllUsers is somebody who did not sign in.
	Caller Member
	// Groups are the addresses of all groups that hold the caller, directly or
	// through others; GroupsRead says that these are all.
	Groups     []string
	GroupsRead bool
	// Permission is in short form: "storage.objects.get".
	Permission string
	Context    Context
}

// Decide says whether the request is allowed by the policies on the path from
// the resource up to its organization: some binding gives a role that has the
// permission to the caller, and no deny policy on the path takes it. Roles
// returns the document of a role or the zero Role, on which nothing is sure. The
// order of policies, bindings and rules does not matter.
func Decide(q Request, path []Policy, denied []DenyPolicy, roles func(name string) Role) Answer {
	allowed := Answer{Value: False}
	for _, p := range path {
		allowed.or(p.ask(q.Context, func(role string) Answer {
			a := Answer{Value: roles(role).Includes(q.Permission)}
			if a.Value == Unknown {
				a.Missing = []string{"the permissions of " + role}
			}
			return a
		}, q.is))
	}
	if allowed.Value == False {
		return Answer{Value: False, Because: []string{"no binding gives " + q.Permission + " to " + q.Caller.Text}}
	}
	stopped := Answer{Value: False}
	for _, d := range denied {
		stopped.or(d.hits(q))
	}
	if stopped.Value == True {
		return Answer{Value: False, Because: stopped.Because}.finished()
	}
	allowed.Value = allowed.Value.And(stopped.Value.Not())
	allowed.Missing = append(allowed.Missing, stopped.Missing...)
	return allowed.finished()
}

// is says whether a member of a binding stands for the caller.
func (q Request) is(m Member) Truth {
	c := q.Caller
	anonymous := c.Kind == AllUsers
	federated := c.Kind == Federated
	switch m.Kind {
	case AllUsers:
		return True
	case AllAuthenticatedUsers:
		return boolean(!anonymous && !federated)
	case Group:
		return q.inGroup(m.Name)
	case Domain:
		return boolean(c.Kind == User && c.host() == m.Name)
	case User, ServiceAccount, ServiceAgent:
		return boolean(c.Kind == m.Kind && c.Name == m.Name)
	case Federated, FederatedSet:
		switch {
		case c.Kind == m.Kind && c.Name == m.Name:
			return True
		case anonymous, !federated && !strings.HasPrefix(m.Name, "cloudresourcemanager.googleapis.com/"):
			return False
		}
		return Unknown
	}
	return Unknown
}

func (q Request) inGroup(name string) Truth {
	switch {
	case q.Caller.Kind == AllUsers:
		return False
	case slices.ContainsFunc(q.Groups, func(g string) bool { return strings.EqualFold(g, name) }):
		return True
	case q.GroupsRead:
		return False
	}
	return Unknown
}

// The forms of principals in deny policies.
// https://cloud.google.com/iam/docs/principal-identifiers#v2
const (
	subjectForm = "principal://goog/subject/"
	groupForm   = "principalSet://goog/group/"
	publicForm  = "principalSet://goog/public:all"
	accountForm = "principal://iam.googleapis.com/projects/-/serviceAccounts/"
)

// among says whether the caller is one of the principals of a deny rule.
func (q Request) among(principals []string) Truth {
	out := False
	for _, p := range principals {
		out = out.Or(q.isPrincipal(p))
	}
	return out
}

func (q Request) isPrincipal(p string) Truth {
	c := q.Caller
	if p == publicForm {
		return True
	}
	if strings.HasPrefix(p, "deleted:") {
		return False
	}
	if name, ok := strings.CutPrefix(p, subjectForm); ok {
		return boolean(c.Kind == User && strings.EqualFold(name, c.Name))
	}
	if name, ok := strings.CutPrefix(p, groupForm); ok {
		return q.inGroup(name)
	}
	if name, ok := strings.CutPrefix(p, accountForm); ok {
		return boolean((c.Kind == ServiceAccount || c.Kind == ServiceAgent) && strings.EqualFold(name, c.Name))
	}
	if c.Kind == Federated && strings.EqualFold(p, "principal://"+c.Name) {
		return True
	}
	return Unknown // sets of whole customers, organizations and pools
}
