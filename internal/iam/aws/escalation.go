package aws

import (
	"strings"
)

// Escalation is one way in which a principal's own policies may let it gain
// rights. It says what the policies allow; whether a suitable role, function or
// instance exists is for the graph to find.
type Escalation struct {
	// ID is the row of the catalogue, such as "A123"; Class is SE (itself), PA
	// (another principal), NP (a new resource with a passed role) or EP (an
	// existing resource with a role).
	ID, Class string
	// Actions are the actions that it takes, as allowed here; Gain is what they
	// give.
	Actions []string
	Gain    string
	// Conditional says that it takes more than the caller chooses.
	Conditional bool
	Because     []Cite
}

type escalationRow struct {
	id, class, gain string
	steps           [][]string
}

var escalationRows = parseEscalations(escalationTable)

func parseEscalations(table string) []escalationRow {
	var out []escalationRow
	for line := range strings.Lines(strings.TrimSpace(table)) {
		head, gain, _ := strings.Cut(strings.TrimSpace(line), " = ")
		f := strings.Fields(head)
		row := escalationRow{id: f[0], class: f[1], gain: gain}
		for _, s := range f[2:] {
			row.steps = append(row.steps, strings.Split(s, "|"))
		}
		out = append(out, row)
	}
	return out
}

// Escalations lists the rows of the catalogue whose actions the policies allow,
// each on at least one resource, in the order of the catalogue. The boundary
// may be nil. An administrator has most of them and gains nothing; ask
// Administrator first.
func Escalations(identity []Policy, boundary *Policy) []Escalation {
	return escalations(identity, len(escalationRows), func(action string, ctx Context) Answer {
		resource := "*"
		if action == passRole {
			resource = "arn:*:iam::*:role/*"
		}
		return AllowsSome(identity, boundary, action, resource, ctx)
	})
}

// BroadEscalations lists the rows whose actions the policies allow broadly, as
// AllowsBroadly has it: a right on one's own user, or to pass one role, is none.
// It ends with the first most of them.
func BroadEscalations(identity []Policy, boundary *Policy, most int) []Escalation {
	return escalations(identity, most, func(action string, ctx Context) Answer {
		return AllowsBroadly(identity, boundary, action, ctx)
	})
}

const passRole = "iam:PassRole"

func escalations(identity []Policy, most int, ask func(action string, ctx Context) Answer) []Escalation {
	allowed := func(action string, ctx Context) Answer {
		if !mentioned(identity, action) {
			return Answer{Value: False}
		}
		return ask(action, ctx)
	}
	cache := map[string]Answer{}
	var out []Escalation
	for _, row := range escalationRows {
		e := Escalation{ID: row.id, Class: row.class, Gain: row.gain}
		if row.allowed(allowed, cache, &e) {
			out = append(out, e)
		}
		if len(out) >= most {
			break
		}
	}
	return out
}

func (row escalationRow) allowed(allowed func(action string, ctx Context) Answer, cache map[string]Answer, e *Escalation) bool {
	for _, alternatives := range row.steps {
		found := false
		for _, step := range alternatives {
			action, ctx := stepRequest(step)
			a, ok := cache[step]
			if !ok {
				a = allowed(action, ctx)
				cache[step] = a
			}
			if a.Value != True {
				continue
			}
			found = true
			e.Actions = append(e.Actions, action)
			e.Conditional = e.Conditional || a.Conditional
			e.Because = append(e.Because, a.Because...)
			break
		}
		if !found {
			return false
		}
	}
	return true
}

// mentioned reports whether an Allow statement covers the action at all; most
// policies cover few, and need no further look at the others.
func mentioned(identity []Policy, action string) bool {
	action = strings.ToLower(action)
	for i := range identity {
		for j := range identity[i].statements {
			if s := &identity[i].statements[j]; s.Allow && matchAny(s.actions, action) != s.notActions {
				return true
			}
		}
	}
	return false
}

// stepRequest is the request of a step; PassRole has the service that the role
// is passed to.
func stepRequest(step string) (action string, ctx Context) {
	if service, ok := strings.CutPrefix(step, "pass:"); ok {
		return passRole, Context{"iam:PassedToService": Is(service + ".amazonaws.com")}
	}
	return step, nil
}
