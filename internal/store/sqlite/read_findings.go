package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

const findingColumns = `p.provider, p.account, p.type, t.no, t.asset, t.region, t.ref,
	f.key & 1048575, f.verdict, f.severity, f.state, f.risk,
	f.first_seen, f.last_seen, f.changed_at, f.resolved_at, f.reopened, f.scan, f.version, f.body`

// As in assetsQuery, CROSS JOIN fixes the loops so that nothing is sorted; the
// few findings of one asset are put in order of control afterwards.
const findingsQuery = `SELECT ` + findingColumns + `
	FROM parts p CROSS JOIN visible v ON v.part = p.no
	CROSS JOIN targets t ON t.part = v.part AND t.gen = v.gen
	CROSS JOIN findings f ON f.key >= t.no << 20 AND f.key < (t.no + 1) << 20
	WHERE %s
	ORDER BY p.provider, p.account, p.type, t.asset`

// Findings iterates the visible findings in order of provider, account, asset
// type, asset id, control. All are of one moment: a scan that finishes
// meanwhile does not show. Texts that belong to the control are not set.
func (s *Store) Findings(ctx context.Context, q model.FindingQuery) iter.Seq2[model.Finding, error] {
	return func(yield func(model.Finding, error) bool) {
		for f, err := range s.FindingsOn(ctx, q, nil) {
			if !yield(f.Finding, err) {
				return
			}
		}
	}
}

// FindingsOn is Findings with the assets of those that want accepts, which stay
// nil where the asset is not there any more.
func (s *Store) FindingsOn(ctx context.Context, q model.FindingQuery, want func(*model.Finding) bool) iter.Seq2[model.FindingOn, error] {
	return func(yield func(model.FindingOn, error) bool) {
		left, stopped := q.Limit, false
		where := findingFilter(q)
		err := s.eachFinding(ctx, where.sql(findingsQuery), where.args, want, func(f model.FindingOn) bool {
			if stopped = !yield(f, nil); stopped {
				return false
			}
			left--
			return left != 0
		})
		if err != nil && !stopped {
			yield(model.FindingOn{}, fmt.Errorf("read findings: %w", err))
		}
	}
}

func findingFilter(q model.FindingQuery) *filter {
	vs := make([]int, len(q.Verdicts))
	for i, v := range q.Verdicts {
		vs[i] = slices.Index(verdicts, v)
	}
	ss := make([]int, len(q.Severities))
	for i, v := range q.Severities {
		ss[i] = slices.Index(severities, v)
	}
	f := partFilter(q.AssetQuery, "t.region = (SELECT no FROM names WHERE name = ?)")
	f.and(q.Asset == "", "t.asset = ?", q.Asset)
	f.and(len(q.Controls) == 0,
		"f.key & 1048575 IN (SELECT c.no FROM json_each(?) j JOIN controls c ON c.name = j.value)", jsonList(q.Controls))
	f.and(len(vs) == 0, "f.verdict IN (SELECT value FROM json_each(?))", jsonList(vs))
	f.and(len(ss) == 0, "f.severity IN (SELECT value FROM json_each(?))", jsonList(ss))
	return f
}

// storedFinding is a row of the query; the body is decoded when it is yielded.
type storedFinding struct {
	model.Finding
	target, body int64
}

// columnsRow is where the values of findingColumns are read to, row after row.
type columnsRow struct {
	asset                             model.AssetRef // without what ref refers to
	target, region, ref               int64
	control, verdict, severity, state int64
	risk, reopened                    int
	first, last, changed, resolved    sql.NullInt64
	scan, version, body               int64
	columns                           []any // pointers to the above, as Rows.Scan takes them
}

func newColumnsRow() *columnsRow {
	r := &columnsRow{}
	r.columns = []any{
		&r.asset.Provider, &r.asset.Account, &r.asset.Type, &r.target, &r.asset.ID, &r.region, &r.ref,
		&r.control, &r.verdict, &r.severity, &r.state, &r.risk,
		&r.first, &r.last, &r.changed, &r.resolved, &r.reopened, &r.scan, &r.version, &r.body,
	}
	return r
}

func (s *Store) eachFinding(ctx context.Context, query string, args []any, want func(*model.Finding) bool, yield func(model.FindingOn) bool) error {
	v, err := s.snapshot(ctx)
	if err != nil {
		return err
	}
	defer v.close()
	var group []storedFinding // the findings of one asset
	emit := func() (bool, error) {
		more, err := v.emit(ctx, group, want, yield)
		group = group[:0]
		return more, err
	}
	more, row := true, newColumnsRow()
	err = v.each(ctx, query, func(rows *sql.Rows) (bool, error) {
		if err := rows.Scan(row.columns...); err != nil {
			return false, err
		}
		if len(group) > 0 && group[0].target != row.target {
			if more, err = emit(); err != nil || !more {
				return false, err
			}
		}
		f, err := v.stored(ctx, row, group)
		group = append(group, f)
		return true, err
	}, args...)
	if err != nil || !more {
		return err
	}
	_, err = emit()
	return err
}

