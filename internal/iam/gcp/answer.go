package gcp

import (
	"slices"

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

// Answer is the answer to a question about policies, with its reasons.
type Answer struct {
	Value Truth
	// Because lists what decided, sorted: the bindings with role and member.
	Because []string
	// Missing lists what kept the answer from being decided, sorted; it is
	// empty when the value is not Unknown.
	Missing []string
}

// or joins the answers to the same question about several parts: one that says
// yes decides.
func (a *Answer) or(b Answer) {
	a.Value = a.Value.Or(b.Value)
	a.Because = append(a.Because, b.Because...)
	a.Missing = append(a.Missing, b.Missing...)
}

func (a Answer) finished() Answer {
	a.Because, a.Missing = sorted(a.Because), sorted(a.Missing)
	if a.Value != Unknown {
		a.Missing = nil
	}
	return a
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
