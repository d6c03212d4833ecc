package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// SaveAssets saves assets of a running scan; of two with the same id the later
// one counts. The assets' account and type must be among those of the scan, or
// empty; model.ErrInvalid says which was not. The store keeps no reference to
// the assets' documents.
func (s *Store) SaveAssets(ctx context.Context, scan string, assets []model.Asset) error {
	return s.save(ctx, scan, "assets", func(r *running, b *buffer) error {
		b.assets = make([]assetRow, 0, len(assets))
		var row assetRow
		var scratch []byte
		var err error
		for i := range assets {
			if i%64 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if row, scratch, err = encodeAsset(&assets[i], scratch); err != nil {
				return err
			}
			key := partKey{assets[i].Scope.Provider, assets[i].Scope.Account, assets[i].Type}
			if row.part, err = b.part(r, key); err != nil {
				return fmt.Errorf("asset %s: %w", row.id, err)
			}
			b.assets = append(b.assets, row)
			b.bytes += len(row.doc) + len(row.meta)
		}
		return nil
	})
}

// SaveFindings saves findings of a running scan; of two with the same control
// and asset the later one counts, and what a finding says about its asset
// (name, class, tags) is taken from the last finding of the asset.
// Verdicts, severities and states must be the model's or empty.
func (s *Store) SaveFindings(ctx context.Context, scan string, findings []model.Finding) error {
	return s.save(ctx, scan, "findings", func(r *running, b *buffer) error {
		b.rows = make([]findingRow, 0, len(findings))
		for i := range findings {
			if i%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if err := b.addFinding(r, &findings[i]); err != nil {
				return fmt.Errorf("finding of %s on %s: %w", findings[i].Control, findings[i].Asset.ID, err)
			}
		}
		return nil
	})
}

// SaveGaps saves gaps of a running scan; of two with the same key the later
// one counts.
func (s *Store) SaveGaps(ctx context.Context, scan string, gaps []model.Gap) error {
	return s.save(ctx, scan, "gaps", func(r *running, b *buffer) error {
		for i := range gaps {
			if err := b.addNote(r, noteGap, gaps[i].Scope, gaps[i].Type, gaps[i].Key(), gaps[i]); err != nil {
				return fmt.Errorf("gap %s: %w", gaps[i].Key(), err)
			}
		}
		return nil
	})
}

// SaveCoverage saves lines of the ledger; of two with the same scope and type
// the later one counts.
func (s *Store) SaveCoverage(ctx context.Context, scan string, coverage []model.Coverage) error {
	return s.save(ctx, scan, "coverage", func(r *running, b *buffer) error {
		for i := range coverage {
			c := &coverage[i]
			key := strings.Join([]string{c.Scope.Region, c.Scope.Zone, c.Scope.Partition, c.Scope.OrgPath}, "|")
			if err := b.addNote(r, noteCoverage, c.Scope, c.Type, key, c); err != nil {
				return fmt.Errorf("coverage of %s in %s: %w", c.Type, c.Scope, err)
			}
		}
		return nil
	})
}

// SaveChanges saves changes of a running scan in their order; of two with the
// same id the later one counts.
func (s *Store) SaveChanges(ctx context.Context, scan string, changes []model.Change) error {
	return s.save(ctx, scan, "changes", func(_ *running, b *buffer) error {
		for i := range changes {
			changes := changes[i]
			changes.At = changes.At.UTC()
			doc, err := json.Marshal(changes)
			if err != nil {
				return fmt.Errorf("encode change %s: %w", changes.ID, err)
			}
			b.changes = append(b.changes, doc)
			b.bytes += len(doc)
		}
		return nil
	})
}

// save encodes into a buffer of its own, without a lock, adds that to the
// scan's, and writes the scan's when it is full.
func (s *Store) save(ctx context.Context, scan, what string, encode func(*running, *buffer) error) error {
	r, err := s.scan(scan)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("save %s of scan %s: %w", what, scan, err)
	}
	b := &buffer{}
	if err := encode(r, b); err != nil {
		return fmt.Errorf("save %s of scan %s: %w", what, scan, err)
	}
	if b.empty() {
		return nil
	}
	r.mu.Lock()
	r.pending.add(b)
	var full pending
	if r.pending.full(s.limits) {
		full, r.pending = r.pending, pending{}
	}
	r.mu.Unlock()
	if err := s.flush(ctx, r, full); err != nil {
		return fmt.Errorf("save %s of scan %s: %w", what, scan, err)
	}
	return nil
}

// flush writes what waits; when that fails, it waits again.
func (s *Store) flush(ctx context.Context, r *running, p pending) error {
	if len(p.list) == 0 {
		return nil
	}
	b := p.merge()
	err := s.writeBuffer(ctx, r, b)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		later := r.pending.list
		r.pending = pending{}
		r.pending.add(b)
		for _, c := range later {
			r.pending.add(c)
		}
	}
	return err
}

// covers says why rows of that part cannot belong to the scan. Empty accounts
// and types stand for what belongs to the organization, or to nobody.
func covers(scan *model.Scan, p partKey) error {
	switch {
	case scan.Provider != "" && p.provider != scan.Provider:
		return fmt.Errorf("%w: its provider %q is not the scan's, %s", model.ErrInvalid, p.provider, scan.Provider)
	case len(scan.Accounts) > 0 && p.account != "" && !slices.Contains(scan.Accounts, p.account):
		return fmt.Errorf("%w: its account %s is not one of the scan's", model.ErrInvalid, p.account)
	case len(scan.Types) > 0 && p.typ != "" && !slices.Contains(scan.Types, p.typ):
		return fmt.Errorf("%w: its type %s is not one of the scan's", model.ErrInvalid, p.typ)
	}
	return nil
}

// nanos is how times are stored: nanoseconds since 1970, nil for the zero time.
func nanos(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}
