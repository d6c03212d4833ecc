package scan

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/stance-sec/stance/internal/model"
)

// spool keeps the assets of many accounts on disk until all is read, so that a
// scan needs the memory of a few accounts and not of all. Each part holds the
// assets of some accounts whole: controls look at their own account and at those
// above it, and seldom at another one.
//
// Sources yield the accounts mixed. Records gather in one buffer, and when that
// is full go to the file by part, in compressed blocks that each tell where the
// one before it of the same part is. So neither the parts nor what they hold
// costs memory: with more accounts the blocks are smaller.
type spool struct {
	parts []*part
	of    map[string]*part // by account
	file  *os.File
	end   int64 // of what is written
	// buf are the records that wait, and where the parts find theirs.
	buf     []byte
	waiting []record
	enc     *zstd.Encoder
	dec     *zstd.Decoder
	head    []byte // of the block that is read or written, and its data
	plain   []byte
}

// part is some accounts that are evaluated together.
type part struct {
	no       int
	accounts []string
	assets   int
	last     int64 // where its last block ends its chain, one too large; zero for none
}

// record is one asset in the buffer.
type record struct{ part, from, to int }

const (
	// spoolBuffer bounds the records that wait, spoolBlock those of one block.
	spoolBuffer = 4 << 20
	spoolBlock  = 256 << 10
	// spoolHead is what stands before a block: where the one before it is, and its
	// size.
	spoolHead = 8 + 4
	// accountsInPart is how many accounts are evaluated together.
	accountsInPart = 2
)

// newSpool makes a spool for these accounts in a directory, "" for that of
// temporary files. Close removes its file; where the system allows it the file
// has no name, so that nothing is left behind by a crash either.
func newSpool(dir string, accounts []string) (*spool, error) {
	// A window of the size of a block: the compressor's default is larger than all
	// else together.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(spoolBlock), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	s := &spool{of: make(map[string]*part, len(accounts)), enc: enc, dec: dec}
	if s.file, err = os.CreateTemp(dir, "stance-spool-*"); err != nil {
		dec.Close()
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	// Where an open file cannot be removed, Close does it.
	_ = os.Remove(s.file.Name())
	for _, account := range accounts {
		s.part(account)
	}
	return s, nil
}

// part returns the part of an account, which is given one when it is new.
func (s *spool) part(account string) *part {
	p := s.of[account]
	if p != nil {
		return p
	}
	if n := len(s.parts); n > 0 && len(s.parts[n-1].accounts) < accountsInPart {
		p = s.parts[n-1]
	} else {
		p = &part{no: n}
		s.parts = append(s.parts, p)
	}
	p.accounts = append(p.accounts, account)
	s.of[account] = p
	return p
}

// put adds an asset to the part of its account.
func (s *spool) put(a *model.Asset) error {
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("spool %s: %w", a.ID, err)
	}
	if len(s.buf)+binary.MaxVarintLen64+len(b) > spoolBuffer {
		if err := s.flush(); err != nil {
			return err
		}
	}
	p, from := s.part(a.Scope.Account), len(s.buf)
	s.buf = binary.AppendUvarint(s.buf, uint64(len(b)))
	s.buf = append(s.buf, b...)
	s.waiting = append(s.waiting, record{part: p.no, from: from, to: len(s.buf)})
	p.assets++
	return nil
}

// flush writes what waits, the records of each part together.
func (s *spool) flush() error {
	slices.SortFunc(s.waiting, func(a, b record) int { return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.from, b.from)) })
	block := s.plain[:0]
	for i, r := range s.waiting {
		block = append(block, s.buf[r.from:r.to]...)
		if i+1 < len(s.waiting) && s.waiting[i+1].part == r.part && len(block) < spoolBlock {
			continue
		}
		if err := s.write(s.parts[r.part], block); err != nil {
			return err
		}
		block = block[:0]
	}
	s.plain = kept(block)
	s.buf, s.waiting = kept(s.buf), s.waiting[:0]
	return nil
}

// kept returns a buffer to be used again, but not one that was made for a record
// larger than all others.
func kept(b []byte) []byte {
	if cap(b) > spoolBuffer+spoolBuffer/4 {
		return nil
	}
	return b[:0]
}

// write writes a block of a part behind the last one.
func (s *spool) write(p *part, block []byte) error {
	b := binary.BigEndian.AppendUint64(s.head[:0], uint64(p.last)) //nolint:gosec // never negative
	b = s.enc.EncodeAll(block, append(b, 0, 0, 0, 0))
	binary.BigEndian.PutUint32(b[8:], uint32(len(b)-spoolHead)) //nolint:gosec // a block is a record longer than spoolBlock at most
	if _, err := s.file.WriteAt(b, s.end); err != nil {
		return fmt.Errorf("write the spool: %w", err)
	}
	p.last = s.end + 1
	s.end += int64(len(b))
	s.head = kept(b)
	return nil
}

// read returns the assets of a part, sorted by id.
func (s *spool) read(p *part) ([]*model.Asset, error) {
	out := make([]*model.Asset, 0, p.assets)
	if err := s.each(p, func(a *model.Asset) { out = append(out, a) }); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b *model.Asset) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// each hands over the assets of a part, in no particular order.
func (s *spool) each(p *part, take func(*model.Asset)) error {
	if len(s.waiting) > 0 {
		if err := s.flush(); err != nil {
			return err
		}
		s.buf, s.waiting = nil, nil // what was to be put has been
	}
	taken := 0
	for at := p.last; at > 0; {
		var head [spoolHead]byte
		if _, err := s.file.ReadAt(head[:], at-1); err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		size := int(binary.BigEndian.Uint32(head[8:]))
		block := slices.Grow(s.head[:0], size)[:size]
		if _, err := s.file.ReadAt(block, at-1+spoolHead); err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		plain, err := s.dec.DecodeAll(block, s.plain[:0])
		if err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		for rest := plain; len(rest) > 0; taken++ {
			size, n := binary.Uvarint(rest)
			if n <= 0 || uint64(len(rest)-n) < size {
				return fmt.Errorf("read the spool: %w record", model.ErrInvalid)
			}
			a := new(model.Asset)
			if err := json.Unmarshal(rest[n:n+int(size)], a); err != nil { //nolint:gosec // not more than is left
				return fmt.Errorf("read the spool: %w", err)
			}
			take(a)
			rest = rest[n+int(size):] //nolint:gosec // as above
		}
		s.head, s.plain = kept(block), kept(plain)
		at = int64(binary.BigEndian.Uint64(head[:])) //nolint:gosec // as written
	}
	if taken != p.assets {
		return fmt.Errorf("read the spool: %w: %d assets of %d", model.ErrInvalid, taken, p.assets)
	}
	return nil
}

// Close removes the file.
func (s *spool) Close() error {
	s.dec.Close()
	err := s.file.Close()
	if rm := os.Remove(s.file.Name()); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}
