package azure

import (
	"fmt"
	"strings"
)

// Plane says which half of Azure an action belongs to: the resources, or the
// data in them.
type Plane int

// The planes.
const (
	Control Plane = iota
	Data
)

// String is "control" or "data".
func (p Plane) String() string {
	if p == Data {
		return "data"
	}
	return "control"
}

// Definition is a compiled role definition. It is immutable. The zero value is
// not read: it allows nothing for certain and denies nothing.
type Definition struct {
	// ID is the id of Azure Resource Manager as written, Name the role's name.
	ID, Name string
	// Custom says that the role is the customer's own. It is Unknown when the
	// document does not tell.
	Custom Truth
	// Scopes are where the role may be assigned; they do not limit what it
	// grants.
	Scopes []string
	// Problems are the parts of the document that make no sense, in document
	// order. What they would have granted is not known.
	Problems []string

	read   bool
	blocks []block
}

// block is one entry of permissions. What it takes away it takes away from
// itself only.
type block struct{ actions, notActions, dataActions, notDataActions []pattern }

func (b block) plane(p Plane) (grants, removes []pattern) {
	if p == Data {
		return b.dataActions, b.notDataActions
	}
	return b.actions, b.notActions
}

// ParseDefinition compiles the document of a role definition: the one with the
// member properties that Azure Resource Manager and Resource Graph return.
func ParseDefinition(doc any) Definition {
	m, ok := doc.(map[string]any)
	if !ok {
		return Definition{Problems: []string{"the role definition is no object"}}
	}
	p, ok := m["properties"].(map[string]any)
	if !ok {
		return Definition{ID: text(m["id"]), Problems: []string{"properties is no object"}}
	}
	d := Definition{ID: text(m["id"]), Name: text(p["roleName"]), read: true}
	switch kind := text(p["type"]); {
	case strings.EqualFold(kind, "CustomRole"):
		d.Custom = True
	case strings.EqualFold(kind, "BuiltInRole"):
		d.Custom = False
	}
	d.Scopes = d.strings(p["assignableScopes"], "assignableScopes")
	d.blocks = parseBlocks(p["permissions"], &d.Problems)
	return d
}

func parseBlocks(v any, problems *[]string) []block {
	list, ok := v.([]any)
	if !ok {
		if v == nil {
			*problems = append(*problems, "permissions is missing")
		} else {
			*problems = append(*problems, "permissions is no list")
		}
		return nil
	}
	blocks := make([]block, 0, len(list))
	for i, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			*problems = append(*problems, fmt.Sprintf("permissions[%d] is no object", i))
			blocks = append(blocks, block{}) // keeps the numbers of the others
			continue
		}
		read := func(member string) []pattern {
			var out []pattern
			for _, s := range stringList(m[member], fmt.Sprintf("permissions[%d].%s", i, member), problems) {
				out = append(out, newPattern(s))
			}
			return out
		}
		blocks = append(blocks, block{read("actions"), read("notActions"), read("dataActions"), read("notDataActions")})
	}
	return blocks
}

func (d *Definition) strings(v any, what string) []string { return stringList(v, what, &d.Problems) }

// stringList reads a list of strings; null is an empty one.
func stringList(v any, what string, problems *[]string) []string {
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
		s, ok := e.(string)
		if !ok {
			*problems = append(*problems, fmt.Sprintf("%s[%d] is no text", what, i))
			continue
		}
		out = append(out, s)
	}
	return out
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// Label is how explanations call the role.
func (d Definition) Label() string {
	switch {
	case d.Name != "":
		return fmt.Sprintf("role %q", d.Name)
	case d.ID != "":
		return "role " + d.ID
	}
	return "the role"
}

// Allows says whether the role grants an action. A star in the action asks for
// all actions that it covers, which those that the role names one by one in
// order to leave them out do not change: "Microsoft.Storage/*/read".
func (d Definition) Allows(action string, plane Plane) Answer {
	return allows(d.Label(), d.blocks, d.faults(), representative(action), plane)
}

func (d Definition) faults() []string {
	if !d.read && len(d.Problems) == 0 {
		return []string{d.Label() + " was not read"}
	}
	out := make([]string, len(d.Problems))
	for i, p := range d.Problems {
		out[i] = d.Label() + ": " + p
	}
	return out
}

