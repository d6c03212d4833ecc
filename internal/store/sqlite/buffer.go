package sqlite

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// partKey is what a part stands for: rows become visible by part.
type partKey struct{ provider, account, typ string }

// buffer gathers encoded rows. Rows name their part by its place in parts.
type buffer struct {
	parts   []partKey
	places  map[partKey]int32
	assets  []assetRow
	targets []targetRow
	rows    []findingRow // in order of targets
	notes   []noteRow
	changes [][]byte
	bytes   int
	scratch []byte
}

// assetRow is an asset, encoded.
type assetRow struct {
	part            int32
	id, region      string
	version         string
	at              int64
	doc             []byte // the document
	meta            []byte // everything else
	docRef, metaRef entry
	stored, since   int64 // found by resolve: where the document is, who saw it first
}

// targetRow is an asset that findings are about, and how many of the rows are.
type targetRow struct {
	part       int32
	id, region string
	ref        []byte
	refRef     entry
	first, n   int
}

// findingRow is a finding, encoded.
type findingRow struct {
	control, version, scan         string
	verdict, severity, state, risk int64
	first, last, changed, resolved any
	reopened                       int64
	hash                           uint64
	body                           []byte
	bodyRef                        entry
}

type noteKind uint8

const (
	noteGap noteKind = iota
	noteCoverage
)

// noteRow is a gap or a line of coverage, encoded.
type noteRow struct {
	part        int32
	kind        noteKind
	key, region string
	doc         string
}

// part returns the place of key, or an error when the scan does not cover it.
func (b *buffer) part(r *running, key partKey) (int32, error) {
	if n := len(b.parts); n > 0 && b.parts[n-1] == key {
		return int32(n - 1), nil
	}
	if p, ok := b.places[key]; ok {
		return p, nil
	}
	if err := covers(&r.scan, key); err != nil {
		return 0, err
	}
	return b.place(key), nil
}

func (b *buffer) place(key partKey) int32 {
	if p, ok := b.places[key]; ok {
		return p
	}
	if b.places == nil {
		b.places = map[partKey]int32{}
	}
	p := int32(len(b.parts))
	b.parts = append(b.parts, key)
	b.places[key] = p
	return p
}

func (b *buffer) addFinding(r *running, f *model.Finding) error {
	row, scratch, err := encodeFinding(f, b.scratch)
	b.scratch = scratch
	if err != nil {
		return err
	}
	part, err := b.part(r, partKey{f.Asset.Provider, f.Asset.Account, f.Asset.Type})
	if err != nil {
		return err
	}
	last := len(b.targets) - 1
	if last < 0 || b.targets[last].id != f.Asset.ID || b.targets[last].part != part {
		b.targets = append(b.targets, targetRow{part: part, id: f.Asset.ID, first: len(b.rows)})
		last++
	}
	t := &b.targets[last]
	t.n++
	t.region = f.Asset.Region
	before := len(t.ref)
	t.ref = appendRef(t.ref[:0], &f.Asset)
	b.rows = append(b.rows, row)
	b.bytes += len(row.body) + len(t.ref) - before
	return nil
}

func (b *buffer) addNote(r *running, kind noteKind, scope model.Scope, typ, key string, note any) error {
	part, err := b.part(r, partKey{scope.Provider, scope.Account, typ})
	if err != nil {
		return err
	}
	doc, err := json.Marshal(note)
	if err != nil {
		return err
	}
	b.notes = append(b.notes, noteRow{part: part, kind: kind, key: key, region: scope.Region, doc: string(doc)})
	b.bytes += len(doc)
	return nil
}

func (b *buffer) empty() bool {
	return len(b.assets)+len(b.targets)+len(b.notes)+len(b.changes) == 0
}

// limits bound what a scan holds in memory: what waits is written when it
// reaches one of them.
type limits struct {
	assets, findings, others, bytes int
	run                             int // ids that are not in a run yet
}

var defaultLimits = limits{assets: 8 << 10, findings: 16 << 10, others: 32 << 10, bytes: 8 << 20, run: 1 << 17}

// pending are buffers that wait to be written together.
type pending struct {
	list                 []*buffer
	assets, rows, others int
	bytes                int
}

func (p *pending) add(b *buffer) {
	p.list = append(p.list, b)
	p.assets += len(b.assets)
	p.rows += len(b.rows)
	p.others += len(b.notes) + len(b.changes)
	p.bytes += b.bytes
}

func (p *pending) full(l limits) bool {
	return p.assets >= l.assets || p.rows >= l.findings || p.others >= l.others || p.bytes >= l.bytes
}

// merge returns one buffer with the rows of all, in their order.
func (p *pending) merge() *buffer {
	if len(p.list) == 1 {
		return p.list[0]
	}
	b := &buffer{assets: make([]assetRow, 0, p.assets), rows: make([]findingRow, 0, p.rows)}
	for _, c := range p.list {
		b.append(c)
	}
	return b
}

// append adds the rows of c behind those of b.
func (b *buffer) append(c *buffer) {
	places := make([]int32, len(c.parts))
	for i, key := range c.parts {
		places[i] = b.place(key)
	}
	for i := range c.assets {
		c.assets[i].part = places[c.assets[i].part]
	}
	for i := range c.targets {
		c.targets[i].part = places[c.targets[i].part]
		c.targets[i].first += len(b.rows)
	}
	for i := range c.notes {
		c.notes[i].part = places[c.notes[i].part]
	}
	b.assets = append(b.assets, c.assets...)
	b.targets = append(b.targets, c.targets...)
	b.rows = append(b.rows, c.rows...)
	b.notes = append(b.notes, c.notes...)
	b.changes = append(b.changes, c.changes...)
	b.bytes += c.bytes
}

// arrange sorts the rows as readers want them, which is also how they are
// inserted fastest, and drops all but the last of each.
func (b *buffer) arrange() {
	slices.SortStableFunc(b.assets, func(x, y assetRow) int {
		return cmp.Or(cmp.Compare(x.part, y.part), strings.Compare(x.id, y.id))
	})
	b.assets = keepLast(b.assets, func(x, y *assetRow) bool { return x.part == y.part && x.id == y.id })

	slices.SortStableFunc(b.targets, func(x, y targetRow) int {
		return cmp.Or(cmp.Compare(x.part, y.part), strings.Compare(x.id, y.id))
	})
	rows := make([]findingRow, 0, len(b.rows))
	targets := b.targets[:0]
	for i := 0; i < len(b.targets); {
		t := b.targets[i]
		first := len(rows)
		for ; i < len(b.targets) && b.targets[i].part == t.part && b.targets[i].id == t.id; i++ {
			u := b.targets[i]
			rows = append(rows, b.rows[u.first:u.first+u.n]...)
			t.ref, t.region = u.ref, u.region
		}
		mine := rows[first:]
		slices.SortStableFunc(mine, func(x, y findingRow) int { return strings.Compare(x.control, y.control) })
		mine = keepLast(mine, func(x, y *findingRow) bool { return x.control == y.control })
		rows = rows[:first+len(mine)]
		t.first, t.n = first, len(mine)
		targets = append(targets, t)
	}
	b.rows, b.targets = rows, targets
}

// keepLast keeps the last of each run of equal elements, in place.
func keepLast[T any](all []T, same func(x, y *T) bool) []T {
	out := all[:0]
	for i := range all {
		if i+1 < len(all) && same(&all[i], &all[i+1]) {
			continue
		}
		out = append(out, all[i])
	}
	return out
}
