package azure

import "strings"

// Request is one request to Azure.
type Request struct {
	// Principals are the object ids of the caller and of all groups that hold
	// it, directly or through other groups.
	Principals []string
	Action     string
	Plane      Plane
	// Scope is the id of what the request is about; Groups are the management
	// groups above it, by name or id, and GroupsRead says that these are all.
	Scope      string
	Groups     []string
	GroupsRead bool
}

// Decide says whether the request is allowed: some assignment at the scope or
// above grants the action, its condition holds, and no deny assignment stops
// it. Definitions are looked up by the last segment of their id, in lower case;
// one that is not there makes what rests on it unknown. The order of
// assignments and denies does not matter.
func Decide(q Request, assignments []Assignment, definitions map[string]Definition, denies []Deny) Answer {
	granted := grants(q, assignments, definitions)
	if granted.Value == False {
		return granted
	}
	denied := Answer{Value: False}
	var maybe []string
	for _, d := range denies {
		a := d.hits(q)
		denied.Value = denied.Value.Or(a.Value)
		switch a.Value {
		case True:
			denied.Because = append(denied.Because, a.Because...)
		case Unknown:
			maybe = append(maybe, a.Missing...)
		}
	}
	if denied.Value == True {
		return answer(False, denied.Because, nil)
	}
	return answer(granted.Value.And(denied.Value.Not()), granted.Because, append(granted.Missing, maybe...))
}

func grants(q Request, assignments []Assignment, definitions map[string]Definition) Answer {
	out := Answer{Value: False}
	var near []string
	for _, a := range assignments {
		if !a.concerns(q.Principals) {
			continue
		}
		one := a.grants(q, definitions)
		out.Value = out.Value.Or(one.Value)
		switch one.Value {
		case True:
			out.Because = append(out.Because, one.Because...)
		case Unknown:
			out.Missing = append(out.Missing, one.Missing...)
		case False:
			near = append(near, one.Because...)
		}
	}
	if out.Value == False {
		out.Because = near
		if len(near) == 0 {
			out.Because = []string{"no assignment names the caller"}
		}
	}
	return answer(out.Value, out.Because, out.Missing)
}

func (a Assignment) concerns(principals []string) bool {
	for _, id := range principals {
		if strings.EqualFold(id, a.Principal) {
			return true
		}
	}
	return a.Principal == "" && len(a.Problems) > 0
}

// grants says whether one assignment that names the caller grants the action.
func (a Assignment) grants(q Request, definitions map[string]Definition) Answer {
	if len(a.Problems) > 0 {
		missing := make([]string, len(a.Problems))
		for i, p := range a.Problems {
			missing[i] = a.label() + ": " + p
		}
		return Answer{Value: Unknown, Missing: missing}
	}
	at := Covers(a.Scope, q.Scope, q.Groups, q.GroupsRead)
	if at == False {
		return Answer{Value: False, Because: []string{a.label() + " does not reach " + q.Scope}}
	}
	d, ok := definitions[a.RoleID()]
	if !ok {
		return Answer{Value: Unknown, Missing: []string{a.label() + ": role " + a.RoleID() + " was not read"}}
	}
	role := d.Allows(q.Action, q.Plane)
	if role.Value == False {
		return role
	}
	condition := a.Condition.Admits(q.Action)
	value := role.Value.And(condition).And(at)
	var missing []string
	if at == Unknown {
		missing = append(missing, a.label()+": the management groups above "+q.Scope)
	}
	if condition == Unknown {
		missing = append(missing, a.label()+": attributes of the condition "+a.Condition.Text)
	}
	because := []string{a.label() + " admits the caller"}
	if condition == False {
		because = []string{a.label() + " has a condition that leaves " + q.Action + " out"}
	}
	return Answer{Value: value, Because: append(because, role.Because...), Missing: append(missing, role.Missing...)}
}
