package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/stance-sec/stance/internal/collect/file"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

var (
	_ scan.Keeper = (*file.Snapshot)(nil)
	_ scan.Keeper = only{}
)

// SaveSnapshot writes what is stored of an account to a file: its assets and
// gaps, the ledger, and what was attested of it.
func (a *App) SaveSnapshot(ctx context.Context, store scan.Store, path, account string) (model.Scan, error) {
	scans, err := store.Scans(ctx)
	if err != nil {
		return model.Scan{}, err
	}
	for _, s := range scans {
		if account != "" && !slices.Contains(s.Accounts, account) {
			continue
		}
		q := model.AssetQuery{Provider: s.Provider, Types: s.Types}
		if len(s.Accounts) == 1 {
			q.Account = s.Accounts[0]
		}
		c := file.Contents{Assets: store.Assets(ctx, q)}
		if c.Gaps, err = store.Gaps(ctx, q); err != nil {
			return s, fmt.Errorf("read gaps: %w", err)
		}
		if c.Kept.Coverage, err = store.Coverage(ctx, q); err != nil {
			return s, fmt.Errorf("read coverage: %w", err)
		}
		record, err := store.Attestations(ctx)
		if err != nil {
			return s, err
		}
		c.Kept.Attestations = concerning(record, s)
		return s, file.Save(path, file.Manifest{Scan: s}, c)
	}
	return model.Scan{}, fmt.Errorf("scan of account %q: %w", account, model.ErrNotFound)
}

// concerning returns the entries of the record that say something of the
// scan's accounts. A revocation has the scope of what it revokes.
func concerning(record []model.Attestation, s model.Scan) []model.Attestation {
	var out []model.Attestation
	for _, e := range record {
		if (e.Scope.Provider == "" || e.Scope.Provider == s.Provider) &&
			(e.Scope.Account == "" || slices.Contains(s.Accounts, e.Scope.Account)) {
			out = append(out, e)
		}
	}
	return out
}

// Kept implements scan.Keeper: the ledger of the types that pass, and all that
// was attested.
func (o only) Kept(ctx context.Context) (model.Kept, error) {
	k, ok := o.source.(scan.Keeper)
	if !ok {
		return model.Kept{}, nil
	}
	kept, err := k.Kept(ctx)
	kept.Coverage = slices.DeleteFunc(kept.Coverage, func(c model.Coverage) bool {
		return c.Type != "" && !slices.Contains(o.types, c.Type)
	})
	return kept, err
}
