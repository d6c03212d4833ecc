package aws

import (
	"reflect"
	"time"

	"github.com/aws/smithy-go/document"

	"github.com/stance-sec/stance/internal/model"
)

// toDocument turns an SDK output into the vendor's document: exported members
// only, unset ones missing, times in UTC, a union as an object with one key.
func toDocument(v any) model.Document {
	if d, ok := v.(model.Document); ok {
		return d
	}
	return answerOf(v).document(v)
}

var timeType = reflect.TypeFor[time.Time]()

// value returns the plain form of an SDK value, nil when it is unset.
func (a answer) value(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Interface {
			return a.union(v.Elem())
		}
		return a.value(v.Elem())
	case reflect.Struct:
		if v.Type() == timeType {
			t, _ := v.Interface().(time.Time)
			if t.IsZero() {
				return nil
			}
			return t.UTC().Format(time.RFC3339Nano)
		}
		return a.structure(v)
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return string(v.Bytes())
		}
		out := make([]any, 0, v.Len())
		for i := range v.Len() {
			out = append(out, a.value(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return nil
		}
		out := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			out[it.Key().String()] = a.value(it.Value())
		}
		return out
	case reflect.String:
		if v.Len() == 0 && v.Type().PkgPath() != "" {
			return nil // an enumeration that was not sent
		}
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	}
	return nil
}

func (a answer) structure(v reflect.Value) map[string]any {
	t := v.Type()
	out := make(map[string]any, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		member := v.Field(i)
		if len(a.unsent) > 0 && isPlain(f.Type) && member.CanAddr() && a.unsent[member.Addr().Interface()] {
			continue
		}
		if e := a.value(member); e != nil {
			out[f.Name] = e
		}
	}
	return out
}

// union returns a member of a tagged union as an object with one key; the SDK
// names the member's type <Union>Member<Key> and puts the value in Value.
func (a answer) union(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return a.value(v)
	}
	if key, ok := unionKey(v.Type()); ok {
		return map[string]any{key: a.value(v.FieldByName("Value"))}
	}
	return a.structure(v)
}

func unionKey(t reflect.Type) (string, bool) {
	if _, ok := t.FieldByName("Value"); !ok {
		return "", false
	}
	const mark = "Member"
	for i := len(t.Name()) - len(mark); i > 0; i-- {
		if t.Name()[i:i+len(mark)] == mark {
			return t.Name()[i+len(mark):], true
		}
	}
	return "", false
}

var noDocument = reflect.TypeFor[document.NoSerde]()

// schemaOf returns the shape of the documents of an SDK type.
func schemaOf(t reflect.Type) *model.Schema { return schemas{}.of(t) }

type schemas map[reflect.Type]*model.Schema

func (known schemas) of(t reflect.Type) *model.Schema {
	switch t.Kind() {
	case reflect.Pointer:
		return known.of(t.Elem())
	case reflect.Struct:
		if t == timeType {
			return &model.Schema{Kind: model.Time}
		}
		if s, ok := known[t]; ok {
			return s
		}
		s := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
		known[t] = s
		for i := range t.NumField() {
			f := t.Field(i)
			if f.IsExported() && f.Name != "ResultMetadata" && f.Type != noDocument {
				s.Fields[f.Name] = known.of(f.Type)
			}
		}
		return s
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &model.Schema{Kind: model.String}
		}
		return &model.Schema{Kind: model.List, Elem: known.of(t.Elem())}
	case reflect.Map:
		return &model.Schema{Kind: model.Map, Elem: known.of(t.Elem())}
	case reflect.String:
		return &model.Schema{Kind: model.String}
	case reflect.Bool:
		return &model.Schema{Kind: model.Bool}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &model.Schema{Kind: model.Int}
	case reflect.Float32, reflect.Float64:
		return &model.Schema{Kind: model.Float}
	}
	return &model.Schema{Kind: model.Any}
}
