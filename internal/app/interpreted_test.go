package app

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// compared evaluates each control twice: as the engine planned it, and by CEL's
// own interpreter.
type compared struct {
	t        *testing.T
	app      *App
	engines  [2]*policy.Engine
	programs map[string][2]*policy.Program // by control and asset type
	rand     *rand.Rand
	done     map[model.Verdict]int
	failures int
}

func newCompared(t *testing.T) *compared {
	t.Helper()
	a, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Examples(); err != nil {
		t.Fatal(err)
	}
	interpreter, err := policy.New(a.Schemas)
	if err != nil {
		t.Fatal(err)
	}
	interpreter.Know(a.Catalog.Facts...)
	interpreter.Interpret()
	return &compared{
		t: t, app: a, engines: [2]*policy.Engine{a.Engine, interpreter}, programs: map[string][2]*policy.Program{},
		rand: rand.New(rand.NewPCG(1, 2)), done: map[model.Verdict]int{},
	}
}

// compile returns a control's two programs for an asset type.
func (c *compared) compile(control model.Control, typ string) [2]*policy.Program {
	c.t.Helper()
	key := fmt.Sprint(control.ID, " ", typ, " ", control.Params)
	if known, ok := c.programs[key]; ok {
		return known
	}
	var out [2]*policy.Program
	for i, e := range c.engines {
		var err error
		if out[i], err = e.CompileFor(control, typ); err != nil {
			c.t.Fatalf("%s: %v", control.ID, err)
		}
	}
	if out[0].Interpreted() || !out[1].Interpreted() {
		c.t.Errorf("%s for %s is interpreted: %v and %v, want only the second", control.ID, typ, out[0].Interpreted(), out[1].Interpreted())
	}
	c.programs[key] = out
	return out
}

// evaluate compares the results of both programs of a control on an asset.
func (c *compared) evaluate(programs [2]*policy.Program, a *model.Asset, evaluators [2]*policy.Evaluator, what string) {
	c.t.Helper()
	planned, interpreted := evaluators[0].Evaluate(programs[0], a), evaluators[1].Evaluate(programs[1], a)
	c.done[planned.Verdict]++
	for range 200 { // CEL takes the keys of a map in any order
		if reflect.DeepEqual(planned, interpreted) {
			return
		}
		interpreted = evaluators[1].Evaluate(programs[1], a)
	}
	if c.failures++; c.failures <= 10 {
		c.t.Errorf("%s on %s, %s (-interpreted +planned):\n%s", programs[0].Control.ID, a.ID, what, gocmp.Diff(interpreted, planned))
	}
}

// TestPlannedAsInterpreted holds that what the engine makes of an expression gives
// what CEL's interpreter gives: verdict, message, evidence and gaps, in their
// order. It evaluates every control on its examples and all recorded assets, and
// on what becomes of these when reads fail and vendors answer nonsense.
func TestPlannedAsInterpreted(t *testing.T) {
	c := newCompared(t)
	c.examples(6)
	c.recorded(20)
	t.Log(c.done)
	for v, least := range map[model.Verdict]int{model.Pass: 5000, model.Fail: 5000, model.Unknown: 5000, model.NotApplicable: 500} {
		if c.done[v] < least {
			t.Errorf("only %d evaluations gave %s, want %d for the comparison to mean something", c.done[v], v, least)
		}
	}
	if c.failures > 10 {
		t.Errorf("%d results differ", c.failures)
	}
}

// examples compares on each example of each control, and on so many mutations.
func (c *compared) examples(mutations int) {
	c.t.Helper()
	for _, control := range c.app.Catalog.Controls {
		for _, e := range control.Examples {
			control := control
			control.Params = maps.Clone(control.Params)
			maps.Copy(control.Params, e.Params)
			typ := cmp.Or(e.Type, control.Type)
			programs := c.compile(control, typ)
			for n := range mutations + 1 {
				mutated := e
				if n > 0 {
					mutated = c.mutateExample(e, programs[0].Uses.Inventory)
				}
				subject, inv, err := catalog.Example(c.app.Schemas, programs[0].Control, mutated)
				if err != nil {
					c.t.Fatalf("%s: %s: %v", control.ID, e.Name, err)
				}
				view := inv.View(subject.Scope)
				what := fmt.Sprintf("example %q, mutation %d", e.Name, n)
				if n > 0 {
					what += ": " + c.mutateAsset(subject)
					for _, other := range programs[0].Uses.Inventory {
						if assets := view.Assets(other); len(assets) > 0 && c.rand.IntN(3) == 0 {
							what += ", " + c.mutateAsset(assets[c.rand.IntN(len(assets))])
						}
					}
				}
				c.evaluate(programs, subject, [2]*policy.Evaluator{
					policy.NewEvaluator(view, catalog.ExampleNow), policy.NewEvaluator(view, catalog.ExampleNow),
				}, what)
			}
		}
	}
}

