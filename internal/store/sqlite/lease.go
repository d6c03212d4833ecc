package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// running is a scan that this store began: its buffers and what it has written.
type running struct {
	gen  int64
	scan model.Scan

	mu      sync.Mutex // guards what follows
	pending pending
	runs    [runKinds]idRun // ids that are written but not in a run yet
}

// Begin opens a scan. It fails with model.ErrBusy while another scan of one of
// the same accounts holds its lease; a scan that names no accounts takes all
// of its provider. Scans whose lease has expired, or whose process is gone
// from this host, are ended, and what they saved is removed.
func (s *Store) Begin(ctx context.Context, scan model.Scan) error {
	if scan.ID == "" {
		return fmt.Errorf("begin scan: %w: it has no id", model.ErrInvalid)
	}
	scan.Status = model.ScanRunning
	if scan.StartedAt.IsZero() {
		scan.StartedAt = s.opts.Now()
	}
	scan.StartedAt = scan.StartedAt.UTC()
	doc, err := json.Marshal(scan)
	if err != nil {
		return fmt.Errorf("begin scan %s: encode it: %w", scan.ID, err)
	}
	var gen int64
	err = s.write.tx(ctx, func(t *tx) error {
		if n, err := t.int("SELECT count(*) FROM scans WHERE id = ? AND status <> 'aborted'", scan.ID); err != nil {
			return err
		} else if n > 0 {
			return fmt.Errorf("%w: a scan with this id exists", model.ErrInvalid)
		}
		if err := s.clearWay(t, scan, 0); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO scans (id, status, provider, started_at, heartbeat, host, pid, process, doc)
			VALUES (?, 'running', ?, ?, ?, ?, ?, ?, ?)`,
			scan.ID, scan.Provider, scan.StartedAt.UnixNano(), s.opts.Now().UnixNano(),
			s.owner.host, s.owner.pid, s.owner.process, string(doc)); err != nil {
			return err
		}
		gen, err = t.int("SELECT last_insert_rowid()")
		return err
	})
	if err != nil {
		return fmt.Errorf("begin scan %s: %w", scan.ID, err)
	}
	s.mu.Lock()
	s.running[scan.ID] = &running{gen: gen, scan: scan}
	s.mu.Unlock()
	s.janitor.kick()
	return nil
}

// clearWay ends the running scans whose owner is gone, and fails with ErrBusy
// when one that lives, other than gen, has an account of scan.
func (s *Store) clearWay(t *tx, scan model.Scan, gen int64) error {
	type row struct {
		gen   int64
		beat  time.Time
		owner owner
		scan  model.Scan
	}
	var all []row
	err := t.query("SELECT gen, heartbeat, host, pid, process, doc FROM scans WHERE status = 'running' AND gen <> ?",
		func(v []driver.Value) error {
			r := row{gen: v[0].(int64), beat: time.Unix(0, v[1].(int64))}
			r.owner = owner{host: v[2].(string), pid: int(v[3].(int64)), process: v[4].(string)}
			if err := json.Unmarshal([]byte(v[5].(string)), &r.scan); err != nil {
				return fmt.Errorf("decode scan of generation %d: %w", r.gen, err)
			}
			all = append(all, r)
			return nil
		}, gen)
	if err != nil {
		return err
	}
	now := s.opts.Now()
	for _, r := range all {
		if r.owner.dead(s.owner) || now.Sub(r.beat) > s.opts.Lease {
			if _, err := t.exec("UPDATE scans SET status = 'aborted' WHERE gen = ?", r.gen); err != nil {
				return err
			}
			continue
		}
		if account, same := overlap(r.scan, scan); same {
			return fmt.Errorf("%w: scan %s of %s has been running since %s in process %d on %s: wait for it, or stop it",
				model.ErrBusy, r.scan.ID, account, r.scan.StartedAt.Format(time.RFC3339), r.owner.pid, r.owner.host)
		}
	}
	return nil
}

// overlap returns an account that both scans are of.
func overlap(a, b model.Scan) (account string, same bool) {
	if a.Provider != b.Provider && a.Provider != "" && b.Provider != "" {
		return "", false
	}
	if len(a.Accounts) == 0 {
		return "all accounts", true
	}
	if len(b.Accounts) == 0 {
		return "accounts " + strings.Join(a.Accounts, ", "), true
	}
	for _, x := range a.Accounts {
		if slices.Contains(b.Accounts, x) {
			return "account " + x, true
		}
	}
	return "", false
}

// Heartbeat extends the lease of a running scan; so does each write to it. It
// fails with model.ErrNotFound when the scan has ended or another one has
// taken its lease over.
func (s *Store) Heartbeat(ctx context.Context, scan string) error {
	r, err := s.scan(scan)
	if err == nil {
		err = s.write.tx(ctx, func(t *tx) error { return s.beat(t, r) })
	}
	if err != nil {
		return fmt.Errorf("extend the lease of scan %s: %w", scan, err)
	}
	return nil
}

// beat extends the lease of r inside a transaction, and fails when r has lost it.
func (s *Store) beat(t *tx, r *running) error {
	n, err := t.exec("UPDATE scans SET heartbeat = ? WHERE gen = ? AND status = 'running'", s.opts.Now().UnixNano(), r.gen)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%w: its lease had expired and it was ended", model.ErrNotFound)
	}
	return nil
}

// Abort drops what a scan saved and ends its lease. It may be called from
// another store than the one that began the scan.
func (s *Store) Abort(ctx context.Context, scan string) error {
	err := s.write.tx(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE scans SET status = 'aborted' WHERE id = ? AND status = 'running'", scan)
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: no such scan is running", model.ErrNotFound)
		}
		return err
	})
	if err == nil || errors.Is(err, model.ErrNotFound) {
		s.forget(scan)
	}
	if err != nil {
		return fmt.Errorf("abort scan %s: %w", scan, err)
	}
	s.janitor.kick()
	return nil
}

// scan returns the state of a scan that this store began and has not ended.
func (s *Store) scan(id string) (*running, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.running[id]
	if !ok {
		return nil, fmt.Errorf("%w: no such scan is running in this process", model.ErrNotFound)
	}
	return r, nil
}

func (s *Store) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, id)
}
