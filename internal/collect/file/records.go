package file

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// Records reads the export from its beginning, one value at a time. An error
// ends it.
func (e *Export) Records(ctx context.Context) iter.Seq2[collect.Exported, error] {
	return func(yield func(collect.Exported, error) bool) {
		if e.Failure != nil {
			yield(collect.Exported{File: filepath.Base(e.Path), Path: e.Path, Form: e.Form, Failure: e.Failure}, nil)
			return
		}
		_, err := e.open(func(s *scanner) error {
			return e.read(s, func(member string, whole bool, v any) error {
				if err := ctx.Err(); err != nil {
					return err //nolint:wrapcheck // the caller's
				}
				out := collect.Exported{File: filepath.Base(e.Path), Path: e.Path, Form: e.Form, Member: member, Whole: whole, Value: v, Partial: e.Partial}
				if e.Form != collect.CLIOutput {
					doc, err := e.document(v)
					if err != nil {
						return err
					}
					out.Value = map[string]any(doc)
				}
				if !yield(out, nil) {
					return errDone
				}
				return nil
			})
		})
		if err != nil && !errors.Is(err, errDone) {
			yield(collect.Exported{}, err)
		}
	}
}

// read hands over every item of the export.
func (e *Export) read(s *scanner, do func(member string, whole bool, v any) error) error {
	item := func() error {
		v, err := s.decoded()
		if err != nil {
			return err
		}
		return do(e.list, false, v)
	}
	switch {
	case e.Form == collect.CLIOutput:
		if len(e.Members) == 0 { // an object without members is an answer too
			return do("", true, nil)
		}
		return s.members(func(name string) error { return readMember(s, name, do) })
	case e.list != "":
		return s.members(func(name string) error {
			if name == e.list {
				return s.items(item)
			}
			_, err := s.value(false)
			return err
		})
	}
	// Lists and objects may follow one another: of >> come several.
	for {
		b, err := s.next()
		switch {
		case err != nil || b == 0:
			return err
		case b != e.bare:
			return s.fail(fmt.Sprintf("%q follows, where the file begins with %q", b, e.bare))
		case b == '[':
			err = s.items(item)
		default:
			err = item()
		}
		if err != nil {
			return err
		}
	}
}

func readMember(s *scanner, name string, do func(member string, whole bool, v any) error) error {
	b, err := s.next()
	if err != nil {
		return err
	}
	if b != '[' {
		v, err := s.decoded()
		if err != nil {
			return err
		}
		return do(name, true, v)
	}
	none := true
	err = s.items(func() error {
		none = false
		v, err := s.decoded()
		if err != nil {
			return err
		}
		return do(name, false, v)
	})
	if err == nil && none {
		return do(name, true, []any{})
	}
	return err
}

// document brings an item to the form that its service's API has.
func (e *Export) document(v any) (model.Document, error) {
	if text, ok := v.(string); ok { // an advanced query's results are JSON in strings
		inner, err := model.DecodeJSON([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("a result: %w", err)
		}
		v = inner
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: an item is no object", model.ErrInvalid)
	}
	if e.Form == collect.InventoryAssets || e.Form == collect.InventorySearch {
		return inventoryAsset(m)
	}
	return m, nil
}
