package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/stance-sec/stance/internal/model"
)

// batch is a buffer on its way into the file.
type batch struct {
	*buffer
	store *Store
	run   *running

	blocks blockSet // everything but documents
	docs   blockSet
	hashes []docHash

	// Numbers of the file, set inside the transaction.
	partNos []int64
	names   *interner
	ctrls   *interner
	pairs   [runKinds]idRun
}

// docHash is a document that is stored for the first time.
type docHash struct {
	hash any
	at   entry
}

// writeBuffer writes b in one transaction. Sorting and compressing happen
// before it, so that several callers can do these at once.
func (s *Store) writeBuffer(ctx context.Context, r *running, b *buffer) error {
	b.arrange()
	w := &batch{buffer: b, store: s, run: r, blocks: blockSet{enc: s.enc}, docs: blockSet{enc: s.enc}}
	w.fillBlocks()
	w.blocks.finish()
	if len(b.assets) > 0 {
		err := s.write.view(ctx, w.resolve)
		w.docs.finish()
		if err != nil {
			return fmt.Errorf("look for known documents: %w", err)
		}
	}
	w.names = &interner{table: "names", known: map[string]int64{}}
	w.ctrls = &interner{table: "controls", known: map[string]int64{}}
	if err := s.write.tx(ctx, w.insert); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for kind := range w.pairs {
		r.runs[kind] = append(r.runs[kind], w.pairs[kind]...)
		if len(r.runs[kind]) < s.limits.run {
			continue
		}
		run := r.runs[kind]
		r.runs[kind] = nil
		if err := s.write.tx(ctx, func(t *tx) error { return t.writeRun(runKind(kind), r.gen, run) }); err != nil {
			// The rows are written; the run will be by a later call.
			r.runs[kind] = run
		}
	}
	return nil
}

func (w *batch) fillBlocks() {
	for i := range w.assets {
		a := &w.assets[i]
		a.metaRef = w.blocks.add(a.part, blockMeta, a.meta)
	}
	for i := range w.targets {
		t := &w.targets[i]
		t.refRef = w.blocks.add(t.part, blockRef, t.ref)
	}
	for i := range w.targets {
		t := &w.targets[i]
		for j := range w.rows[t.first : t.first+t.n] {
			f := &w.rows[t.first+j]
			f.bodyRef = entry{}
			if f.body != nil {
				f.bodyRef = w.blocks.add(t.part, blockBody, f.body)
			}
		}
	}
	for _, doc := range w.changes {
		w.blocks.add(-1, blockChange, doc)
	}
}

// resolve finds for each asset the document that is stored already, and who
// saw this version first; other documents go into blocks.
func (w *batch) resolve(t *tx) error {
	parts, err := w.store.findParts(t, w.parts)
	if err != nil {
		return err
	}
	gens := make([]int64, len(parts)) // what readers see of each part
	for i, no := range parts {
		if gens[i], err = t.int("SELECT gen FROM visible WHERE part = ?", no); err != nil {
			return err
		}
	}
	seen, safe := map[string]entry{}, map[int64]bool{w.run.gen: true}
	for i := range w.assets {
		a := &w.assets[i]
		if i%256 == 0 && t.ctx.Err() != nil {
			return t.ctx.Err()
		}
		a.stored, a.since, a.docRef = 0, 0, entry{}
		hash := packHash(a.version)
		if gens[a.part] != 0 {
			// Not joined with visible: SQLite would plan such a statement anew
			// for each value, which costs five times the search.
			if err := t.query("SELECT hash, doc, since, at FROM assets WHERE part = ? AND gen = ? AND id = ?",
				func(v []driver.Value) error {
					if unpackHash(v[0]) == a.version {
						a.stored, a.since, a.at = v[1].(int64), v[2].(int64), v[3].(int64)
					}
					return nil
				}, parts[a.part], gens[a.part], a.id); err != nil {
				return err
			}
		}
		if a.stored != 0 {
			continue
		}
		if at, ok := seen[a.version]; ok {
			a.docRef = at
			continue
		}
		if a.stored, err = w.known(t, hash, safe); err != nil {
			return err
		}
		if a.stored == 0 {
			a.docRef = w.docs.add(-1, blockDoc, a.doc)
			seen[a.version] = a.docRef
			w.hashes = append(w.hashes, docHash{hash, a.docRef})
		}
	}
	return nil
}

// known returns where the document of a hash is stored, 0 for nowhere. Documents
// of another scan that is still running may vanish with it and do not count;
// safe remembers of which scans they do.
func (w *batch) known(t *tx, hash any, safe map[int64]bool) (ref int64, err error) {
	gen := int64(0)
	if err := t.query("SELECT ref, gen FROM docs WHERE hash = ?", func(v []driver.Value) error {
		ref, gen = v[0].(int64), v[1].(int64)
		return nil
	}, hash); err != nil || ref == 0 {
		return 0, err
	}
	ok, asked := safe[gen]
	if !asked {
		n, err := t.int("SELECT count(*) FROM scans WHERE gen = ? AND status = 'complete'", gen)
		if err != nil {
			return 0, err
		}
		ok = n > 0
		safe[gen] = ok
	}
	if !ok {
		return 0, nil
	}
	return ref, nil
}

