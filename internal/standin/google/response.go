package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// request is a routed call.
type request struct {
	m      *method
	params map[string]string // path parameters, projects by number
	query  url.Values        // projects by number
	body   map[string]any
	words  string // what faults match on: path and query as sent, decoded
}

// answer is what a handler says: an object, a list to be paged, or an error.
type answer struct {
	body map[string]any
	list *listing
	err  *status
}

// prepared is a checked response of the seed.
type prepared struct {
	Response
	m      *method
	list   list
	items  any
	refers bool // holds references to path parameters
	weight int
}

// list says where a method's answer holds its items.
type list struct {
	member string // "sinks"; empty if the answer is no list
	scoped string // "instances": items is an object of scopes that hold this member
}

// besides are arrays of list answers that hold no items.
var besides = map[string]bool{
	"unreachable": true, "unreachables": true, "warnings": true, "missingZones": true,
	"scopedWarnings": true, "executionErrors": true, "prefixes": true,
}

// listOf finds the items of an answer: the only array that is not about what
// could not be read, or else the one that is called like the collection.
func listOf(m *method) list {
	s := m.doc.resolve(m.answer)
	if s == nil {
		return list{}
	}
	if items := s.Properties["items"]; items != nil && items.Extra != nil {
		if inner := arrays(m.doc, m.doc.resolve(items.Extra)); len(inner) == 1 {
			return list{"items", inner[0]}
		}
	}
	found := arrays(m.doc, s)
	if len(found) == 1 {
		return list{member: found[0]}
	}
	parts := strings.Split(m.name, ".")
	for _, name := range found {
		if name == "items" || len(parts) > 1 && name == parts[len(parts)-2] {
			return list{member: name}
		}
	}
	return list{}
}

func arrays(doc *document, s *schema) []string {
	if s == nil {
		return nil
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if p := doc.resolve(s.Properties[name]); p != nil && p.Type == "array" && !besides[name] {
			out = append(out, name)
		}
	}
	return out
}

// responses checks the seeded answers and orders them, the most exact first.
func (l *loader) responses(seed *Seed) (map[string][]*prepared, error) {
	out := map[string][]*prepared{}
	var errs []error
	for i, r := range seed.Responses {
		p, err := l.response(r, fmt.Sprintf("responses[%d]", i))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out[p.m.call()] = append(out[p.m.call()], p)
	}
	for _, group := range out {
		slices.SortStableFunc(group, func(a, b *prepared) int { return b.weight - a.weight })
	}
	return out, errors.Join(errs...)
}

func (l *loader) response(r Response, at string) (*prepared, error) {
	m, err := l.lib.find(r.Call)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	at += " (" + m.call() + ")"
	p := &prepared{Response: r, m: m, list: listOf(m)}
	if err := l.request(p, at); err != nil {
		return nil, err
	}
	kinds := 0
	for _, set := range []bool{r.Items != nil || r.Body != nil, r.Error != nil, r.Operation != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		return nil, fmt.Errorf("%s: give one of items or body, error, operation", at)
	}
	switch {
	case r.Error != nil:
		return p, r.Error.check(at + ".error")
	case r.Operation != nil:
		return p, p.checkOperation(at + ".operation")
	}
	return p, p.checkBody(at)
}

// request checks the conditions of a response and writes projects by number.
func (l *loader) request(p *prepared, at string) error {
	conditions := func(given map[string]string, place string, allowed func(string) bool) (map[string]string, error) {
		out := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(given)) {
			value := given[name]
			if !allowed(name) {
				return nil, fmt.Errorf("%s.%s: %s has no such parameter", at+place, name, p.m.call())
			}
			full := value
			if name == "project" || name == "projectId" {
				full = "projects/" + value
			}
			for _, mentioned := range mentions(full) {
				if !strings.Contains(mentioned, "*") && !strings.HasSuffix(mentioned, "/-") && l.tree.find(mentioned) == nil {
					return nil, fmt.Errorf("%s.%s: %s is not in the tree of the seed", at+place, name, mentioned)
				}
			}
			p.weight += 1
			if !strings.Contains(value, "*") {
				p.weight += 100
			}
			out[name] = l.tree.parameter(name, value)
		}
		return out, nil
	}
	var err error
	if p.Params, err = conditions(p.Params, ".params", func(name string) bool { return slices.Contains(p.m.names, name) }); err != nil {
		return err
	}
	p.Query, err = conditions(p.Query, ".query", func(name string) bool {
		param := p.m.params[name]
		return param != nil && param.Location == "query"
	})
	return err
}

