package ask

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// glob matches * (any run) and ? (one character).
func glob(pattern, s string) bool {
	px, sx, star, mark := 0, 0, -1, 0
	for sx < len(s) {
		switch {
		case px < len(pattern) && (pattern[px] == '?' || pattern[px] == s[sx] && pattern[px] != '*'):
			px++
			sx++
		case px < len(pattern) && pattern[px] == '*':
			star, mark = px, sx
			px++
		case star >= 0:
			mark++
			px, sx = star+1, mark
		default:
			return false
		}
	}
	for px < len(pattern) && pattern[px] == '*' {
		px++
	}
	return px == len(pattern)
}

// actionMatches compares without regard to case: both are in lower case. The
// service must be literal. "*:*" is accepted by AWS as every action.
func actionMatches(pattern, action string) bool {
	if pattern == "*" || pattern == "*:*" {
		return true
	}
	i := strings.IndexByte(pattern, ':')
	if i <= 0 || i+1 == len(pattern) || len(action) <= i || action[:i+1] != pattern[:i+1] || strings.ContainsAny(pattern, " ,") {
		return false
	}
	return glob(pattern[i+1:], action[i+1:])
}

// resourceMatches compares the six parts of an ARN one by one; a star that ends
// a part may reach over the colon. Request resource "*" is that of actions
// without a resource type: only a literal "*" matches it.
func resourceMatches(pattern, resource string, kind Kind) bool {
	if pattern == "*" {
		return true
	}
	if resource == "*" {
		return false
	}
	pp := strings.SplitN(pattern, ":", 6)
	if len(pp) < 6 {
		switch kind {
		case Identity:
		case Resource, Trust:
			if !strings.Contains(pattern, "*") {
				return false
			}
		case SCP:
			if !strings.HasSuffix(pattern, "*") {
				return false
			}
		default:
			return false
		}
		for len(pp) < 6 {
			pp = append(pp, "*")
		}
	}
	rp := strings.SplitN(resource, ":", 6)
	if len(rp) < 6 {
		return glob(pattern, resource)
	}
	for i := range 5 {
		if strings.HasSuffix(pp[i], "*") && glob(strings.Join(pp[i:], ":"), strings.Join(rp[i:], ":")) {
			return true
		}
		if !glob(pp[i], rp[i]) {
			return false
		}
	}
	return glob(pp[5], rp[5])
}

// Context holds the values of condition keys, by name in lower case. A key that
// is not in it is absent from the request.
type Context map[string][]string

// tri is a three-valued truth.
type tri int8

const (
	no tri = iota
	maybe
	yes
)

// holds evaluates one condition. known is false where the value of the key is
// not known; the condition is then maybe.
func (c *Condition) holds(ctx Context, unknown map[string]bool, variables bool) tri {
	if unknown[c.Key] {
		return maybe
	}
	values, present := ctx[c.Key]
	if c.Op == "null" {
		want := len(c.Values) > 0 && strings.EqualFold(c.Values[0], "true")
		return truth(want != present)
	}
	negated := strings.Contains(c.Op, "not")
	if !present || len(values) == 0 {
		switch {
		case c.ForAll, c.IfExists && !c.ForAny:
			return yes
		case c.ForAny:
			return no
		}
		return truth(negated)
	}
	wanted, usable := c.Values, true
	if variables {
		wanted, usable = substitute(c.Values, ctx, c.Op)
	}
	if !usable && negated {
		return no // the statement does not apply
	}
	one := func(v string) bool {
		for _, w := range wanted {
			if compare(c.Op, v, w) {
				return !negated
			}
		}
		return negated
	}
	switch {
	case c.ForAll:
		for _, v := range values {
			if !one(v) {
				return no
			}
		}
		return yes
	case c.ForAny:
		for _, v := range values {
			if one(v) {
				return yes
			}
		}
		return no
	case multivalued[c.Key] && len(values) > 0:
		return no // a key of several values needs a set operator
	}
	return truth(one(values[0]))
}

