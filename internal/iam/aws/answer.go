package aws

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/truth"
)

// Truth is an answer of three values; the zero value is Unknown.
type Truth = truth.Truth

// The truth values.
const (
	Unknown = truth.Unknown
	False   = truth.False
	True    = truth.True
)

// Level is how far a resource can be reached, 0 to 6.
type Level int

// The exposure levels. Public means AnyAuthenticated or AnonymousLevel.
const (
	Private          Level = iota // the owning account only
	Internal                      // named principals of own accounts
	OrgWide                       // every principal of the organization
	ExternalLevel                 // a named set outside
	ServiceWide                   // any customer of an AWS service
	AnyAuthenticated              // every AWS account
	AnonymousLevel                // everyone
)

// String is the level's short name: "E3 external".
func (l Level) String() string {
	return [...]string{"E0 private", "E1 internal", "E2 organization-wide", "E3 external", "E4 service-wide", "E5 any authenticated", "E6 anonymous"}[l]
}

// Answer is the answer to a question about policies.
type Answer struct {
	Value Truth
	// Level is the highest level of any capability, for questions of exposure.
	Level Level
	// Capabilities is the level of each capability that is above Private.
	Capabilities map[Capability]Level
	// Conditional says that the value holds only under If.
	Conditional bool
	If          Formula
	// Latent says that policies or ACLs would open the resource, and a switch
	// closes it.
	Latent bool
	// Networks are the source addresses that bound an otherwise open grant.
	Networks []netip.Prefix
	// Resources are the patterns of the statements through which the resource
	// is open, where they cover a part of it.
	Resources []string
	// Because lists what the answer rests on; Missing what could not be read.
	Because []Cite
	Missing []string
}

func (a *Answer) because(cs ...Cite) {
	for _, c := range cs {
		if !slices.Contains(a.Because, c) {
			a.Because = append(a.Because, c)
		}
	}
}

func (a *Answer) finish() {
	sortCites(a.Because)
	slices.Sort(a.Resources)
	a.Resources = slices.Compact(a.Resources)
	slices.Sort(a.Missing)
	a.Missing = slices.Compact(a.Missing)
}

// sortCites sorts citations by how they read.
func sortCites(cs []Cite) {
	if len(cs) < 2 {
		return
	}
	type read struct {
		text string
		cite Cite
	}
	reads := make([]read, len(cs))
	for i, c := range cs {
		reads[i] = read{c.String(), c}
	}
	slices.SortFunc(reads, func(x, y read) int { return strings.Compare(x.text, y.text) })
	for i := range reads {
		cs[i] = reads[i].cite
	}
}
