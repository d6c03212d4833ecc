package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
)

// purgeRows is about how many rows one transaction of the purge removes, so
// that scans do not wait long for it.
const purgeRows = 20_000

// garbage are the (generation, part) pairs that no reader sees and no running
// scan owns.
const garbage = `SELECT e.gen, e.part, s.status = 'complete' FROM extents e
	JOIN scans s ON s.gen = e.gen
	LEFT JOIN visible v ON v.part = e.part AND v.gen = e.gen
	WHERE s.status <> 'running' AND v.part IS NULL`

// purge removes all rows that nobody sees any more. It may stop anywhere and
// be taken up again, by any process.
func (s *Store) purge(ctx context.Context) error {
	type pair struct {
		gen, part int64
		complete  bool
	}
	for {
		var pairs []pair
		err := s.write.view(ctx, func(t *tx) error {
			return t.query(garbage+" LIMIT 1000", func(v []driver.Value) error {
				pairs = append(pairs, pair{v[0].(int64), v[1].(int64), v[2].(int64) == 1})
				return nil
			})
		})
		if err != nil {
			return fmt.Errorf("look for superseded rows: %w", err)
		}
		if len(pairs) == 0 {
			break
		}
		for len(pairs) > 0 {
			// Many small parts share a transaction, a large one has many.
			err := s.write.tx(ctx, func(t *tx) error {
				for budget := int64(purgeRows); budget > 0 && len(pairs) > 0; {
					n, done, err := t.purgePart(pairs[0].gen, pairs[0].part, pairs[0].complete)
					if err != nil {
						return err
					}
					if done {
						pairs = pairs[1:]
					}
					budget -= n
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("remove superseded rows: %w", err)
			}
		}
	}
	if err := s.write.tx(ctx, (*tx).purgeScans); err != nil {
		return fmt.Errorf("remove what ended scans left: %w", err)
	}
	return nil
}

// purgePart removes up to about purgeRows rows of a part of a generation and
// says how many and whether that were all.
func (t *tx) purgePart(gen, part int64, complete bool) (n int64, done bool, err error) {
	// Findings are found by segment, so they go first.
	for n < purgeRows {
		low, high := int64(-1), int64(0)
		if err := t.query("SELECT low, high FROM segments WHERE gen = ? AND part = ? LIMIT 1", func(v []driver.Value) error {
			low, high = v[0].(int64), v[1].(int64)
			return nil
		}, gen, part); err != nil {
			return n, false, err
		}
		if low < 0 {
			break
		}
		m, err := t.exec("DELETE FROM findings WHERE key >= ? AND key < ?", low<<controlBits, (high+1)<<controlBits)
		if err != nil {
			return n, false, err
		}
		k, err := t.exec("DELETE FROM targets WHERE no BETWEEN ? AND ?", low, high)
		if err != nil {
			return n, false, err
		}
		if _, err := t.exec("DELETE FROM segments WHERE gen = ? AND part = ? AND low = ?", gen, part, low); err != nil {
			return n, false, err
		}
		n += m + k + 1
	}
	if n >= purgeRows {
		return n, false, nil
	}
	m, err := t.purgeAssets(gen, part, complete)
	if n += m; err != nil || m >= purgeRows {
		return n, false, err
	}
	for _, query := range []string{
		"DELETE FROM blocks WHERE gen = ? AND part = ?",
		"DELETE FROM gaps WHERE gen = ? AND part = ?",
		"DELETE FROM coverage WHERE gen = ? AND part = ?",
		"DELETE FROM extents WHERE gen = ? AND part = ?",
	} {
		m, err := t.exec(query, gen, part)
		if err != nil {
			return n, false, err
		}
		n += m
	}
	return n, true, nil
}

// purgeAssets removes up to purgeRows assets of a part of a generation. The
// versions of a complete scan that its successor does not carry on go into the
// history.
func (t *tx) purgeAssets(gen, part int64, complete bool) (int64, error) {
	last := ""
	if err := t.query(`SELECT max(id) FROM (SELECT id FROM assets WHERE part = ? AND gen = ? ORDER BY id LIMIT ?)`,
		func(v []driver.Value) error { last, _ = v[0].(string); return nil }, part, gen, purgeRows); err != nil {
		return 0, err
	}
	if complete {
		if _, err := t.exec(`INSERT OR IGNORE INTO history (id, since, at, hash, doc)
			SELECT o.id, o.since, o.at, o.hash, o.doc FROM assets o
			LEFT JOIN visible v ON v.part = o.part
			LEFT JOIN assets n ON n.part = v.part AND n.gen = v.gen AND n.id = o.id
			WHERE o.part = ? AND o.gen = ? AND o.id <= ? AND (n.id IS NULL OR n.since <> o.since OR n.hash <> o.hash)`,
			part, gen, last); err != nil {
			return 0, err
		}
	}
	return t.exec("DELETE FROM assets WHERE part = ? AND gen = ? AND id <= ?", part, gen, last)
}

// purgeScans removes the indices of generations without rows, and all that is
// left of aborted scans.
func (t *tx) purgeScans() error {
	const bare = `SELECT gen, status FROM scans s WHERE status <> 'running'
		AND NOT EXISTS (SELECT 1 FROM extents e WHERE e.gen = s.gen)
		AND (status = 'aborted' OR EXISTS (SELECT 1 FROM runs r WHERE r.kind IN (0, 1) AND r.gen = s.gen))`
	var gens, aborted []int64
	if err := t.query(bare, func(v []driver.Value) error {
		gens = append(gens, v[0].(int64))
		if v[1].(string) == "aborted" {
			aborted = append(aborted, v[0].(int64))
		}
		return nil
	}); err != nil {
		return err
	}
	for _, gen := range gens {
		for _, query := range []string{
			"DELETE FROM chunks WHERE kind IN (0, 1) AND gen = ?",
			"DELETE FROM runs WHERE kind IN (0, 1) AND gen = ?",
		} {
			if _, err := t.exec(query, gen); err != nil {
				return err
			}
		}
	}
	if len(aborted) == 0 {
		return nil
	}
	list := jsonList(aborted)
	for _, query := range []string{
		"DELETE FROM docs WHERE gen IN (SELECT value FROM json_each(?))", // looks at all rows
		"DELETE FROM blocks WHERE gen IN (SELECT value FROM json_each(?))",
		"DELETE FROM scans WHERE gen IN (SELECT value FROM json_each(?))",
	} {
		if _, err := t.exec(query, list); err != nil {
			return err
		}
	}
	return nil
}

// janitor runs the purge in the background: at the start, and when kicked.
type janitor struct {
	wake   chan struct{}
	cancel context.CancelFunc
	group  sync.WaitGroup
	idle   sync.Cond // tests wait on it
	mu     sync.Mutex
	work   bool
	err    error
}

func startJanitor(s *Store) *janitor {
	ctx, cancel := context.WithCancel(context.Background())
	j := &janitor{wake: make(chan struct{}, 1), cancel: cancel}
	j.idle.L = &j.mu
	j.kick()
	j.group.Go(func() { j.loop(ctx, s) })
	return j
}

func (j *janitor) loop(ctx context.Context, s *Store) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.wake:
		}
		err := s.purge(ctx)
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		if err != nil {
			s.opts.Logger.Warn("superseded scans were not removed; the next scan tries again", "store", s.path, "error", err)
		}
		j.mu.Lock()
		if len(j.wake) == 0 {
			j.work = false
		}
		j.err = err
		j.idle.Broadcast()
		j.mu.Unlock()
	}
}

// kick asks for a purge; one that fails is tried again by the next kick.
func (j *janitor) kick() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.work = true
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// wait returns when no purge is due or running, with the error of the last.
func (j *janitor) wait() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.work {
		j.idle.Wait()
	}
	return j.err
}

func (j *janitor) stop() {
	j.cancel()
	j.group.Wait()
}
