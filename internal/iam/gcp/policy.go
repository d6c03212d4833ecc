package gcp

import (
	"fmt"
	"strings"
	"time"
)

// Policy is a compiled allow policy. It is immutable and may be shared; make
// one with Parse. The zero Policy binds nobody.
// https://cloud.google.com/iam/docs/policies
type Policy struct {
	// At is how explanations call the place of the policy, "" for the asset
	// that a question is about.
	At       string
	Bindings []Binding
	// Problems are the parts of the document that make no sense, in document
	// order. What they would bind is not known.
	Problems []string

	audits        []auditConfig
	auditProblems []string
}

// Binding gives a role to members.
type Binding struct {
	// Index counts the bindings of the document from 0, as paths do.
	Index   int
	Role    string
	Members []Member
	// Condition is nil when the binding has none.
	Condition *Condition

	hidden bool // the policy was read in a form that hides conditions
}

// hiddenCondition marks the roles of conditional bindings in policies that were
// read in a version before 3.
// https://cloud.google.com/iam/docs/troubleshooting-withcond
const hiddenCondition = "_withcond_"

// Parse compiles the document of an allow policy. A document that is nil is a
// policy that was never set.
func Parse(doc any) Policy {
	var p Policy
	if doc == nil {
		return p
	}
	m, ok := doc.(map[string]any)
	if !ok {
		p.Problems = []string{"the policy is no object"}
		p.auditProblems = p.Problems
		return p
	}
	for i, e := range p.list(m["bindings"], "bindings") {
		b, ok := p.binding(i, e)
		if ok {
			p.Bindings = append(p.Bindings, b)
		}
	}
	p.audits, p.auditProblems = parseAudits(m["auditConfigs"])
	return p
}

// Unread is a policy that could not be read: whatever it decides is unknown.
func Unread(at string) Policy {
	why := []string{"the policy was not read"}
	return Policy{At: at, Problems: why, auditProblems: why}
}

// Named returns the policy with the name of its place for explanations.
func (p Policy) Named(at string) Policy {
	p.At = at
	return p
}

func (p *Policy) list(v any, what string) []any {
	list, ok := v.([]any)
	if !ok && v != nil {
		p.Problems = append(p.Problems, what+" is no list")
	}
	return list
}

func (p *Policy) binding(i int, v any) (Binding, bool) {
	at := fmt.Sprintf("bindings[%d]", i)
	m, ok := v.(map[string]any)
	if !ok {
		p.Problems = append(p.Problems, at+" is no object")
		return Binding{}, false
	}
	b := Binding{Index: i}
	if b.Role, _ = m["role"].(string); b.Role == "" {
		p.Problems = append(p.Problems, at+" has no role")
	}
	if role, _, hidden := strings.Cut(b.Role, hiddenCondition); hidden {
		b.Role, b.hidden = role, true
	}
	for j, e := range p.list(m["members"], at+".members") {
		s, ok := e.(string)
		if !ok {
			p.Problems = append(p.Problems, fmt.Sprintf("%s.members[%d] is no text", at, j))
			continue
		}
		b.Members = append(b.Members, ParseMember(s))
	}
	switch c := m["condition"].(type) {
	case nil:
	case map[string]any:
		text, _ := c["expression"].(string)
		title, _ := c["title"].(string)
		b.Condition = ParseCondition(text, title)
	default:
		b.Condition = ParseCondition("", "")
	}
	return b, true
}

// Holds says whether the binding is in force: whether it has no condition, or
// one that holds at a time.
func (b Binding) Holds(ctx Context) Truth {
	switch {
	case b.hidden:
		return Unknown
	case b.Condition == nil:
		return True
	}
	return b.Condition.Holds(ctx)
}

// Context is what is known of a request when conditions are decided.
type Context struct {
	// Time is request.time. The zero time is not known.
	Time time.Time
	// Attributes are further attributes by their dotted names, such as
	// "resource.name". What is not in it is not known.
	Attributes map[string]string
}

// Cite is how explanations name a binding and one of its members.
func (p Policy) Cite(b Binding, m Member) string {
	s := fmt.Sprintf("bindings[%d] gives %s to %s", b.Index, b.Role, m.Text)
	if p.At != "" {
		s = p.At + " " + s
	}
	if b.Condition != nil {
		s += " on condition " + b.Condition.label()
	}
	return s
}

func (p Policy) missing(b Binding, m Member) string {
	s := p.Cite(b, m)
	switch {
	case b.hidden:
		s += ", whose condition was not read"
	case b.Condition != nil && b.Condition.Problem != "":
		s += ", which is not understood: " + b.Condition.Problem
	case m.Kind == Invalid:
		s += ", a member of unknown form"
	}
	return s
}

// faults are what keeps "no" from being sure.
func (p Policy) faults() []string { return p.at(p.Problems) }

func (p Policy) at(problems []string) []string {
	out := make([]string, len(problems))
	for i, s := range problems {
		out[i] = s
		if p.At != "" {
			out[i] = p.At + ": " + s
		}
	}
	return out
}
