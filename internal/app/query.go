package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/stance-sec/stance/internal/collect/file"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
	"github.com/stance-sec/stance/internal/risk"
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

// Query returns the stored assets of a type for which the expression holds.
func (a *App) Query(ctx context.Context, store scan.Store, typ, expression, provider string) ([]QueryRow, error) {
	program, err := a.Engine.Compile(model.Control{ID: "query", Type: typ, Holds: expression})
	if err != nil {
		return nil, err
	}
	inv := policy.NewInventory()
	if len(program.Uses.Inventory) > 0 {
		for asset, err := range store.Assets(ctx, model.AssetQuery{Provider: provider, Types: program.Uses.Inventory}) {
			if err != nil {
				return nil, fmt.Errorf("read assets: %w", err)
			}
			inv.Add(&asset)
		}
	}
	ev := policy.NewEvaluator(inv, a.Now())
	var out []QueryRow
	for asset, err := range store.Assets(ctx, model.AssetQuery{Provider: provider, Types: []string{typ}}) {
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

// SaveSnapshot writes what is stored of an account to a file.
func (a *App) SaveSnapshot(ctx context.Context, store scan.Store, path, account string) (model.Scan, error) {
	scans, err := store.Scans(ctx)
	if err != nil {
		return model.Scan{}, err
	}
	for _, s := range scans {
		if account != "" && !slices.Contains(s.Accounts, account) {
			continue
		}
		q := model.AssetQuery{Provider: s.Provider}
		if len(s.Accounts) == 1 {
			q.Account = s.Accounts[0]
		}
		gaps, err := store.Gaps(ctx, q)
		if err != nil {
			return s, fmt.Errorf("read gaps: %w", err)
		}
		return s, file.Save(path, file.Manifest{Scan: s}, store.Assets(ctx, q), gaps)
	}
	return model.Scan{}, fmt.Errorf("scan of account %q: %w", account, model.ErrNotFound)
}

// RequirementStates returns the state of each requirement of a framework over
// all that is stored.
func (a *App) RequirementStates(ctx context.Context, store scan.Store, f model.Framework) (map[string]model.Verdict, error) {
	tallies := map[string]risk.Tally{}
	for finding, err := range store.Findings(ctx, model.FindingQuery{AssetQuery: model.AssetQuery{Provider: f.Provider}}) {
		if err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		t := tallies[finding.Control]
		t.Add(finding.Verdict)
		tallies[finding.Control] = t
	}
	out := map[string]model.Verdict{}
	for _, r := range risk.Rollup(f, tallies) {
		out[r.Requirement.ID] = r.Status
	}
	return out, nil
}
