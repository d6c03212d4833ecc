package sqlite

import (
	"context"
	"fmt"
)

// SmallLimits makes a store write after a few rows, so that tests see many
// batches and runs.
func SmallLimits(s *Store) {
	s.limits = limits{assets: 3, findings: 2, others: 3, bytes: 4 << 10, run: 11}
}

// WaitPurge waits for the background purge.
func WaitPurge(s *Store) error { return s.janitor.wait() }

// Rows returns how many rows each table has.
func Rows(s *Store) (map[string]int, error) {
	out := map[string]int{}
	for _, table := range []string{
		"scans", "visible", "extents", "blocks", "docs", "assets", "history", "targets", "findings", "segments", "runs", "chunks", "gaps", "coverage",
	} {
		var n int
		if err := s.read.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			return nil, err
		}
		out[table] = n
	}
	return out, nil
}

// Plan returns how SQLite would run the query of Findings or Assets with a
// condition of each kind.
func Plan(s *Store, query string, where string, args ...any) ([]string, error) {
	f := filter{conditions: []string{where}, args: args}
	rows, err := s.read.Query("EXPLAIN QUERY PLAN "+f.sql(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		out = append(out, detail)
	}
	return out, rows.Err()
}

// The queries of the iterations.
const (
	AssetsQuery   = assetsQuery
	FindingsQuery = findingsQuery
)

// SetOwner makes the store say that it is of another process.
func SetOwner(s *Store, host string, pid int, process string) { s.owner = owner{host, pid, process} }

// Check runs SQLite's own check of the file.
func Check(ctx context.Context, s *Store) (result string, err error) {
	err = s.read.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&result)
	return result, err
}

// AppendValue is exported for the fuzz test.
var AppendValue = appendValue

// FindInRun writes pairs as a run, as it is stored, and returns where the rows
// of a hash are, found as a reader finds them.
func FindInRun(pairs [][2]int64, hash int64) (where []int64, err error) {
	var run idRun
	for _, p := range pairs {
		run = append(run, idPair{p[0], p[1]})
	}
	var data []byte
	err = run.chunks(func(first int64, chunk []byte) error {
		if first <= hash {
			data = chunk
		}
		return nil
	})
	return findInChunk(data, hash), err
}

// LimitPages bounds the size of the file.
func LimitPages(s *Store, n int) error {
	return s.write.with(context.Background(), func(t *tx) error { return t.script(fmt.Sprintf("PRAGMA max_page_count = %d", n)) })
}