func (w *batch) insert(t *tx) error {
	if err := w.store.beat(t, w.run); err != nil {
		return err
	}
	var err error
	if w.partNos, err = w.store.makeParts(t, w.parts); err != nil {
		return err
	}
	for _, no := range w.partNos {
		if _, err := t.exec("INSERT OR IGNORE INTO extents (gen, part) VALUES (?, ?)", w.run.gen, no); err != nil {
			return err
		}
	}
	base, err := w.insertBlocks(t, &w.blocks)
	if err != nil {
		return fmt.Errorf("write blocks: %w", err)
	}
	if err := w.insertAssets(t, base); err != nil {
		return fmt.Errorf("write assets: %w", err)
	}
	if err := w.insertFindings(t, base); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	if err := w.insertNotes(t); err != nil {
		return fmt.Errorf("write gaps and coverage: %w", err)
	}
	return nil
}

// insertBlocks numbers and writes the blocks of a set and returns the number
// of the first.
func (w *batch) insertBlocks(t *tx, set *blockSet) (base int64, err error) {
	if base, err = t.int("SELECT coalesce(max(no), 0) + 1 FROM blocks"); err != nil {
		return 0, err
	}
	for i, b := range set.blocks {
		part := int64(0)
		if b.part >= 0 {
			part = w.partNos[b.part]
		}
		if _, err := t.exec("INSERT INTO blocks (no, gen, part, kind, data) VALUES (?, ?, ?, ?, ?)",
			base+int64(i), w.run.gen, part, int64(b.kind), b.data); err != nil {
			return 0, err
		}
	}
	return base, nil
}

func (w *batch) insertAssets(t *tx, base int64) error {
	if len(w.assets) == 0 {
		return nil
	}
	docBase, err := w.insertBlocks(t, &w.docs)
	if err != nil {
		return err
	}
	docs := t.bulk("INSERT OR REPLACE INTO docs (hash, ref, gen) VALUES ", 3)
	for _, h := range w.hashes {
		if err := docs.add(h.hash, h.at.ref(docBase), w.run.gen); err != nil {
			return err
		}
	}
	if err := docs.flush(); err != nil {
		return err
	}
	rows := t.bulk("INSERT OR REPLACE INTO assets (part, gen, id, region, hash, doc, meta, since, at) VALUES ", 9)
	w.pairs[runAsset] = make(idRun, 0, len(w.assets))
	for i := range w.assets {
		a := &w.assets[i]
		region, err := w.names.number(t, a.region)
		if err != nil {
			return err
		}
		doc, since, at := a.stored, a.since, a.at
		if doc == 0 {
			doc = a.docRef.ref(docBase)
		}
		if since == 0 {
			since = w.run.gen
			if at == 0 {
				at = w.run.scan.StartedAt.UnixNano()
			}
		}
		part := w.partNos[a.part]
		if err := rows.add(part, w.run.gen, a.id, region, packHash(a.version), doc, a.metaRef.ref(base), since, at); err != nil {
			return err
		}
		w.pairs[runAsset] = append(w.pairs[runAsset], idPair{int64(hashID(a.id)), part})
	}
	return rows.flush()
}

func (w *batch) insertNotes(t *tx) error {
	tables := [...]*bulk{
		noteGap:      t.bulk("INSERT OR REPLACE INTO gaps (part, gen, key, region, doc) VALUES ", 5),
		noteCoverage: t.bulk("INSERT OR REPLACE INTO coverage (part, gen, key, region, doc) VALUES ", 5),
	}
	for _, n := range w.notes {
		if err := tables[n.kind].add(w.partNos[n.part], w.run.gen, n.key, n.region, n.doc); err != nil {
			return err
		}
	}
	for _, b := range tables {
		if err := b.flush(); err != nil {
			return err
		}
	}
	return nil
}

// findParts returns the numbers of parts, 0 for those that are new.
func (s *Store) findParts(t *tx, keys []partKey) ([]int64, error) {
	out := make([]int64, len(keys))
	for i, k := range keys {
		var err error
		if out[i], err = t.int("SELECT no FROM parts WHERE provider = ? AND account = ? AND type = ?", k.provider, k.account, k.typ); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// makeParts returns the numbers of parts and gives numbers to new ones.
func (s *Store) makeParts(t *tx, keys []partKey) ([]int64, error) {
	out, err := s.findParts(t, keys)
	for i := 0; i < len(out) && err == nil; i++ {
		if out[i] != 0 {
			continue
		}
		if _, err = t.exec("INSERT INTO parts (provider, account, type) VALUES (?, ?, ?)", keys[i].provider, keys[i].account, keys[i].typ); err != nil {
			break
		}
		out[i], err = t.int("SELECT last_insert_rowid()")
	}
	return out, err
}

// interner gives numbers to names within one transaction. The empty name is 0.
type interner struct {
	table string // names or controls
	known map[string]int64
}

func (n *interner) number(t *tx, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	if no, ok := n.known[name]; ok {
		return no, nil
	}
	no, err := t.int("SELECT no FROM "+n.table+" WHERE name = ?", name)
	if err == nil && no == 0 {
		if _, err = t.exec("INSERT INTO "+n.table+" (name) VALUES (?)", name); err == nil {
			no, err = t.int("SELECT last_insert_rowid()")
		}
	}
	if err != nil {
		return 0, fmt.Errorf("number %s in %s: %w", name, n.table, err)
	}
	if n.table == "controls" && no >= 1<<controlBits {
		return 0, fmt.Errorf("%w control %s: the store has seen more than %d different controls", model.ErrInvalid, name, 1<<controlBits)
	}
	n.known[name] = no
	return no, nil
}
