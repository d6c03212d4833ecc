package logfilter

import (
	"regexp"
	"strings"
)

// Filter is a parsed filter. The zero value matches every entry.
type Filter struct{ root expr }

// expr is a node of a filter: and, or, not or atom; nil is true.
type expr interface{ String() string }

type (
	and []expr
	or  []expr
	not struct{ of expr }
)

// op is what an atom asks of a member's values.
type op uint8

const (
	equal   op = iota // a value is this text, in any case
	unequal           // there is a value that is not this text
	has               // a value contains this text, in any case
	exists            // there is a value
	suffix            // a value ends in this text; what log_id() asks
	matches           // a value has a match of a regular expression
	differs           // there is a value without a match
	less
	lessEqual
	greater
	greaterEqual
	opaque // a function whose answer is not known here
)

// atom is one comparison. An atom without a field asks all members.
type atom struct {
	field string // in lower case, without underscores outside of labels
	op    op
	value string
	re    *regexp.Regexp
	text  string // as written
}

func (a *atom) String() string { return a.text }

func (x and) String() string { return join(x, " AND ") }

func (x or) String() string { return "(" + join(x, " OR ") + ")" }

func (x not) String() string { return "NOT " + x.of.String() }

// String returns the filter in one line.
func (f Filter) String() string {
	if f.root == nil {
		return ""
	}
	return f.root.String()
}

func join(list []expr, by string) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = e.String()
	}
	return strings.Join(parts, by)
}

// fieldName brings a path to one spelling: names may be written in camel or in
// snake case, except keys that belong to the writer of an entry.
func fieldName(segments []string) string {
	out := make([]string, len(segments))
	own := false // from here on names are the writer's
	for i, s := range segments {
		if own {
			out[i] = strings.ToLower(s)
			continue
		}
		out[i] = strings.ToLower(strings.ReplaceAll(s, "_", ""))
		own = out[i] == "labels" || out[i] == "jsonpayload"
	}
	return strings.Join(out, ".")
}
