package azure

import (
	"fmt"
	"slices"
	"strings"
)

// Assignment is a compiled role assignment. It is immutable.
type Assignment struct {
	// ID is the assignment's id as written. Principal is an object id of the
	// directory, PrincipalType what the directory calls it: User, Group,
	// ServicePrincipal, ForeignGroup, Device. Role is the id of the definition.
	ID, Principal, PrincipalType, Role, Scope string
	// Condition is nil when the assignment has none.
	Condition *Condition
	// Problems are the parts of the document that make no sense. An assignment
	// with problems may grant or not.
	Problems []string
}

// ParseAssignment compiles the document of a role assignment. An assignment
// without principal, role or scope, or with a condition that is no condition,
// has problems.
func ParseAssignment(doc any) Assignment {
	m, ok := doc.(map[string]any)
	if !ok {
		return Assignment{Problems: []string{"the role assignment is no object"}}
	}
	a := Assignment{ID: text(m["id"])}
	p, ok := m["properties"].(map[string]any)
	if !ok {
		a.Problems = append(a.Problems, "properties is no object")
		return a
	}
	need := func(member string) string {
		s, ok := p[member].(string)
		if !ok || strings.TrimSpace(s) == "" {
			a.Problems = append(a.Problems, member+" is missing")
		}
		return s
	}
	a.Principal, a.Role, a.Scope = need("principalId"), need("roleDefinitionId"), need("scope")
	a.PrincipalType = text(p["principalType"])
	switch c := p["condition"].(type) {
	case nil:
	case string:
		if strings.TrimSpace(c) == "" {
			break
		}
		parsed, err := ParseCondition(c)
		if err != nil {
			a.Problems = append(a.Problems, err.Error())
		}
		a.Condition = parsed
	default:
		a.Problems = append(a.Problems, "condition is no text")
	}
	return a
}

// RoleID returns the last segment of the definition's id, in lower case: the id
// is the same below every scope.
func (a Assignment) RoleID() string { return roleID(a.Role) }

func roleID(id string) string {
	s := segments(id)
	if len(s) == 0 {
		return ""
	}
	return s[len(s)-1]
}

// IsGroup says whether the principal is a group, whose members hold the role.
// It is Unknown when the assignment does not tell what its principal is.
func (a Assignment) IsGroup() Truth {
	switch strings.ToLower(a.PrincipalType) {
	case "":
		return Unknown
	case "group", "foreigngroup":
		return True
	}
	return False
}

func (a Assignment) label() string {
	return fmt.Sprintf("assignment %s at %s", lastOf(a.ID), a.Scope)
}

func lastOf(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// everyone is the object id by which deny assignments name all principals.
const everyone = "00000000-0000-0000-0000-000000000000"

// Deny is a compiled deny assignment. It is immutable.
// https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
type Deny struct {
	ID, Name, Scope string
	// Principals and Excluded are object ids in lower case; exclusion wins.
	Principals, Excluded []string
	// NotBelow says that scopes below are not concerned.
	NotBelow bool
	Problems []string

	blocks []block
}

// ParseDeny compiles the document of a deny assignment.
func ParseDeny(doc any) Deny {
	m, ok := doc.(map[string]any)
	if !ok {
		return Deny{Problems: []string{"the deny assignment is no object"}}
	}
	d := Deny{ID: text(m["id"])}
	p, ok := m["properties"].(map[string]any)
	if !ok {
		d.Problems = append(d.Problems, "properties is no object")
		return d
	}
	d.Name, d.Scope = text(p["denyAssignmentName"]), text(p["scope"])
	if d.Scope == "" {
		d.Problems = append(d.Problems, "scope is missing")
	}
	switch b := p["doNotApplyToChildScopes"].(type) {
	case nil:
	case bool:
		d.NotBelow = b
	default:
		d.Problems = append(d.Problems, "doNotApplyToChildScopes is no boolean")
	}
	d.Principals = principalIDs(p["principals"], "principals", &d.Problems)
	d.Excluded = principalIDs(p["excludePrincipals"], "excludePrincipals", &d.Problems)
	d.blocks = parseBlocks(p["permissions"], &d.Problems)
	return d
}

func principalIDs(v any, what string, problems *[]string) []string {
	if v == nil {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		*problems = append(*problems, what+" is no list")
		return nil
	}
	var out []string
	for i, e := range list {
		m, _ := e.(map[string]any)
		id := text(m["id"])
		if id == "" {
			*problems = append(*problems, fmt.Sprintf("%s[%d] has no id", what, i))
			continue
		}
		out = append(out, strings.ToLower(id))
	}
	return out
}

func (d Deny) label() string {
	name := d.Name
	if name == "" {
		name = lastOf(d.ID)
	}
	return fmt.Sprintf("deny assignment %q at %s", name, d.Scope)
}

// hits says whether the deny assignment stops the request.
func (d Deny) hits(q Request) Answer {
	out := Answer{Value: Covers(d.Scope, q.Scope, q.Groups, q.GroupsRead)}
	if out.Value == True && d.NotBelow && !slices.Equal(segments(d.Scope), segments(q.Scope)) {
		out.Value = False
	}
	named := slices.Contains(d.Principals, everyone)
	for _, id := range q.Principals {
		id = strings.ToLower(id)
		if slices.Contains(d.Excluded, id) {
			named = false
			break
		}
		named = named || slices.Contains(d.Principals, id)
	}
	if !named {
		out.Value = out.Value.And(False)
	}
	a := allows(d.label(), d.blocks, nil, representative(q.Action), q.Plane)
	out.Value = out.Value.And(a.Value)
	if len(d.Problems) > 0 {
		// What was not understood may deny, or exempt.
		out.Value = Unknown
	}
	if out.Value == Unknown {
		out.Missing = []string{d.label()}
		for _, p := range d.Problems {
			out.Missing = append(out.Missing, d.label()+": "+p)
		}
	}
	out.Because = []string{d.label() + " denies " + q.Action}
	return out
}
