package aws

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// Parse compiles a policy document: a decoded JSON object, or a string that
// holds one. It never fails. A document that AWS would not accept has no
// statements, a statement that AWS would not accept has no effect, and both are
// in Diagnostics. nil is a document without statements.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func Parse(doc any, kind Kind) Policy {
	p := Policy{Kind: kind, Version: "2008-10-17"}
	if s, ok := doc.(string); ok {
		v, err := model.DecodeJSON([]byte(s))
		if err != nil {
			p.fault(0, "not JSON")
			return p
		}
		doc = v
	}
	if d, ok := doc.(model.Document); ok {
		doc = map[string]any(d)
	}
	if doc == nil {
		return p
	}
	m, ok := doc.(map[string]any)
	if !ok {
		p.fault(0, "not an object")
		return p
	}
	if v, ok := m["Version"]; ok {
		s, _ := v.(string)
		if s != "2012-10-17" && s != "2008-10-17" {
			p.fault(0, fmt.Sprintf("unknown Version %v", v))
			return p
		}
		p.Version = s
	}
	var list []any
	switch s := m["Statement"].(type) {
	case []any:
		list = s
	case map[string]any:
		list = []any{s}
	default:
		p.fault(0, "no Statement")
		return p
	}
	for i, v := range list {
		p.addStatement(i+1, v)
	}
	return p
}

func (p *Policy) fault(statement int, problem string) {
	p.Diagnostics = append(p.Diagnostics, Diagnostic{statement, problem})
}

func (p *Policy) addStatement(index int, v any) {
	m, ok := v.(map[string]any)
	if !ok {
		p.fault(index, "not an object")
		return
	}
	sp := statementParser{p: p, m: m, s: Statement{Index: index}}
	if problem := sp.parse(); problem != "" {
		p.fault(index, problem+"; the statement has no effect")
		return
	}
	p.statements = append(p.statements, sp.s)
}

// elements are the names that a statement may have; other names are ignored by
// evaluation, but a misspelt one is worth telling.
var elements = map[string]bool{
	"Sid": true, "Effect": true, "Principal": true, "NotPrincipal": true, "Action": true,
	"NotAction": true, "Resource": true, "NotResource": true, "Condition": true,
}

type statementParser struct {
	p *Policy
	m map[string]any
	s Statement
}

// parse fills the statement, or says why it has no effect.
func (sp *statementParser) parse() string {
	for _, k := range slices.Sorted(maps.Keys(sp.m)) {
		if !elements[k] {
			return fmt.Sprintf("unknown element %q", k)
		}
	}
	sp.s.Sid, _ = sp.m["Sid"].(string)
	switch sp.m["Effect"] {
	case "Allow":
		sp.s.Allow = true
	case "Deny":
	default:
		return fmt.Sprintf("Effect is %v, not Allow or Deny", sp.m["Effect"])
	}
	for _, f := range []func() string{sp.parseActions, sp.parseResources, sp.parsePrincipals, sp.parseConditions} {
		if problem := f(); problem != "" {
			return problem
		}
	}
	return ""
}

// either returns the element that is there of name and its Not form.
func (sp *statementParser) either(name string) (v any, not bool, problem string) {
	pos, hasPos := sp.m[name]
	neg, hasNeg := sp.m["Not"+name]
	switch {
	case hasPos && hasNeg:
		return nil, false, "both " + name + " and Not" + name
	case hasNeg:
		return neg, true, ""
	}
	return pos, false, ""
}

func (sp *statementParser) parseActions() string {
	v, not, problem := sp.either("Action")
	if problem != "" {
		return problem
	}
	if v == nil {
		return "no Action"
	}
	list, ok := stringList(v)
	if !ok || len(list) == 0 {
		return "Action is no list of strings"
	}
	sp.s.notActions = not
	for _, a := range list {
		g, ok := actionGlob(a)
		if !ok {
			sp.p.fault(sp.s.Index, fmt.Sprintf("action %q matches nothing", a))
			continue
		}
		sp.s.actions = append(sp.s.actions, g)
	}
	return ""
}

