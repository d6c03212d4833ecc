package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// What cannot be opened says what is wrong, with what, and what to do.
func TestOpenErrors(t *testing.T) {
	for _, test := range []struct {
		name  string
		path  func(t *testing.T, dir string) string
		opts  sqlite.Options
		is    error
		words []string
	}{
		{
			name:  "no directory",
			path:  func(_ *testing.T, dir string) string { return filepath.Join(dir, "missing", "x.db") },
			is:    fs.ErrNotExist,
			words: []string{"missing", "does not exist", "create it"},
		},
		{
			name: "the directory is a file",
			path: func(t *testing.T, dir string) string {
				write(t, filepath.Join(dir, "file"), "x")
				return filepath.Join(dir, "file", "x.db")
			},
			words: []string{"directory"},
		},
		{
			name:  "a directory",
			path:  func(_ *testing.T, dir string) string { return dir },
			words: []string{"open it for writing"},
		},
		{
			name: "not writable",
			path: func(t *testing.T, dir string) string {
				if os.Getuid() == 0 {
					t.Skip("root may write anywhere")
				}
				path := filepath.Join(dir, "x.db")
				write(t, path, "")
				if err := os.Chmod(path, 0o400); err != nil {
					t.Fatal(err)
				}
				return path
			},
			is:    fs.ErrPermission,
			words: []string{"write access"},
		},
		{
			name: "a text",
			path: func(t *testing.T, dir string) string {
				write(t, filepath.Join(dir, "x.db"), "these are notes and no database")
				return filepath.Join(dir, "x.db")
			},
			words: []string{"not a Stance store", "move the file away"},
		},
		{
			name: "another program's database",
			path: func(t *testing.T, dir string) string {
				return foreign(t, dir, "CREATE TABLE customers (name)")
			},
			words: []string{"another program", "move the file away"},
		},
		{
			name: "a newer schema",
			path: func(t *testing.T, dir string) string {
				path := filepath.Join(dir, "x.db")
				s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				return foreign(t, dir, "PRAGMA user_version = 99")
			},
			is:    model.ErrInvalid,
			words: []string{"newer version", "99", "install"},
		},
		{
			name:  "a bad option",
			path:  func(_ *testing.T, dir string) string { return filepath.Join(dir, "x.db") },
			opts:  sqlite.Options{Lease: -time.Second},
			is:    model.ErrInvalid,
			words: []string{"Lease"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := test.path(t, t.TempDir())
			s, err := sqlite.Open(context.Background(), path, test.opts)
			if err == nil {
				t.Fatal(errors.Join(errors.New("got no error"), s.Close()))
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("got %v, want it to be %v", err, test.is)
			}
			for _, word := range test.words {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the error %q does not say %q", err, word)
				}
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// foreign runs a statement on the file x.db in dir.
func foreign(t *testing.T, dir, statement string) string {
	t.Helper()
	path := filepath.Join(dir, "x.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// Paths may hold what URLs and SQLite's names treat specially.
func TestOpenOddPaths(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%41&é")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "x?mode=memory.db")
	open(t, path, sqlite.Options{})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() == 0 {
		t.Error("the store is not in its file")
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the file has mode %o, want 600", mode)
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	for n := 1; n <= 3; n++ {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := wholeScan(t, s); got != n-1 {
			t.Errorf("scan %d is visible, want %d", got, n-1)
		}
		if err := writeScan(t.Context(), s, n); err != nil {
			t.Fatal(err)
		}
		// A scan that is open when the store is closed is aborted.
		if err := s.Begin(t.Context(), model.Scan{ID: "open", Provider: model.AWS, Accounts: []string{"1"}}); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMemoryLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	s, err := sqlite.Open(t.Context(), sqlite.Memory, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := writeScan(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(tmp)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
