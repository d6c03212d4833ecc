package scan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/stance-sec/stance/internal/drift"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// share is how many assets an evaluator takes at a time: enough to keep it busy,
// few enough that their findings, which are larger than in the store, are few.
const share = 32

// evaluateAll evaluates what waits for the rest of the inventory, and joins the
// verdicts with the life of earlier findings.
func (w *work) evaluateAll(ctx context.Context) error {
	if w.spool == nil {
		return w.evaluateAccounts(ctx, nil)
	}
	accounts := slices.Sorted(maps.Keys(w.above))
	if err := w.loadBefore(ctx, accounts); err != nil {
		return err
	}
	if err := w.evaluateAccounts(ctx, member(accounts)); err != nil {
		return err
	}
	for i, p := range w.spool.parts {
		w.evaluators()
		accounts := slices.DeleteFunc(p.accounts, func(a string) bool { return w.above[a] })
		if err := w.loadBefore(ctx, accounts); err != nil {
			return err
		}
		assets, err := w.spool.read(p)
		if err != nil {
			return err
		}
		for _, a := range assets {
			if w.linked[a.Type] {
				w.inv.Of(a.Scope).Add(a)
			}
			w.held = append(w.held, heldAsset{asset: a})
		}
		if err := w.evaluateAccounts(ctx, member(accounts)); err != nil {
			return err
		}
		w.inv.Drop(accounts...)
		w.p.tell(Progress{Phase: "evaluating", Done: i + 1, Total: len(w.spool.parts), Assets: w.counts.Assets, Gaps: w.counts.Gaps})
	}
	return nil
}

// evaluateAccounts evaluates the held assets and the failed listings of
// accounts, nil for all.
func (w *work) evaluateAccounts(ctx context.Context, accounts map[string]bool) error {
	held, done := w.held, 0
	w.held = nil
	for part := range slices.Chunk(held, share*len(w.eval)) {
		assets, err := opened(part)
		if err != nil {
			return err
		}
		if err := w.evaluatePart(ctx, assets); err != nil {
			return err
		}
		clear(part)
		done += len(part)
		if accounts == nil {
			w.p.tell(Progress{Phase: "evaluating", Done: done, Total: len(held), Assets: w.counts.Assets, Gaps: w.counts.Gaps})
		}
	}
	if w.elsewhere != nil {
		if err := w.elsewhere.failed(); err != nil {
			return err
		}
	}
	w.listed = map[string]bool{}
	if accounts == nil {
		accounts = member(slices.Collect(maps.Keys(w.gapsOf)))
	}
	for _, account := range slices.Sorted(maps.Keys(accounts)) {
		for _, g := range w.gapsOf[account] {
			w.unlisted(g)
		}
	}
	if err := w.flushFindings(ctx); err != nil {
		return err
	}
	w.gone()
	if err := w.keepOthers(ctx); err != nil {
		return err
	}
	return w.flushChanges(ctx)
}

func member(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, e := range list {
		out[e] = true
	}
	return out
}

// opened returns held assets with their documents.
func opened(held []heldAsset) ([]*model.Asset, error) {
	out := make([]*model.Asset, len(held))
	for i, h := range held {
		if h.raw != nil {
			if err := h.asset.Config.UnmarshalJSON(h.raw); err != nil {
				return nil, fmt.Errorf("read %s again: %w", h.asset.ID, err)
			}
		}
		out[i] = h.asset
	}
	return out, nil
}

