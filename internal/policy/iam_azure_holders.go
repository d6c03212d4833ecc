package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/azure"
	"github.com/stance-sec/stance/internal/model"
)

// roleHolders are those who hold a role over all of a subscription: directly, by
// a management group above, or as members of a group.
type roleHolders struct {
	*assetRef
	role string
	// eligible counts those too who may activate the role.
	eligible bool

	sure    map[string]holder // by object id in lower case
	gaps    *[]*model.Gap
	missing *[]string
}

// holder is one principal that holds the role.
type holder struct {
	how  string
	user bool // or may be one
}

func askHolders(name string, ask func(roleHolders, []ref.Val) ref.Val, vals []ref.Val) ref.Val {
	a, ok := vals[0].(*assetRef)
	if !ok {
		return types.NewErr("%s() is a question about a subscription", name)
	}
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	if a.asset.Type != azureSubscriptionType {
		return types.NewErr("%s() is a question about %s, not %s", name, azureSubscriptionType, a.asset.Type)
	}
	h := roleHolders{assetRef: a, role: string(vals[1].(types.String)), eligible: strings.HasPrefix(name, candidates), sure: map[string]holder{}, gaps: new([]*model.Gap), missing: new([]string)}
	if h.role == "" {
		return types.NewErr("%s(): name a role or an action", name)
	}
	h.find(azureAssignmentType)
	if h.eligible {
		h.find(azureEligibilityType)
	}
	a.st.note(model.Evidence{Asset: a.asset.ID, Path: "holders of " + h.role, Value: int64(len(h.sure))})
	var how []string
	for _, s := range h.sure {
		how = append(how, s.how)
	}
	slices.Sort(how)
	a.noteAll("roleAssignments", name, how)
	return ask(h, vals)
}

func (h roleHolders) open() bool       { return len(*h.gaps) > 0 || len(*h.missing) > 0 }
func (h roleHolders) unknown() ref.Val { return h.undecided("roleAssignments", *h.gaps, *h.missing) }

// atLeast is true as soon as so many were read.
func (h roleHolders) atLeast(vals []ref.Val) ref.Val {
	switch n := int(vals[2].(types.Int)); {
	case len(h.sure) >= n:
		return types.True
	case h.open():
		return h.unknown()
	}
	return types.False
}

// atMost is false as soon as more were read.
func (h roleHolders) atMost(vals []ref.Val) ref.Val {
	switch n := int(vals[2].(types.Int)); {
	case len(h.sure) > n:
		return types.False
	case h.open():
		return h.unknown()
	}
	return types.True
}

func (h roleHolders) inventories() []*Inventory {
	return append([]*Inventory{h.st.view.inv}, h.st.view.inv.above...)
}

// find looks through the assignments, or the eligibilities, whose documents have the
// same members.
func (h roleHolders) find(typ string) {
	if g := h.st.view.inv.failed(typ, ""); g != nil {
		*h.gaps = append(*h.gaps, g)
	}
	seen := map[string]bool{}
	for i, inv := range h.inventories() {
		if x := inv.types[typ]; x != nil && i > 0 && len(x.gaps) > 0 {
			*h.gaps = append(*h.gaps, x.gaps[0])
		}
		for _, a := range inv.Assets(typ) {
			// The same assignment is seen from several scopes.
			if id := strings.ToLower(a.ID); !seen[id] {
				seen[id] = true
				h.add(a)
			}
		}
	}
	if h.asset.Scope.OrgPath == "" {
		*h.missing = append(*h.missing, "the management groups above the subscription")
	}
}

func (h roleHolders) add(a *model.Asset) {
	properties, gap := memberWhole(a, "properties")
	if gap != nil {
		*h.gaps = append(*h.gaps, gap)
		return
	}
	as := azure.ParseAssignment(map[string]any{"id": a.ID, "properties": properties})
	if len(as.Problems) > 0 {
		*h.missing = append(*h.missing, a.ID+": "+strings.Join(as.Problems, ", "))
		return
	}
	at := azure.Covers(as.Scope, h.asset.ID, h.groupsAbove(), h.asset.Scope.OrgPath != "")
	if at == azure.False {
		return
	}
	gives, gap, why := h.gives(as)
	if gives == azure.False {
		return
	}
	switch at.And(gives) {
	case azure.True:
		h.principal(as)
	case azure.Unknown:
		if gap != nil {
			*h.gaps = append(*h.gaps, gap)
		}
		*h.missing = append(*h.missing, a.ID+": "+why)
	}
}

// groupsAbove are the names of the management groups above the subscription.
func (h roleHolders) groupsAbove() []string {
	var out []string
	for _, account := range h.asset.Scope.Above() {
		if name, ok := strings.CutPrefix(account, "managementGroups/"); ok {
			out = append(out, name)
		}
	}
	return out
}

