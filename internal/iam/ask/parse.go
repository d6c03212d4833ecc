package ask

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// Kind is what a policy is attached to; it decides which elements it may have.
type Kind uint8

// The kinds of policies.
const (
	Identity Kind = iota // of a user, group or role; also boundaries and session policies
	Resource             // of a bucket, queue, key …
	Trust                // of a role
	SCP
	RCP
)

// Policy is a parsed document. It is immutable.
type Policy struct {
	Kind       Kind
	Variables  bool // version 2012-10-17 replaces ${…}
	Statements []Statement
	// Diagnostics say what AWS would not accept; such statements have no effect.
	Diagnostics []string
}

// Statement is one statement in normal form.
type Statement struct {
	Index      int
	Sid        string
	Allow      bool
	Actions    []string // in lower case
	NotAction  bool
	Resources  []string
	NotRes     bool
	Principals []Principal
	NotPrinc   bool
	Conditions []Condition
}

// Principal is one entry of a principal element.
type Principal struct {
	// Type is AWS, Service, Federated or CanonicalUser; "*" alone is AWS.
	Type  string
	Value string
}

// Condition is one operator with one key.
type Condition struct {
	Op       string // base operator in lower case: stringequals, bool, ipaddress …
	Key      string // in lower case
	Values   []string
	ForAll   bool
	ForAny   bool
	IfExists bool
}

// String names the statement for people: `statement 2 (AllowAll)`.
func (s *Statement) String() string {
	name := "statement " + strconv.Itoa(s.Index+1)
	if s.Sid != "" {
		name += " (" + s.Sid + ")"
	}
	return name
}

// Parse returns the policy that a decoded document holds; a string is decoded
// first. It never fails: what AWS would refuse has no effect and is named in
// Diagnostics, so an invalid Allow opens nothing and an invalid Deny closes
// nothing.
func Parse(doc any, kind Kind) Policy {
	p := Policy{Kind: kind}
	bad := func(format string, args ...any) { p.Diagnostics = append(p.Diagnostics, fmt.Sprintf(format, args...)) }
	if s, ok := doc.(string); ok {
		v, err := model.DecodeJSON([]byte(s))
		if err != nil {
			bad("the document is no JSON")
			return p
		}
		doc = v
	}
	if d, ok := doc.(model.Document); ok {
		doc = map[string]any(d)
	}
	m, ok := doc.(map[string]any)
	if !ok {
		bad("the document is no object")
		return p
	}
	switch v, _ := m["Version"].(string); v {
	case "2012-10-17":
		p.Variables = true
	case "", "2008-10-17":
	default:
		bad("version %q is unknown", v)
		return p
	}
	var items []any
	switch s := m["Statement"].(type) {
	case []any:
		items = s
	case map[string]any:
		items = []any{s}
	default:
		bad("there is no statement")
		return p
	}
	for i, item := range items {
		sm, ok := item.(map[string]any)
		if !ok {
			bad("statement %d is no object", i+1)
			continue
		}
		s, problem := parseStatement(i, sm, kind)
		if problem != "" {
			bad("%s: %s", s.String(), problem)
			continue
		}
		p.Statements = append(p.Statements, s)
	}
	return p
}

