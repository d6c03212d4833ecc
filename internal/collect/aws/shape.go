package aws

import (
	"cmp"
	"net/url"
	"reflect"
	"strings"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// Schemas returns the shape of the documents of every declared type.
func Schemas() map[string]*model.Schema {
	out := map[string]*model.Schema{
		AccountType: {Kind: model.Object, Fields: map[string]*model.Schema{
			"Account": {Kind: model.String}, "Arn": {Kind: model.String}, "UserId": {Kind: model.String},
		}},
		RegionType: {Kind: model.Object, Fields: map[string]*model.Schema{"RegionName": {Kind: model.String}}},
	}
	for _, c := range registry {
		for i := range c.Types {
			addSchemas(out, &c.Types[i])
		}
	}
	return out
}

func addSchemas(out map[string]*model.Schema, t *Type) {
	out[t.Name] = t.schema()
	for i := range t.Children {
		addSchemas(out, &t.Children[i])
	}
}

func (t *Type) schema() *model.Schema {
	s := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
	merge := func(from *model.Schema) {
		for k, f := range from.Fields {
			s.Fields[k] = f
		}
	}
	if t.List != nil && t.List.item != nil {
		merge(schemaOf(t.List.item))
	}
	if t.Item != nil {
		merge(schemaOf(reflect.TypeOf(t.Item)))
	}
	switch {
	case t.Root != nil && t.Root.Member == "":
		merge(schemaOf(t.Root.out))
	case t.Root != nil:
		f, ok := t.Root.out.FieldByName(cmp.Or(t.Root.source, t.Root.Member))
		if !ok {
			merge(schemaOf(t.Root.out))
			break
		}
		r := schemaOf(f.Type)
		if r.Kind == model.List { // a describe call for one name
			r = r.Elem
		}
		merge(r)
	}
	for i := range t.Side {
		r := &t.Side[i]
		if r.shape != nil {
			putSchema(s, r.Member, r.shape)
		} else if f, ok := r.out.FieldByName(cmp.Or(r.source, r.Member)); ok {
			putSchema(s, r.Member, schemaOf(f.Type))
		} else {
			putSchema(s, r.Member, schemaOf(r.out))
		}
		r.addFlag(s)
	}
	if t.Root != nil {
		t.Root.addFlag(s)
	}
	for path, keys := range t.Keys {
		at(s, path, func(f *model.Schema) {
			*f = model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
			for _, k := range keys {
				f.Fields[k] = &model.Schema{Kind: model.String}
			}
		})
	}
	for _, path := range t.JSON {
		at(s, path, func(f *model.Schema) { *f = model.Schema{Kind: model.Any} })
	}
	for _, path := range t.Secret {
		at(s, path, func(f *model.Schema) {
			if f.Kind == model.Map {
				f.Elem = collect.RedactedSchema()
				return
			}
			*f = *collect.RedactedSchema()
		})
	}
	if t.Shape != nil {
		t.Shape(s)
	}
	return s
}

// putSchema is put for schemas.
func putSchema(s *model.Schema, path string, shape *model.Schema) {
	name, rest, more := strings.Cut(path, ".")
	if !more {
		s.Fields[name] = shape
		return
	}
	if s.Fields[name] == nil {
		s.Fields[name] = &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
	}
	putSchema(s.Fields[name], rest, shape)
}

func (r *Read) addFlag(s *model.Schema) {
	if r.flag != "" {
		s.Fields[r.flag] = &model.Schema{Kind: model.Bool}
	}
}

// at applies do to the schema at a path such as "A.B[].C".
func at(s *model.Schema, path string, do func(*model.Schema)) {
	parts := strings.Split(path, ".")
	for i, p := range parts {
		name, isList := strings.CutSuffix(p, "[]")
		f := s.Field(name)
		if f == nil {
			panic("aws: no member " + name + " on the path " + path)
		}
		if i == len(parts)-1 && !isList {
			// Shapes are shared between places: change a copy.
			copied := *f
			do(&copied)
			s.Fields[name] = &copied
			return
		}
		copied := *f
		s.Fields[name] = &copied
		if isList {
			elem := *copied.Elem
			copied.Elem = &elem
			if i == len(parts)-1 {
				do(&elem)
				return
			}
			s = &elem
		} else {
			s = &copied
		}
		fields := make(map[string]*model.Schema, len(s.Fields))
		for k, v := range s.Fields {
			fields[k] = v
		}
		s.Fields = fields
	}
}

// rewrite applies do to the values at a path of a document.
func rewrite(v any, path string, do func(any) any) {
	head, rest, more := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(head, "[]")
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	e, ok := m[name]
	if !ok || e == nil {
		return
	}
	if isList {
		items, _ := e.([]any)
		for i := range items {
			if more {
				rewrite(items[i], rest, do)
			} else {
				items[i] = do(items[i])
			}
		}
		return
	}
	if more {
		rewrite(e, rest, do)
		return
	}
	if n := do(e); n == nil {
		delete(m, name)
	} else {
		m[name] = n
	}
}

// decodePolicy decodes a JSON document that came as a string, percent-encoded
// or plain. What is no JSON stays the string that it was: the reader of the
// document says so.
func decodePolicy(v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	if strings.TrimSpace(s) == "" {
		return nil
	}
	text := s
	if strings.HasPrefix(text, "%") {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
	}
	d, err := model.DecodeJSON([]byte(text))
	if err != nil {
		return s
	}
	return d
}