// parameter writes the value of a path or query parameter in the form in which
// values are compared: projects by number.
func (t *tree) parameter(name, value string) string {
	if name == "project" || name == "projectId" {
		if n := t.find("projects/" + value); n != nil {
			return strings.TrimPrefix(n.name, "projects/")
		}
		return value
	}
	return t.canonical(value)
}

func (f *Failure) check(at string) error {
	if f.Code < 400 || f.Code > 599 {
		return fmt.Errorf("%s.code: %d is no HTTP error", at, f.Code)
	}
	if f.Status != "" && !slices.Contains(canonicalCodes, f.Status) {
		return fmt.Errorf("%s.status: %q is not one of %s", at, f.Status, strings.Join(canonicalCodes, ", "))
	}
	return nil
}

// canonicalCodes are google.rpc.Code's names; their index is their number.
var canonicalCodes = []string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

// checkBody checks the whole answer, items in their place.
func (p *prepared) checkBody(at string) error {
	whole := map[string]any{}
	if p.Body != nil {
		copied, err := decode(p.Body)
		if err != nil {
			return fmt.Errorf("%s.body: %w", at, err)
		}
		whole, _ = copied.(map[string]any)
	}
	if _, ok := whole["nextPageToken"]; ok {
		return fmt.Errorf("%s.body.nextPageToken: the stand-in makes the pages; give all items", at)
	}
	p.Body = maps.Clone(whole)
	var place string
	if p.Items != nil {
		if p.list.member == "" {
			return fmt.Errorf("%s: %s answers no list; use body", at, p.m.call())
		}
		if _, ok := whole[p.list.member]; ok {
			return fmt.Errorf("%s: body.%s and items say the same", at, p.list.member)
		}
		items, err := decode(p.Items)
		if err != nil {
			return fmt.Errorf("%s.items: %w", at, err)
		}
		whole[p.list.member] = items
		place = at + ".items"
		if err := p.m.doc.check(p.m.doc.resolve(p.m.answer).Properties[p.list.member], items, place); err != nil {
			return err
		}
	}
	if p.m.answer == nil {
		if len(whole) > 0 {
			return fmt.Errorf("%s: %s answers nothing", at, p.m.call())
		}
		return nil
	}
	if err := p.m.doc.check(p.m.answer, whole, at+".body"); err != nil {
		return err
	}
	if p.list.member != "" {
		p.items = whole[p.list.member]
		delete(p.Body, p.list.member)
	}
	return p.checkReferences(at)
}

// decode brings a value into the form that checks and paging work on.
func decode(v any) (any, error) {
	data, ok := v.(json.RawMessage)
	if !ok {
		var err error
		if data, err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var out any
	err := dec.Decode(&out)
	return out, err
}

func (p *prepared) fits(req *request) bool {
	for name, want := range p.Params {
		if want != "*" && !glob(want, req.params[name], '/') {
			return false
		}
	}
	for name, want := range p.Query {
		if !slices.ContainsFunc(req.query[name], func(v string) bool { return want == "*" || glob(want, v, 0) }) {
			return false
		}
	}
	return true
}

// glob matches a pattern in which a star stands for any run of characters that
// does not hold the separator (0 for none).
func glob(pattern, s string, separator byte) bool {
	head, tail, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	rest, ok := strings.CutPrefix(s, head)
	if !ok {
		return false
	}
	for i := 0; ; i++ {
		if glob(tail, rest[i:], separator) {
			return true
		}
		if i == len(rest) || separator != 0 && rest[i] == separator {
			return false
		}
	}
}

// seeded answers from the responses of the seed; nil if none fits.
func (s *Server) seeded(req *request) *answer {
	for _, p := range s.answers[req.m.call()] {
		if !p.fits(req) {
			continue
		}
		p = p.expanded(req)
		switch {
		case p.Error != nil:
			return &answer{err: p.Error.status(req.m)}
		case p.Operation != nil:
			return &answer{body: s.startOperation(req, p.Operation)}
		case p.items != nil || p.list.member != "" && pagerOf(req.m).token != "":
			return &answer{list: p.listing()}
		}
		return &answer{body: maps.Clone(p.Body)}
	}
	return nil
}
