package logfilter

import (
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/truth"
)

// maxTerms bounds the alternatives into which filters are taken apart.
const maxTerms = 4096

// Covers reports whether filter matches every entry that want matches. Order,
// spacing, nesting and quotation marks do not matter, and a filter may match
// more. missing names the alternatives of the requirement that are not covered,
// or not known to be, by the method that they ask for, else by their text.
//
// The requirement is taken apart into alternatives, each a list of conditions,
// and so is the negation of the filter. An alternative is covered if the
// conditions of no such pair can hold for one entry. Conditions on different
// members are taken as independent.
func Covers(filter, want Filter) (answer truth.Truth, missing []string) {
	wanted, ok := terms(want.root, false)
	if !ok {
		return truth.Unknown, nil
	}
	escapes, ok := terms(filter.root, true)
	if !ok {
		return truth.Unknown, nil
	}
	answer = truth.True
	for _, w := range wanted {
		if possible(w) == truth.False {
			continue // no entry is like this
		}
		covered := truth.True
		for _, e := range escapes {
			covered = covered.And(possible(slices.Concat(w, e)).Not())
			if covered == truth.False {
				break
			}
		}
		if covered != truth.True {
			missing = append(missing, w.name())
		}
		answer = answer.And(covered)
	}
	return answer, slices.Compact(missing)
}

// literal is an atom or its negation.
type literal struct {
	*atom
	negative bool
}

// term is a list of literals that hold together.
type term []literal

func (t term) name() string {
	for _, l := range t {
		if l.field == "protopayload.methodname" && !l.negative && l.op != exists {
			return l.value
		}
	}
	parts := make([]string, len(t))
	for i, l := range t {
		parts[i] = l.text
		if l.negative {
			parts[i] = "NOT " + l.text
		}
	}
	return strings.Join(parts, " AND ")
}

// terms takes an expression, or its negation, apart into alternatives. It is
// not ok when there are too many.
func terms(e expr, negative bool) ([]term, bool) {
	switch x := e.(type) {
	case nil:
		if negative {
			return nil, true
		}
		return []term{nil}, true
	case *atom:
		return []term{{{x, negative}}}, true
	case not:
		return terms(x.of, !negative)
	case and:
		return combine(x, negative, negative)
	case or:
		return combine(x, negative, !negative)
	}
	return nil, false
}

// combine gathers the alternatives of all parts, or every choice of one of each.
func combine(list []expr, negative, alternatives bool) ([]term, bool) {
	var out []term
	if !alternatives {
		out = []term{nil}
	}
	for _, e := range list {
		more, ok := terms(e, negative)
		if !ok {
			return nil, false
		}
		if alternatives {
			out = append(out, more...)
		} else {
			product := make([]term, 0, len(out)*len(more))
			for _, a := range out {
				for _, b := range more {
					product = append(product, slices.Concat(a, b))
				}
				if len(product) > maxTerms {
					return nil, false
				}
			}
			out = product
		}
		if len(out) > maxTerms {
			return nil, false
		}
	}
	return out, true
}
