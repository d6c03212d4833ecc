package azure

import (
	"encoding/json"
	"math/rand"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var (
	somePatterns = []string{"*", "*/read", "A/*", "a/b/write", "A/*/write", "Microsoft.Authorization/*", "*/delete", "a/b*", "*b*"}
	someActions  = []string{"a/b/read", "a/b/write", "A/c/delete", "Microsoft.Authorization/roleAssignments/write", "x/y/action"}
	someScopes   = []string{"/", prod, sub1, rg1, sa1, sub1 + "/resourceGroups/rg10", "/subscriptions/s2"}
	someWho      = []string{"ana", "bo", "team"}
	someClauses  = []string{"", "!(ActionMatches{'a/b/*'}) OR @Resource[x] StringEquals 'y'", "ActionMatches{'*/read'}", "(("}
)

func list(t *rapid.T, from []string, label string) []any {
	var out []any
	for _, s := range rapid.SliceOfN(rapid.SampledFrom(from), 0, 3).Draw(t, label) {
		out = append(out, s)
	}
	return out
}

func drawBlock(t *rapid.T) map[string]any {
	return map[string]any{
		"actions": list(t, somePatterns, "actions"), "notActions": list(t, somePatterns, "notActions"),
		"dataActions": list(t, somePatterns, "dataActions"), "notDataActions": list(t, somePatterns, "notDataActions"),
	}
}

func drawBlocks(t *rapid.T) []any {
	var out []any
	for range rapid.IntRange(0, 3).Draw(t, "blocks") {
		out = append(out, drawBlock(t))
	}
	return out
}

func definitionOf(blocks []any) Definition {
	return ParseDefinition(map[string]any{"id": "r", "properties": map[string]any{"roleName": "r", "type": "CustomRole", "permissions": blocks}})
}

func drawDeny(t *rapid.T) Deny {
	who := func(label string) []any {
		var out []any
		for _, w := range list(t, append(someWho, everyone), label) {
			out = append(out, map[string]any{"id": w})
		}
		return out
	}
	return ParseDeny(map[string]any{"id": "d", "properties": map[string]any{
		"scope": rapid.SampledFrom(someScopes).Draw(t, "scope"), "permissions": drawBlocks(t),
		"principals": who("principals"), "excludePrincipals": who("excluded"), "doNotApplyToChildScopes": rapid.Bool().Draw(t, "here"),
	}})
}

func drawAssignment(t *rapid.T) Assignment {
	return ParseAssignment(map[string]any{"id": "a", "properties": map[string]any{
		"principalId": rapid.SampledFrom(someWho).Draw(t, "who"), "principalType": "User",
		"roleDefinitionId": "/roleDefinitions/" + rapid.SampledFrom([]string{"r0", "r1", "gone"}).Draw(t, "role"),
		"scope":            rapid.SampledFrom(someScopes).Draw(t, "scope"), "condition": rapid.SampledFrom(someClauses).Draw(t, "condition"),
	}})
}

// world is a request and what decides it.
type world struct {
	q           Request
	assignments []Assignment
	roles       map[string]Definition
	denies      []Deny
}

func drawWorld(t *rapid.T) world {
	w := world{
		q: Request{
			Principals: rapid.SliceOfN(rapid.SampledFrom(someWho), 1, 2).Draw(t, "caller"), Action: rapid.SampledFrom(someActions).Draw(t, "action"),
			Plane: Plane(rapid.IntRange(0, 1).Draw(t, "plane")), Scope: rapid.SampledFrom([]string{sub1, rg1, sa1}).Draw(t, "scope"),
			Groups: []string{"prod"}, GroupsRead: rapid.Bool().Draw(t, "groups read"),
		},
		roles: map[string]Definition{"r0": definitionOf(drawBlocks(t)), "r1": definitionOf(drawBlocks(t))},
	}
	for range rapid.IntRange(0, 4).Draw(t, "assignments") {
		w.assignments = append(w.assignments, drawAssignment(t))
	}
	for range rapid.IntRange(0, 2).Draw(t, "denies") {
		w.denies = append(w.denies, drawDeny(t))
	}
	return w
}

func (w world) decide() Truth { return Decide(w.q, w.assignments, w.roles, w.denies).Value }

// rank orders answers by how much they allow.
func rank(v Truth) int { return map[Truth]int{False: 0, Unknown: 1, True: 2}[v] }

func TestDenyNeverAddsARight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		before := w.decide()
		w.denies = append(w.denies, drawDeny(t))
		if after := w.decide(); rank(after) > rank(before) {
			t.Fatalf("a deny turned %v into %v", before, after)
		}
	})
}

