package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// snapshot is a read transaction: all that is read through it is of one
// moment, whatever scans finish meanwhile.
type snapshot struct {
	s      *Store
	tx     *sql.Tx
	blocks blockReader
	block  *sql.Stmt // of blocks
	asset  *sql.Stmt // of assetOf, nil until it is asked
}

func (s *Store) snapshot(ctx context.Context) (*snapshot, error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin to read: %w", err)
	}
	v := &snapshot{s: s, tx: tx}
	v.blocks = blockReader{dec: s.dec, load: func(no int64) (data []byte, err error) {
		if v.block == nil {
			if v.block, err = tx.PrepareContext(ctx, "SELECT data FROM blocks WHERE no = ?"); err != nil {
				return nil, err
			}
		}
		err = v.block.QueryRowContext(ctx, no).Scan(&data)
		return data, err
	}}
	return v, nil
}

func (v *snapshot) close() { _ = v.tx.Rollback() } // nothing was written

// each runs a query and calls row for each row of the result until it returns
// false.
func (v *snapshot) each(ctx context.Context, query string, row func(*sql.Rows) (bool, error), args ...any) (err error) {
	rows, err := v.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if more, err := row(rows); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// name returns the name that an interner gave that number.
func (v *snapshot) name(ctx context.Context, table string, cache map[int64]string, no int64) (string, error) {
	if no == 0 {
		return "", nil
	}
	v.s.mu.Lock()
	name, ok := cache[no]
	v.s.mu.Unlock()
	if ok {
		return name, nil
	}
	return v.readName(ctx, table, cache, no)
}

func (v *snapshot) readName(ctx context.Context, table string, cache map[int64]string, no int64) (name string, err error) {
	if err := v.tx.QueryRowContext(ctx, "SELECT name FROM "+table+" WHERE no = ?", no).Scan(&name); err != nil {
		return "", fmt.Errorf("read name %d of %s: %w", no, table, err)
	}
	v.s.mu.Lock()
	cache[no] = name
	v.s.mu.Unlock()
	return name, nil
}

// filter is the condition of a query and its arguments.
type filter struct {
	conditions []string
	args       []any
}

// and adds a condition; an empty one does not limit.
func (f *filter) and(empty bool, condition string, arg any) {
	if !empty {
		f.conditions = append(f.conditions, condition)
		f.args = append(f.args, arg)
	}
}

// sql returns the query with the condition in place of %s.
func (f *filter) sql(query string) string {
	if len(f.conditions) == 0 {
		return fmt.Sprintf(query, "true")
	}
	return fmt.Sprintf(query, strings.Join(f.conditions, " AND "))
}

// partFilter limits parts p to a query; what limits the region is the column
// that holds its number, or its name.
func partFilter(q model.AssetQuery, region string) *filter {
	f := &filter{}
	f.and(q.Provider == "", "p.provider = ?", q.Provider)
	f.and(q.Account == "", "p.account = ?", q.Account)
	f.and(len(q.Types) == 0, "p.type IN (SELECT value FROM json_each(?))", jsonList(q.Types))
	f.and(q.Region == "", region, q.Region)
	return f
}

// jsonList returns list as a JSON array, for json_each.
func jsonList[T any](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	b, err := json.Marshal(list)
	if err != nil { // strings and integers do not fail
		return "[]"
	}
	return string(b)
}

func fromNanos(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}

// find returns where the rows with that id may be: candidates, because hashes
// of ids can be equal.
func (v *snapshot) find(ctx context.Context, kind runKind, id string) (where []int64, err error) {
	hash := int64(hashID(id))
	err = v.each(ctx, `SELECT (SELECT c.data FROM chunks c WHERE c.kind = r.kind AND c.gen = r.gen AND c.run = r.run
		AND c.first <= ?2 ORDER BY c.first DESC LIMIT 1)
		FROM runs r JOIN scans s ON s.gen = r.gen WHERE r.kind = ?1 AND s.status = 'complete'`,
		func(rows *sql.Rows) (bool, error) {
			var data sql.RawBytes
			if err := rows.Scan(&data); err != nil {
				return false, err
			}
			where = append(where, findInChunk(data, hash)...)
			return true, nil
		}, int(kind), hash)
	if err != nil {
		return nil, fmt.Errorf("look the id up: %w", err)
	}
	return where, nil
}

// Scans returns the complete scans, those that started last first.
func (s *Store) Scans(ctx context.Context) (out []model.Scan, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT doc FROM scans WHERE status = 'complete' ORDER BY started_at DESC, gen DESC")
	if err != nil {
		return nil, fmt.Errorf("list scans: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return nil, fmt.Errorf("list scans: %w", err)
		}
		var scan model.Scan
		if err := json.Unmarshal([]byte(doc), &scan); err != nil {
			return nil, fmt.Errorf("list scans: decode one: %w", err)
		}
		out = append(out, scan)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list scans: %w", err)
	}
	return out, nil
}
