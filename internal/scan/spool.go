package scan

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
type spool struct {
	parts []*part
	of    map[string]*part // by account
	enc   *zstd.Encoder
	dec   *zstd.Decoder
}

// part is one file: blocks of records, each compressed on its own.
type part struct {
	accounts []string
	file     *os.File
	buf      []byte // records that wait for their block
	assets   int
}

const (
	// spoolBlock is the size at which records are written.
	spoolBlock = 128 << 10
	// accountsInPart is how many accounts are evaluated together.
	accountsInPart = 8
	mostParts      = 128
)

// newSpool makes the files of a spool for so many accounts in a directory, ""
// for that of temporary files. Close removes them; where the system allows it
// they have no names, so that nothing is left behind by a crash either.
func newSpool(dir string, accounts []string) (*spool, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	s := &spool{of: map[string]*part{}, enc: enc, dec: dec}
	for range min(mostParts, max(1, len(accounts)/accountsInPart)) {
		f, err := os.CreateTemp(dir, "stance-spool-*")
		if err != nil {
			return nil, errors.Join(fmt.Errorf("make the spool: %w", err), s.Close())
		}
		s.parts = append(s.parts, &part{file: f})
		// Where an open file cannot be removed, Close does it.
		_ = os.Remove(f.Name())
	}
	for _, account := range accounts {
		s.part(account)
	}
	return s, nil
}

// part returns the part of an account, which is given one when it is new.
func (s *spool) part(account string) *part {
	p := s.of[account]
	if p == nil {
		p = s.parts[len(s.of)%len(s.parts)]
		p.accounts = append(p.accounts, account)
		s.of[account] = p
	}
	return p
}

// put writes an asset to the part of its account.
func (s *spool) put(a *model.Asset) error {
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("spool %s: %w", a.ID, err)
	}
	p := s.part(a.Scope.Account)
	p.buf = binary.AppendUvarint(p.buf, uint64(len(b)))
	p.buf = append(p.buf, b...)
	p.assets++
	if len(p.buf) < spoolBlock {
		return nil
	}
	return s.flush(p)
}

func (s *spool) flush(p *part) error {
	if len(p.buf) == 0 {
		return nil
	}
	block := s.enc.EncodeAll(p.buf, nil)
	head := binary.BigEndian.AppendUint32(nil, uint32(len(block)))
	for _, b := range [][]byte{head, block} {
		if _, err := p.file.Write(b); err != nil {
			return fmt.Errorf("write the spool: %w", err)
		}
	}
	p.buf = p.buf[:0]
	return nil
}

// read returns the assets of a part, sorted by id, and frees the part's memory.
func (s *spool) read(p *part) ([]*model.Asset, error) {
	out := make([]*model.Asset, 0, p.assets)
	if err := s.each(p, func(a *model.Asset) { out = append(out, a) }); err != nil {
		return nil, err
	}
	p.buf = nil
	slices.SortFunc(out, func(a, b *model.Asset) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// each hands over the assets of a part in the order in which they were put.
func (s *spool) each(p *part, take func(*model.Asset)) error {
	if err := s.flush(p); err != nil {
		return err
	}
	if _, err := p.file.Seek(0, 0); err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	var head [4]byte
	var block, plain []byte
	for taken := 0; taken < p.assets; {
		if _, err := io.ReadFull(p.file, head[:]); err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		block = slices.Grow(block[:0], int(binary.BigEndian.Uint32(head[:])))[:binary.BigEndian.Uint32(head[:])]
		if _, err := io.ReadFull(p.file, block); err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		var err error
		if plain, err = s.dec.DecodeAll(block, plain[:0]); err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		for rest := plain; len(rest) > 0; taken++ {
			size, n := binary.Uvarint(rest)
			if n <= 0 || uint64(len(rest)-n) < size {
				return fmt.Errorf("read the spool: %w record", model.ErrInvalid)
			}
			a := new(model.Asset)
			if err := json.Unmarshal(rest[n:n+int(size)], a); err != nil {
				return fmt.Errorf("read the spool: %w", err)
			}
			take(a)
			rest = rest[n+int(size):]
		}
	}
	return nil
}

// Close removes the files.
func (s *spool) Close() error {
	var problems []error
	for _, p := range s.parts {
		if err := p.file.Close(); err != nil {
			problems = append(problems, err)
		}
		if err := os.Remove(p.file.Name()); err != nil && !errors.Is(err, os.ErrNotExist) {
			problems = append(problems, err)
		}
	}
	s.dec.Close()
	return errors.Join(problems...)
}
