package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// Found are the exports among some paths, sorted by path.
type Found struct {
	Exports []*Export
	// Skipped are the files of directories that were not recognized.
	Skipped []Skipped
}

// Skipped is a file that was not recognized, and what was found in it.
type Skipped struct {
	Path string
	Why  string
}

func skipped(path string, err error) Skipped {
	s := Skipped{path, err.Error()}
	var known *strange
	if errors.As(err, &known) {
		s.Why = known.what
	}
	return s
}

// Find recognizes files, and all files below directories. A file that was named
// itself and is not recognized is an error, as is a directory in which nothing
// is. accepts has the last word on outputs of the AWS CLI: it says which command
// wrote one, or returns an error that wraps ErrUnrecognized.
func Find(paths []string, accepts func(*Export) error) (Found, error) {
	var found Found
	seen := map[string]bool{}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return found, fmt.Errorf("read export: %w", err)
		}
		if !info.IsDir() {
			e, err := recognized(path, accepts)
			if err != nil {
				return found, err
			}
			found.add(e, seen)
			continue
		}
		before := len(found.Exports)
		if err := found.below(path, accepts, seen); err != nil {
			return found, err
		}
		if len(found.Exports) == before {
			return found, fmt.Errorf("%s: %w", path, unrecognized(fmt.Sprintf("no file in the directory is in a known form (%d were looked at)", len(found.Skipped))))
		}
	}
	slices.SortStableFunc(found.Exports, func(a, b *Export) int { return strings.Compare(a.Path, b.Path) })
	return found, nil
}

func (f *Found) add(e *Export, seen map[string]bool) {
	key, err := filepath.Abs(e.Path)
	if err != nil || seen[key] {
		return
	}
	seen[key] = true
	f.Exports = append(f.Exports, e)
}

func (f *Found) below(dir string, accepts func(*Export) error, seen map[string]bool) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && path != dir:
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		e, err := recognized(path, accepts)
		if errors.Is(err, ErrUnrecognized) || errors.Is(err, model.ErrInvalid) && !mayBeExport(path) {
			f.Skipped = append(f.Skipped, skipped(path, err))
			return nil
		}
		if err != nil {
			return err
		}
		f.add(e, seen)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read exports: %w", err)
	}
	return nil
}

// mayBeExport says whether a name promises JSON: such a file that is broken is
// not passed over.
func mayBeExport(path string) bool {
	return slices.Contains([]string{".json", ".jsonl", ".ndjson", ".gz"}, strings.ToLower(filepath.Ext(path)))
}

func recognized(path string, accepts func(*Export) error) (*Export, error) {
	e, err := Recognize(path)
	if err != nil {
		return nil, err
	}
	if e.Form == collect.CLIOutput {
		if err := accepts(e); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return e, nil
}
