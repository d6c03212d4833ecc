package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/stance-sec/stance/internal/model"
)

// Result is a verdict with what decided it.
type Result struct {
	Verdict  model.Verdict
	Message  string
	Evidence []model.Evidence
	// Gaps are what kept the verdict from being decided; set for Unknown only.
	Gaps []model.Gap
}

// Evaluator evaluates programs on the assets of one account at a time. It holds
// scratch memory: use one per goroutine.
type Evaluator struct {
	st   state
	act  activation
	tree *gapNode
	view account
}

// NewEvaluator returns an evaluator over an inventory at a time.
func NewEvaluator(inv *Inventory, now time.Time) *Evaluator {
	ev := &Evaluator{}
	ev.view.inv = inv
	ev.st.now = now
	ev.st.view = &ev.view
	ev.act.ev = ev
	ev.act.st = &stateRef{&ev.st}
	ev.act.now = types.Timestamp{Time: now}
	return ev
}

// In makes inv the inventory that the next evaluations look at.
func (ev *Evaluator) In(inv *Inventory) {
	if ev.view.inv != inv {
		ev.view.inv = inv
		ev.st.inventory++
	}
}

// Evaluate returns the verdict of a control on an asset. It never fails: what
// goes wrong while evaluating is an unknown verdict with the error as evidence.
func (ev *Evaluator) Evaluate(p *Program, a *model.Asset) Result {
	if ev.st.subject != a {
		ev.st.subject = a
		clear(ev.st.documents)
		ev.view.region = a.Scope.Region
		ev.tree = ev.st.treeOf(a)
	}
	ev.st.reset()
	ev.act.bind(a, p)
	if p.when != nil {
		applies, why := ev.run(p.when)
		switch applies {
		case model.Fail:
			return Result{Verdict: model.NotApplicable, Message: "Does not concern this asset.", Evidence: ev.st.evidence()}
		case model.Unknown:
			return ev.undecided(why)
		}
	}
	holds, why := ev.run(p.holds)
	switch holds {
	case model.Unknown:
		return ev.undecided(why)
	case model.Fail:
		return Result{Verdict: model.Fail, Message: ev.st.render(p.message, a, p.Control.Params), Evidence: ev.st.evidence()}
	}
	return Result{Verdict: model.Pass, Message: p.Control.Title, Evidence: ev.st.evidence()}
}

// run evaluates one expression: Pass for true, Fail for false, Unknown with the
// error, if one was the reason.
func (ev *Evaluator) run(x expr[bool]) (verdict model.Verdict, err error) {
	defer func() {
		if r := recover(); r != nil {
			verdict, err = model.Unknown, fmt.Errorf("internal error: %v", r)
		}
	}()
	holds, why := x(&ev.act)
	switch {
	case why != nil:
		return model.Unknown, why.err
	case holds:
		return model.Pass, nil
	}
	return model.Fail, nil
}

func (ev *Evaluator) undecided(err error) Result {
	r := Result{Verdict: model.Unknown}
	if err != nil {
		ev.st.note(model.Evidence{Path: "error", Value: nil, Note: err.Error()})
		r.Message = "Cannot be decided: " + err.Error() + "."
	}
	r.Evidence = ev.st.evidence()
	r.Gaps = distinct(ev.st.gaps)
	if len(r.Gaps) > 0 {
		r.Message = "Cannot be decided: " + gapText(r.Gaps) + "."
	} else if r.Message == "" {
		r.Message = "Cannot be decided from what was read."
	}
	return r
}

// distinct returns the gaps without repetition.
func distinct(gaps []*model.Gap) []model.Gap {
	switch {
	case len(gaps) == 0:
		return nil
	case !slices.ContainsFunc(gaps, func(g *model.Gap) bool { return g != gaps[0] }):
		return []model.Gap{*gaps[0]}
	}
	var out []model.Gap
	met, seen := map[*model.Gap]bool{}, map[string]bool{}
	for _, g := range gaps {
		if met[g] {
			continue
		}
		met[g] = true
		if k := g.Key(); !seen[k] {
			seen[k] = true
			out = append(out, *g)
		}
	}
	return out
}

func gapText(gaps []model.Gap) string {
	var parts []string
	for i := range gaps {
		g := &gaps[i]
		t := string(g.Reason)
		switch {
		case g.Operation != "":
			t = g.Operation + " " + t
		case g.Path != "":
			t = g.Path + " " + t
		}
		if g.Detail != "" && g.Operation == "" {
			t += " (" + g.Detail + ")"
		}
		if g.Reason == model.Denied && g.Permission != "" {
			t += ", grant " + g.Permission
		}
		parts = append(parts, t)
		if len(parts) == 3 && len(gaps) > 3 {
			parts = append(parts, fmt.Sprintf("and %d more", len(gaps)-3))
			break
		}
	}
	return strings.Join(parts, "; ")
}

// activation holds the variables of one evaluation, and gives them to CEL's
// interpreter where that evaluates.
type activation struct {
	ev    *Evaluator
	st    *stateRef
	asset *model.Asset
	root  object
	self  assetRef

	slots [maxLoops]slot

	params any
	now    ref.Val
}

func (act *activation) bind(a *model.Asset, p *Program) {
	act.asset, act.params = a, p.params
	act.root = object{fields: a.Config, typ: p.configType, st: &act.ev.st, owner: a, index: -1, gaps: act.ev.tree}
	act.self = assetRef{asset: a, typ: p.assetType, st: &act.ev.st}
}

// ResolveName implements interpreter.Activation.
func (act *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "config":
		return &act.root, true
	case "asset":
		return &act.self, true
	case "params":
		return act.params, true
	case "now":
		return act.now, true
	case accountVar, regionVar, aboveVar, parentVar, elsewhereVar:
		return act.st, true
	case "id":
		return types.String(act.asset.ID), true
	case "name":
		return types.String(act.asset.Name), true
	case "region":
		return types.String(act.asset.Scope.Region), true
	case "account":
		return types.String(act.asset.Scope.Account), true
	case "partition":
		return types.String(act.asset.Scope.Partition), true
	case "managed_by":
		return types.String(act.asset.ManagedBy), true
	case "tags":
		return act.tags(), true
	}
	return nil, false
}

// tags returns the tags of the asset: a map, or unknown.
func (act *activation) tags() any {
	if g := act.ev.tree; g != nil {
		if g.gap == nil && g.members["Tags"] != nil {
			g = g.members["Tags"]
		}
		if g.gap != nil {
			act.ev.st.hit(g.gap)
			return unknown
		}
	}
	return tagMap(act.asset)
}

// Parent implements interpreter.Activation.
func (act *activation) Parent() interpreter.Activation { return nil }
