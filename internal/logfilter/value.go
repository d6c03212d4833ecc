package logfilter

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/stance-sec/stance/internal/truth"
)

// severities in their order.
// https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity
var severities = []string{"DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"}

func rank(severity string) int { return slices.Index(severities, strings.ToUpper(severity)) }

// severity tries every severity that there is.
func (m *members) severity() truth.Truth {
	answer := truth.False
	for _, s := range severities {
		answer = answer.Or(m.try(m.wanted, s))
	}
	return answer
}

// holds reports whether the atom holds for a value.
func (a *atom) holds(value string) truth.Truth {
	switch a.op {
	case equal:
		return truth.Of(strings.EqualFold(value, a.value))
	case unequal:
		return truth.Of(!strings.EqualFold(value, a.value))
	case has:
		return truth.Of(contains(value, a.value))
	case suffix:
		return truth.Of(strings.HasSuffix(strings.ToLower(value), strings.ToLower(a.value)))
	case exists:
		return truth.True
	case matches:
		return truth.Of(a.re.MatchString(value))
	case differs:
		return truth.Of(!a.re.MatchString(value))
	case less, lessEqual, greater, greaterEqual:
		return a.ordered(value)
	}
	return truth.Unknown
}

func (a *atom) ordered(value string) truth.Truth {
	var d int
	if a.field == "severity" {
		l, r := rank(value), rank(a.value)
		if l < 0 || r < 0 {
			return truth.Unknown
		}
		d = l - r
	} else {
		l, err1 := strconv.ParseFloat(value, 64)
		r, err2 := strconv.ParseFloat(a.value, 64)
		if err1 != nil || err2 != nil {
			return truth.Unknown
		}
		switch {
		case l < r:
			d = -1
		case l > r:
			d = 1
		}
	}
	switch a.op {
	case less:
		return truth.Of(d < 0)
	case lessEqual:
		return truth.Of(d <= 0)
	case greater:
		return truth.Of(d > 0)
	}
	return truth.Of(d >= 0)
}

// implies reports whether a value for which have holds is one for which want
// does. It is true only where that is certain.
func implies(have, want *atom) bool {
	if want.op == exists {
		return true
	}
	switch have.op {
	case equal:
		return want.op != suffix && want.holds(have.value) == truth.True ||
			want.op == suffix && want.field == have.field && want.holds(have.value) == truth.True
	case has, suffix:
		switch want.op {
		case has:
			return contains(have.value, want.value)
		case suffix:
			return have.op == suffix && strings.HasSuffix(strings.ToLower(have.value), strings.ToLower(want.value))
		case matches:
			// A match inside of the text stays one, whatever stands around it.
			return want.re.MatchString(have.value) && unanchored(want.re.String())
		case unequal:
			return !contains(want.value, have.value)
		}
	case unequal, matches, differs, less, lessEqual, greater, greaterEqual:
		return have.op == want.op && have.value == want.value
	}
	return false
}

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// unanchored reports whether an expression does not ask what stands around its
// match.
func unanchored(expression string) bool {
	re, err := syntax.Parse(expression, syntax.Perl)
	return err == nil && !anchored(re)
}

func anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(re.Sub, anchored)
}
