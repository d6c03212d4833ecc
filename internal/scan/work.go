package scan

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stance-sec/stance/internal/drift"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// heldAsset is an asset that waits for the rest of the inventory. One that no
// other asset's controls look at waits as the bytes of its document, which are a
// fraction of the document's own size.
type heldAsset struct {
	asset *model.Asset
	raw   []byte
}

// batch is how many assets or findings go to the store at once.
const batch = 500

// share is how many assets an evaluator takes at a time: enough to keep it busy,
// few enough that their findings, which are larger than in the store, are few.
const share = 32

// work is the state of one scan. Reading feeds it from one goroutine; only
// evaluation, which shares nothing but the inventory, runs on several.
type work struct {
	p        *Pipeline
	scan     model.Scan
	at       time.Time
	counts   model.Counts
	programs map[string][]*policy.Program // by asset type
	// linked are the types that some control looks up; they are kept until all
	// is read, as are the assets whose controls look others up.
	linked map[string]bool
	inv    *policy.Inventories
	// spool holds the assets below, when there are many accounts; those above,
	// which all others look at, stay in memory.
	spool     *spool
	elsewhere *elsewhere
	above     map[string]bool
	selected  map[string]bool
	held      []heldAsset
	ready     []*model.Asset          // to be evaluated at once
	assets    []model.Asset           // to be saved
	seen      map[uint64]struct{}     // by the hash of the id
	frame     map[string]*model.Asset // the account's asset, and its regions'
	gaps      []*model.Gap
	gapsOf    map[string][]*model.Gap // by account
	ledger    []model.Coverage
	// attested are the attestations that the sources hold.
	attested []model.Attestation

	findings []model.Finding
	changes  []model.Change
	before   map[string]model.Finding // life of earlier findings, by id
	others   []model.Finding          // earlier findings of controls that are not selected
	eval     []*policy.Evaluator
	out      [][]model.Finding // by evaluator, used again and again
	listed   map[string]bool   // ids of the findings that unlisted made
}

func (p *Pipeline) newWork(ctx context.Context, scan model.Scan) (*work, error) {
	w := &work{
		p: p, scan: scan, at: p.Now().UTC(), inv: policy.NewInventories(),
		programs: map[string][]*policy.Program{}, linked: map[string]bool{},
		seen: map[uint64]struct{}{}, gapsOf: map[string][]*model.Gap{}, above: map[string]bool{}, frame: map[string]*model.Asset{}, before: map[string]model.Finding{},
	}
	selected := map[string]bool{}
	for _, pr := range p.Programs {
		selected[pr.Control.ID] = true
		w.programs[pr.Control.Type] = append(w.programs[pr.Control.Type], pr)
		for _, typ := range pr.Uses.Inventory {
			w.linked[typ] = true
		}
	}
	w.selected = selected
	w.evaluators()
	if len(scan.Accounts) > cmp.Or(p.SpoolAbove, spoolAbove) {
		var err error
		if w.spool, err = newSpool(p.SpoolDir, scan.Accounts); err != nil {
			return nil, err
		}
		w.elsewhere = newElsewhere(w)
		w.inv.FetchWith(w.elsewhere.fetch)
		return w, nil
	}
	if err := w.loadBefore(ctx, scan.Accounts); err != nil {
		return nil, err
	}
	return w, nil
}

// spoolAbove is the default of Pipeline.SpoolAbove.
const spoolAbove = 16

// evaluators makes new evaluators, which know nothing of earlier assets.
func (w *work) evaluators() {
	at := w.p.At
	if at.IsZero() {
		at = w.at
	}
	w.eval = w.eval[:0]
	for range evaluators() {
		w.eval = append(w.eval, policy.NewEvaluator(policy.NewInventory(), at))
	}
}

// loadBefore reads what is known of the earlier findings of accounts.
func (w *work) loadBefore(ctx context.Context, accounts []string) error {
	w.before, w.others = map[string]model.Finding{}, nil
	for _, account := range accounts {
		for f, err := range w.p.Store.Findings(ctx, model.FindingQuery{AssetQuery: model.AssetQuery{Provider: w.scan.Provider, Account: account}}) {
			if err != nil {
				return fmt.Errorf("read earlier findings: %w", err)
			}
			if !w.selected[f.Control] {
				if slices.Contains(w.scan.Types, f.Asset.Type) {
					w.others = append(w.others, f)
				}
				continue
			}
			f.Evidence, f.Gaps, f.Message = nil, nil, "" // only the life is needed
			w.before[f.ID] = f
		}
	}
	return nil
}

// asset takes an asset that was read.
func (w *work) asset(ctx context.Context, a *model.Asset) error {
	if w.saw(a.ID) {
		return nil
	}
	w.see(a.ID)
	if a.ObservedAt.IsZero() {
		a.ObservedAt = w.at
	}
	if w.p.Normalize != nil {
		w.p.Normalize(a)
	}
	return w.take(ctx, a)
}

// take saves an asset and keeps it for evaluation.
func (w *work) take(ctx context.Context, a *model.Asset) error {
	w.counts.Assets++
	for i := range a.Gaps {
		if a.Gaps[i].Reason != model.Skipped {
			w.counts.Gaps++
		}
	}
	if slices.Contains(w.p.Frame, a.Type) {
		// There may be many, and of their documents only the number is asked for by
		// which others name the account.
		without := *a
		without.Config = nil
		if number, ok := a.Config["projectNumber"]; ok {
			without.Config = model.Document{"projectNumber": number}
		}
		w.frame[frameKey(a.Scope)] = &without
	}
	raw := a.Config.Canonical()
	a.Version = model.HashBytes(raw)
	if err := w.hold(a, raw); err != nil {
		return err
	}
	w.assets = append(w.assets, *a)
	if len(w.assets) < batch {
		return nil
	}
	return w.flushAssets(ctx)
}

