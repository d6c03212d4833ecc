package gcp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// spool keeps policies by the names of their assets while the documents of the
// same assets are listed. Google does not promise an order of listings, so the
// two cannot be merged as they come, and an organization may hold millions of
// policies: those beyond the first megabyte go to a file. What stays in
// memory does not grow: one offset for each of a fixed number of chains, each
// record with the offset of the one before it in its chain.
type spool struct {
	dir    string
	limit  int // bytes that may stay in memory
	heads  []int64
	memory []byte
	file   *os.File
	end    int64
	buffer []byte // not written to the file yet
}

const (
	spoolMemory = 1 << 20 // of each of the listings that are read side by side
	spoolChains = 1 << 16
	spoolHeader = 8 + 4 + 4 // offset of the record before, lengths of name and policy
	spoolBuffer = 1 << 18
)

func newSpool(dir string) *spool { return &spool{dir: dir, limit: spoolMemory} }

func chainOf(name string) uint32 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, name)
	return h.Sum32() % spoolChains
}

// put adds a policy; the last one of a name counts.
func (s *spool) put(name string, policy []byte) error {
	if s.heads == nil {
		s.heads = make([]int64, spoolChains) // offsets are one too large, so that zero ends a chain
	}
	chain := chainOf(name)
	record := make([]byte, spoolHeader, spoolHeader+len(name)+len(policy))
	binary.LittleEndian.PutUint64(record, uint64(s.heads[chain])) //nolint:gosec // never negative
	binary.LittleEndian.PutUint32(record[8:], uint32(len(name)))  //nolint:gosec // bounded by the answer's size
	binary.LittleEndian.PutUint32(record[12:], uint32(len(policy)))
	record = append(append(record, name...), policy...)
	s.heads[chain] = s.end + 1
	s.end += int64(len(record))
	if s.file == nil && len(s.memory)+len(record) <= s.limit {
		s.memory = append(s.memory, record...)
		return nil
	}
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "stance-policies-*")
		if err != nil {
			return fmt.Errorf("spool policies: %w", err)
		}
		// The file has no name any more when the process ends, however it ends;
		// where that cannot be done, close removes it.
		_ = os.Remove(f.Name())
		s.file, s.buffer, s.memory = f, s.memory, nil
	}
	s.buffer = append(s.buffer, record...)
	if len(s.buffer) >= spoolBuffer {
		return s.flush()
	}
	return nil
}

func (s *spool) flush() error {
	if s.file == nil || len(s.buffer) == 0 {
		return nil
	}
	if _, err := s.file.Write(s.buffer); err != nil {
		return fmt.Errorf("spool policies: %w", err)
	}
	s.buffer = s.buffer[:0]
	if cap(s.buffer) > 2*spoolBuffer { // what was in memory before there was a file
		s.buffer = nil
	}
	return nil
}

// get returns the policy of an asset.
func (s *spool) get(name string) (policy []byte, found bool, err error) {
	if s.heads == nil {
		return nil, false, nil
	}
	if err := s.flush(); err != nil {
		return nil, false, err
	}
	for at := s.heads[chainOf(name)]; at > 0; {
		var header [spoolHeader]byte
		if err := s.read(header[:], at-1); err != nil {
			return nil, false, err
		}
		nameLen, policyLen := binary.LittleEndian.Uint32(header[8:]), binary.LittleEndian.Uint32(header[12:])
		if int(nameLen) == len(name) {
			record := make([]byte, int(nameLen)+int(policyLen))
			if err := s.read(record, at-1+spoolHeader); err != nil {
				return nil, false, err
			}
			if string(record[:nameLen]) == name {
				return record[nameLen:], true, nil
			}
		}
		at = int64(binary.LittleEndian.Uint64(header[:])) //nolint:gosec // as written by put
	}
	return nil, false, nil
}

func (s *spool) read(into []byte, at int64) error {
	if s.file == nil {
		copy(into, s.memory[at:])
		return nil
	}
	if _, err := s.file.ReadAt(into, at); err != nil {
		return fmt.Errorf("read spooled policies: %w", err)
	}
	return nil
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if rm := os.Remove(s.file.Name()); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	s.file = nil
	return err
}
