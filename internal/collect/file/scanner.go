package file

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/stance-sec/stance/internal/model"
)

// maxDocument bounds one document of an export.
const maxDocument = 50 << 20

// scanner walks through JSON without holding more of it than one value. It finds
// where values end; whether they are JSON is for whoever decodes them.
type scanner struct {
	r     *bufio.Reader
	at    int64
	limit int // of a value that is kept
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, 1<<18), limit: maxDocument}
}

func (s *scanner) fail(what string) error {
	return fmt.Errorf("%w JSON: %s at byte %d", model.ErrInvalid, what, s.at)
}

// next returns the next byte that is no space, without taking it; 0 at the end.
func (s *scanner) next() (byte, error) {
	for {
		b, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil {
			return 0, err //nolint:wrapcheck // the file's
		}
		switch b {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return b, s.r.UnreadByte() //nolint:wrapcheck // it was just read
		}
	}
}

// take takes a byte that must come next.
func (s *scanner) take(want byte) error {
	b, err := s.next()
	if err != nil {
		return err
	}
	if b != want {
		return s.fail(fmt.Sprintf("no %q", want))
	}
	s.at++
	_, err = s.r.Discard(1)
	return err //nolint:wrapcheck // it was just seen
}

// value takes one value and returns its bytes, or nothing unless keep is set.
func (s *scanner) value(keep bool) ([]byte, error) {
	first, err := s.next()
	if err != nil {
		return nil, err
	}
	if first == 0 {
		return nil, s.fail("the input ends")
	}
	var buf []byte
	start, depth, inText, escaped := s.at, 0, false, false
	for {
		b, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) {
			if depth == 0 && !inText && s.at > start {
				return buf, nil // a number or a word at the end
			}
			return nil, s.fail("the input ends")
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // the file's
		}
		scalar := depth == 0 && !inText && first != '"' && first != '{' && first != '['
		if scalar && (b == ',' || b == '}' || b == ']' || b == ' ' || b == '\n' || b == '\r' || b == '\t') {
			if s.at == start {
				return nil, s.fail("no value")
			}
			return buf, s.r.UnreadByte() //nolint:wrapcheck // it was just read
		}
		s.at++
		if keep {
			if len(buf) >= s.limit {
				return nil, fmt.Errorf("%w JSON: the document at byte %d is larger than %d MB", model.ErrInvalid, start, s.limit>>20)
			}
			buf = append(buf, b)
		}
		switch {
		case escaped:
			escaped = false
		case inText && b == '\\':
			escaped = true
		case b == '"':
			inText = !inText
			if depth == 0 && !inText {
				return buf, nil
			}
		case inText:
		case b == '{' || b == '[':
			if depth++; depth > model.MaxDepth {
				return nil, s.fail(fmt.Sprintf("nested deeper than %d levels", model.MaxDepth))
			}
		case b == '}' || b == ']':
			if depth--; depth == 0 {
				return buf, nil
			}
		}
	}
}

// decoded takes one value and decodes it.
func (s *scanner) decoded() (any, error) {
	start := s.at
	raw, err := s.value(true)
	if err != nil {
		return nil, err
	}
	v, err := model.DecodeJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("in the value at byte %d: %w", start, err)
	}
	return v, nil
}

// errDone ends a walk early.
var errDone = errors.New("done")

// members walks through an object; do must take the member's value.
func (s *scanner) members(do func(name string) error) error {
	if err := s.take('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		b, err := s.next()
		if err != nil {
			return err
		}
		if b == '}' && first {
			return s.take('}')
		}
		if b != '"' {
			return s.fail("a member has no name")
		}
		name, err := s.decoded()
		if err != nil {
			return err
		}
		if err := s.take(':'); err != nil {
			return err
		}
		text, _ := name.(string)
		if err := do(text); err != nil {
			return err
		}
		if more, err := s.more('}'); err != nil || !more {
			return err
		}
	}
}

// items walks through a list; do must take the item.
func (s *scanner) items(do func() error) error {
	if err := s.take('['); err != nil {
		return err
	}
	b, err := s.next()
	if err != nil {
		return err
	}
	if b == ']' {
		return s.take(']')
	}
	for {
		if err := do(); err != nil {
			return err
		}
		if more, err := s.more(']'); err != nil || !more {
			return err
		}
	}
}

func (s *scanner) more(end byte) (bool, error) {
	b, err := s.next()
	switch {
	case err != nil:
		return false, err
	case b == ',':
		return true, s.take(',')
	case b == end:
		return false, s.take(end)
	}
	return false, s.fail("neither a comma nor the end")
}
