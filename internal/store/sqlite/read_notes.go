package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/stance-sec/stance/internal/model"
)

// Gaps returns the visible gaps in order of provider, account, type and key.
func (s *Store) Gaps(ctx context.Context, q model.AssetQuery) ([]model.Gap, error) {
	return notes[model.Gap](ctx, s, "gaps", q)
}

// Coverage returns the visible ledger in order of provider, account, type and
// region.
func (s *Store) Coverage(ctx context.Context, q model.AssetQuery) ([]model.Coverage, error) {
	return notes[model.Coverage](ctx, s, "coverage", q)
}

func notes[T any](ctx context.Context, s *Store, table string, q model.AssetQuery) ([]T, error) {
	v, err := s.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	defer v.close()
	var out []T
	where := partFilter(q, "n.region = ?")
	err = v.each(ctx, where.sql(`SELECT n.doc FROM parts p CROSS JOIN visible v ON v.part = p.no
		CROSS JOIN `+table+` n ON n.part = v.part AND n.gen = v.gen
		WHERE %s
		ORDER BY p.provider, p.account, p.type, n.key`), func(rows *sql.Rows) (bool, error) {
		var doc sql.RawBytes
		if err := rows.Scan(&doc); err != nil {
			return false, err
		}
		var n T
		if err := json.Unmarshal(doc, &n); err != nil {
			return false, fmt.Errorf("decode one: %w", err)
		}
		out = append(out, n)
		return true, nil
	}, where.args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	return out, nil
}

// Changes returns what a complete scan found changed, in the order in which it
// was saved, or model.ErrNotFound when there is no such scan.
func (s *Store) Changes(ctx context.Context, scan string) ([]model.Change, error) {
	v, err := s.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read changes of scan %s: %w", scan, err)
	}
	defer v.close()
	gen := int64(0)
	var numbers []int64
	err = v.each(ctx, `SELECT s.gen, coalesce(b.no, 0) FROM scans s
		LEFT JOIN blocks b ON b.gen = s.gen AND b.part = 0 AND b.kind = ?2
		WHERE s.id = ?1 AND s.status = 'complete' ORDER BY b.no`, func(rows *sql.Rows) (bool, error) {
		var no int64
		if err := rows.Scan(&gen, &no); err != nil {
			return false, err
		}
		if no != 0 {
			numbers = append(numbers, no)
		}
		return true, nil
	}, scan, int(blockChange))
	if err != nil {
		return nil, fmt.Errorf("read changes of scan %s: %w", scan, err)
	}
	if gen == 0 {
		return nil, fmt.Errorf("changes of scan %s: %w", scan, model.ErrNotFound)
	}
	var out []model.Change
	places := map[string]int{}
	for _, no := range numbers {
		entries, err := v.blocks.all(no)
		if err != nil {
			return nil, fmt.Errorf("read changes of scan %s: %w", scan, err)
		}
		for _, e := range entries {
			c, err := decodeChange(e)
			if err != nil {
				return nil, fmt.Errorf("read changes of scan %s: %w", scan, err)
			}
			if i, ok := places[c.ID]; ok && c.ID != "" {
				out[i] = c
				continue
			}
			places[c.ID] = len(out)
			out = append(out, c)
		}
	}
	return out, nil
}

func decodeChange(data []byte) (c model.Change, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // integers of evidence stay integers
	if err := dec.Decode(&c); err != nil {
		return c, fmt.Errorf("decode a change: %w", err)
	}
	if c.Finding != nil {
		for i := range c.Finding.Evidence {
			e := &c.Finding.Evidence[i]
			e.Value = model.Plain(e.Value)
		}
	}
	return c, nil
}
