package gcp

import (
	"cmp"
	"slices"

	"github.com/stance-sec/stance/internal/collect"
)

// operation names the call: "sqladmin:users.list".
func (c *Call) operation() string { return c.API + ":" + c.Method }

// Operations returns every call that scanning may make, sorted. Those that find
// the tree, and the state of services, come under the collector "session".
func Operations() []collect.ReadOperation {
	var out []collect.ReadOperation
	add := func(collector, typ, member string, c *Call) {
		out = append(out, collect.ReadOperation{Collector: collector, Type: typ, Member: member, Operation: c.operation(), Action: c.Permission, Global: true})
	}
	for _, c := range []*Call{&searchOrganizations, &getOrganization} {
		add("session", OrganizationType, "", c)
	}
	for _, c := range []*Call{&getFolder, &listFolders} {
		add("session", FolderType, "", c)
	}
	for _, c := range []*Call{&getProject, &listProjects, &searchProjects, &getService} {
		add("session", ProjectType, "", c)
	}
	for _, c := range registry {
		for i := range c.Types {
			t := &c.Types[i]
			switch {
			case t.List != nil:
				add(c.Name, t.Name, "", &t.List.Call)
			case t.AccessPolicy:
				add(c.Name, t.Name, "", &listAccessPolicies)
			default:
				add(c.Name, t.Name, "", &listResources)
			}
			if t.Policy {
				add(c.Name, t.Name, "iamPolicy", &listPolicies)
			}
			for j := range t.Side {
				add(c.Name, t.Name, t.Side[j].Member, &t.Side[j].Call)
			}
		}
	}
	slices.SortFunc(out, func(a, b collect.ReadOperation) int {
		return cmp.Or(cmp.Compare(a.Collector, b.Collector), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Action, b.Action))
	})
	return out
}
