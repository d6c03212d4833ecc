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
	// "o-abc/r-1/ou-2"; empty when the organization could not be read.
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
