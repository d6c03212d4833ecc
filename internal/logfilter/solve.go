package logfilter

import (
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/truth"
)

// single are the members that an entry has at most once. Of others it is not
// known whether they repeat: a comparison holds when it does for one value.
// https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
// https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog
var single = []string{
	"logname", "severity", "timestamp", "receivetimestamp", "insertid", "trace", "spanid", "textpayload", "resource.", "labels.", "operation.", "httprequest.",
	"protopayload.@type", "protopayload.methodname", "protopayload.servicename", "protopayload.resourcename",
	"protopayload.authenticationinfo.", "protopayload.requestmetadata.", "protopayload.status.",
}

// always are the members that every entry has.
var always = []string{"logname", "severity", "timestamp", "insertid", "resource.type"}

func isSingle(field string) bool {
	return slices.ContainsFunc(single, func(s string) bool {
		return field == s || strings.HasSuffix(s, ".") && strings.HasPrefix(field, s)
	})
}

// possible reports whether an entry can satisfy all literals together.
func possible(t term) truth.Truth {
	answer := truth.True
	byField := map[string]*members{}
	for _, l := range t {
		switch {
		case l.op == opaque:
			for _, o := range t {
				if o.op == opaque && o.value == l.value && o.negative != l.negative {
					return truth.False
				}
			}
			answer = answer.And(truth.Unknown)
			continue
		case l.field == "":
			// A text that any member may hold: a member that is not spoken of can
			// hold it; none may if one that must hold it is spoken of.
			if l.negative && heldBelow(t, "", l.atom) {
				return truth.False
			}
			continue
		case l.negative && (l.op == has || l.op == exists) && heldBelow(t, l.field+".", l.atom):
			return truth.False // an object has what its members have
		}
		m := byField[l.field]
		if m == nil {
			m = &members{field: l.field}
			byField[l.field] = m
		}
		if l.negative {
			m.against = append(m.against, l.atom)
		} else {
			m.wanted = append(m.wanted, l.atom)
		}
	}
	for _, m := range byField {
		if answer = answer.And(m.possible()); answer == truth.False {
			return answer
		}
	}
	return answer
}

// heldBelow reports whether a member whose name begins so must hold what a asks.
func heldBelow(t term, prefix string, a *atom) bool {
	return slices.ContainsFunc(t, func(l literal) bool {
		if l.negative || l.op == opaque || prefix != "" && !strings.HasPrefix(l.field, prefix) {
			return false
		}
		return implies(l.atom, a)
	})
}

// members are the literals on one member of an entry.
type members struct {
	field           string
	wanted, against []*atom
}

func (m *members) possible() truth.Truth {
	if m.field == "severity" {
		return m.severity()
	}
	one := m.one(m.wanted)
	if isSingle(m.field) || len(m.wanted) < 2 {
		return one
	}
	// Each wanted value may be another one, if the member repeats.
	each := truth.True
	for _, w := range m.wanted {
		each = each.And(m.one([]*atom{w}))
	}
	if each == truth.False || each == one {
		return each
	}
	return truth.Unknown
}

// one reports whether one value can satisfy what is wanted and nothing that is
// not.
func (m *members) one(wanted []*atom) truth.Truth {
	present := len(wanted) > 0 || slices.Contains(always, m.field)
	for _, w := range wanted {
		if w.op == equal {
			return m.try(wanted, w.value)
		}
	}
	if present {
		for _, a := range m.against {
			switch a.op {
			case unequal: // there is a value, and it is no other than this
				return m.try(wanted, a.value)
			case exists:
				return truth.False
			}
		}
	}
	if len(wanted) == 0 {
		// Without the member, or by some other value, nothing of this holds;
		// values that are not like any of them always exist.
		if !present {
			return truth.True
		}
		return m.try(nil, "\x00")
	}
	for _, w := range wanted {
		for _, a := range m.against {
			if implies(w, a) {
				return truth.False
			}
		}
	}
	// An expression that asks what stands around its match may list all values
	// that there really are; a made-up one says nothing about it.
	asksAround := slices.ContainsFunc(m.against, func(a *atom) bool { return a.re != nil && !unanchored(a.re.String()) })
	if !asksAround && m.try(wanted, witness(wanted)) == truth.True {
		return truth.True
	}
	return truth.Unknown
}

// try reports whether a value satisfies what is wanted and nothing else.
func (m *members) try(wanted []*atom, value string) truth.Truth {
	answer := truth.True
	for _, w := range wanted {
		answer = answer.And(w.holds(value))
	}
	for _, a := range m.against {
		answer = answer.And(a.holds(value).Not())
	}
	return answer
}

// witness makes a value that has what is wanted, if that are texts.
func witness(wanted []*atom) string {
	var b strings.Builder
	b.WriteString("\x00")
	end := ""
	for _, w := range wanted {
		switch w.op {
		case has:
			b.WriteString(w.value + "\x00")
		case matches:
			if prefix, whole := w.re.LiteralPrefix(); whole {
				b.WriteString(prefix + "\x00")
			}
		case suffix:
			end = w.value
		}
	}
	return b.String() + end
}
