package plainyaml

import "reflect"

// flow reads a collection in brackets or braces. Its lines are indented further
// than the column of the block around it.
func (r *reader) flow(column int, s *shape, out reflect.Value) bool {
	if !r.enter() {
		return false
	}
	defer func() { r.depth-- }()
	if r.text[r.pos] == '{' {
		return r.flowMapping(column, s, out)
	}
	if words, ok := s.words(out); ok {
		return r.flowWords(column, words)
	}
	list, ok := s.list()
	if !ok || !r.open(column) {
		return false
	}
	for more := r.text[r.pos] != ']'; more; {
		of, item := list.add()
		if !r.flowValue(column, of, item) {
			return false
		}
		if more, ok = r.more(column, ']'); !ok {
			return false
		}
	}
	r.pos++
	list.keep(out)
	return true
}

// flowWords is flow for the commonest of all, a list of words.
func (r *reader) flowWords(column int, out *[]string) bool {
	r.words = r.words[:0]
	if !r.open(column) {
		return false
	}
	for more := r.text[r.pos] != ']'; more; {
		w, ok := r.flowScalar(column)
		if !ok || !w.isText() {
			return false
		}
		r.words = append(r.words, w.text)
		if more, ok = r.more(column, ']'); !ok {
			return false
		}
	}
	r.pos++
	*out = append([]string{}, r.words...)
	return true
}

func (r *reader) flowMapping(column int, s *shape, out reflect.Value) bool {
	m, ok := s.members(out)
	if !ok || !r.open(column) {
		return false
	}
	for more := r.text[r.pos] != '}'; more; {
		name, ok := r.key()
		if !ok {
			return false
		}
		of, member, ok := m.member(name)
		if !ok || !r.flowValue(column, of, member) {
			return false
		}
		m.keep(member)
		if more, ok = r.more(column, '}'); !ok {
			return false
		}
	}
	r.pos++
	return true
}

func (r *reader) flowValue(column int, s *shape, out reflect.Value) bool {
	if c := r.text[r.pos]; c == '[' || c == '{' {
		return r.flow(column, s, out)
	}
	w, ok := r.flowScalar(column)
	return ok && s.set(out, w)
}

// open goes over a bracket, brace or comma to what follows.
func (r *reader) open(column int) bool {
	r.pos++
	return r.gap(column)
}

// more goes from behind an item to the next one, or to the end.
func (r *reader) more(column int, end byte) (more, ok bool) {
	if !r.gap(column) {
		return false, false
	}
	if r.text[r.pos] == ',' {
		return true, r.open(column)
	}
	return false, r.text[r.pos] == end
}

// gap goes over spaces and line ends; a line's first word must stand behind the
// column.
func (r *reader) gap(column int) bool {
	for start := -1; r.pos < len(r.text); r.pos++ {
		switch r.text[r.pos] {
		case ' ':
		case '\n':
			start = r.pos + 1
		default:
			return start < 0 || r.pos-start > column
		}
	}
	return false
}

// flowScalar reads a scalar in a flow collection: quoted, or words that have
// nothing in them that could mean more there.
func (r *reader) flowScalar(column int) (w word, ok bool) {
	if c := r.text[r.pos]; c == '"' || c == '\'' {
		w.quoted = true
		w.text, ok = r.quoted(column)
		return w, ok
	}
	if !begins(r.text[r.pos]) {
		return w, false
	}
	start, end := r.pos, r.pos
	for ; ; r.pos++ {
		switch c := r.text[r.pos]; {
		case c == ' ':
			continue
		case c == ':':
			if next := r.text[r.pos+1]; next != ':' && !wordByte[next] {
				return w, false
			}
		case !wordByte[c]:
			return word{text: r.text[start:end]}, true
		}
		end = r.pos + 1
	}
}
