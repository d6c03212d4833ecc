package app

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/collect/file"
	"github.com/stance-sec/stance/internal/estate"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

// DemoAccount is what one scan of the demo's estate reads, and the snapshot that
// holds it: an account of AWS, a tenant of Azure or an organization of Google
// Cloud with all that is below it.
type DemoAccount struct {
	Provider, ID, Name string
	// Below are the accounts that are read with it, which a scan names too.
	Below    []DemoPart
	Regions  []string
	Assets   int
	Gaps     int // listings and members that could not be read
	Snapshot string
}

// DemoPart is an account below a tenant or an organization. Its kind is what the
// vendor calls it: "subscription", "project", "folder", "management group".
type DemoPart struct {
	ID, Name, Kind string
	Assets         int
}

// Accounts returns the ids of the account and of those below it.
func (d *DemoAccount) Accounts() []string {
	out := []string{d.ID}
	for _, b := range d.Below {
		out = append(out, b.ID)
	}
	return out
}

// WriteDemo writes the built-in estate, as it is now, to snapshots in a
// directory that exists, one for each account of AWS, tenant and organization.
func (a *App) WriteDemo(dir string) ([]DemoAccount, error) {
	var out []DemoAccount
	at := a.Now().UTC()
	for _, acc := range estate.Accounts(at) {
		d := demoAccount(&acc, dir)
		m := file.Manifest{Scan: model.Scan{
			ID: "demo-" + strings.ReplaceAll(acc.ID, "/", "-"), Provider: acc.Provider, Accounts: d.Accounts(), Regions: acc.Regions, StartedAt: at, FinishedAt: at,
			Status: model.ScanComplete, Version: Version, Counts: model.Counts{Assets: d.Assets, Gaps: d.Gaps},
		}}
		if err := file.Save(d.Snapshot, m, file.Contents{Kept: model.Kept{Coverage: ledger(acc.Assets, acc.Gaps)}, Assets: each(acc.Assets), Gaps: acc.Gaps}); err != nil {
			return nil, fmt.Errorf("write the demo's account %s: %w", acc.ID, err)
		}
		out = append(out, d)
	}
	return out, nil
}

func demoAccount(acc *estate.Account, dir string) DemoAccount {
	name := acc.Name
	if acc.Provider != model.AWS {
		name = "lindenbrook-" + acc.Provider
	}
	d := DemoAccount{
		Provider: acc.Provider, ID: acc.ID, Name: acc.Name, Regions: acc.Regions, Assets: len(acc.Assets), Gaps: len(acc.Gaps),
		Snapshot: filepath.Join(dir, name+".stance"),
	}
	per := map[string]int{}
	for i := range acc.Assets {
		d.Gaps += len(acc.Assets[i].Gaps)
		per[acc.Assets[i].Scope.Account]++
	}
	for _, b := range acc.Below {
		d.Below = append(d.Below, DemoPart{ID: b.ID, Name: b.Name, Kind: b.Kind, Assets: per[b.ID]})
	}
	return d
}

// ledger says what was read of the estate: for each account, type and region how
// many assets there are, and which listings failed.
func ledger(assets []model.Asset, gaps []model.Gap) []model.Coverage {
	type unit struct{ typ, account, region string }
	lines := map[unit]*model.Coverage{}
	line := func(scope model.Scope, typ string) *model.Coverage {
		u := unit{typ, scope.Account, scope.Region}
		if lines[u] == nil {
			lines[u] = &model.Coverage{
				Scope: model.Scope{Provider: scope.Provider, Partition: scope.Partition, OrgPath: scope.OrgPath, Account: scope.Account, Region: scope.Region}, Type: typ, State: model.UnitOK,
			}
		}
		return lines[u]
	}
	for i := range assets {
		l := line(assets[i].Scope, assets[i].Type)
		l.Assets++
		l.Gaps += len(assets[i].Gaps)
	}
	for i := range gaps {
		l := line(gaps[i].Scope, gaps[i].Type)
		l.Gaps++
		l.State, l.Detail = model.UnitState(gaps[i].Reason), gaps[i].Error() // failed listings are named alike
	}
	out := make([]model.Coverage, 0, len(lines))
	for _, l := range lines {
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b model.Coverage) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Scope.Account, b.Scope.Account), cmp.Compare(a.Scope.Region, b.Scope.Region))
	})
	return out
}

func each(assets []model.Asset) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		for _, a := range assets {
			if !yield(a, nil) {
				return
			}
		}
	}
}

// ScanDemo scans the snapshots of the estate, one after the other. A store that
// holds scans of other accounts is refused: the invented company would mix with
// a real one.
func (a *App) ScanDemo(ctx context.Context, store scan.Store, accounts []DemoAccount, opts ScanOptions) ([]model.Scan, error) {
	earlier, err := store.Scans(ctx)
	if err != nil {
		return nil, fmt.Errorf("read earlier scans: %w", err)
	}
	var own []string
	for i := range accounts {
		own = append(own, accounts[i].Accounts()...)
	}
	for _, s := range earlier {
		for _, id := range s.Accounts {
			if !slices.Contains(own, id) {
				return nil, fmt.Errorf("%w database: it holds scans of account %s, which is none of the demo's", model.ErrInvalid, id)
			}
		}
	}
	var scans []model.Scan
	for _, d := range accounts {
		s, err := a.ScanFile(ctx, store, d.Snapshot, opts)
		if err != nil {
			return nil, err
		}
		scans = append(scans, s)
	}
	return scans, nil
}
