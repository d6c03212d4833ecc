package gcp

import (
	"fmt"
	"slices"
	"strings"
)

// The basic roles, which reach over all services of a project.
const (
	Owner  = "roles/owner"
	Editor = "roles/editor"
	Viewer = "roles/viewer"
)

// IsBasic says whether a role is one of the basic ones.
func IsBasic(role string) bool { return role == Owner || role == Editor || role == Viewer }

// IsCustom says whether a role is the customer's own, by its name.
func IsCustom(role string) bool {
	return strings.HasPrefix(role, "projects/") || strings.HasPrefix(role, "organizations/")
}

// Role is a role whose permissions are known. The zero value is not read.
type Role struct {
	// Name is as bindings write it: "roles/viewer", "projects/p/roles/r".
	Name string
	// Dormant says that the role is deleted or disabled and grants nothing.
	Dormant bool
	// Problems are the parts of the document that make no sense.
	Problems []string

	read        bool
	permissions map[string]bool
}

// ParseRole compiles the document of a role.
// https://cloud.google.com/iam/docs/reference/rest/v1/roles
func ParseRole(doc any) Role {
	m, ok := doc.(map[string]any)
	if !ok {
		return Role{Problems: []string{"the role is no object"}}
	}
	r := Role{read: true, permissions: map[string]bool{}}
	r.Name, _ = m["name"].(string)
	deleted, _ := m["deleted"].(bool)
	r.Dormant = deleted || m["stage"] == "DISABLED"
	list, ok := m["includedPermissions"].([]any)
	if !ok && m["includedPermissions"] != nil {
		r.Problems = append(r.Problems, "includedPermissions is no list")
	}
	for i, e := range list {
		s, ok := e.(string)
		if !ok {
			r.Problems = append(r.Problems, fmt.Sprintf("includedPermissions[%d] is no text", i))
			continue
		}
		r.permissions[s] = true
	}
	return r
}

// Includes says whether the role gives a permission, "storage.objects.get".
func (r Role) Includes(permission string) Truth {
	switch {
	case r.Dormant && r.read:
		return False
	case r.permissions[permission]:
		return True
	case !r.read || len(r.Problems) > 0:
		return Unknown
	}
	return False
}

// Power is a permission with which its holder can give itself, or take over,
// further rights.
type Power struct {
	// ID names the row of the table: "G003".
	ID, Permission, Gain string
}

// powers are the permissions of which one alone is enough.
var powers = []Power{
	{"G001", "resourcemanager.organizations.setIamPolicy", "any role in the organization"},
	{"G002", "resourcemanager.folders.setIamPolicy", "any role in the folder"},
	{"G003", "resourcemanager.projects.setIamPolicy", "any role in the project"},
	{"G004", "iam.serviceAccounts.setIamPolicy", "the rights of service accounts"},
	{"G005", "iam.roles.update", "more permissions in the own custom role"},
	{"G006", "iam.serviceAccounts.getAccessToken", "the rights of service accounts"},
	{"G008", "iam.serviceAccounts.signBlob", "the rights of service accounts"},
	{"G009", "iam.serviceAccounts.signJwt", "the rights of service accounts"},
	{"G010", "iam.serviceAccounts.implicitDelegation", "the rights of service accounts"},
	{"G011", "iam.serviceAccountKeys.create", "the rights of service accounts"},
	{"G038", "deploymentmanager.deployments.create", "the rights of the Google APIs service agent"},
	{"G073", "iam.workloadIdentityPoolProviders.update", "any identity of a workload pool"},
	{"G074", "iam.workforcePoolProviders.update", "any identity of a workforce pool"},
	{"G075", "orgpolicy.policy.set", "organization policies lifted"},
	{"G076", "iam.denypolicies.update", "deny policies lifted"},
}

// Powers returns the powers that a role gives, in the order of the table.
func (r Role) Powers() []Power {
	var out []Power
	for _, p := range powers {
		if r.Includes(p.Permission) == True {
			out = append(out, p)
		}
	}
	return out
}

// adminRoles are predefined roles that administer, or let their holder take
// over others, though their names do not end in "admin"; as of June 2026.
var adminRoles = map[string]string{
	Owner:                                  "everything, and who may do it",
	Editor:                                 "changes almost everything",
	"roles/iam.serviceAccountTokenCreator": "acts as service accounts",
	"roles/iam.workloadIdentityUser":       "acts as service accounts",
	"roles/compute.instanceAdmin.v1":       "administers instances",
	"roles/deploymentmanager.editor":       "acts as the Google APIs service agent",
	"roles/resourcemanager.projectMover":   "moves projects to where other rights are inherited",
	"roles/storage.legacyBucketOwner":      "administers buckets",
}

// Administers says whether a role administers something: by its name, which is
// what benchmarks go by, or because its permissions let its holder get more. The
// document of the role may be the zero Role; a custom role without one is not
// decided.
func Administers(name string, role Role) Answer {
	if why := adminRoles[name]; why != "" {
		return Answer{Value: True, Because: []string{name + " " + why}}
	}
	if role.Dormant && role.read {
		return Answer{Value: False, Because: []string{name + " is disabled"}}
	}
	if !IsCustom(name) && strings.HasSuffix(strings.ToLower(name), "admin") {
		return Answer{Value: True, Because: []string{name + " is an administrator by its name"}}
	}
	var because []string
	for _, p := range role.Powers() {
		because = append(because, fmt.Sprintf("%s gives %s: %s", name, p.Permission, p.Gain))
	}
	switch {
	case len(because) > 0:
		return Answer{Value: True, Because: because}
	case !IsCustom(name) && strings.HasPrefix(name, "roles/"), role.read && len(role.Problems) == 0:
		return Answer{Value: False, Because: []string{name + " administers nothing"}}
	}
	missing := []string{"the permissions of " + name}
	return Answer{Value: Unknown, Missing: append(missing, role.Problems...)}
}

// byOwner are roles whose rights roles/owner has, and which are meant to lie
// with different people.
// https://cloud.google.com/kms/docs/separation-of-duties
var byOwner = []string{"roles/cloudkms.", "roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator"}

// OwnerCountsAs says whether Google documents that an owner can do what a role
// gives.
func OwnerCountsAs(role string) bool {
	return slices.ContainsFunc(byOwner, func(p string) bool {
		return role == p || strings.HasSuffix(p, ".") && strings.HasPrefix(role, p)
	})
}