// evaluate runs the controls of assets on all cores.
func (w *work) evaluate(ctx context.Context, assets []*model.Asset) error {
	for part := range slices.Chunk(assets, share*len(w.eval)) {
		if err := w.evaluatePart(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// evaluatePart runs the controls of a few assets, those of each on one core.
func (w *work) evaluatePart(ctx context.Context, assets []*model.Asset) error {
	if w.out == nil {
		w.out = make([][]model.Finding, len(w.eval))
	}
	group, gctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for n, ev := range w.eval {
		group.Go(func() error {
			out := w.out[n][:0]
			for i := int(next.Add(1)) - 1; i < len(assets); i = int(next.Add(1)) - 1 {
				if err := gctx.Err(); err != nil {
					return err
				}
				a := assets[i]
				ev.In(w.inv.View(a.Scope))
				for _, pr := range w.programs[a.Type] {
					if a.ManagedBy != "" && !pr.Control.Managed {
						continue
					}
					out = append(out, w.finding(pr, a, ev.Evaluate(pr, a)))
				}
			}
			w.out[n] = out
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for n := range w.out {
		w.findings = append(w.findings, w.out[n]...)
		clear(w.out[n])
	}
	if len(w.findings) >= 2*batch {
		return w.flushFindings(ctx)
	}
	return nil
}

func (w *work) finding(pr *policy.Program, a *model.Asset, r policy.Result) model.Finding {
	f := model.Finding{
		ID: model.FindingID(pr.Control.ID, a.ID), Control: pr.Control.ID, Verdict: r.Verdict, Severity: pr.Control.Severity,
		Message: r.Message, Asset: a.Ref(), Evidence: r.Evidence, Gaps: r.Gaps,
		ControlVersion: pr.Control.Version, Scan: w.scan.ID,
	}
	if w.p.Score != nil {
		f.Risk = w.p.Score(&f, &pr.Control, a)
	}
	return f
}

// unlisted makes the findings of a failed listing: each control of the type is
// unknown on the region, or on the account where the type is global. Without
// them nothing would be said about assets that nobody saw.
func (w *work) unlisted(g *model.Gap) {
	if g.Asset != "" {
		return
	}
	on := w.frame[frameKey(g.Scope)]
	if on == nil {
		on = w.frame[g.Scope.Account]
	}
	if on == nil {
		return
	}
	for _, pr := range w.programs[g.Type] {
		f := w.finding(pr, on, policy.Result{
			Verdict:  model.Unknown,
			Message:  fmt.Sprintf("%s could not be listed here: %s.", g.Type, g.Error()),
			Evidence: []model.Evidence{{Path: "assets(" + g.Type + ")", Note: g.Error()}},
			Gaps:     []model.Gap{*g},
		})
		if !w.listed[f.ID] {
			w.listed[f.ID] = true
			w.findings = append(w.findings, f)
		}
	}
}

// frameKey is the key of a region's asset, or of the account's where there is
// no region.
func frameKey(s model.Scope) string {
	if s.Region == "" {
		return s.Account
	}
	return s.Account + "/" + s.Region
}

// flushFindings joins the new verdicts with the life of the earlier ones.
func (w *work) flushFindings(ctx context.Context) error {
	for i := range w.findings {
		f := &w.findings[i]
		w.counts.Add(f.Verdict)
		var prev *model.Finding
		if b, ok := w.before[f.ID]; ok {
			prev = &b
			delete(w.before, f.ID)
		}
		merged, change := drift.Merge(prev, *f, w.at)
		*f = merged
		if change != nil {
			w.changes = append(w.changes, *change)
		}
	}
	// The order of assets is the one in which the store keeps findings.
	slices.SortFunc(w.findings, func(a, b model.Finding) int {
		return cmp.Or(strings.Compare(a.Asset.Type, b.Asset.Type), strings.Compare(a.Asset.ID, b.Asset.ID), strings.Compare(a.Control, b.Control))
	})
	for i := 0; i < len(w.findings); i += batch {
		if err := w.p.Store.SaveFindings(ctx, w.scan.ID, w.findings[i:min(i+batch, len(w.findings))]); err != nil {
			return fmt.Errorf("save findings: %w", err)
		}
	}
	w.findings = w.findings[:0]
	return w.flushChanges(ctx)
}

func (w *work) flushChanges(ctx context.Context) error {
	slices.SortFunc(w.changes, func(a, b model.Change) int { return strings.Compare(a.ID, b.ID) })
	if err := w.p.Store.SaveChanges(ctx, w.scan.ID, w.changes); err != nil {
		return fmt.Errorf("save changes: %w", err)
	}
	w.changes = w.changes[:0]
	return nil
}

// gone notes the findings of earlier scans whose assets are no more.
func (w *work) gone() {
	for _, f := range w.before {
		covered := len(w.scan.Types) == 0 || slices.Contains(w.scan.Types, f.Asset.Type)
		if !covered || w.saw(f.Asset.ID) {
			continue
		}
		if _, change := drift.Gone(f, w.scan.ID, w.at); change != nil {
			w.changes = append(w.changes, *change)
		}
	}
}

// keepOthers saves again the findings of controls that this scan was not asked
// for, on assets that it read: a scan of one control says nothing about others.
func (w *work) keepOthers(ctx context.Context) error {
	var keep []model.Finding
	for _, f := range w.others {
		if w.saw(f.Asset.ID) {
			keep = append(keep, f)
		}
	}
	for i := 0; i < len(keep); i += batch {
		if err := w.p.Store.SaveFindings(ctx, w.scan.ID, keep[i:min(i+batch, len(keep))]); err != nil {
			return fmt.Errorf("keep findings: %w", err)
		}
	}
	return nil
}
