package plainyaml

import (
	"encoding"
	"reflect"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// shape is what the reader knows of a Go type that it decodes into.
type shape struct {
	kind   shapeKind
	typ    reflect.Type
	elem   *shape            // of a sequence, a dictionary or a pointer
	fields map[string]member // of a record, by key
}

type shapeKind int

const (
	foreign    shapeKind = iota // left to the YAML package
	text                        // string
	flag                        // bool
	anything                    // any
	sequence                    // slice
	dictionary                  // map by string
	record                      // struct
	pointer
)

// member is a field of a record.
type member struct {
	number uint
	index  []int
	shape  *shape
}

var (
	anyType      = reflect.TypeFor[any]()
	stringType   = reflect.TypeFor[string]()
	wordsType    = reflect.TypeFor[[]string]()
	anyListType  = reflect.TypeFor[[]any]()
	anyDictType  = reflect.TypeFor[map[string]any]()
	anyShape     = &shape{kind: anything, typ: anyType}
	anyListShape = &shape{kind: sequence, typ: anyListType, elem: anyShape}
	anyDictShape = &shape{kind: dictionary, typ: anyDictType, elem: anyShape}
	shapes       = map[reflect.Type]*shape{}
	shapesMu     sync.Mutex // guards shapes
)

// own are the ways in which a type reads YAML by itself.
var own = []reflect.Type{
	reflect.TypeFor[encoding.TextUnmarshaler](),
	reflect.TypeFor[yaml.Unmarshaler](),
	reflect.TypeFor[interface{ UnmarshalYAML(func(any) error) error }](),
}

// shapeOf returns the shape of a type, which is made once.
func shapeOf(t reflect.Type) *shape {
	shapesMu.Lock()
	defer shapesMu.Unlock()
	return makeShape(t)
}

func makeShape(t reflect.Type) *shape {
	if s := shapes[t]; s != nil {
		return s
	}
	s := &shape{typ: t}
	shapes[t] = s // before its members, which may hold it
	for _, reads := range own {
		if reflect.PointerTo(t).Implements(reads) {
			return s
		}
	}
	switch t.Kind() {
	case reflect.String:
		s.kind = text
	case reflect.Bool:
		s.kind = flag
	case reflect.Interface:
		if t == anyType {
			s.kind = anything
		}
	case reflect.Slice:
		s.kind, s.elem = sequence, makeShape(t.Elem())
	case reflect.Pointer:
		s.kind, s.elem = pointer, makeShape(t.Elem())
	case reflect.Map:
		// In a map of a type of its own, YAML makes what is nested of that type too.
		if t.Key() == stringType && (t.Elem() != anyType || t == anyDictType) {
			s.kind, s.elem = dictionary, makeShape(t.Elem())
		}
	case reflect.Struct:
		s.fields = map[string]member{}
		if s.addFields(t, nil) {
			s.kind = record
		}
	}
	return s
}

// addFields adds the fields of a struct, or says that it has some that the
// reader does not know how to name.
func (s *shape) addFields(t reflect.Type, at []int) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		index := append(at[:len(at):len(at)], i)
		switch {
		case !f.IsExported() || name == "-":
		case options == "inline" && f.Type.Kind() == reflect.Struct:
			if !s.addFields(f.Type, index) {
				return false
			}
		case name == "" || options != "" && options != "omitempty":
			return false
		default:
			if _, twice := s.fields[name]; twice {
				return false
			}
			s.fields[name] = member{number: uint(len(s.fields)), index: index, shape: makeShape(f.Type)}
		}
	}
	return len(s.fields) <= 64 // as many as members can remember
}

// members is a mapping that is being read.
type members struct {
	shape *shape
	out   reflect.Value
	seen  uint64        // the fields of a record
	key   reflect.Value // the last one of a dictionary
}

// members begins a mapping in a value.
func (s *shape) members(out reflect.Value) (members, bool) {
	switch s.kind {
	case pointer:
		out.Set(reflect.New(s.elem.typ))
		return s.elem.members(out.Elem())
	case record:
		return members{shape: s, out: out}, true
	case dictionary:
		out.Set(reflect.MakeMap(s.typ))
		return members{shape: s, out: out}, true
	case anything:
		dict := reflect.ValueOf(map[string]any{})
		out.Set(dict)
		return members{shape: anyDictShape, out: dict}, true
	}
	return members{}, false
}

// member returns where the value of a key belongs, unless the key is unknown or
// stood before.
func (m *members) member(name string) (*shape, reflect.Value, bool) {
	if m.shape.kind == record {
		f, ok := m.shape.fields[name]
		if !ok || m.seen&(1<<f.number) != 0 {
			return nil, reflect.Value{}, false
		}
		m.seen |= 1 << f.number
		return f.shape, m.out.FieldByIndex(f.index), true
	}
	m.key = reflect.ValueOf(name)
	return m.shape.elem, reflect.New(m.shape.elem.typ).Elem(), !m.out.MapIndex(m.key).IsValid()
}

// keep adds the value that was read for the last key.
func (m *members) keep(value reflect.Value) {
	if m.shape.kind == dictionary {
		m.out.SetMapIndex(m.key, value)
	}
}

// list is a sequence that is being read.
type list struct {
	elem  *shape
	slice reflect.Value
}

// list begins a sequence.
func (s *shape) list() (list, bool) {
	switch s.kind {
	case anything:
		return anyListShape.list()
	case sequence:
		slice := reflect.New(s.typ).Elem()
		slice.Set(reflect.MakeSlice(s.typ, 0, 2))
		return list{elem: s.elem, slice: slice}, true
	}
	return list{}, false
}

// add makes room for an item.
func (l *list) add() (*shape, reflect.Value) {
	n := l.slice.Len()
	l.slice.Grow(1)
	l.slice.SetLen(n + 1)
	return l.elem, l.slice.Index(n)
}

// keep puts the items where they belong.
func (l *list) keep(out reflect.Value) { out.Set(l.slice) }

// words returns the slice of a sequence of strings.
func (s *shape) words(out reflect.Value) (*[]string, bool) {
	if s.typ != wordsType {
		return nil, false
	}
	words, ok := out.Addr().Interface().(*[]string)
	return words, ok
}

// set sets a value to a scalar.
func (s *shape) set(out reflect.Value, w word) bool {
	switch s.kind {
	case text:
		if w.isText() {
			out.SetString(w.text)
			return true
		}
	case flag:
		if !w.quoted && (w.text == "true" || w.text == "false") {
			out.SetBool(w.text == "true")
			return true
		}
	case anything:
		v, ok := w.value()
		if ok {
			out.Set(reflect.ValueOf(v))
		}
		return ok
	}
	return false
}
