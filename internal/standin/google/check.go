package google

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxComplaints bounds what is said about one value; the first few are enough to
// see what is wrong.
const maxComplaints = 10

// checker compares decoded JSON (numbers as json.Number) with schemas.
type checker struct {
	doc  *document
	errs []error
}

// check says where v does not fit the schema, with the place in each message;
// nil if it fits.
func (d *document) check(s *schema, v any, at string) error {
	c := &checker{doc: d}
	c.value(s, v, at)
	return errors.Join(c.errs...)
}

func (c *checker) add(at, format string, args ...any) {
	if len(c.errs) < maxComplaints {
		c.errs = append(c.errs, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
	}
}

func (c *checker) value(s *schema, v any, at string) {
	s = c.doc.resolve(s)
	if s == nil {
		c.add(at, "the schema is not in the discovery document")
		return
	}
	if v == nil {
		c.add(at, "null is never sent; leave the member out")
		return
	}
	switch s.Type {
	case "object":
		c.object(s, v, at)
	case "array":
		list, ok := v.([]any)
		if !ok {
			c.add(at, "want an array, not %s", kindOf(v))
			return
		}
		for i, item := range list {
			c.value(s.Items, item, fmt.Sprintf("%s[%d]", at, i))
		}
	case "string":
		text, ok := v.(string)
		if !ok {
			why := ""
			if _, number := v.(json.Number); number && (s.Format == "int64" || s.Format == "uint64") {
				why = " (" + s.Format + " is sent as a string)"
			}
			c.add(at, "want a string, not %s%s", kindOf(v), why)
			return
		}
		c.text(s, text, at)
	case "boolean":
		if _, ok := v.(bool); !ok {
			c.add(at, "want a boolean, not %s", kindOf(v))
		}
	case "integer", "number":
		c.number(s, v, at)
	}
}

func (c *checker) object(s *schema, v any, at string) {
	members, ok := v.(map[string]any)
	if !ok {
		c.add(at, "want an object, not %s", kindOf(v))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		place := at + "." + key
		switch member := s.Properties[key]; {
		case member != nil:
			c.value(member, members[key], place)
		case s.Extra != nil:
			c.value(s.Extra, members[key], place)
		default:
			c.add(place, "%s has no such member%s", s.ID, similar(key, s.Properties))
		}
	}
}

// similar names the member that was probably meant.
func similar(key string, properties map[string]*schema) string {
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if strings.EqualFold(name, key) || near(name, key) {
			return fmt.Sprintf(" (%s?)", name)
		}
	}
	return ""
}

// near reports whether two words differ in the middle by at most two letters.
func near(a, b string) bool {
	prefix := 0
	for prefix < len(a) && prefix < len(b) && a[prefix] == b[prefix] {
		prefix++
	}
	suffix := 0
	for suffix < len(a)-prefix && suffix < len(b)-prefix && a[len(a)-1-suffix] == b[len(b)-1-suffix] {
		suffix++
	}
	rest := max(len(a), len(b)) - prefix - suffix
	return rest <= 2 && max(len(a), len(b)) > 4
}

var duration = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,9})?s$`)

func (c *checker) text(s *schema, v, at string) {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		c.add(at, "%q is not one of %s", v, strings.Join(s.Enum, ", "))
		return
	}
	var err error
	switch s.Format {
	case "int64":
		_, err = strconv.ParseInt(v, 10, 64)
	case "uint64":
		_, err = strconv.ParseUint(v, 10, 64)
	case "google-datetime", "date-time":
		_, err = time.Parse(time.RFC3339Nano, v)
	case "date":
		_, err = time.Parse(time.DateOnly, v)
	case "google-duration":
		if !duration.MatchString(v) {
			err = errors.New("no duration")
		}
	case "byte":
		if _, err = base64.StdEncoding.DecodeString(v); err != nil {
			_, err = base64.URLEncoding.DecodeString(v)
		}
	}
	if err != nil {
		c.add(at, "%q is no %s", v, s.Format)
	}
}

func (c *checker) number(s *schema, v any, at string) {
	if text, ok := v.(string); ok && s.Type == "number" && slices.Contains([]string{"NaN", "Infinity", "-Infinity"}, text) {
		return
	}
	n, ok := v.(json.Number)
	if !ok {
		c.add(at, "want a number, not %s", kindOf(v))
		return
	}
	var err error
	switch {
	case s.Type == "number":
		_, err = n.Float64()
	case s.Format == "uint32":
		_, err = strconv.ParseUint(n.String(), 10, 32)
	default:
		_, err = strconv.ParseInt(n.String(), 10, 32)
	}
	if err != nil {
		c.add(at, "%s is no %s", n, cmp.Or(s.Format, s.Type))
	}
}

func kindOf(v any) string {
	switch v.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "an array"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case json.Number, float64, int, int64:
		return "a number"
	}
	return "null"
}
