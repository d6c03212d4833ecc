package gcp

import (
	"reflect"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// newShapes derives shapes as the JSON form of protocol buffers has them: what is
// false or zero is left out.
func newShapes() *collect.Shapes { return &collect.Shapes{Omitted: true} }

// Schemas returns the shape of the documents of every declared type.
func Schemas() map[string]*model.Schema {
	shapes := newShapes()
	out := map[string]*model.Schema{}
	for _, c := range registry {
		for i := range c.Types {
			out[c.Types[i].Name] = c.Types[i].schema(shapes)
		}
	}
	return out
}

func (t *Type) schema(shapes *collect.Shapes) *model.Schema {
	s := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
	items := t.Items
	if t.Item != nil {
		items = append([]any{t.Item}, items...)
	}
	for _, item := range items {
		for name, f := range shapes.Of(reflect.TypeOf(item)).Fields {
			if s.Fields[name] == nil {
				s.Fields[name] = f
			}
		}
	}
	if t.Policy {
		s.Fields["iamPolicy"] = &model.Schema{Kind: model.Any}
	}
	for i := range t.Side {
		r := &t.Side[i]
		shape := shapes.Of(reflect.TypeOf(r.Item))
		if r.Items != "" {
			shape = &model.Schema{Kind: model.List, Elem: shape}
		}
		collect.PutShape(s, r.Member, shape)
	}
	for _, path := range t.Secret {
		collect.PutShape(s, path, collect.RedactedSchema())
	}
	if t.Shape != nil {
		t.Shape(s)
	}
	return s
}
