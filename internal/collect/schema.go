package collect

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

// Shapes derives the shapes of documents from Go types whose members have JSON
// names. One value serves many types and keeps recursive ones finite.
type Shapes struct {
	// Omitted marks booleans and numbers as left out where they are zero; see
	// model.Schema.Omitted.
	Omitted bool

	known map[reflect.Type]*model.Schema
}

// Of returns the shape of a Go type: members without a JSON name are left out,
// 64-bit integers that travel as strings are integers, and what has no shape of
// its own, such as interface values, is model.Any.
func (s *Shapes) Of(t reflect.Type) *model.Schema {
	switch t.Kind() {
	case reflect.Pointer:
		return s.Of(t.Elem())
	case reflect.Struct:
		return s.structure(t)
	case reflect.Slice:
		if t == rawType || strings.HasSuffix(t.Name(), "RawMessage") {
			return &model.Schema{Kind: model.Any}
		}
		if t.Elem().Kind() == reflect.Uint8 {
			return &model.Schema{Kind: model.String}
		}
		if strings.HasSuffix(t.PkgPath(), "/googleapi") { // Int64s and its like travel as strings
			return &model.Schema{Kind: model.List, Elem: &model.Schema{Kind: model.Int}}
		}
		return &model.Schema{Kind: model.List, Elem: s.Of(t.Elem())}
	case reflect.Map:
		return &model.Schema{Kind: model.Map, Elem: s.Of(t.Elem())}
	case reflect.String:
		return &model.Schema{Kind: model.String}
	case reflect.Bool:
		return &model.Schema{Kind: model.Bool, Omitted: s.Omitted}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &model.Schema{Kind: model.Int, Omitted: s.Omitted}
	case reflect.Float32, reflect.Float64:
		return &model.Schema{Kind: model.Float, Omitted: s.Omitted}
	}
	return &model.Schema{Kind: model.Any}
}

func (s *Shapes) structure(t reflect.Type) *model.Schema {
	if t == timeType {
		return &model.Schema{Kind: model.Time}
	}
	if known, ok := s.known[t]; ok {
		return known
	}
	out := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
	if s.known == nil {
		s.known = map[reflect.Type]*model.Schema{}
	}
	s.known[t] = out
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && tag == "":
			below := s.Of(f.Type)
			for name, field := range below.Fields {
				out.Fields[name] = field
			}
		case f.IsExported() && tag != "" && tag != "-":
			out.Fields[tag] = s.Of(f.Type)
		}
	}
	return out
}

// PutShape sets the shape at a dotted path, whose steps through lists end in "[]".
// Objects on the way are copied, because other types may share them.
func PutShape(s *model.Schema, path string, shape *model.Schema) {
	name, rest, more := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(name, "[]")
	if !more {
		if isList {
			shape = &model.Schema{Kind: model.List, Elem: shape}
		}
		if known := s.Fields[name]; known != nil && known.Kind == model.Map { // whose keys stay
			shape = &model.Schema{Kind: model.Map, Elem: shape}
		}
		s.Fields[name] = shape
		return
	}
	below := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
	known := s.Fields[name]
	if isList && known != nil {
		known = known.Elem
	}
	if known != nil {
		for k, f := range known.Fields {
			below.Fields[k] = f
		}
	}
	PutShape(below, rest, shape)
	if isList {
		s.Fields[name] = &model.Schema{Kind: model.List, Elem: below}
		return
	}
	s.Fields[name] = below
}

// Conform brings decoded JSON to its shape, in place: integers and booleans that
// the vendor writes as strings become what they are, times are in UTC, and
// members that are null are missing. What does not fit its shape stays as it is,
// so that a control which reads it says so.
func Conform(v any, s *model.Schema) any {
	switch t := v.(type) {
	case map[string]any:
		for k, e := range t {
			switch {
			case e == nil:
				delete(t, k)
			case s == nil:
				t[k] = Conform(e, nil)
			case s.Kind == model.Map:
				t[k] = Conform(e, s.Elem)
			default:
				t[k] = Conform(e, s.Field(k))
			}
		}
		return t
	case []any:
		var elem *model.Schema
		if s != nil && s.Kind == model.List {
			elem = s.Elem
		}
		for i, e := range t {
			t[i] = Conform(e, elem)
		}
		return t
	case string:
		return conformText(t, s)
	}
	return v
}

func conformText(t string, s *model.Schema) any {
	if s == nil {
		return t
	}
	switch s.Kind {
	case model.Int:
		if n, err := strconv.ParseInt(t, 10, 64); err == nil {
			return n
		}
	case model.Float:
		if n, err := strconv.ParseFloat(t, 64); err == nil {
			return n
		}
	case model.Bool:
		if b, err := strconv.ParseBool(strings.ToLower(t)); err == nil && len(t) > 1 {
			return b
		}
	case model.Time:
		if at, err := time.Parse(time.RFC3339Nano, t); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	return t
}
