package azure

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// rootMembers are the members that Azure Resource Manager itself allows at the
// top of any object, with their JSON kind. The set is closed, so a model that
// is not known is still checked as far as here.
var rootMembers = map[string]string{
	"id": "string", "name": "string", "type": "string", "location": "string", "kind": "string",
	"managedBy": "string", "etag": "string", "eTag": "string", "apiVersion": "string",
	"tags": "object", "sku": "object", "identity": "object", "plan": "object", "properties": "object",
	"extendedLocation": "object", "systemData": "object", "zones": "array", "placement": "object",
}

// checker compares a JSON value with the models of one module.
type checker struct {
	mod     *module
	lenient bool // unknown enum values pass
	errs    []error
}

func (c *checker) fail(at, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

// checkRoot checks the members that every ARM object may have; rest holds what
// is left for the model.
func (c *checker) checkRoot(at string, doc map[string]any, model *modelType) {
	for _, k := range slices.Sorted(maps.Keys(doc)) {
		v := doc[k]
		if model != nil {
			if t, ok := model.members[k]; ok {
				c.check(at+"."+k, t, model.times[k], v)
				continue
			}
			if model.open {
				continue
			}
		}
		kind, ok := rootMembers[k]
		if !ok {
			c.fail(at+"."+k, "%s", unknownMember(k, model, rootMembers))
			continue
		}
		if got := jsonKind(v); v != nil && got != kind {
			c.fail(at+"."+k, "is %s, want %s", got, kind)
		}
		if k == "tags" {
			c.check(at+".tags", "map[string]*string", "", v)
		}
	}
}

// check compares v with a Go type of the module.
func (c *checker) check(at, typ, timeForm string, v any) {
	if v == nil {
		return
	}
	typ = strings.TrimPrefix(typ, "*")
	switch {
	case typ == "any" || typ == "interface{}" || typ == "json.RawMessage" || strings.HasPrefix(typ, "map[string]any") || typ == "azcore.ETag":
		return
	case typ == "[]byte":
		c.want(at, v, "string")
	case strings.HasPrefix(typ, "[]"):
		list, ok := v.([]any)
		if !ok {
			c.fail(at, "is %s, want array", jsonKind(v))
			return
		}
		for i, e := range list {
			c.check(fmt.Sprintf("%s[%d]", at, i), typ[2:], timeForm, e)
		}
	case strings.HasPrefix(typ, "map[string]"):
		obj, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "is %s, want object", jsonKind(v))
			return
		}
		for _, k := range slices.Sorted(maps.Keys(obj)) {
			c.check(at+"."+k, strings.TrimPrefix(typ, "map[string]"), timeForm, obj[k])
		}
	case typ == "string":
		c.want(at, v, "string")
	case typ == "bool":
		c.want(at, v, "boolean")
	case typ == "int32", typ == "int64", typ == "int":
		c.integer(at, v)
	case typ == "float32", typ == "float64":
		c.want(at, v, "number")
	case typ == "time.Time":
		c.time(at, v, timeForm)
	default:
		c.named(at, typ, v)
	}
}

func (c *checker) named(at, typ string, v any) {
	if e := c.mod.enums[typ]; e != nil {
		c.enum(at, typ, e, v)
		return
	}
	if u := c.mod.unions[typ]; u != nil {
		obj, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "is %s, want object", jsonKind(v))
			return
		}
		key, _ := obj[u.member].(string)
		pick, known := u.cases[key]
		if !known {
			pick = u.fallback
			if key != "" && !c.lenient {
				c.fail(at+"."+u.member, "is %q, want one of %s", key, strings.Join(slices.Sorted(maps.Keys(u.cases)), ", "))
				return
			}
		}
		typ = pick
	}
	model := c.mod.models[strings.TrimSuffix(typ, "Classification")]
	if model == nil {
		return // a type of another package: its members are not known here
	}
	obj, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "is %s, want object", jsonKind(v))
		return
	}
	for _, k := range slices.Sorted(maps.Keys(obj)) {
		t, ok := model.members[k]
		switch {
		case ok:
			c.check(at+"."+k, t, model.times[k], obj[k])
		case !model.open:
			c.fail(at+"."+k, "%s", unknownMember(k, model, nil))
		}
	}
}

func (c *checker) enum(at, typ string, e *enumType, v any) {
	if e.base != "string" {
		c.want(at, v, "number")
		return
	}
	s, ok := v.(string)
	if !ok {
		c.fail(at, "is %s, want string (%s)", jsonKind(v), typ)
		return
	}
	// Providers answer in whatever case they were given, so case is not a
	// misspelling.
	if c.lenient || len(e.values) == 0 || slices.ContainsFunc(e.values, func(x string) bool { return strings.EqualFold(x, s) }) {
		return
	}
	c.fail(at, "is %q, want one of %s", s, strings.Join(e.values, ", "))
}

func (c *checker) want(at string, v any, kind string) {
	if got := jsonKind(v); got != kind {
		c.fail(at, "is %s, want %s", got, kind)
	}
}

func (c *checker) integer(at string, v any) {
	switch n := v.(type) {
	case json.Number:
		if _, err := n.Int64(); err != nil {
			c.fail(at, "is %s, want a whole number", n)
		}
	case float64:
		if n != math.Trunc(n) {
			c.fail(at, "is %v, want a whole number", n)
		}
	default:
		c.fail(at, "is %s, want number", jsonKind(v))
	}
}

func (c *checker) time(at string, v any, form string) {
	if form == "Unix" {
		c.integer(at, v)
		return
	}
	s, ok := v.(string)
	if !ok {
		c.fail(at, "is %s, want a time", jsonKind(v))
		return
	}
	layouts := []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"}
	switch {
	case strings.Contains(form, "PlainDate"), form == "DateType":
		layouts = []string{time.DateOnly}
	case strings.Contains(form, "1123"):
		layouts = []string{time.RFC1123}
	case strings.Contains(form, "PlainTime"):
		layouts = []string{"15:04:05.999999999"}
	}
	for _, l := range layouts {
		if _, err := time.Parse(l, s); err == nil {
			return
		}
	}
	c.fail(at, "is %q, want a time such as %s", s, layouts[0])
}

// unknownMember says that a member is not the vendor's, with the nearest name
// where one differs in case only or by a letter or two.
func unknownMember(k string, model *modelType, more map[string]string) string {
	var names []string
	if model != nil {
		names = slices.Collect(maps.Keys(model.members))
	}
	names = slices.AppendSeq(names, maps.Keys(more))
	slices.Sort(names)
	of := "an ARM object"
	if model != nil {
		of = model.name
	}
	best, bestDist := "", 4
	for _, n := range names {
		if d := distance(strings.ToLower(n), strings.ToLower(k)); d < bestDist {
			best, bestDist = n, d
		}
	}
	if best != "" {
		return fmt.Sprintf("is not a member of %s; did you mean %q?", of, best)
	}
	return "is not a member of " + of
}

// distance is the number of letters to change, at most 4.
func distance(a, b string) int {
	if d := len(a) - len(b); d > 3 || d < -3 {
		return 4
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := prev
			if a[i-1] != b[j-1] {
				cost++
			}
			prev, row[j] = row[j], min(row[j]+1, row[j-1]+1, cost)
		}
	}
	return min(row[len(b)], 4)
}

func jsonKind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64, int, int64, json.Number:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return fmt.Sprintf("%T", v)
}
