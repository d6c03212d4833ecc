package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A block is full at this size, uncompressed, or with this many entries.
const (
	blockBytes   = 64 << 10
	blockEntries = 4 << 10
	positionBits = 16
)

type blockKind int64

const (
	blockDoc blockKind = iota
	blockMeta
	blockRef
	blockBody
	blockChange
)

// entry is the place of an entry in a set of blocks that have no numbers yet;
// the zero entry is none.
type entry struct{ block, position int32 }

// ref returns the reference to e when the first block of its set has the
// number base; 0 for none.
func (e entry) ref(base int64) int64 {
	if e.block == 0 {
		return 0
	}
	return (base+int64(e.block)-1)<<positionBits | int64(e.position)
}

// blockSet gathers entries into blocks, each of one part and kind. A block that is
// full is compressed while the next one fills, so that what is not compressed yet is
// little.
type blockSet struct {
	enc     *zstd.Encoder
	blocks  []*block
	work    chan *block // full blocks, nil before the first
	workers sync.WaitGroup
}

type block struct {
	part    int32 // the place in the buffer, -1 for no part
	kind    blockKind
	lengths []byte // of the entries, as uvarints
	n       int
	raw     []byte
	data    []byte // compressed
}

// add adds an entry; entries of one part and kind should follow each other.
func (s *blockSet) add(part int32, kind blockKind, data []byte) entry {
	last := len(s.blocks) - 1
	if last < 0 || s.blocks[last].full(part, kind, len(data)) {
		if last >= 0 {
			s.close(s.blocks[last])
		}
		s.blocks = append(s.blocks, &block{part: part, kind: kind, raw: buffers.get()})
		last++
	}
	b := s.blocks[last]
	b.lengths = binary.AppendUvarint(b.lengths, uint64(len(data)))
	b.raw = append(b.raw, data...)
	b.n++
	return entry{block: int32(last) + 1, position: int32(b.n) - 1}
}

func (b *block) full(part int32, kind blockKind, more int) bool {
	return b.part != part || b.kind != kind || b.n >= blockEntries || (b.n > 0 && len(b.raw)+more > blockBytes)
}

// close hands a block to whoever compresses.
func (s *blockSet) close(b *block) {
	if s.work == nil {
		s.work = make(chan *block)
		for range runtime.GOMAXPROCS(0) {
			s.workers.Go(func() {
				for b := range s.work {
					b.compress(s.enc)
				}
			})
		}
	}
	s.work <- b
}

// finish compresses the last block and waits for the others. It must be called once,
// whatever comes of the set.
func (s *blockSet) finish() {
	switch last := len(s.blocks) - 1; {
	case last < 0:
	case s.work == nil:
		s.blocks[last].compress(s.enc)
	default:
		s.work <- s.blocks[last]
		close(s.work)
		s.workers.Wait()
	}
}

func (b *block) compress(enc *zstd.Encoder) {
	plain := binary.AppendUvarint(buffers.get(), uint64(b.n)) //nolint:gosec // counts entries
	plain = append(append(plain, b.lengths...), b.raw...)
	b.data = enc.EncodeAll(plain, make([]byte, 0, len(plain)/4))
	buffers.put(plain)
	buffers.put(b.raw)
	b.raw, b.lengths = nil, nil
}

// pool keeps buffers of the size of a block for the next ones.
type pool struct{ sync.Pool }

var buffers pool

func (p *pool) get() []byte {
	if b, ok := p.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, blockBytes+blockBytes/8) // with the lengths of entries
}

func (p *pool) put(b []byte) {
	// A block of one large entry is larger than others: not worth keeping.
	if cap(b) <= 2*blockBytes {
		p.Put(&b)
	}
}

var errDamaged = errors.New("the stored block is damaged")

// openBlock splits a decompressed block into its entries.
func openBlock(plain []byte) ([][]byte, error) {
	n, w := binary.Uvarint(plain)
	if w <= 0 || n > blockEntries {
		return nil, errDamaged
	}
	plain = plain[w:]
	lengths := make([]uint64, n)
	for i := range lengths {
		if lengths[i], w = binary.Uvarint(plain); w <= 0 {
			return nil, errDamaged
		}
		plain = plain[w:]
	}
	entries := make([][]byte, n)
	for i, l := range lengths {
		if l > uint64(len(plain)) {
			return nil, errDamaged
		}
		entries[i], plain = plain[:l:l], plain[l:]
	}
	return entries, nil
}

// blockCacheBytes bounds the decompressed blocks that one iteration keeps.
const blockCacheBytes = 16 << 20

// blockReader reads entries by reference, with a cache that drops the oldest.
type blockReader struct {
	dec   *zstd.Decoder
	load  func(no int64) ([]byte, error)
	cache map[int64][][]byte
	order []int64
	sizes []int
	bytes int
}

func (r *blockReader) get(ref int64) ([]byte, error) {
	no, position := ref>>positionBits, int(ref&(1<<positionBits-1))
	entries, err := r.all(no)
	if err != nil {
		return nil, err
	}
	if position >= len(entries) {
		return nil, fmt.Errorf("entry %d of block %d: %w", position, no, errDamaged)
	}
	return entries[position], nil
}

// all returns the entries of a block.
func (r *blockReader) all(no int64) ([][]byte, error) {
	if entries, ok := r.cache[no]; ok {
		return entries, nil
	}
	data, err := r.load(no)
	if err != nil {
		return nil, fmt.Errorf("read block %d: %w", no, err)
	}
	plain, err := r.dec.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress block %d: %w: %w", no, errDamaged, err)
	}
	entries, err := openBlock(plain)
	if err != nil {
		return nil, fmt.Errorf("open block %d: %w", no, err)
	}
	r.keep(no, entries, len(plain))
	return entries, nil
}

func (r *blockReader) keep(no int64, entries [][]byte, size int) {
	for len(r.order) > 0 && r.bytes+size > blockCacheBytes {
		delete(r.cache, r.order[0])
		r.bytes -= r.sizes[0]
		r.order, r.sizes = r.order[1:], r.sizes[1:]
	}
	if r.cache == nil {
		r.cache = map[int64][][]byte{}
	}
	r.cache[no] = entries
	r.order, r.sizes = append(r.order, no), append(r.sizes, size)
	r.bytes += size
}
