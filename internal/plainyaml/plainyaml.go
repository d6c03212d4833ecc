// Package plainyaml decodes YAML that is written plainly, as the catalogue is:
// mappings and sequences by indentation, scalars of all styles, flow collections;
// one document, without tags, tabs and null values, and with anchors on scalars
// only. It makes no tree of nodes and copies few texts, and so takes about a tenth
// of the time of a reader of all of YAML.
//
// It reports no errors. Whatever it cannot read beyond doubt, every faulty
// document among it, it refuses as a whole, and leaves it to the YAML package to
// say what it means or what is wrong with it, and in which line. What it accepts
// means the same to that package.
package plainyaml

import (
	"reflect"
	"strings"
	"unicode/utf8"
)

// Decode decodes a document into what v points to, which is empty. It says
// whether it did; if not, v stays empty. It is as strict as the YAML package can be:
// it accepts no key that v does not have, and none that stands twice.
func Decode(data []byte, v any) bool {
	out := reflect.ValueOf(v).Elem()
	if !ordinary(data) {
		return false
	}
	r := &reader{text: string(data)}
	r.next()
	if r.column == 0 && r.mapping(0, shapeOf(out.Type()), out) && r.column < 0 {
		return true
	}
	out.SetZero()
	return false
}

// reader reads a text from the front to the end. Its methods return false where
// they refuse it; that ends the reading.
type reader struct {
	text  string
	pos   int // of the next byte to read
	depth int // of collections around it
	// column is where the line at pos begins with its first word, after next; -1
	// at the end of the text.
	column int

	anchors map[string]word // scalars by name
	names   int             // read so far

	words []string // of the list being read
	buf   []byte   // of the scalar being read
}

// maxDepth is how deep collections may lie in each other.
const maxDepth = 50

// ordinary says that a text is made of lines that end in a line feed, and of
// characters that mean nothing special to YAML wherever they stand in a word.
func ordinary(data []byte) bool {
	if len(data) == 0 || data[len(data)-1] != '\n' {
		return false
	}
	for i := 0; i < len(data); {
		if c := data[i]; c-' ' < 0x7f-' ' || c == '\n' {
			i++
			continue
		}
		// Control characters, line separators and the byte order mark are special;
		// what is not UTF-8 is U+FFFD.
		c, size := utf8.DecodeRune(data[i:])
		if c < 0xa0 || c == '\u2028' || c == '\u2029' || c >= '\ufe00' {
			return false
		}
		i += size
	}
	return true
}

// next goes to the first word of the next line that has one.
func (r *reader) next() {
	for start := r.pos; r.pos < len(r.text); {
		switch r.text[r.pos] {
		case ' ':
			r.pos++
		case '\n':
			r.pos++
			start = r.pos
		case '#':
			r.pos += r.restOfLine()
		default:
			r.column = r.pos - start
			return
		}
	}
	r.column = -1
}

// endLine goes from behind a value to the next line, unless there is more than a
// comment on this one.
func (r *reader) endLine() bool {
	start := r.pos
	r.spaces()
	if r.text[r.pos] == '#' && r.pos > start {
		r.pos += r.restOfLine()
	}
	return r.text[r.pos] == '\n'
}

// restOfLine returns how many bytes there are before the line's end.
func (r *reader) restOfLine() int { return strings.IndexByte(r.text[r.pos:], '\n') }

// columnOf returns how far a place is from the beginning of its line.
func (r *reader) columnOf(at int) int { return at - 1 - strings.LastIndexByte(r.text[:at], '\n') }

func (r *reader) spaces() {
	for r.text[r.pos] == ' ' {
		r.pos++
	}
}

// item says that the line begins an item of a sequence.
func (r *reader) item() bool {
	return r.pos+1 < len(r.text) && r.text[r.pos] == '-' && r.text[r.pos+1] == ' '
}

// mapping reads the lines that begin in a column as keys with their values, the
// first of which is the current one.
func (r *reader) mapping(column int, s *shape, out reflect.Value) bool {
	m, ok := s.members(out)
	if !ok || !r.enter() {
		return false
	}
	for r.column == column {
		name, ok := r.key()
		if !ok {
			return false
		}
		of, member, ok := m.member(name)
		if !ok || !r.valueOf(column, of, member) {
			return false
		}
		m.keep(member)
	}
	r.depth--
	return r.column < column
}

// valueOf reads what stands behind a key, or below it.
func (r *reader) valueOf(column int, s *shape, out reflect.Value) bool {
	if c := r.text[r.pos]; c != '\n' && c != '#' {
		return r.value(column, s, out)
	}
	r.next()
	switch {
	case r.column >= column && r.item(): // its items may be indented, but need not be
		return r.sequence(r.column, s, out)
	case r.column > column:
		return r.mapping(r.column, s, out)
	}
	return false
}

// sequence reads the lines that begin in a column with a dash as items.
func (r *reader) sequence(column int, s *shape, out reflect.Value) bool {
	list, ok := s.list()
	if !ok || !r.enter() {
		return false
	}
	for r.column == column && r.item() {
		start := r.pos
		r.pos++
		r.spaces()
		inner := column + r.pos - start
		of, item := list.add()
		at := r.pos
		_, isKey := r.key()
		r.pos = at
		if isKey {
			r.column = inner
			ok = r.mapping(inner, of, item)
		} else {
			ok = r.value(column, of, item)
		}
		if !ok {
			return false
		}
	}
	list.keep(out)
	r.depth--
	return r.column <= column
}

// value reads a value that begins at pos, in or below a column, and goes to the
// next line.
func (r *reader) value(column int, s *shape, out reflect.Value) bool {
	if c := r.text[r.pos]; c == '[' || c == '{' {
		if !r.flow(column, s, out) || !r.endLine() {
			return false
		}
		r.next()
		return true
	}
	w, ok := r.scalar(column)
	if !ok || !s.set(out, w) {
		return false
	}
	r.next()
	return true
}

func (r *reader) enter() bool {
	r.depth++
	return r.depth < maxDepth
}
