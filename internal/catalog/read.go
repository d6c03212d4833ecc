package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v3"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/plainyaml"
)

// source is a file of the catalogue and what was read from it.
type source[T any] struct {
	name string
	read T
	err  error
}

// readAll parses the files below a directory, but not those of controls that were
// left out, and returns them in their order. The bytes that parse is given are
// its own until it returns.
func readAll[T any](c *Catalog, root fs.FS, dir string, parse func(name string, data []byte) (T, error)) ([]source[T], error) {
	var out []source[T]
	err := fs.WalkDir(root, dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && p == dir:
			return nil // a root may hold controls only
		case err != nil:
			return fmt.Errorf("read catalogue: %w", err)
		case d.IsDir() && path.Dir(p) == "controls" && c.foreign(path.Base(p)):
			return fs.SkipDir
		case d.IsDir():
			return nil
		case path.Ext(p) != ".yaml":
			return fmt.Errorf("%s: %w file in the catalogue: controls and frameworks end in .yaml", p, model.ErrInvalid)
		}
		out = append(out, source[T]{name: p})
		return nil
	})
	each(len(out), func(i int, buf *bytes.Buffer) {
		s := &out[i]
		if s.err = readFile(root, s.name, buf); s.err == nil {
			s.read, s.err = parse(s.name, buf.Bytes())
		}
		if s.err != nil {
			s.err = fmt.Errorf("%s: %w", s.name, s.err)
		}
	})
	return out, err
}

// each calls do for 0 to n-1, on all cores, as no file needs another. The buffer
// is for do alone while it runs.
func each(n int, do func(i int, buf *bytes.Buffer)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			var buf bytes.Buffer
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i, &buf)
			}
		})
	}
	workers.Wait()
}

func readFile(root fs.FS, name string, into *bytes.Buffer) error {
	f, err := root.Open(name)
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	defer f.Close()
	into.Reset()
	if _, err := into.ReadFrom(f); err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	return nil
}

// strict decodes one YAML document; a key that v does not have is an error.
func strict(data []byte, v any) error {
	if plainyaml.Decode(data, v) {
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", model.ErrInvalid, err)
	}
	return nil
}

var examplesKey = []byte("\nexamples:")

// withoutExamples cuts the examples out of a file of controls. Where another key
// follows them it may refer to what they define, so the file is left as it is.
func withoutExamples(data []byte) []byte {
	at := bytes.Index(data, examplesKey)
	if at < 0 {
		return data
	}
	for line := range bytes.Lines(data[at+len(examplesKey):]) {
		switch line[0] {
		case ' ', '\n', '#', '-':
		default:
			return data
		}
	}
	return data[:at+1]
}

// frameworkProvider returns the cloud that a framework is for, where its file
// says so at the beginning of a line.
func frameworkProvider(data []byte) string {
	_, rest, _ := bytes.Cut(data, []byte("\nprovider:"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return string(bytes.TrimSpace(line))
}