// multivalued are keys that carry sets.
var multivalued = map[string]bool{
	"aws:tagkeys": true, "aws:principalorgpaths": true, "aws:sourceorgpaths": true, "aws:resourceorgpaths": true, "aws:calledvia": true,
	"dynamodb:leadingkeys": true, "dynamodb:attributes": true, "aws:principalservicenameslist": true, "kms:encryptioncontextkeys": true, "kms:grantoperations": true,
}

func truth(b bool) tri {
	if b {
		return yes
	}
	return no
}

// compare tells whether a value equals a wanted one under the positive form of
// the operator.
func compare(op, value, want string) bool {
	switch op {
	case "stringequals", "stringnotequals":
		return value == want
	case "stringequalsignorecase", "stringnotequalsignorecase":
		return strings.EqualFold(value, want)
	case "stringlike", "stringnotlike":
		return glob(want, value)
	case "bool":
		return strings.EqualFold(value, want)
	case "binaryequals":
		a, errA := base64.StdEncoding.DecodeString(value)
		b, errB := base64.StdEncoding.DecodeString(want)
		return errA == nil && errB == nil && string(a) == string(b)
	case "ipaddress", "notipaddress":
		p, err := prefix(want)
		if err != nil {
			return false
		}
		a, err := netip.ParseAddr(value)
		return err == nil && p.Contains(a)
	case "arnequals", "arnlike", "arnnotequals", "arnnotlike":
		wp, vp := strings.SplitN(want, ":", 6), strings.SplitN(value, ":", 6)
		if want == "*" {
			return len(vp) == 6
		}
		if len(wp) != 6 || len(vp) != 6 {
			return false
		}
		for i := range wp {
			if !glob(wp[i], vp[i]) {
				return false
			}
		}
		return true
	}
	if strings.HasPrefix(op, "numeric") {
		a, errA := strconv.ParseFloat(value, 64)
		b, errB := strconv.ParseFloat(want, 64)
		return errA == nil && errB == nil && ordered(strings.TrimPrefix(op, "numeric"), a, b)
	}
	if strings.HasPrefix(op, "date") {
		a, okA := instant(value)
		b, okB := instant(want)
		return okA && okB && ordered(strings.TrimPrefix(op, "date"), a, b)
	}
	return false
}

func ordered(op string, a, b float64) bool {
	switch op {
	case "equals", "notequals":
		return a == b
	case "lessthan":
		return a < b
	case "lessthanequals":
		return a <= b
	case "greaterthan":
		return a > b
	case "greaterthanequals":
		return a >= b
	}
	return false
}

func instant(s string) (float64, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return float64(t.Unix()), true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

func prefix(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p.Masked(), err
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.Prefix(a.BitLen())
}

// substitute replaces policy variables in the values of string and ARN
// operators. A variable without value makes its value unusable.
func substitute(values []string, ctx Context, op string) ([]string, bool) {
	if !strings.HasPrefix(op, "string") && !strings.HasPrefix(op, "arn") {
		return values, true
	}
	out := make([]string, 0, len(values))
	usable := true
	for _, v := range values {
		if s, ok := expand(v, ctx); ok {
			out = append(out, s)
		} else {
			usable = false
		}
	}
	return out, usable
}

// expand replaces ${key}, ${key, 'default'} and the literals ${*}, ${?}, ${$}.
// A substituted star or question mark becomes one that matches only itself; as
// globs have no escape here, a value that holds one is not expanded.
func expand(s string, ctx Context) (string, bool) {
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			return s, true
		}
		j := strings.IndexByte(s[i:], '}')
		if j < 0 {
			return s, true
		}
		name := s[i+2 : i+j]
		key, def, hasDefault := strings.Cut(name, ",")
		key = strings.ToLower(strings.TrimSpace(key))
		var value string
		switch values := ctx[key]; {
		case key == "*" || key == "?" || key == "$":
			value = "\x00" // matches nothing but itself
		case len(values) == 1:
			value = strings.NewReplacer("*", "\x00", "?", "\x00").Replace(values[0])
		case hasDefault:
			value = strings.Trim(strings.TrimSpace(def), "'")
		default:
			return "", false
		}
		s = s[:i] + value + s[i+j+1:]
	}
}