// allows is the union over the blocks of what each grants less what the same
// block leaves out.
func allows(label string, blocks []block, faults []string, action string, plane Plane) Answer {
	var granted, left []string
	for i, b := range blocks {
		grants, removes := b.plane(plane)
		for _, g := range grants {
			if !g.match(action) {
				continue
			}
			removed := false
			for _, r := range removes {
				if r.match(action) {
					left = append(left, fmt.Sprintf("%s permissions[%d]: %q would grant %s, %q leaves it out", label, i, g.text, readable(action), r.text))
					removed = true
					break
				}
			}
			if !removed {
				granted = append(granted, fmt.Sprintf("%s permissions[%d]: %q grants %s", label, i, g.text, readable(action)))
			}
		}
	}
	switch {
	case len(faults) > 0 && len(granted) == 0:
		return answer(Unknown, left, faults)
	case len(faults) > 0:
		// What could not be understood may be what leaves the action out.
		return answer(Unknown, granted, faults)
	case len(granted) > 0:
		return answer(True, granted, nil)
	}
	if len(left) == 0 {
		left = []string{fmt.Sprintf("%s has no %s action that covers %s", label, plane, readable(action))}
	}
	return answer(False, left, nil)
}

// everything are the actions of which all together are "anything at all" on the
// control plane, the right to give rights included. Each stands for those of
// its verb that nobody names.
var everything = []string{
	unnamed + "/" + unnamed + "/write", unnamed + "/" + unnamed + "/delete", unnamed + "/" + unnamed + "/action",
	writeAssignments,
}

const writeAssignments = "microsoft.authorization/roleassignments/write"

// Administrator says whether the role lets its holder do whatever it wants: all
// actions but those that are left out by name, and the writing of role
// assignments among them. Owner is one; Contributor is not.
func (d Definition) Administrator() Answer { return d.all(everything) }

func (d Definition) all(actions []string) Answer {
	out := Answer{Value: True}
	for _, action := range actions {
		a := allows(d.Label(), d.blocks, d.faults(), action, Control)
		if a.Value == False {
			return a
		}
		if a.Value == Unknown {
			out.Value = Unknown
		}
		out.Because = append(out.Because, a.Because...)
		out.Missing = append(out.Missing, a.Missing...)
	}
	return answer(out.Value, out.Because, out.Missing)
}

// OwnerLike says whether the role is the customer's own, may be assigned to a
// subscription, a management group or the whole tenant, and lets its holder do
// whatever it wants.
func (d Definition) OwnerLike() Answer {
	if d.Custom == False {
		return answer(False, []string{d.Label() + " is built in"}, nil)
	}
	wide := False
	for _, s := range d.Scopes {
		if broad(s) {
			wide = True
		}
	}
	if wide == False && len(d.faults()) > 0 {
		wide = Unknown
	}
	if wide == False {
		return answer(False, []string{d.Label() + " cannot be assigned above a resource group"}, nil)
	}
	a := d.Administrator()
	value := a.Value.And(wide).And(d.Custom)
	missing := a.Missing
	if d.Custom == Unknown {
		missing = append(missing, d.Label()+" does not say whether it is custom")
	}
	return answer(value, a.Because, missing)
}

// MoreThanRead says whether the role grants any action that does not only read.
// A pattern that ends in a star after anything but a read may cover writes.
func (d Definition) MoreThanRead() Answer {
	var writes []string
	for i, b := range d.blocks {
		for _, plane := range []Plane{Control, Data} {
			grants, removes := b.plane(plane)
			for _, g := range grants {
				if strings.HasSuffix(strings.ToLower(g.text), "/read") || removedWhole(g, removes) {
					continue
				}
				writes = append(writes, fmt.Sprintf("%s permissions[%d]: %q grants more than read", d.Label(), i, g.text))
			}
		}
	}
	switch faults := d.faults(); {
	case len(faults) > 0:
		return answer(Unknown, writes, faults)
	case len(writes) > 0:
		return answer(True, writes, nil)
	}
	return answer(False, []string{d.Label() + " grants reading only"}, nil)
}

// removedWhole says whether some pattern leaves out all that another grants.
func removedWhole(g pattern, removes []pattern) bool {
	for _, r := range removes {
		if r.match(representative(g.text)) {
			return true
		}
	}
	return false
}
