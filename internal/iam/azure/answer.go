package azure

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

// Answer is the answer to a question about roles, with its reasons.
type Answer struct {
	Value Truth
	// Because lists what decided, sorted: the definition, the block of
	// permissions and the pattern, or what took the action away.
	Because []string
	// Missing lists what kept the answer from being decided, sorted; it is
	// empty when the value is not Unknown.
	Missing []string
}

// answer puts together an answer whose reasons may repeat.
func answer(value Truth, because, missing []string) Answer {
	a := Answer{Value: value, Because: sorted(because)}
	if value == Unknown {
		a.Missing = sorted(missing)
	}
	return a
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
