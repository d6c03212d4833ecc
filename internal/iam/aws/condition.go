package aws

import (
	"slices"
	"strings"
	"time"
)

// quantifier is how an operator treats a key with several values.
type quantifier uint8

const (
	plain  quantifier = iota // no set operator
	forAny                   // ForAnyValue
	forAll                   // ForAllValues
)

// condition is one operator on one key with its values.
type condition struct {
	operator string // as written
	name     string // the key as written
	key      string // in lower case
	values   []string

	op       operator
	negated  bool
	quant    quantifier
	ifExists bool
	pieces   [][]piece // one per value, nil if no value has a variable
	match    matcher   // compiled values; zero if pieces is set
	void     bool      // a value of a negated operator is unusable
	// since is set in conditions on the time of a request: there is none before.
	since time.Time
}

// newCondition compiles one line of a Condition block. known is false for an
// operator that does not exist; the condition is then false.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func newCondition(op, key string, values []string, version string) (c *condition, known bool) {
	c = &condition{operator: op, name: key, key: strings.ToLower(key), values: values}
	name := op
	if prefix, rest, ok := strings.Cut(op, ":"); ok {
		name = rest
		switch prefix {
		case "ForAnyValue":
			c.quant = forAny
		case "ForAllValues":
			c.quant = forAll
		default:
			return c, false
		}
	}
	if base, ok := strings.CutSuffix(name, "IfExists"); ok {
		name, c.ifExists = base, true
	}
	spec, ok := operators[name]
	if !ok || (spec.op == opNull && (c.ifExists || c.quant != plain)) {
		return c, false
	}
	c.op, c.negated = spec.op, spec.negated
	if spec.op.takesVariables() {
		var all [][]piece
		variable := false
		for _, v := range values {
			ps := splitVariables(v, version)
			variable = variable || hasVariable(ps)
			all = append(all, ps)
		}
		if variable {
			c.pieces = all
			return c, true
		}
	}
	c.match = newMatcher(c.op, values)
	return c, true
}

// resolved is the condition with its variables in place. A value whose variable
// is missing matches nothing; under a negated operator the whole statement does
// not apply, unless the switch says otherwise.
func (c *condition) resolved(env *env) (*condition, substitution) {
	if c.pieces == nil {
		return c, substituted
	}
	r := *c
	r.pieces = nil
	r.values = nil
	for _, ps := range c.pieces {
		s, state := resolve(ps, env)
		switch state {
		case undecided:
			return c, undecided
		case unusable:
			if c.negated && !env.switches.KeepUnresolvedVariables {
				r.void = true
			}
			continue
		}
		r.values = append(r.values, s)
	}
	r.match = newMatcher(r.op, r.values)
	for i, v := range r.values {
		r.values[i] = plainText(v)
	}
	return &r, substituted
}

// one is the base operator on one value of the key.
func (c *condition) one(v string) bool {
	return c.match.matches(v) != c.negated
}

// holds decides the condition for the values of a key. An absent key has none;
// multi says that the key is of the kind that holds several values.
func (c *condition) holds(present bool, values []string, multi bool) bool {
	if c.void {
		return false
	}
	empty := !present || len(values) == 0
	switch {
	case c.op == opInvalid:
		return false
	case c.op == opNull:
		return c.match.null(empty)
	case c.quant == forAll:
		return !slices.ContainsFunc(values, func(v string) bool { return !c.one(v) })
	case c.quant == forAny:
		return slices.ContainsFunc(values, c.one)
	case empty:
		return c.ifExists || c.negated
	case multi:
		return false // a set operator is required
	}
	return c.one(values[0])
}
