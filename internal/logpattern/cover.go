package logpattern

import "slices"

// Answer is whether a filter covers a requirement. The zero value is Unknown.
type Answer uint8

// The answers.
const (
	Unknown Answer = iota
	False
	True
)

// String returns "unknown", "false" or "true".
func (a Answer) String() string {
	switch a {
	case False:
		return "false"
	case True:
		return "true"
	}
	return "unknown"
}

// Coverage is the answer of Explain.
type Coverage struct {
	Answer Answer
	// Missing holds, in the order of the requirement, each alternative of it
	// that the filter does not match, or is not known to match.
	Missing []Miss
}

// Miss is one alternative of a requirement that a filter lets go.
type Miss struct {
	// Name is the event name that the alternative asks for, else its text.
	Name string
	// Requirement is the alternative as a condition.
	Requirement string
	// Event is an event that the requirement matches and the filter does not.
	// It is nil when none was found, although coverage could not be shown.
	Event any
}

// Covers reports whether filter matches every event that want matches. It is
// True only when that follows for all events, False only with an event that
// shows the contrary; missing names what is not covered, or not known to be.
// Order, spacing, nesting and quotation marks do not matter, and a filter may
// match more. A text pattern covers nothing but itself.
func Covers(filter, want Pattern) (answer Answer, missing []string) {
	c := Explain(filter, want)
	for _, m := range c.Missing {
		if (c.Answer == Unknown || m.Event != nil) && !slices.Contains(missing, m.Name) {
			missing = append(missing, m.Name)
		}
	}
	return c.Answer, missing
}

// Explain is Covers with an event for each alternative that is not covered.
//
// The requirement is taken apart into alternatives, each a list of conditions.
// For each selector the conditions of both patterns divide the possible values
// into finitely many classes. If no choice of classes satisfies an alternative
// and not the filter, no event does. Selectors are treated as independent: that
// allows more events than there are, so a choice counts as a refutation only
// when Match agrees on an event made from it.
func Explain(filter, want Pattern) Coverage {
	switch {
	case filter.form == formEmpty, filter.form == formText && want.form == formText && filter.source == want.source:
		return Coverage{Answer: True}
	case want.form == formText:
		return Coverage{Missing: []Miss{{Name: want.source, Requirement: want.source}}}
	}
	root := filter.root
	if filter.form == formText {
		root = node{kind: isAny} // nothing
	}
	alternatives, ok := alternativesOf(want)
	if !ok {
		return Coverage{Missing: []Miss{{Name: want.String(), Requirement: want.String()}}}
	}
	s := newSearch(filter, want, root)
	c := Coverage{Answer: True}
	for _, alt := range alternatives {
		found, event := s.refute(alt)
		if found == False {
			continue
		}
		c.Missing = append(c.Missing, Miss{alt.name(), alt.String(), event})
		switch {
		case found == True:
			c.Answer = False
		case c.Answer == True:
			c.Answer = Unknown
		}
	}
	return c
}