// gives says whether an assignment gives the role, or the action, that is asked
// for. A role on condition is less than the role.
func (h roleHolders) gives(as azure.Assignment) (value azure.Truth, gap *model.Gap, why string) {
	action := strings.Contains(h.role, "/") || h.role == "*"
	var def *model.Asset
	for _, inv := range h.inventories() {
		if def = inv.Find(azureDefinitionType, as.RoleID()); def != nil {
			break
		}
	}
	switch {
	case def != nil:
		d, gap := readDefinition(def)
		if gap != nil {
			return azure.Unknown, gap, "its role was not read"
		}
		if action {
			ans := d.Allows(h.role, azure.Control)
			return ans.Value.And(as.Condition.Admits(h.role)), nil, "its role or its condition does not decide " + h.role
		}
		if !strings.EqualFold(d.Name, h.role) {
			if d.Name == "" {
				return azure.Unknown, nil, "its role has no name"
			}
			return azure.False, nil, ""
		}
	case !action && azure.BuiltInName(as.Role) != "":
		if !strings.EqualFold(azure.BuiltInName(as.Role), h.role) {
			return azure.False, nil, ""
		}
	default:
		return azure.Unknown, h.st.absent(azureDefinitionType, as.Role, h.st.view.inv.above...), "its role is not known"
	}
	if as.Condition != nil {
		return azure.Unknown, nil, "it holds on a condition: " + as.Condition.Text
	}
	return azure.True, nil, ""
}

// principal adds who an assignment is for; of a group, its members.
func (h roleHolders) principal(as azure.Assignment) {
	id := strings.ToLower(as.Principal)
	has := "has it"
	if strings.Contains(strings.ToLower(as.ID), eligibilitySegment) {
		has = "may activate it"
	}
	how := fmt.Sprintf("%s %s %s at %s", strings.ToLower(as.PrincipalType), as.Principal, has, as.Scope)
	switch as.IsGroup() {
	case azure.False:
		h.hold(id, holder{how, strings.EqualFold(as.PrincipalType, "User")})
		return
	case azure.Unknown:
		*h.missing = append(*h.missing, as.ID+" does not say what "+as.Principal+" is")
		return
	}
	group := h.inDirectory(graphGroupType, as.Principal)
	if group == nil {
		*h.gaps = append(*h.gaps, h.st.absent(graphGroupType, "group "+as.Principal, h.st.view.inv.above...))
		return
	}
	v, gap := memberWhole(group, "transitiveMembers")
	if gap != nil {
		*h.gaps = append(*h.gaps, gap)
		return
	}
	members, ok := v.([]any)
	if !ok {
		*h.missing = append(*h.missing, "the members of group "+as.Principal)
		return
	}
	for _, e := range members {
		m, _ := e.(map[string]any)
		member, _ := m["id"].(string)
		kind, _ := m["@odata.type"].(string)
		switch {
		case member == "":
			*h.missing = append(*h.missing, "a member of group "+as.Principal)
		case strings.EqualFold(kind, "#microsoft.graph.group"): // its members are in the list
		default:
			h.hold(strings.ToLower(member), holder{
				fmt.Sprintf("%s %s at %s as member of group %s", member, has, as.Scope, as.Principal),
				kind == "" || strings.EqualFold(kind, "#microsoft.graph.user"),
			})
		}
	}
}

// hold adds a holder. One who holds the role is not named for what else they may do.
func (h roleHolders) hold(id string, how holder) {
	if was, ok := h.sure[id]; ok && strings.Contains(how.how, " may activate ") {
		how = holder{was.how, was.user || how.user}
	}
	h.sure[id] = how
}

// inDirectory finds a principal of the tenant by its object id.
func (h roleHolders) inDirectory(typ, id string) *model.Asset {
	for _, inv := range h.inventories() {
		for _, key := range []string{id, strings.ToLower(id)} {
			if a := inv.Find(typ, key); a != nil {
				return a
			}
		}
	}
	return nil
}

// guest says whether one of the holders is a guest of the directory. A holder
// that is no user is none; a user without userType is a member.
// https://learn.microsoft.com/entra/external-id/user-properties
func (h roleHolders) guest() ref.Val {
	found := false
	for _, id := range slices.Sorted(maps.Keys(h.sure)) {
		if !h.sure[id].user {
			continue
		}
		user := h.inDirectory(graphUserType, id)
		if user == nil {
			*h.gaps = append(*h.gaps, h.st.absent(graphUserType, "principal "+id, h.st.view.inv.above...))
			continue
		}
		kind, gap := memberAt(user, "userType")
		if gap != nil {
			*h.gaps = append(*h.gaps, gap)
		} else if s, _ := kind.(string); strings.EqualFold(s, "Guest") {
			h.st.note(model.Evidence{Asset: user.ID, Path: "userType", Value: s})
			found = true
		}
	}
	switch {
	case found:
		return types.True
	case h.open():
		return h.unknown()
	}
	return types.False
}
