package sqlite

import "database/sql/driver"

// controlBits is the share of findings.key that is the control's number; the
// rest is the target's.
const controlBits = 20

// insertFindings writes the targets and findings of a batch. Both are in order
// of part and asset, so that targets of one part get numbers in a row.
func (w *batch) insertFindings(t *tx, base int64) error {
	if len(w.targets) == 0 {
		return nil
	}
	next, err := t.int("SELECT coalesce(max(no), 0) + 1 FROM targets")
	if err != nil {
		return err
	}
	rows := t.bulk(`INSERT OR REPLACE INTO findings (key, verdict, severity, state, risk,
		first_seen, last_seen, changed_at, resolved_at, reopened, scan, version, body) VALUES `, 13)
	w.pairs[runFinding] = make(idRun, 0, len(w.rows))
	low := next
	for i := range w.targets {
		g := &w.targets[i]
		no, err := w.insertTarget(t, g, next, g.refRef.ref(base))
		if err != nil {
			return err
		}
		if no == next {
			next++
		}
		for j := range w.rows[g.first : g.first+g.n] {
			f := &w.rows[g.first+j]
			if err := w.addFindingRow(t, rows, no, f, f.bodyRef.ref(base)); err != nil {
				return err
			}
		}
		if i+1 == len(w.targets) || w.targets[i+1].part != g.part {
			if next > low {
				if _, err := t.exec("INSERT INTO segments (gen, part, low, high) VALUES (?, ?, ?, ?)",
					w.run.gen, w.partNos[g.part], low, next-1); err != nil {
					return err
				}
			}
			low = next
		}
	}
	return rows.flush()
}

// insertTarget writes a target with the number next, or gives the one that an
// earlier batch of the scan wrote the new reference, and returns its number.
func (w *batch) insertTarget(t *tx, g *targetRow, next, ref int64) (int64, error) {
	region, err := w.names.number(t, g.region)
	if err != nil {
		return 0, err
	}
	part := w.partNos[g.part]
	n, err := t.exec("INSERT OR IGNORE INTO targets (no, part, gen, asset, region, ref) VALUES (?, ?, ?, ?, ?, ?)",
		next, part, w.run.gen, g.id, region, ref)
	if err != nil || n == 1 {
		return next, err
	}
	no := int64(0)
	if err := t.query("SELECT no FROM targets WHERE part = ? AND gen = ? AND asset = ?",
		func(v []driver.Value) error { no = v[0].(int64); return nil }, part, w.run.gen, g.id); err != nil {
		return 0, err
	}
	_, err = t.exec("UPDATE targets SET region = ?, ref = ? WHERE no = ?", region, ref, no)
	return no, err
}

func (w *batch) addFindingRow(t *tx, rows *bulk, target int64, f *findingRow, body int64) error {
	control, err := w.ctrls.number(t, f.control)
	if err != nil {
		return err
	}
	scan, err := w.names.number(t, f.scan)
	if err != nil {
		return err
	}
	version, err := w.names.number(t, f.version)
	if err != nil {
		return err
	}
	key := target<<controlBits | control
	w.pairs[runFinding] = append(w.pairs[runFinding], idPair{int64(f.hash), key})
	return rows.add(key, f.verdict, f.severity, f.state, f.risk,
		f.first, f.last, f.changed, f.resolved, f.reopened, scan, version, body)
}
