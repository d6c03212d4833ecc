package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

const assetColumns = `p.provider, p.account, p.type, a.id, a.region, a.hash, a.doc, a.meta`

// CROSS JOIN keeps SQLite's hands off the order of the loops: parts in their
// order, then the assets of each in theirs, and nothing to sort.
const assetsQuery = `SELECT ` + assetColumns + `
	FROM parts p CROSS JOIN visible v ON v.part = p.no CROSS JOIN assets a ON a.part = v.part AND a.gen = v.gen
	WHERE %s
	ORDER BY p.provider, p.account, p.type, a.id`

// Assets iterates the visible assets in order of provider, account, type, id.
// All are of one moment: a scan that finishes meanwhile does not show.
func (s *Store) Assets(ctx context.Context, q model.AssetQuery) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		stopped := false
		where := partFilter(q, "a.region = (SELECT no FROM names WHERE name = ?)")
		err := s.eachAsset(ctx, where.sql(assetsQuery), where.args, q.Bare, func(a model.Asset) bool {
			stopped = !yield(a, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(model.Asset{}, fmt.Errorf("read assets: %w", err))
		}
	}
}

func (s *Store) eachAsset(ctx context.Context, query string, args []any, bare bool, yield func(model.Asset) bool) error {
	v, err := s.snapshot(ctx)
	if err != nil {
		return err
	}
	defer v.close()
	return v.each(ctx, query, func(rows *sql.Rows) (bool, error) {
		a, err := v.scanAsset(ctx, rows, bare)
		if err != nil {
			return false, err
		}
		return yield(a), nil
	}, args...)
}

func (v *snapshot) scanAsset(ctx context.Context, rows *sql.Rows, bare bool) (a model.Asset, err error) {
	var region, doc, meta int64
	var hash any
	if err := rows.Scan(&a.Scope.Provider, &a.Scope.Account, &a.Type, &a.ID, &region, &hash, &doc, &meta); err != nil {
		return a, err
	}
	a.Version = unpackHash(hash)
	if a.Scope.Region, err = v.name(ctx, "names", v.s.names, region); err != nil {
		return a, err
	}
	data, err := v.blocks.get(meta)
	if err != nil {
		return a, fmt.Errorf("asset %s: %w", a.ID, err)
	}
	if err := decodeMeta(data, &a); err != nil {
		return a, err
	}
	if bare {
		return a, nil
	}
	if a.Config, err = v.document(doc); err != nil {
		return a, fmt.Errorf("document of asset %s: %w", a.ID, err)
	}
	return a, nil
}

func (v *snapshot) document(ref int64) (d model.Document, err error) {
	data, err := v.blocks.get(ref)
	if err != nil {
		return nil, err
	}
	if err := d.UnmarshalJSON(data); err != nil {
		return nil, err
	}
	return d, nil
}

// assetOf returns the visible asset of a target of findings, nil where there
// is none.
func (v *snapshot) assetOf(ctx context.Context, target int64) (found *model.Asset, err error) {
	if v.asset == nil {
		// A parameter that stands alone would make SQLite plan anew for each value.
		if v.asset, err = v.tx.PrepareContext(ctx, `SELECT `+assetColumns+` FROM targets t JOIN parts p ON p.no = t.part
			JOIN assets a ON a.part = t.part AND a.gen = t.gen AND a.id = t.asset
			WHERE t.no = ? + 0`); err != nil {
			return nil, fmt.Errorf("read the asset of a finding: %w", err)
		}
	}
	rows, err := v.asset.QueryContext(ctx, target)
	if err != nil {
		return nil, fmt.Errorf("read the asset of a finding: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if rows.Next() {
		a, err := v.scanAsset(ctx, rows, false)
		return &a, err
	}
	return nil, rows.Err()
}

// Asset returns one visible asset, or model.ErrNotFound. When two accounts
// report the same id, it is the first in the order of Assets.
func (s *Store) Asset(ctx context.Context, id string) (model.Asset, error) {
	v, err := s.snapshot(ctx)
	if err != nil {
		return model.Asset{}, fmt.Errorf("read asset %s: %w", id, err)
	}
	defer v.close()
	parts, err := v.find(ctx, runAsset, id)
	if err != nil {
		return model.Asset{}, fmt.Errorf("read asset %s: %w", id, err)
	}
	var found []model.Asset
	err = v.each(ctx, `SELECT `+assetColumns+` FROM parts p JOIN visible v ON v.part = p.no
		JOIN assets a ON a.part = v.part AND a.gen = v.gen AND a.id = ?2
		WHERE p.no IN (SELECT value FROM json_each(?1))
		ORDER BY p.provider, p.account, p.type LIMIT 1`, func(rows *sql.Rows) (bool, error) {
		a, err := v.scanAsset(ctx, rows, false)
		found = append(found, a)
		return false, err
	}, jsonList(parts), id)
	switch {
	case err != nil:
		return model.Asset{}, fmt.Errorf("read asset %s: %w", id, err)
	case len(found) == 0:
		return model.Asset{}, fmt.Errorf("asset %s: %w", id, model.ErrNotFound)
	}
	return found[0], nil
}

// History returns the versions of an asset that complete scans saw, newest
// first; At is when the version was first observed. Unchanged scans add none.
// It is empty for an asset that was never stored.
func (s *Store) History(ctx context.Context, id string) ([]model.Version, error) {
	v, err := s.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read history of %s: %w", id, err)
	}
	defer v.close()
	parts, err := v.find(ctx, runAsset, id)
	if err != nil {
		return nil, fmt.Errorf("read history of %s: %w", id, err)
	}
	// Rows that wait for the purge count as well.
	var out []model.Version
	err = v.each(ctx, `SELECT x.hash, x.at, x.doc, coalesce(s.id, '') FROM (
			SELECT h.since, h.at, h.hash, h.doc FROM history h WHERE h.id = ?2
			UNION
			SELECT a.since, a.at, a.hash, a.doc FROM extents e CROSS JOIN scans g ON g.gen = e.gen
			CROSS JOIN assets a ON a.part = e.part AND a.gen = e.gen AND a.id = ?2
			WHERE e.part IN (SELECT value FROM json_each(?1)) AND g.status = 'complete') x
		LEFT JOIN scans s ON s.gen = x.since ORDER BY x.since DESC, x.at DESC`, func(rows *sql.Rows) (bool, error) {
		var ver model.Version
		var hash any
		var at, doc int64
		if err := rows.Scan(&hash, &at, &doc, &ver.Scan); err != nil {
			return false, err
		}
		ver.Hash, ver.At = unpackHash(hash), time.Unix(0, at).UTC()
		if ver.Config, err = v.document(doc); err != nil {
			return false, err
		}
		out = append(out, ver)
		return true, nil
	}, jsonList(parts), id)
	if err != nil {
		return nil, fmt.Errorf("read history of %s: %w", id, err)
	}
	return slices.CompactFunc(out, func(a, b model.Version) bool {
		return a.Scan == b.Scan && a.Hash == b.Hash
	}), nil
}
