package main

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// env is what commands on stored scans work with.
type env struct {
	ctx   context.Context //nolint:containedctx // lives as long as one command
	app   *app.App
	store *sqlite.Store
}

// withStore opens the catalogue and the database for one command.
func (t *terminal) withStore(ctx context.Context, do func(*env) error) (err error) {
	a, err := t.app()
	if err != nil {
		return err
	}
	store, err := t.openExisting(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	scans, err := store.Scans(ctx)
	if err != nil {
		return err
	}
	if len(scans) == 0 {
		return t.noScan() // a scan was begun and never ended
	}
	return do(&env{ctx: ctx, app: a, store: store})
}

// latest returns the newest scan of each set of accounts.
func (e *env) latest(provider string) ([]model.Scan, error) {
	scans, err := e.store.Scans(e.ctx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var out []model.Scan
	for _, s := range scans {
		if provider != "" && s.Provider != provider {
			continue
		}
		fresh := false
		for _, account := range s.Accounts {
			if !seen[s.Provider+account] {
				seen[s.Provider+account], fresh = true, true
			}
		}
		if fresh {
			out = append(out, s)
		}
	}
	return out, nil
}

// findings returns stored findings, worst first.
func (e *env) findings(sel app.Selection, opts app.ReportOptions) ([]model.Finding, error) {
	controls, err := e.app.Select(sel)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]model.Control, len(controls))
	for _, c := range controls {
		byID[c.ID] = c
	}
	scans, err := e.latest(sel.Provider)
	if err != nil {
		return nil, err
	}
	var out []model.Finding
	for _, s := range scans {
		if opts.Query.Account != "" && !slices.Contains(s.Accounts, opts.Query.Account) {
			continue
		}
		for f, err := range e.app.Findings(e.ctx, e.store, s, byID, opts) {
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b model.Finding) int {
		return cmp.Or(cmp.Compare(b.Risk.Score, a.Risk.Score), cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), cmp.Compare(a.Control, b.Control), cmp.Compare(a.Asset.ID, b.Asset.ID))
	})
	return out, nil
}