func TestAssignmentNeverTakesARight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		before := w.decide()
		w.assignments = append(w.assignments, drawAssignment(t))
		if after := w.decide(); rank(after) < rank(before) {
			t.Fatalf("an assignment turned %v into %v", before, after)
		}
	})
}

func TestOrderAndCaseDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		before := w.decide()
		r := rand.New(rand.NewSource(int64(rapid.Int().Draw(t, "seed"))))
		r.Shuffle(len(w.assignments), func(i, j int) { w.assignments[i], w.assignments[j] = w.assignments[j], w.assignments[i] })
		r.Shuffle(len(w.denies), func(i, j int) { w.denies[i], w.denies[j] = w.denies[j], w.denies[i] })
		w.q.Action, w.q.Scope = strings.ToUpper(w.q.Action), strings.ToUpper(w.q.Scope)
		if after := w.decide(); after != before {
			t.Fatalf("%v in another order and case is %v", before, after)
		}
	})
}

func TestMovingUpNeverTakesARight(t *testing.T) {
	up := map[string]string{sa1: rg1, rg1: sub1, sub1: prod, prod: "/"}
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		before := w.decide()
		for i := range w.assignments {
			if parent, ok := up[w.assignments[i].Scope]; ok && w.q.GroupsRead {
				w.assignments[i].Scope = parent
			}
		}
		if after := w.decide(); rank(after) < rank(before) {
			t.Fatalf("moving assignments up turned %v into %v", before, after)
		}
	})
}

// TestGapsDecideNothing holds that what was not read turns an answer into
// unknown, or leaves it, and never into its opposite.
func TestGapsDecideNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		before := w.decide()
		delete(w.roles, "r0")
		w.q.GroupsRead = false
		if after := w.decide(); after != before && after != Unknown {
			t.Fatalf("a gap turned %v into %v", before, after)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"properties": {"roleName": "r", "type": "CustomRole", "permissions": [{"actions": ["*"]}], "assignableScopes": ["/"]}}`,
		`{"properties": {"principalId": "p", "roleDefinitionId": "r", "scope": "/", "condition": "!(ActionMatches{'a'}) OR b"}}`,
		`{"properties": {"scope": "/", "principals": [{"id": "p"}], "permissions": [{"actions": ["*"]}]}}`, `[]`, `{"properties": 1}`, `null`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var v any
		if json.Unmarshal([]byte(s), &v) != nil {
			t.Skip()
		}
		d, a, n := ParseDefinition(v), ParseAssignment(v), ParseDeny(v)
		for _, ans := range []Answer{d.OwnerLike(), d.Administrator(), d.MoreThanRead(), d.Allows("a/*", Data)} {
			if len(d.Problems) > 0 && ans.Value == True {
				t.Errorf("sure of a role with problems %q: %q", d.Problems, ans.Because)
			}
		}
		q := Request{Principals: []string{"p"}, Action: "a/b", Scope: "/subscriptions/s"}
		Decide(q, []Assignment{a}, map[string]Definition{a.RoleID(): d}, []Deny{n})
	})
}

func FuzzCondition(f *testing.F) {
	for _, s := range append(someClauses, "NOT a AND (b || c)", "@Resource[x:y] In {'a', 'b'}") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCondition(s)
		if err != nil {
			return
		}
		// Brackets around a condition, and a double negation, change nothing.
		for _, same := range []string{"(" + s + ")", "!(!(" + s + "))"} {
			again, err := ParseCondition(same)
			if err != nil {
				if strings.Contains(err.Error(), "too deep") {
					continue
				}
				t.Fatalf("%q: %v", same, err)
			}
			if again.Admits("a/b/read") != c.Admits("a/b/read") {
				t.Errorf("%q and %q differ", s, same)
			}
		}
	})
}
