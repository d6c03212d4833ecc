// Package truth has the answers of three values that questions about networks
// and policies are given.
package truth

// Truth is a three-valued answer (Kleene). The zero value is Unknown, so that a
// fact nobody filled in never reads as a safe one.
type Truth uint8

// The truth values.
const (
	Unknown Truth = iota
	False
	True
)

// String returns "unknown", "false" or "true".
func (t Truth) String() string {
	switch t {
	case False:
		return "false"
	case True:
		return "true"
	}
	return "unknown"
}

// Of returns True or False.
func Of(b bool) Truth {
	if b {
		return True
	}
	return False
}

// And is False if one side is False, True if both are True, else Unknown.
func (t Truth) And(o Truth) Truth {
	switch {
	case t == False || o == False:
		return False
	case t == True && o == True:
		return True
	}
	return Unknown
}

// Or is True if one side is True, False if both are False, else Unknown.
func (t Truth) Or(o Truth) Truth { return t.Not().And(o.Not()).Not() }

// Not swaps True and False and keeps Unknown.
func (t Truth) Not() Truth {
	switch t {
	case True:
		return False
	case False:
		return True
	}
	return Unknown
}