// hold keeps an asset for evaluation: in memory, or on disk when there are many
// accounts.
func (w *work) hold(a *model.Asset, raw []byte) error {
	switch {
	case a.Scope.IsAbove():
		w.above[a.Scope.Account] = true
	case w.spool != nil:
		w.inv.Of(a.Scope)
		if w.linked[a.Type] || len(w.programs[a.Type]) > 0 {
			return w.spool.put(a)
		}
		return nil
	}
	if w.reached(a) {
		w.inv.Of(a.Scope).MarkRead()
	}
	if inv := w.inv.Of(a.Scope); w.linked[a.Type] {
		inv.Add(a)
	}
	switch {
	case w.looksUp(a.Type) || w.spool != nil:
		h := heldAsset{asset: a}
		if !w.linked[a.Type] {
			without := *a
			without.Config = nil
			h = heldAsset{asset: &without, raw: raw}
		}
		w.held = append(w.held, h)
	case len(w.programs[a.Type]) > 0:
		w.ready = append(w.ready, a)
	}
	return nil
}

// reached says that the scan looked into the account that the asset stands for,
// whatever it was let read there.
func (w *work) reached(frame *model.Asset) bool {
	return frame != nil && !frame.Stale && slices.Contains(w.p.Frame, frame.Type) && slices.Contains(w.scan.Accounts, frame.Scope.Account)
}

// idKey is the key of an id among those seen: a hash, because a large scan sees
// millions.
func idKey(id string) uint64 {
	sum := sha256.Sum256([]byte(id))
	return binary.BigEndian.Uint64(sum[:8])
}

func (w *work) see(id string) { w.seen[idKey(id)] = struct{}{} }

func (w *work) saw(id string) bool {
	_, ok := w.seen[idKey(id)]
	return ok
}

// looksUp says whether a control of the type needs the inventory.
func (w *work) looksUp(typ string) bool {
	for _, pr := range w.programs[typ] {
		if len(pr.Uses.Inventory) > 0 {
			return true
		}
	}
	return false
}

func (w *work) gap(g *model.Gap) {
	w.counts.Gaps++
	w.gaps = append(w.gaps, g)
	w.gapsOf[g.Scope.Account] = append(w.gapsOf[g.Scope.Account], g)
	w.inv.Of(g.Scope).AddGap(g)
}

func (w *work) flushAssets(ctx context.Context) error {
	if err := w.p.Store.SaveAssets(ctx, w.scan.ID, w.assets); err != nil {
		return fmt.Errorf("save assets: %w", err)
	}
	w.assets = w.assets[:0]
	ready := w.ready
	w.ready = nil
	return w.evaluate(ctx, ready)
}

// carryOver brings back the assets of listings that failed: they are stale, and
// their controls unknown, but they are not gone.
func (w *work) carryOver(ctx context.Context) error {
	done := map[string]bool{}
	for _, g := range w.gaps {
		if g.Asset != "" || g.Type == "" {
			continue
		}
		key := g.Scope.Account + "|" + g.Scope.Region + "|" + g.Type
		if done[key] {
			continue
		}
		done[key] = true
		q := model.AssetQuery{Provider: g.Scope.Provider, Account: g.Scope.Account, Region: g.Scope.Region, Types: []string{g.Type}}
		if g.Below {
			q.Account = "" // a listing of all accounts below
		}
		for a, err := range w.p.Store.Assets(ctx, q) {
			if err != nil {
				return fmt.Errorf("carry over %s: %w", g.Type, err)
			}
			if w.saw(a.ID) || g.Below && a.Scope.Account != g.Scope.Account && !slices.Contains(a.Scope.Above(), g.Scope.Account) {
				continue
			}
			w.see(a.ID)
			a.Stale = true
			if err := w.take(ctx, &a); err != nil {
				return err
			}
		}
	}
	return w.flushAssets(ctx)
}

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

// finish stores what belongs to the whole scan and makes it visible.
func (w *work) finish(ctx context.Context) (model.Scan, error) {
	w.p.tell(Progress{Phase: "storing", Assets: w.counts.Assets, Gaps: w.counts.Gaps})
	gaps := make([]model.Gap, len(w.gaps))
	for i, g := range w.gaps {
		gaps[i] = *g
	}
	slices.SortFunc(gaps, func(a, b model.Gap) int { return strings.Compare(a.Key(), b.Key()) })
	if err := w.p.Store.SaveGaps(ctx, w.scan.ID, gaps); err != nil {
		return w.scan, fmt.Errorf("save gaps: %w", err)
	}
	w.ledger = append(w.ledger, w.p.LeftOut...)
	slices.SortFunc(w.ledger, func(a, b model.Coverage) int {
		return strings.Compare(a.Type+"|"+a.Scope.String(), b.Type+"|"+b.Scope.String())
	})
	if err := w.p.Store.SaveCoverage(ctx, w.scan.ID, w.ledger); err != nil {
		return w.scan, fmt.Errorf("save coverage: %w", err)
	}
	for _, a := range w.attested {
		if err := w.p.Store.SaveAttestation(ctx, a); err != nil {
			return w.scan, fmt.Errorf("save attestation %s: %w", a.ID, err)
		}
	}
	if err := w.flushChanges(ctx); err != nil {
		return w.scan, err
	}
	w.scan.Counts = w.counts
	w.scan.FinishedAt = w.p.Now().UTC()
	w.scan.Status = model.ScanComplete
	if err := w.p.Store.Finish(ctx, w.scan); err != nil {
		return w.scan, fmt.Errorf("finish scan: %w", err)
	}
	return w.scan, nil
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
