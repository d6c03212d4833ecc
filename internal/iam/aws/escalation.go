package aws

import (
	"slices"
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

// escalationRow is one row of the catalogue. All of its steps have to be allowed,
// each by one of its alternatives; asks are those as places in escalationSteps.
type escalationRow struct {
	id, class, gain string
	steps           [][]string
	asks            [][]int
}

// escalationStep is one request that rows have in common.
type escalationStep struct {
	action, lower string
	ctx           Context
	self          bool // to do it to oneself is enough
}

var escalationRows, escalationSteps = parseEscalations(escalationTable)

func parseEscalations(table string) ([]escalationRow, []escalationStep) {
	var rows []escalationRow
	var steps []escalationStep
	at := map[string]int{}
	for line := range strings.Lines(strings.TrimSpace(table)) {
		head, gain, _ := strings.Cut(strings.TrimSpace(line), " = ")
		f := strings.Fields(head)
		row := escalationRow{id: f[0], class: f[1], gain: gain}
		for _, s := range f[2:] {
			alternatives := strings.Split(s, "|")
			asks := make([]int, len(alternatives))
			for i, step := range alternatives {
				if _, known := at[step]; !known {
					at[step] = len(steps)
					steps = append(steps, stepRequest(step))
				}
				asks[i] = at[step]
			}
			row.steps, row.asks = append(row.steps, alternatives), append(row.asks, asks)
		}
		rows = append(rows, row)
	}
	return rows, steps
}

// Escalations lists the rows of the catalogue whose actions the policies allow,
// each on at least one resource, in the order of the catalogue. The boundary
// may be nil. An administrator has most of them and gains nothing; ask
// Administrator first.
func Escalations(identity []Policy, boundary *Policy) []Escalation {
	return escalations(identity, len(escalationRows), func(step *escalationStep) Answer {
		resource := "*"
		if step.action == passRole {
			resource = "arn:*:iam::*:role/*"
		}
		return Rights{Identity: identity, Boundary: boundary, Context: step.ctx}.AllowsSome(step.action, resource)
	})
}

// BroadEscalations is Rights.BroadEscalations for policies alone, at any time.
func BroadEscalations(identity []Policy, boundary *Policy, most int) []Escalation {
	return Rights{Identity: identity, Boundary: boundary}.BroadEscalations(most)
}

// BroadEscalations lists the rows whose actions are allowed broadly, as
// AllowsBroadly has it: to pass one role is none, nor is a right on one's own user,
// but for those with which one gives oneself more. It ends with the first most of
// them.
func (r Rights) BroadEscalations(most int) []Escalation {
	q := r.question()
	q.look()
	return escalations(r.Identity, most, q.climbs)
}

// EscalationPart is the part of an identity policy that Escalations and
// BroadEscalations look at: of long policies, such as those of AWS that read
// everything, little is left. Keep it with a policy that many principals share.
func EscalationPart(p Policy) Policy {
	part := p
	part.statements = nil
	for i := range p.statements {
		s := p.statements[i]
		if !s.notActions {
			var actions []glob
			for _, g := range s.actions {
				if slices.ContainsFunc(escalationSteps, func(s escalationStep) bool { return g.match(s.lower) }) {
					actions = append(actions, g)
				}
			}
			if s.actions = actions; len(actions) == 0 {
				continue
			}
		}
		part.statements = append(part.statements, s)
	}
	return part
}

const passRole = "iam:PassRole"

func escalations(identity []Policy, most int, ask func(*escalationStep) Answer) []Escalation {
	c := climb{identity: identity, ask: ask, covered: make([]asked, len(escalationSteps))}
	var out []Escalation
	for i := range escalationRows {
		row := &escalationRows[i]
		if c.allows(row) {
			out = append(out, c.escalation(row))
		}
		if len(out) >= most {
			break
		}
	}
	return out
}

// climb is the search for escalations in the policies of one principal. What it
// learns of a step it keeps, because rows have steps in common.
type climb struct {
	identity []Policy
	ask      func(*escalationStep) Answer
	covered  []asked
	answers  []Answer // of the steps that were asked in full
	chosen   []int    // the alternatives that allowed the last row, as places in answers
	steps    []int    // and the steps that those are
}

// asked is what is known of a step: whether a statement mentions it, and the
// place of its answer, from 1.
type asked struct {
	looked, mentioned bool
	answer            int
}

// mentions says whether a statement allows the step's action at all; most
// policies allow few, and need no further look at the others.
func (c *climb) mentions(step int) bool {
	known := &c.covered[step]
	if !known.looked {
		known.looked, known.mentioned = true, mentioned(c.identity, escalationSteps[step].lower)
	}
	return known.mentioned
}

// allows reports whether all steps of the row are allowed. That none of a step's
// actions is mentioned is seen before any step is asked in full.
func (c *climb) allows(row *escalationRow) bool {
	for _, alternatives := range row.asks {
		if !slices.ContainsFunc(alternatives, c.mentions) {
			return false
		}
	}
	c.chosen, c.steps = c.chosen[:0], c.steps[:0]
	for _, alternatives := range row.asks {
		found := slices.IndexFunc(alternatives, func(step int) bool { return c.mentions(step) && c.answer(step).Value == True })
		if found < 0 {
			return false
		}
		c.steps = append(c.steps, alternatives[found])
		c.chosen = append(c.chosen, c.covered[alternatives[found]].answer-1)
	}
	return true
}

func (c *climb) answer(step int) *Answer {
	known := &c.covered[step]
	if known.answer == 0 {
		c.answers = append(c.answers, c.ask(&escalationSteps[step]))
		known.answer = len(c.answers)
	}
	return &c.answers[known.answer-1]
}

// escalation is the row that was found allowed last.
func (c *climb) escalation(row *escalationRow) Escalation {
	e := Escalation{ID: row.id, Class: row.class, Gain: row.gain}
	for i, at := range c.chosen {
		a := &c.answers[at]
		e.Actions = append(e.Actions, escalationSteps[c.steps[i]].action)
		e.Conditional = e.Conditional || a.Conditional
		e.Because = append(e.Because, a.Because...)
	}
	return e
}

// mentioned reports whether an Allow statement covers the action, which is in
// lower case.
func mentioned(identity []Policy, action string) bool {
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
func stepRequest(step string) escalationStep {
	s := escalationStep{action: step}
	if service, ok := strings.CutPrefix(step, "pass:"); ok {
		s.action, s.ctx = passRole, Context{"iam:PassedToService": Is(service + ".amazonaws.com")}
	} else if action, ok := strings.CutPrefix(step, "self:"); ok {
		s.action, s.self = action, true
	}
	s.lower = strings.ToLower(s.action)
	return s
}
