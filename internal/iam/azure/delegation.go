package azure

import (
	"slices"
	"strings"
)

// Actions that a condition guards when it limits which roles its holder gives.
const (
	assigns = "Microsoft.Authorization/roleAssignments/write"
	defines = "Microsoft.Authorization/roleDefinitions/write"
)

// Attributes of the role assignment that would be written.
// https://learn.microsoft.com/azure/role-based-access-control/conditions-authorization-actions-attributes
const (
	roleAttribute      = "microsoft.authorization/roleassignments:roledefinitionid"
	principalAttribute = "microsoft.authorization/roleassignments:principalid"
	kindAttribute      = "microsoft.authorization/roleassignments:principaltype"
)

// fresh stands for a role or a principal that no condition names.
const fresh = "ffffffff-ffff-4fff-bfff-ffffffffffff"

// given is the role assignment that would be written.
type given struct{ role, principal, kind string }

// Limits says whether a condition on a role that gives every role, such as User
// Access Administrator, keeps its holder from what would make them owner: from giving
// a role that itself gives roles or allows everything. It is False for no condition,
// and for one that says something else. Who may change role definitions can make a
// role that is not named yet, or change one that is: of such a holder only a list of
// roles that may be given, all of them built in, is a limit. definitions are what is
// known of roles, by the last segment of their id.
//
// A condition that asks only what kind of principal gets the role is no limit, as its
// holder may own one. Whether one that names the principals is depends on who they
// are, and is Unknown.
// https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-overview
func (c *Condition) Limits(definitions map[string]Definition) Answer {
	if c == nil {
		return Answer{Value: False, Because: []string{"it has no condition"}}
	}
	roles, principals := c.named()
	// Everybody may be named as well as a principal that the condition names.
	toAnybody, toNamed := False, False
	var because, missing []string
	for _, role := range roles {
		power, what := c.power(role, definitions)
		if power == False {
			continue
		}
		for _, principal := range principals {
			given := False
			for _, kind := range []string{"User", "Group", "ServicePrincipal"} {
				given = given.Or(c.root.gives(assigns, givenTo(role, principal, kind)))
			}
			given = given.And(power)
			if given == Unknown {
				missing = append(missing, what)
			}
			if given == True {
				because = append(because, what)
			}
			if principal == fresh {
				toAnybody = toAnybody.Or(given)
			} else {
				toNamed = toNamed.Or(given)
			}
		}
	}
	switch {
	case toAnybody == True:
		return answer(False, because, nil)
	case toNamed == True:
		return Answer{Value: Unknown, Missing: []string{"whether the principals to whom its condition lets give " + because[0] + " are others than its holder"}}
	case toAnybody == Unknown || toNamed == Unknown:
		return answer(Unknown, nil, missing)
	}
	return Answer{Value: True, Because: []string{"its condition limits which roles may be given"}}
}

func givenTo(role, principal, kind string) *given { return &given{role, principal, kind} }

// power says whether a role makes its holder able to get further, or may be made to.
func (c *Condition) power(role string, definitions map[string]Definition) (Truth, string) {
	mayDefine := c.root.gives(defines, nil)
	if role == fresh {
		return mayDefine, "a role that it makes itself"
	}
	if name := builtIn[role]; name != "" {
		return truthOf(name != "Reader" && name != "Contributor"), name
	}
	d, ok := definitions[role]
	if !ok {
		return Unknown, "what role " + role + " allows"
	}
	if d.Custom != False && mayDefine != False {
		return d.Custom.And(mayDefine), "role " + d.Label() + ", which it may change"
	}
	out := d.Administrator().Value
	for _, action := range givers {
		out = out.Or(d.Allows(action, Control).Value)
	}
	return out, "role " + d.Label()
}

// givers are the actions by which roles are given, or made.
var givers = []string{
	assigns, defines, "Microsoft.Authorization/roleAssignmentScheduleRequests/write", "Microsoft.Authorization/roleEligibilityScheduleRequests/write",
}

// Roles returns the roles that the condition names, by the last segment of their id
// in lower case, sorted. Limits looks up no others.
func (c *Condition) Roles() []string {
	if c == nil {
		return nil
	}
	roles, _ := c.named()
	return slices.DeleteFunc(roles, func(id string) bool { return id == fresh || builtIn[id] != "" })
}

// named returns the roles and the principals that decide: those that the condition
// names, the built-in roles that give roles, and one of each that it does not name.
func (c *Condition) named() (roles, principals []string) {
	roles, principals = []string{fresh}, []string{fresh}
	for id, name := range builtIn {
		if name != "Reader" && name != "Contributor" {
			roles = append(roles, id)
		}
	}
	var walk func(n node)
	walk = func(n node) {
		for _, s := range n.sub {
			walk(s)
		}
		if n.compared == nil {
			return
		}
		for _, v := range n.compared.values {
			switch n.compared.attribute {
			case roleAttribute:
				roles = append(roles, strings.ToLower(v))
			case principalAttribute:
				principals = append(principals, strings.ToLower(v))
			}
		}
	}
	walk(c.root)
	slices.Sort(roles)
	slices.Sort(principals)
	return slices.Compact(roles), slices.Compact(principals)
}

// gives decides the expression for an action, and for the role assignment that it
// would write if that is one.
func (n node) gives(action string, g *given) Truth {
	switch n.op {
	case opNot:
		return n.sub[0].gives(action, g).Not()
	case opAnd:
		out := True
		for _, s := range n.sub {
			out = out.And(s.gives(action, g))
		}
		return out
	case opOr:
		out := False
		for _, s := range n.sub {
			out = out.Or(s.gives(action, g))
		}
		return out
	case opAction:
		return n.admits(representative(action))
	case opLiteral:
		return n.literal
	}
	if n.compared == nil || g == nil || n.compared.source != "request" {
		return Unknown
	}
	switch n.compared.attribute {
	case roleAttribute:
		return n.compared.holds(g.role)
	case principalAttribute:
		return n.compared.holds(g.principal)
	case kindAttribute:
		return n.compared.holds(g.kind)
	}
	return Unknown
}
