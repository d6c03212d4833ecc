package model

import "strings"

// Providers whose assets Stance reads.
const (
	AWS   = "aws"
	Azure = "azure"
	GCP   = "gcp"
)

// Scope says where an asset lives, or what a source shall read. An empty
// member means "not limited" when reading and "does not apply" on an asset.
type Scope struct {
	Provider  string `json:"provider"`
	Partition string `json:"partition,omitempty"` // aws, aws-us-gov, aws-cn, azure, …
	// OrgPath is the path from the organization's root to the account,
	// "o-abc/r-1/ou-2", "organizations/1/folders/2/projects/shop" or
	// "tenants/T/managementGroups/M/subscriptions/S"; empty when the
	// organization could not be read.
	OrgPath string `json:"org_path,omitempty"`
	Account string `json:"account,omitempty"`
	// Region is the vendor's region name; empty for global services.
	Region string `json:"region,omitempty"`
	Zone   string `json:"zone,omitempty"`
}

// String returns provider/account/region with empty members left out.
func (s Scope) String() string {
	parts := make([]string, 0, 3)
	for _, p := range []string{s.Provider, s.Account, s.Region} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "/")
}

// Above returns the accounts above the scope's own, nearest first: those of the
// folders and the organization, or of the management groups and the tenant. A
// project, a subscription and a tenant go by their id alone; the others by kind
// and id, "folders/2".
func (s Scope) Above() []string {
	parts := strings.Split(s.OrgPath, "/")
	if s.Provider == AWS || len(parts)%2 != 0 {
		return nil
	}
	var out []string
	for i := len(parts) - 2; i >= 0; i -= 2 {
		account := parts[i] + "/" + parts[i+1]
		switch parts[i] {
		case "projects", "subscriptions", "tenants":
			account = parts[i+1]
		}
		if account != s.Account {
			out = append(out, account)
		}
	}
	return out
}

// IsAbove says that the scope's account stands above others: a folder or an
// organization, a management group or a tenant.
func (s Scope) IsAbove() bool {
	if s.Provider == AWS {
		return false
	}
	parts := strings.Split(s.OrgPath, "/")
	if len(parts) < 2 {
		return strings.Contains(s.Account, "/")
	}
	kind := parts[len(parts)-2]
	return kind != "projects" && kind != "subscriptions"
}
