package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// utf16Reader turns UTF-16 into UTF-8. Windows PowerShell writes what is
// redirected with > as UTF-16 with a byte order mark.
// https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_character_encoding
type utf16Reader struct {
	r       io.ByteReader
	order   binary.ByteOrder
	pending []byte // encoded, and not yet read
	held    rune   // a unit that was read too far, 0 for none
}

// Read implements io.Reader.
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.pending) < len(p) {
		r, err := u.rune()
		if errors.Is(err, io.EOF) && len(u.pending) > 0 {
			break
		}
		if err != nil {
			return 0, err
		}
		u.pending = utf8.AppendRune(u.pending, r)
	}
	n := copy(p, u.pending)
	u.pending = u.pending[:copy(u.pending, u.pending[n:])]
	return n, nil
}

// rune takes one character: one unit, or a pair of surrogates.
func (u *utf16Reader) rune() (rune, error) {
	r := u.held
	u.held = 0
	if r == 0 {
		var err error
		if r, err = u.unit(); err != nil {
			return 0, err
		}
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	second, err := u.unit()
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	pair := utf16.DecodeRune(r, second)
	if pair == utf8.RuneError && err == nil {
		u.held = second
	}
	return pair, nil
}

func (u *utf16Reader) unit() (rune, error) {
	first, err := u.r.ReadByte()
	if err != nil {
		return 0, err //nolint:wrapcheck // the file's, or its end
	}
	second, err := u.r.ReadByte()
	if errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("%w UTF-16: half a character at the end", model.ErrInvalid)
	}
	if err != nil {
		return 0, err //nolint:wrapcheck // the file's
	}
	return rune(u.order.Uint16([]byte{first, second})), nil
}

// refusal is how the AWS CLI says that a service refused a command, in all of its
// versions.
// https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-troubleshooting.html
var refusal = regexp.MustCompile(`An error occurred \(([A-Za-z0-9_.:-]+)\) when calling the ([A-Za-z0-9]+) operation(?: \([^)]*\))?: ?([^\r\n]*)`)

// failure reads a text that is no JSON as what a refused command said.
func (s *scanner) failure() *collect.Failure {
	text, err := s.r.Peek(s.r.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	m := refusal.FindSubmatch(text)
	if m == nil {
		return nil
	}
	return &collect.Failure{Code: string(m[1]), Operation: string(m[2]), Message: string(m[3])}
}
