package aws

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// fieldOf finds the member of an SDK struct that the command line writes as name:
// the SDK begins every name with a capital.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	f, ok := t.FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, name) })
	if !ok || !f.IsExported() || f.Name == "ResultMetadata" {
		return reflect.StructField{}, false
	}
	return f, true
}

// decode fills an SDK value from JSON as the command line writes it. Members that
// the SDK does not have are passed over.
func decode(v reflect.Value, from any) error {
	if from == nil {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decode(v.Elem(), from)
	case reflect.Struct:
		if v.Type() == timeType {
			at, err := timeOf(from)
			v.Set(reflect.ValueOf(at))
			return err
		}
		return decodeStruct(v, from)
	case reflect.Slice:
		return decodeSlice(v, from)
	case reflect.Map:
		m, ok := from.(map[string]any)
		if !ok {
			return mismatch(v, from)
		}
		v.Set(reflect.MakeMapWithSize(v.Type(), len(m)))
		for key, e := range m {
			item := reflect.New(v.Type().Elem()).Elem()
			if err := decode(item, e); err != nil {
				return inMember(key, err)
			}
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), item)
		}
		return nil
	}
	return decodeScalar(v, from)
}

// inMember names the member in which an error is.
func inMember(member string, err error) error { return fmt.Errorf("%s: %w", member, err) }

func mismatch(v reflect.Value, from any) error {
	return fmt.Errorf("%w: a value of the kind %T where the command has %s", model.ErrInvalid, from, v.Type())
}

func decodeStruct(v reflect.Value, from any) error {
	m, ok := from.(map[string]any)
	if !ok {
		return mismatch(v, from)
	}
	for name, e := range m {
		f, ok := fieldOf(v.Type(), name)
		if !ok {
			continue
		}
		if err := decode(v.FieldByIndex(f.Index), e); err != nil {
			return inMember(name, err)
		}
	}
	return nil
}

func decodeSlice(v reflect.Value, from any) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		text, ok := from.(string)
		if !ok {
			return mismatch(v, from)
		}
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			data = []byte(text) // the first version of the command line writes text
		}
		v.SetBytes(data)
		return nil
	}
	items, ok := from.([]any)
	if !ok {
		return mismatch(v, from)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, e := range items {
		if err := decode(v.Index(i), e); err != nil {
			return err
		}
	}
	return nil
}

func decodeScalar(v reflect.Value, from any) error {
	switch v.Kind() {
	case reflect.String:
		switch t := from.(type) {
		case string:
			v.SetString(t)
			return nil
		case map[string]any, []any: // a policy, which the command line decodes
			text, err := json.Marshal(t)
			if err != nil {
				return mismatch(v, from)
			}
			v.SetString(string(text))
			return nil
		case int64, float64, bool:
			v.SetString(fmt.Sprint(t))
			return nil
		}
	case reflect.Bool:
		if t, ok := from.(bool); ok {
			v.SetBool(t)
			return nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n, ok := from.(int64); ok && !v.OverflowInt(n) {
			v.SetInt(n)
			return nil
		}
	case reflect.Float32, reflect.Float64:
		switch t := from.(type) {
		case float64:
			v.SetFloat(t)
			return nil
		case int64:
			v.SetFloat(float64(t))
			return nil
		}
	case reflect.Interface:
		return errors.New("the member is one of several kinds, which is not read from outputs")
	}
	return mismatch(v, from)
}

// timeOf reads the times that the versions of the command line write.
func timeOf(from any) (time.Time, error) {
	switch t := from.(type) {
	case string:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05", "2006-01-02"} {
			if at, err := time.Parse(layout, t); err == nil {
				return at.UTC(), nil
			}
		}
	case int64:
		return time.Unix(t, 0).UTC(), nil
	case float64:
		whole, part := math.Modf(t)
		if math.Abs(whole) < 1<<40 {
			return time.Unix(int64(whole), int64(part*1e9)).UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%w time %v", model.ErrInvalid, from)
}

// strangers counts the members of a document that an SDK type does not have, in
// the first items of its lists.
func strangers(from any, t reflect.Type) int {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	n := 0
	switch t.Kind() {
	case reflect.Struct:
		m, ok := from.(map[string]any)
		if !ok || t == timeType {
			if !ok && t != timeType && from != nil {
				return 1
			}
			return 0
		}
		for name, e := range m {
			if ignored[strings.ToLower(name)] {
				continue
			}
			f, ok := fieldOf(t, name)
			if !ok {
				n++
				continue
			}
			n += strangers(e, f.Type)
		}
	case reflect.Slice:
		items, ok := from.([]any)
		if !ok {
			return 1
		}
		for _, e := range items[:min(len(items), 5)] {
			n += strangers(e, t.Elem())
		}
	case reflect.String:
		if _, ok := from.(string); !ok && from != nil {
			if _, isDoc := from.(map[string]any); !isDoc {
				return 1
			}
		}
	}
	return n
}