// actionGlob compiles an entry of Action or NotAction. The service part has to
// be literal, except that "*:*" means the same as "*".
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func actionGlob(entry string) (glob, bool) {
	if entry == "*" || entry == "*:*" {
		return newGlob("*"), true
	}
	service, name, ok := strings.Cut(entry, ":")
	if !ok || service == "" || name == "" || strings.ContainsAny(service, "*?") || strings.ContainsAny(entry, " \t\r\n,") {
		return glob{}, false
	}
	return newGlob(strings.ToLower(entry)), true
}

func (sp *statementParser) parseResources() string {
	v, not, problem := sp.either("Resource")
	if problem != "" {
		return problem
	}
	if v == nil {
		if sp.p.Kind == KindTrust || sp.namesRepositoriesOnly() {
			sp.s.anyResource = true
			return ""
		}
		return "no Resource"
	}
	list, ok := stringList(v)
	if !ok {
		return "Resource is no list of strings"
	}
	sp.s.notResources = not
	for _, r := range list {
		rp, ok := newResourcePattern(r, sp.p.Kind, sp.p.Version)
		if !ok {
			sp.p.fault(sp.s.Index, fmt.Sprintf("resource %q matches nothing", r))
			continue
		}
		sp.s.resources = append(sp.s.resources, rp)
	}
	sp.s.fix()
	return ""
}

// fix works out openResource, if no resource has a variable.
func (s *Statement) fix() {
	globs := make([]glob, len(s.resources))
	for i := range s.resources {
		if s.resources[i].pieces != nil {
			return
		}
		globs[i] = s.resources[i].glob
	}
	s.openResource, s.fixed = patternAtom(dimResource, globs), true
	if s.notResources {
		s.openResource = not(s.openResource)
	}
}

// namesRepositoriesOnly is whether the statement stands in the policy of an ECR
// repository: those have no Resource element.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
func (sp *statementParser) namesRepositoriesOnly() bool {
	if sp.p.Kind != KindResource || sp.s.notActions || len(sp.s.actions) == 0 {
		return false
	}
	for _, a := range sp.s.actions {
		if !a.everything() && !a.startsWith("ecr:") {
			return false
		}
	}
	return true
}

func (sp *statementParser) parsePrincipals() string {
	v, not, problem := sp.either("Principal")
	if problem != "" {
		return problem
	}
	if !sp.p.Kind.hasPrincipal() {
		sp.s.noPrincipal = true
		if v != nil {
			return "Principal in a policy of kind " + string(sp.p.Kind)
		}
		return ""
	}
	if v == nil {
		return "no Principal"
	}
	sp.s.notPrincipal = not
	entries, problem := parsePrincipal(v)
	sp.s.principals = entries
	return problem
}

func (sp *statementParser) parseConditions() string {
	v, ok := sp.m["Condition"]
	if !ok || v == nil {
		return ""
	}
	block, ok := v.(map[string]any)
	if !ok {
		return "Condition is no object"
	}
	for _, op := range slices.Sorted(maps.Keys(block)) {
		keys, ok := block[op].(map[string]any)
		if !ok {
			return "condition " + op + " is no object"
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			values, ok := stringList(keys[key])
			if !ok {
				return "condition value of " + key + " is no list of strings"
			}
			c, known := newCondition(op, key, values, sp.p.Version)
			if !known {
				sp.p.fault(sp.s.Index, fmt.Sprintf("unknown condition operator %q; the condition is false", op))
			}
			sp.s.conditions = append(sp.s.conditions, c)
		}
	}
	return ""
}

// stringList is a scalar or list of scalars as strings: numbers and booleans
// are written as JSON writes them.
func stringList(v any) ([]string, bool) {
	switch t := v.(type) {
	case []any:
		out := make([]string, 0, len(t))
		for _, e := range t {
			s, ok := scalar(e)
			if !ok {
				return nil, false
			}
			out = append(out, s)
		}
		return out, true
	case []string:
		return t, true
	}
	s, ok := scalar(v)
	return []string{s}, ok
}

func scalar(v any) (string, bool) {
	switch t := v.(type) {
	case string:
		return t, true
	case bool:
		return strconv.FormatBool(t), true
	case int64:
		return strconv.FormatInt(t, 10), true
	case int:
		return strconv.Itoa(t), true
	case float64:
		return strconv.FormatFloat(t, 'f', -1, 64), true
	}
	return "", false
}