// mutateExample drops related assets, hides members of others and lets listings
// fail.
func (c *compared) mutateExample(e model.Example, types []string) model.Example {
	e.With = slices.Clone(e.With)
	for i := 0; i < len(e.With); i++ {
		switch c.rand.IntN(6) {
		case 0:
			e.With = slices.Delete(e.With, i, i+1)
			i--
		case 1:
			if at := places(e.With[i].Config); len(at) > 0 {
				e.With[i].Gaps = append(slices.Clip(e.With[i].Gaps), at[c.rand.IntN(len(at))].path)
			}
		}
	}
	if len(types) > 0 && c.rand.IntN(3) == 0 {
		e.GapTypes = append(slices.Clip(e.GapTypes), types[c.rand.IntN(len(types))])
	}
	return e
}

// recorded compares on all recorded assets, and in so many rounds on mutations.
func (c *compared) recorded(rounds int) {
	c.t.Helper()
	byType := map[string][]model.Control{}
	for _, control := range c.app.Catalog.Controls {
		types, err := c.app.Engine.TypesOf(control)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, typ := range types {
			byType[typ] = append(byType[typ], control)
		}
	}
	for round := range rounds + 1 {
		inv := policy.NewInventory()
		assets := recordedAssets(c.t)
		what := make([]string, len(assets))
		for i, a := range assets {
			if round > 0 {
				if what[i] = c.mutateAsset(a); c.rand.IntN(20) == 0 {
					inv.AddGap(&model.Gap{Scope: a.Scope, Type: a.Type, Reason: model.Denied, Operation: "List " + a.Type})
				}
			}
			if round == 0 || c.rand.IntN(20) > 0 {
				inv.Add(a)
			}
		}
		evaluators := [2]*policy.Evaluator{policy.NewEvaluator(inv, evaluatedAt), policy.NewEvaluator(inv, evaluatedAt)}
		for i, a := range assets {
			for _, control := range byType[a.Type] {
				c.evaluate(c.compile(control, a.Type), a, evaluators, fmt.Sprintf("round %d: %s", round, what[i]))
			}
		}
	}
}

// mutateAsset does one to three things to an asset that reading or a vendor may
// do, and says what.
func (c *compared) mutateAsset(a *model.Asset) string {
	said := ""
	a.Config, _ = cloned(map[string]any(a.Config)).(map[string]any) // examples share what parameters hold
	for range 1 + c.rand.IntN(3) {
		at := places(a.Config)
		if len(at) == 0 {
			return said
		}
		p := at[c.rand.IntN(len(at))]
		switch c.rand.IntN(4) {
		case 0:
			a.Gaps = append(slices.Clip(a.Gaps), model.Gap{Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: p.path, Reason: model.Denied, Operation: "Read " + p.path, Permission: "Read " + p.path})
			said += " gap at " + p.path
		case 1:
			delete(p.in, p.key)
			said += " no " + p.path
		default:
			values := nonsense()
			v := values[c.rand.IntN(len(values))]
			if l, ok := p.in[p.key].([]any); ok && len(l) > 0 && c.rand.IntN(2) == 0 {
				l[c.rand.IntN(len(l))] = v
				said += fmt.Sprintf(" %#v in %s", v, p.path)
				continue
			}
			p.in[p.key] = v
			said += fmt.Sprintf(" %#v for %s", v, p.path)
		}
	}
	return said
}

// nonsense returns values of every kind that a document can hold.
func nonsense() []any {
	return []any{
		nil, "", "text", "*", "2026-01-02T15:04:05Z", int64(0), int64(7), 0.5, true, false,
		[]any{},
		[]any{"x", int64(1)},
		map[string]any{},
		map[string]any{"k": "v"},
	}
}

func cloned(v any) any {
	switch t := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(t))
		for k, e := range t {
			out[k] = cloned(e)
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i, e := range t {
			out[i] = cloned(e)
		}
		return out
	}
	return v
}

// place is a member somewhere in a document.
type place struct {
	in        map[string]any
	key, path string
}

// places returns all members of a document, in order.
func places(doc map[string]any) []place {
	var out []place
	var walk func(v any, path string)
	walk = func(v any, path string) {
		switch t := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(t)) {
				at := k
				if path != "" {
					at = path + "." + k
				}
				out = append(out, place{t, k, at})
				walk(t[k], at)
			}
		case []any:
			for _, e := range t {
				walk(e, path)
			}
		}
	}
	walk(doc, "")
	return out
}
