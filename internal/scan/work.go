package scan

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

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
	if !w.see(a.ID) {
		return nil
	}
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

// see notes an id, and says whether it is a new one.
func (w *work) see(id string) bool {
	key := idKey(id)
	if _, ok := w.seen[key]; ok {
		return false
	}
	w.seen[key] = struct{}{}
	return true
}

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
