package app

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
	"github.com/stance-sec/stance/internal/scan"
)

// QueryRow is one asset that matches a query, or may match it.
type QueryRow struct {
	// Match is "yes", or "unknown" with the gaps that keep it from being
	// decided.
	Match string         `json:"match"`
	Asset model.AssetRef `json:"asset"`
	Gaps  []model.Gap    `json:"gaps,omitempty"`
}

// Query returns the stored assets of a type for which the expression holds, or
// may hold. The assets of one account see those of the same account only. A
// listing of the type that failed is a row without an asset: what it would have
// shown may match.
func (a *App) Query(ctx context.Context, store scan.Store, typ, expression, provider string) ([]QueryRow, error) {
	program, err := a.Engine.Compile(model.Control{ID: "query", Type: typ, Holds: expression})
	if err != nil {
		return nil, err
	}
	scanned, err := scannedTypes(ctx, store, provider)
	if err != nil {
		return nil, err
	}
	var out []QueryRow
	known := false
	for _, account := range slices.Sorted(maps.Keys(scanned)) {
		known = known || scanned[account].has(typ)
		rows, err := a.queryAccount(ctx, store, program, model.AssetQuery{Provider: provider, Account: account}, scanned[account])
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	if !known {
		return nil, fmt.Errorf("type %s: no scan has read it (stance inventory lists what there is): %w", typ, model.ErrNotFound)
	}
	return out, nil
}

// typesRead are the asset types that the scans of an account have read.
type typesRead struct {
	all   bool // by a scan that was limited to none
	types map[string]bool
}

func (r *typesRead) has(typ string) bool { return r.all || r.types[typ] }

// scannedTypes returns the asset types that scans have read, per account.
func scannedTypes(ctx context.Context, store scan.Store, provider string) (map[string]*typesRead, error) {
	scans, err := store.Scans(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]*typesRead{}
	for _, s := range scans {
		if provider != "" && s.Provider != provider {
			continue
		}
		for _, account := range s.Accounts {
			if out[account] == nil {
				out[account] = &typesRead{types: map[string]bool{}}
			}
			out[account].all = out[account].all || len(s.Types) == 0
			for _, t := range s.Types {
				out[account].types[t] = true
			}
		}
	}
	return out, nil
}

// unseen stands for the assets that a failed listing did not show.
func unseen(g *model.Gap) model.AssetRef {
	return model.AssetRef{Type: g.Type, Provider: g.Scope.Provider, Partition: g.Scope.Partition, Account: g.Scope.Account, Region: g.Scope.Region}
}

func (a *App) queryAccount(ctx context.Context, store scan.Store, program *policy.Program, q model.AssetQuery, scanned *typesRead) ([]QueryRow, error) {
	typ := program.Control.Type
	var out []QueryRow
	inv := policy.NewInventory()
	q.Types = append([]string{typ}, program.Uses.Inventory...)
	gaps, err := store.Gaps(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	for _, g := range gaps {
		inv.AddGap(&g)
		if g.Asset == "" && g.Type == typ {
			out = append(out, QueryRow{Match: "unknown", Asset: unseen(&g), Gaps: []model.Gap{g}})
		}
	}
	for _, linked := range program.Uses.Inventory {
		if !scanned.has(linked) {
			inv.AddGap(&model.Gap{Scope: model.Scope{Provider: q.Provider, Account: q.Account}, Type: linked, Reason: model.Skipped, Detail: "no scan has read it"})
		}
	}
	if q.Types = program.Uses.Inventory; len(q.Types) > 0 {
		for asset, err := range store.Assets(ctx, q) {
			if err != nil {
				return nil, fmt.Errorf("read assets: %w", err)
			}
			inv.Add(&asset)
		}
	}
	ev := policy.NewEvaluator(inv, a.Now())
	q.Types = []string{typ}
	for asset, err := range store.Assets(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("read assets: %w", err)
		}
		switch r := ev.Evaluate(program, &asset); r.Verdict {
		case model.Pass:
			out = append(out, QueryRow{Match: "yes", Asset: asset.Ref()})
		case model.Unknown:
			out = append(out, QueryRow{Match: "unknown", Asset: asset.Ref(), Gaps: r.Gaps})
		}
	}
	return out, nil
}
