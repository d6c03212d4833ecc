package report

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

var update = flag.Bool("update", false, "write golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update to write it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestFormats writes the estate in every registered format, so that a new one
// is tested by its golden file alone.
func TestFormats(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			if f.Extension == "" || f.ContentType == "" || f.Summary == "" {
				t.Errorf("incomplete: %+v", f)
			}
			in := estate()
			got, err := render(f.Write, in)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "estate."+f.Extension, got)
			if again, _ := render(f.Write, in); again != got {
				t.Error("a second run gives other bytes")
			}
			if !strings.HasSuffix(got, "\n") {
				t.Error("does not end with a line break")
			}
		})
	}
}

func TestFormatsPassErrorsOn(t *testing.T) {
	cause := errors.New("store is gone")
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			in := estate()
			in.Findings = broken(cause)
			if _, err := render(f.Write, in); !errors.Is(err, cause) {
				t.Errorf("got error %v, want %v", err, cause)
			}
			in = estate()
			if err := f.Write(failingWriter{}, in); !errors.Is(err, errFull) {
				t.Errorf("got error %v, want %v", err, errFull)
			}
		})
	}
}

var errFull = errors.New("disk is full")

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errFull }

func TestFormatsOfNothing(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			if _, err := render(f.Write, Input{Findings: each(nil)}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	if f, err := Lookup("csv"); err != nil || f.Name != "csv" {
		t.Errorf("got %q, %v", f.Name, err)
	}
	_, err := Lookup("pdf")
	if !errors.Is(err, model.ErrInvalid) {
		t.Fatalf("got %v, want model.ErrInvalid", err)
	}
	for _, f := range Formats() {
		if !strings.Contains(err.Error(), f.Name) {
			t.Errorf("%q does not name %s", err, f.Name)
		}
	}
}