// emit yields the findings of one asset in order of their controls.
func (v *snapshot) emit(ctx context.Context, group []storedFinding, want func(*model.Finding) bool, yield func(model.FindingOn) bool) (more bool, err error) {
	var on *model.Asset
	looked := false
	slices.SortFunc(group, func(a, b storedFinding) int { return cmp.Compare(a.Control, b.Control) })
	for i := range group {
		f := &group[i]
		if f.body != 0 {
			data, err := v.blocks.get(f.body)
			if err == nil {
				err = decodeBody(data, &f.Finding)
			}
			if err != nil {
				return false, err
			}
		}
		out := model.FindingOn{Finding: f.Finding}
		if want != nil && want(&f.Finding) {
			if !looked {
				if on, err = v.assetOf(ctx, f.target); err != nil {
					return false, err
				}
				looked = true
			}
			out.On = on
		}
		if !yield(out) {
			return false, nil
		}
	}
	return true, nil
}

// stored returns the finding of a row; what it says about its asset is shared
// with the group when it is of the same one.
func (v *snapshot) stored(ctx context.Context, row *columnsRow, group []storedFinding) (f storedFinding, err error) {
	f.target, f.body = row.target, row.body
	if n := len(group); n > 0 {
		f.Asset = group[n-1].Asset
	} else {
		f.Asset = row.asset
		if err := v.fillRef(ctx, &f.Asset, row.region, row.ref); err != nil {
			return f, err
		}
	}
	if f.Control, err = v.name(ctx, "controls", v.s.ctrls, row.control); err != nil {
		return f, err
	}
	if f.Scan, err = v.name(ctx, "names", v.s.names, row.scan); err != nil {
		return f, err
	}
	if f.ControlVersion, err = v.name(ctx, "names", v.s.names, row.version); err != nil {
		return f, err
	}
	if row.verdict >= int64(len(verdicts)) || row.severity >= int64(len(severities)) || row.state >= int64(len(states)) {
		return f, fmt.Errorf("finding of %s on %s: %w", f.Control, f.Asset.ID, errDamaged)
	}
	f.ID = model.FindingID(f.Control, f.Asset.ID)
	f.Verdict, f.Severity, f.State = verdicts[row.verdict], severities[row.severity], states[row.state]
	f.Risk.Score, f.Reopened = row.risk, row.reopened
	f.FirstSeen, f.LastSeen, f.ChangedAt, f.ResolvedAt = fromNanos(row.first), fromNanos(row.last), fromNanos(row.changed), fromNanos(row.resolved)
	return f, nil
}

func (v *snapshot) fillRef(ctx context.Context, a *model.AssetRef, region, ref int64) (err error) {
	if a.Region, err = v.name(ctx, "names", v.s.names, region); err != nil {
		return err
	}
	data, err := v.blocks.get(ref)
	if err != nil {
		return fmt.Errorf("asset %s: %w", a.ID, err)
	}
	return decodeRef(data, a)
}

// Finding returns one visible finding, or model.ErrNotFound. Texts that belong
// to the control are not set.
func (s *Store) Finding(ctx context.Context, id string) (model.Finding, error) {
	v, err := s.snapshot(ctx)
	if err != nil {
		return model.Finding{}, fmt.Errorf("read finding %s: %w", id, err)
	}
	keys, err := v.find(ctx, runFinding, id)
	v.close()
	if err != nil {
		return model.Finding{}, fmt.Errorf("read finding %s: %w", id, err)
	}
	const query = `SELECT ` + findingColumns + ` FROM findings f JOIN targets t ON t.no = f.key >> 20
		JOIN visible v ON v.part = t.part AND v.gen = t.gen JOIN parts p ON p.no = t.part
		WHERE f.key IN (SELECT value FROM json_each(?1)) ORDER BY p.provider, p.account, p.type`
	var found *model.Finding
	err = s.eachFinding(ctx, query, []any{jsonList(keys)}, nil, func(f model.FindingOn) bool {
		if f.ID == id {
			found = &f.Finding
		}
		return found == nil
	})
	switch {
	case err != nil:
		return model.Finding{}, fmt.Errorf("read finding %s: %w", id, err)
	case found == nil:
		return model.Finding{}, fmt.Errorf("finding %s: %w", id, model.ErrNotFound)
	}
	return *found, nil
}
