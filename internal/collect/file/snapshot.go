// Package file reads and writes snapshots: everything that was read of an
// account, with its gaps, the ledger and what people attested, in one
// compressed file that a later scan evaluates offline. A snapshot is a zstd
// stream of JSON lines; the first is the manifest, the last holds the count and
// the hash of the lines between.
package file

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/stance-sec/stance/internal/model"
)

// Format names the form of a snapshot in its manifest.
const Format = "stance-snapshot/1"

// maxLine bounds one asset: a document larger than this is refused.
const maxLine = 64 << 20

// Manifest says what a snapshot holds.
type Manifest struct {
	Format string     `json:"format"`
	Scan   model.Scan `json:"scan"`
}

type line struct {
	Asset       *model.Asset       `json:"asset,omitempty"`
	Gap         *model.Gap         `json:"gap,omitempty"`
	Coverage    *model.Coverage    `json:"coverage,omitempty"`
	Attestation *model.Attestation `json:"attestation,omitempty"`
	End         *end               `json:"end,omitempty"`
}

type end struct {
	Lines  int    `json:"lines"`
	SHA256 string `json:"sha256"`
}

// Contents is what a snapshot holds beside its manifest.
type Contents struct {
	Kept   model.Kept
	Assets iter.Seq2[model.Asset, error]
	Gaps   []model.Gap
}

// Save writes a snapshot to path; the file appears whole or not at all.
func Save(path string, m Manifest, c Contents) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".stance-*")
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tmp.Close(), os.Remove(tmp.Name()))
		}
	}()
	if err := write(tmp, m, c); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

func write(w io.Writer, m Manifest, c Contents) error {
	z, err := zstd.NewWriter(w)
	if err != nil {
		return err
	}
	m.Format = Format
	if err := encode(z, m); err != nil {
		return err
	}
	sum := sha256.New()
	body := io.MultiWriter(z, sum)
	n := 0
	put := func(l line) error {
		n++
		return encode(body, l)
	}
	if err := c.each(put); err != nil {
		return err
	}
	if err := encode(z, line{End: &end{Lines: n, SHA256: hex.EncodeToString(sum.Sum(nil))}}); err != nil {
		return err
	}
	return z.Close()
}

// each calls put for each line. What Kept returns stands first, so that it is
// read without what follows.
func (c *Contents) each(put func(line) error) error {
	for i := range c.Kept.Coverage {
		if err := put(line{Coverage: &c.Kept.Coverage[i]}); err != nil {
			return err
		}
	}
	for i := range c.Kept.Attestations {
		if err := put(line{Attestation: &c.Kept.Attestations[i]}); err != nil {
			return err
		}
	}
	for a, err := range c.Assets {
		if err != nil {
			return err
		}
		if err := put(line{Asset: &a}); err != nil {
			return err
		}
	}
	for i := range c.Gaps {
		if err := put(line{Gap: &c.Gaps[i]}); err != nil {
			return err
		}
	}
	return nil
}

func encode(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// Snapshot is a saved snapshot as a source. It satisfies scan.Keeper.
type Snapshot struct {
	Path     string
	Manifest Manifest
}

// Open reads the manifest of a snapshot. What is no snapshot is an error that
// says so.
func Open(path string) (*Snapshot, error) {
	s := &Snapshot{Path: path}
	err := s.each(func(m Manifest) error { s.Manifest = m; return errStop }, nil)
	if err != nil && !errors.Is(err, errStop) {
		return nil, err
	}
	return s, nil
}

var errStop = errors.New("stop")

// Collect yields the assets and gaps of the snapshot as they were read. A
// snapshot that was cut or changed ends with an error.
func (s *Snapshot) Collect(ctx context.Context, _ model.Scope) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		err := s.each(nil, func(l line) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			ok := true
			switch {
			case l.Asset != nil:
				l.Asset.Origin = model.Origin{Kind: model.OriginSnapshot, File: filepath.Base(s.Path)}
				ok = yield(*l.Asset, nil)
			case l.Gap != nil:
				ok = yield(model.Asset{}, l.Gap)
			}
			if !ok {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(model.Asset{}, err)
		}
	}
}

// Kept returns the coverage and the attestations of the snapshot: the lines
// before the first asset or gap. Collect is what proves the file whole.
func (s *Snapshot) Kept(ctx context.Context) (model.Kept, error) {
	var kept model.Kept
	err := s.each(nil, func(l line) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case l.Coverage != nil:
			kept.Coverage = append(kept.Coverage, *l.Coverage)
		case l.Attestation != nil:
			kept.Attestations = append(kept.Attestations, *l.Attestation)
		case l.Asset != nil, l.Gap != nil:
			return errStop
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		return model.Kept{}, err
	}
	return kept, nil
}

func (s *Snapshot) each(manifest func(Manifest) error, do func(line) error) (err error) {
	f, err := os.Open(s.Path)
	if err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := zstd.NewReader(f, zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return fmt.Errorf("%s: %w snapshot: %w", s.Path, model.ErrInvalid, err)
	}
	defer z.Close()
	r := lines{r: bufio.NewReaderSize(z, 1<<20), sum: sha256.New()}
	first, err := r.next()
	if err != nil {
		return fmt.Errorf("%s: %w snapshot: %w", s.Path, model.ErrInvalid, err)
	}
	var m Manifest
	if err := json.Unmarshal(first, &m); err != nil || m.Format != Format {
		return fmt.Errorf("%s: %w snapshot: it does not begin with a manifest of %s", s.Path, model.ErrInvalid, Format)
	}
	if manifest != nil {
		if err := manifest(m); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		before := hex.EncodeToString(r.sum.Sum(nil))
		b, err := r.next()
		if err != nil {
			return fmt.Errorf("%s: %w snapshot: cut after line %d: %w", s.Path, model.ErrInvalid, n+1, err)
		}
		var l line
		if err := json.Unmarshal(b, &l); err != nil {
			return fmt.Errorf("%s: %w snapshot: line %d: %w", s.Path, model.ErrInvalid, n+2, err)
		}
		if l.End != nil {
			if l.End.Lines != n || l.End.SHA256 != before {
				return fmt.Errorf("%s: %w snapshot: its contents do not match the hash written at its end", s.Path, model.ErrInvalid)
			}
			return nil
		}
		r.sum.Write(append(b, '\n'))
		if err := do(l); err != nil {
			return err
		}
	}
}

// lines reads lines of bounded length.
type lines struct {
	r   *bufio.Reader
	sum hash.Hash
	buf bytes.Buffer
}

func (l *lines) next() ([]byte, error) {
	l.buf.Reset()
	for {
		part, err := l.r.ReadSlice('\n')
		l.buf.Write(part)
		if l.buf.Len() > maxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		switch {
		case err == nil:
			return bytes.Clone(bytes.TrimRight(l.buf.Bytes(), "\n")), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
