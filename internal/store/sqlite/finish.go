package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

// Finish writes what is still gathered and then, in one transaction that is on
// disk when Finish returns, makes the scan visible and ends its lease. For
// each account and type of the scan (no types: all; no accounts: those that it
// saved something of) readers now see what this scan saved and nothing older;
// other accounts and types stay as they were. What the scan saved with an
// empty account or type replaces the like of earlier scans.
//
// All calls of Save functions must have returned. When Finish fails, the scan
// is still running: call Finish again, or Abort.
func (s *Store) Finish(ctx context.Context, scan model.Scan) error {
	r, err := s.scan(scan.ID)
	if err != nil {
		return fmt.Errorf("finish scan %s: %w", scan.ID, err)
	}
	r.mu.Lock()
	rest := r.pending
	r.pending = pending{}
	r.mu.Unlock()
	if err := s.flush(ctx, r, rest); err != nil {
		return fmt.Errorf("finish scan %s: write what it saved last: %w", scan.ID, err)
	}
	scan.Status = model.ScanComplete
	if scan.StartedAt.IsZero() {
		scan.StartedAt = r.scan.StartedAt
	}
	if scan.FinishedAt.IsZero() {
		scan.FinishedAt = s.opts.Now()
	}
	scan.StartedAt, scan.FinishedAt = scan.StartedAt.UTC(), scan.FinishedAt.UTC()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := s.write.durable(ctx, func(t *tx) error { return s.publish(t, r, scan) }); err != nil {
		return fmt.Errorf("finish scan %s: %w", scan.ID, err)
	}
	s.forget(scan.ID)
	s.janitor.kick()
	return nil
}

func (s *Store) publish(t *tx, r *running, scan model.Scan) error {
	if err := s.beat(t, r); err != nil {
		return err
	}
	// The accounts may have become known only while the scan was running.
	if err := s.clearWay(t, scan, r.gen); err != nil {
		return err
	}
	for kind, run := range r.runs {
		if err := t.writeRun(runKind(kind), r.gen, run); err != nil {
			return fmt.Errorf("write the index of ids: %w", err)
		}
	}
	written, accounts, err := writtenParts(t, r.gen, &scan)
	if err != nil {
		return err
	}
	hide := scan
	if len(scan.Accounts) == 0 {
		hide.Accounts = accounts
		scan.Accounts = slices.DeleteFunc(slices.Clone(accounts), func(a string) bool { return a == "" })
	}
	if err := t.hideCovered(&hide); err != nil {
		return fmt.Errorf("hide what earlier scans saved: %w", err)
	}
	for _, part := range written {
		if _, err := t.exec("INSERT OR REPLACE INTO visible (part, gen) VALUES (?, ?)", part, r.gen); err != nil {
			return fmt.Errorf("show what the scan saved: %w", err)
		}
	}
	doc, err := json.Marshal(scan)
	if err != nil {
		return fmt.Errorf("encode the scan: %w", err)
	}
	_, err = t.exec("UPDATE scans SET status = 'complete', started_at = ?, doc = ? WHERE gen = ?",
		scan.StartedAt.UnixNano(), string(doc), r.gen)
	return err
}

// writtenParts returns the parts that a generation has rows of, and their
// accounts. It fails when the scan, as it is to be finished, does not cover one.
func writtenParts(t *tx, gen int64, scan *model.Scan) (parts []int64, accounts []string, err error) {
	seen := map[string]bool{}
	err = t.query(`SELECT p.no, p.provider, p.account, p.type FROM extents e JOIN parts p ON p.no = e.part
		WHERE e.gen = ? ORDER BY p.account`, func(v []driver.Value) error {
		key := partKey{v[1].(string), v[2].(string), v[3].(string)}
		if err := covers(scan, key); err != nil {
			return fmt.Errorf("it saved %s of %s: %w", key.typ, key.account, err)
		}
		parts = append(parts, v[0].(int64))
		if !seen[key.account] {
			seen[key.account] = true
			accounts = append(accounts, key.account)
		}
		return nil
	}, gen)
	return parts, accounts, err
}

// hideCovered removes the pointers of all parts of the scan's accounts and types.
func (t *tx) hideCovered(scan *model.Scan) error {
	accounts, err := json.Marshal(append([]string{}, scan.Accounts...))
	if err != nil {
		return err
	}
	types, err := json.Marshal(append([]string{}, scan.Types...))
	if err != nil {
		return err
	}
	_, err = t.exec(`DELETE FROM visible WHERE part IN (
		SELECT no FROM parts WHERE (?1 = '' OR provider = ?1)
		AND account IN (SELECT value FROM json_each(?2))
		AND (json_array_length(?3) = 0 OR type IN (SELECT value FROM json_each(?3))))`,
		scan.Provider, string(accounts), string(types))
	return err
}
