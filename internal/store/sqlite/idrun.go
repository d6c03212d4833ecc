package sqlite

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
)

// Looking a row up by an id that says nothing about where the row is needs an
// index. One that is kept up with each insert would be written at random
// places and cost more than all else; instead each scan leaves sorted runs of
// (hash of the id, where the row is), written at once, in chunks that are found
// by their first hash.

type runKind int

const (
	runFinding runKind = iota // where: findings.key
	runAsset                  // where: parts.no
	runKinds
)

const (
	chunkEntries = 512
	pairBytes    = 16
)

// idPair is one entry. Hashes compare as SQLite compares integers.
type idPair struct{ hash, where int64 }

// idRun is a run that is being gathered.
type idRun []idPair

// hashID is FNV-1a; it is stored and must not change.
func hashID(id string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	return h
}

// chunks sorts the run and cuts it so that equal hashes stay together.
func (r idRun) chunks(yield func(first int64, data []byte) error) error {
	slices.SortFunc(r, func(a, b idPair) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.where, b.where)) })
	r = slices.Compact(r)
	for len(r) > 0 {
		n := min(chunkEntries, len(r))
		for n < len(r) && r[n].hash == r[n-1].hash {
			n++
		}
		data := make([]byte, 0, n*pairBytes)
		for _, p := range r[:n] {
			data = binary.BigEndian.AppendUint64(data, uint64(p.hash))
			data = binary.BigEndian.AppendUint64(data, uint64(p.where))
		}
		if err := yield(r[0].hash, data); err != nil {
			return err
		}
		r = r[n:]
	}
	return nil
}

// findInChunk returns where the rows with that hash are.
func findInChunk(data []byte, hash int64) []int64 {
	n := len(data) / pairBytes
	at := func(i int) int64 { return int64(binary.BigEndian.Uint64(data[i*pairBytes:])) }
	var out []int64
	for i := sort.Search(n, func(i int) bool { return at(i) >= hash }); i < n && at(i) == hash; i++ {
		out = append(out, int64(binary.BigEndian.Uint64(data[i*pairBytes+8:])))
	}
	return out
}

// writeRun writes a run of a generation.
func (t *tx) writeRun(kind runKind, gen int64, run idRun) error {
	if len(run) == 0 {
		return nil
	}
	no, err := t.int("SELECT coalesce(max(run), 0) + 1 FROM runs WHERE kind = ? AND gen = ?", int(kind), gen)
	if err != nil {
		return err
	}
	if _, err := t.exec("INSERT INTO runs (kind, gen, run) VALUES (?, ?, ?)", int(kind), gen, no); err != nil {
		return err
	}
	return run.chunks(func(first int64, data []byte) error {
		_, err := t.exec("INSERT INTO chunks (kind, gen, run, first, data) VALUES (?, ?, ?, ?, ?)", int(kind), gen, no, first, data)
		return err
	})
}
