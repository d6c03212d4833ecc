package scan

import (
	"context"
	"fmt"
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

// keepRegions saves again what earlier scans know of regions that this scan does
// not read: it says nothing about them, so that their assets are not gone and their
// findings stay as they are. Types that are listed for all regions at once are not
// among them: what the vendor lists no more is gone, wherever it was.
func (w *work) keepRegions(ctx context.Context, tasks []Task) error {
	if len(w.scan.Regions) == 0 || w.spool != nil {
		return nil
	}
	everywhere := map[string]bool{}
	for _, t := range tasks {
		if t.Scope.Region == "" {
			for _, typ := range t.Types {
				everywhere[typ] = !slices.Contains(w.p.Frame, typ)
			}
		}
	}
	kept := map[string]bool{}
	var assets []model.Asset
	save := func() error {
		if err := w.p.Store.SaveAssets(ctx, w.scan.ID, assets); err != nil {
			return fmt.Errorf("keep assets of regions that are not read: %w", err)
		}
		assets = assets[:0]
		return nil
	}
	for _, account := range w.scan.Accounts {
		others, err := w.otherRegions(ctx, account)
		if err != nil {
			return err
		}
		for _, region := range others {
			for a, err := range w.p.Store.Assets(ctx, model.AssetQuery{Provider: w.scan.Provider, Account: account, Region: region, Types: w.scan.Types}) {
				if err != nil {
					return fmt.Errorf("keep assets of %s: %w", region, err)
				}
				if everywhere[a.Type] || !w.see(a.ID) {
					continue
				}
				kept[a.ID] = true
				if assets = append(assets, a); len(assets) == batch {
					if err := save(); err != nil {
						return err
					}
				}
			}
		}
	}
	if err := save(); err != nil {
		return err
	}
	for id, f := range w.before {
		if kept[f.Asset.ID] {
			w.others = append(w.others, f)
			delete(w.before, id)
		}
	}
	return nil
}

// otherRegions are the regions of an account that earlier scans read and this one
// does not. Each has an asset that stands for it.
func (w *work) otherRegions(ctx context.Context, account string) ([]string, error) {
	var out []string
	for a, err := range w.p.Store.Assets(ctx, model.AssetQuery{Provider: w.scan.Provider, Account: account, Types: w.p.Frame, Bare: true}) {
		if err != nil {
			return nil, fmt.Errorf("read the regions of %s: %w", account, err)
		}
		if r := a.Scope.Region; r != "" && !slices.Contains(w.scan.Regions, r) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out, nil
}