func parseStatement(i int, m map[string]any, kind Kind) (Statement, string) {
	s := Statement{Index: i}
	s.Sid, _ = m["Sid"].(string)
	switch m["Effect"] {
	case "Allow":
		s.Allow = true
	case "Deny":
	default:
		return s, "the effect is neither Allow nor Deny"
	}
	if problem := either(m, "Action", "NotAction", &s.Actions, &s.NotAction); problem != "" {
		return s, problem
	}
	if s.Actions == nil {
		return s, "there is no action"
	}
	for i, a := range s.Actions {
		s.Actions[i] = strings.ToLower(a)
	}
	if problem := either(m, "Resource", "NotResource", &s.Resources, &s.NotRes); problem != "" {
		return s, problem
	}
	if s.Resources == nil {
		// The policies of roles and of ECR repositories have no resource: they
		// stand for what they are attached to.
		if kind != Trust && kind != Resource {
			return s, "there is no resource"
		}
		s.Resources = []string{"*"}
	}
	_, has := m["Principal"]
	_, hasNot := m["NotPrincipal"]
	switch {
	case kind == Identity || kind == SCP:
		if has || hasNot {
			return s, "a principal has no place here"
		}
	case has && hasNot:
		return s, "Principal and NotPrincipal exclude each other"
	case !has && !hasNot:
		return s, "there is no principal"
	default:
		v := m["Principal"]
		if hasNot {
			v, s.NotPrinc = m["NotPrincipal"], true
		}
		s.Principals = principals(v)
	}
	var problem string
	s.Conditions, problem = conditions(m["Condition"])
	return s, problem
}

func either(m map[string]any, yes, no string, out *[]string, negated *bool) string {
	a, hasA := m[yes]
	b, hasB := m[no]
	switch {
	case hasA && hasB:
		return yes + " and " + no + " exclude each other"
	case hasA:
		*out = texts(a)
	case hasB:
		*out, *negated = texts(b), true
	}
	return ""
}

// texts reads a scalar or a list of scalars as strings.
func texts(v any) []string {
	switch t := v.(type) {
	case []any:
		out := make([]string, 0, len(t))
		for _, e := range t {
			out = append(out, texts(e)...)
		}
		return out
	case string:
		return []string{t}
	case bool:
		return []string{strconv.FormatBool(t)}
	case int64:
		return []string{strconv.FormatInt(t, 10)}
	case float64:
		return []string{strconv.FormatFloat(t, 'g', -1, 64)}
	}
	return []string{}
}

func principals(v any) []Principal {
	if m, ok := v.(map[string]any); ok {
		var out []Principal
		for _, typ := range []string{"AWS", "CanonicalUser", "Federated", "Service"} {
			for _, e := range texts(m[typ]) {
				out = append(out, Principal{typ, e})
			}
		}
		return out
	}
	var out []Principal
	for _, e := range texts(v) {
		out = append(out, Principal{"AWS", e})
	}
	return out
}

var operators = []string{
	"stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase", "stringlike", "stringnotlike",
	"numericequals", "numericnotequals", "numericlessthan", "numericlessthanequals", "numericgreaterthan", "numericgreaterthanequals",
	"dateequals", "datenotequals", "datelessthan", "datelessthanequals", "dategreaterthan", "dategreaterthanequals",
	"bool", "binaryequals", "ipaddress", "notipaddress", "arnequals", "arnlike", "arnnotequals", "arnnotlike", "null",
}

func conditions(v any) ([]Condition, string) {
	if v == nil {
		return nil, ""
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, "the condition is no object"
	}
	var out []Condition
	for op, keys := range m {
		c := Condition{Op: strings.ToLower(op)}
		if rest, ok := strings.CutPrefix(c.Op, "forallvalues:"); ok {
			c.Op, c.ForAll = rest, true
		} else if rest, ok := strings.CutPrefix(c.Op, "foranyvalue:"); ok {
			c.Op, c.ForAny = rest, true
		}
		if rest, ok := strings.CutSuffix(c.Op, "ifexists"); ok && rest != "null" {
			c.Op, c.IfExists = rest, true
		}
		if !slices.Contains(operators, c.Op) {
			return nil, fmt.Sprintf("condition operator %q is unknown", op)
		}
		km, ok := keys.(map[string]any)
		if !ok {
			return nil, "a condition operator holds no keys"
		}
		for key, values := range km {
			k := c
			k.Key, k.Values = strings.ToLower(key), texts(values)
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b Condition) int { return strings.Compare(a.Op+a.Key, b.Op+b.Key) })
	return out, ""
}
