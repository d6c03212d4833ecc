package catalog

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/plainyaml"
)

// file is a file of the catalogue as commands read it, and what it is decoded
// into.
type file struct {
	name   string
	data   []byte
	target func() any
}

func files(tb testing.TB) []file {
	tb.Helper()
	content := os.DirFS("../../content")
	var out []file
	for dir, target := range map[string]func() any{
		"controls":   func() any { return new(controlFile) },
		"facts":      func() any { return new(model.Fact) },
		"frameworks": func() any { return new(model.Framework) },
	} {
		err := fs.WalkDir(content, dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".yaml" {
				return err
			}
			data, err := fs.ReadFile(content, name)
			out = append(out, file{name, data, target})
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return out
}

func byYAML(data []byte, v any) error {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	return d.Decode(v)
}

// TestPlainYAML holds that every file of the catalogue means the same to the quick
// reader and to the YAML package, and that what commands read of them is plain
// enough for the quick one.
func TestPlainYAML(t *testing.T) {
	var refused []string
	all := files(t)
	for _, f := range all {
		for _, data := range [][]byte{f.data, withoutExamples(f.data)} {
			got, want := f.target(), f.target()
			switch {
			case plainyaml.Decode(data, got):
				if err := byYAML(data, want); err != nil {
					t.Errorf("%s: %v", f.name, err)
				} else if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-yaml +plain)\n%s", f.name, diff)
				}
			case len(data) < len(f.data):
				refused = append(refused, f.name)
			}
		}
	}
	if len(refused) > len(all)/50 {
		t.Errorf("%d of %d files are read by the slow way: %v", len(refused), len(all), refused)
	}
}

// TestWithoutExamples holds that only examples at the end of a file are cut.
func TestWithoutExamples(t *testing.T) {
	for _, tt := range []struct{ name, data, want string }{
		{"at the end", "id: a\nexamples:\n  - name: b\n\n# c\n- name: d\n", "id: a\n"},
		{"none", "id: a\nparams: {examples: 1}\n", "id: a\nparams: {examples: 1}\n"},
		{"of an instance", "instances:\n  - examples:\n      - name: a\n", "instances:\n  - examples:\n      - name: a\n"},
		{"before another key", "examples:\n  - name: b\nid: a\n", "examples:\n  - name: b\nid: a\n"},
		{"before a quoted key", "x: y\nexamples:\n  - name: b\n\"id\": a\n", "x: y\nexamples:\n  - name: b\n\"id\": a\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(withoutExamples([]byte(tt.data))); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// BenchmarkStrict measures what decoding the catalogue costs, as commands read
// it, on one core; and what it costs the YAML package.
func BenchmarkStrict(b *testing.B) {
	all := files(b)
	var size int64
	for i := range all {
		all[i].data = withoutExamples(all[i].data)
		size += int64(len(all[i].data))
	}
	for name, decode := range map[string]func([]byte, any) error{"strict": strict, "yaml": byYAML} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				for _, f := range all {
					if err := decode(f.data, f.target()); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
