package policy

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stance-sec/stance/internal/model"
)

// object is a part of a document as CEL sees it. It knows where it came from,
// so that a read can be named in the evidence and matched with gaps.
type object struct {
	fields map[string]any // nil when absent
	typ    *types.Type
	st     *state
	owner  *model.Asset
	parent *object
	key    string // member of the parent
	index  int    // position in the parent's list, -1 for a plain member
	gaps   *gapNode
	absent bool
}

// path returns the dotted path of the object, or of a member of it.
func (o *object) path(member string) string {
	if o.parent == nil || o.key == "" {
		return member
	}
	return string(o.appendPath(make([]byte, 0, 64), member))
}

func (o *object) appendPath(b []byte, member string) []byte {
	if o.parent != nil && o.key != "" {
		b = o.parent.appendPath(b, o.key)
		if o.index >= 0 {
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(o.index), 10)
			b = append(b, ']')
		}
	}
	if member == "" {
		return b
	}
	if len(b) > 0 {
		b = append(b, '.')
	}
	return append(b, member...)
}

// unknown is the value of what could not be read. Why it could not is in the
// state, so that one value, which nobody changes, does for all.
var unknown = types.NewUnknown(0, nil)

// unknown returns the unknown value for a member that gap covers.
func (o *object) unknown(gap *model.Gap) *types.Unknown {
	o.st.hit(gap)
	return unknown
}

// get returns a member as a ref.Val, or as a map: *types.Unknown under a gap, an
// error where the kind has no zero.
func (o *object) get(name string, f *field) (any, error) {
	gaps := o.gaps
	if gaps != nil {
		if gaps.gap != nil {
			return o.unknown(gaps.gap), nil
		}
		if gaps = gaps.members[name]; gaps != nil && gaps.gap != nil {
			return o.unknown(gaps.gap), nil
		}
	}
	v, ok := o.fields[name]
	if ok && v == nil {
		ok = false
	}
	switch f.schema.Kind {
	case model.Object:
		m, isMap := v.(map[string]any)
		if ok && !isMap {
			return nil, o.wrongKind(name, "an object", v)
		}
		if !ok {
			o.st.read(o, name, nil)
		}
		return o.st.object(object{fields: m, typ: f.typ, owner: o.owner, parent: o, key: name, index: -1, gaps: gaps, absent: !ok}), nil
	case model.List:
		items, isList := v.([]any)
		if ok && !isList {
			return nil, o.wrongKind(name, "a list", v)
		}
		if len(items) == 0 || (f.elem != nil && f.elem.schema.Kind != model.Object) {
			o.st.read(o, name, v)
		}
		return &list{items: items, elem: f.elem, parent: o, key: name, gaps: gaps}, nil
	case model.Map:
		m, isMap := v.(map[string]any)
		if ok && !isMap {
			return nil, o.wrongKind(name, "a map", v)
		}
		o.st.read(o, name, v)
		if m == nil {
			m = map[string]any{}
		}
		return m, nil
	case model.Any:
		o.st.read(o, name, shorten(v))
		return &blob{value: v, owner: o.owner, at: o, key: name, st: o.st}, nil
	}
	o.st.read(o, name, v)
	if !ok {
		return o.zero(name, f.schema)
	}
	return o.scalar(name, f.schema.Kind, v)
}

func (o *object) zero(name string, s *model.Schema) (ref.Val, error) {
	known := o.absent || s.Omitted
	switch {
	case s.Kind == model.String:
		return types.String(""), nil
	case known && s.Kind == model.Bool:
		return types.False, nil
	case known && s.Kind == model.Int:
		return types.IntZero, nil
	case known && s.Kind == model.Float:
		return types.Double(0), nil
	}
	return nil, errors.New(o.path(name) + " is not set in the vendor's answer")
}

func (o *object) scalar(name string, kind model.Kind, v any) (ref.Val, error) {
	switch kind {
	case model.Bool:
		if b, ok := v.(bool); ok {
			return types.Bool(b), nil
		}
		return nil, o.wrongKind(name, "a boolean", v)
	case model.Int:
		switch n := v.(type) {
		case int64:
			return types.Int(n), nil
		case float64:
			if n == float64(int64(n)) {
				return types.Int(n), nil
			}
		}
		return nil, o.wrongKind(name, "an integer", v)
	case model.Float:
		switch n := v.(type) {
		case float64:
			return types.Double(n), nil
		case int64:
			return types.Double(n), nil
		}
		return nil, o.wrongKind(name, "a number", v)
	case model.Time:
		if s, ok := v.(string); ok {
			t, err := time.Parse(time.RFC3339Nano, s)
			if err == nil {
				return types.Timestamp{Time: t}, nil
			}
		}
		return nil, o.wrongKind(name, "an RFC 3339 time", v)
	default:
		if s, ok := v.(string); ok {
			return types.String(s), nil
		}
		return nil, o.wrongKind(name, "a string", v)
	}
}

func (o *object) wrongKind(name, want string, v any) error {
	return fmt.Errorf("%s is %T, want %s", o.path(name), v, want)
}

// has reports whether a member is set: true, false or unknown.
func (o *object) has(name string) ref.Val {
	if o.gaps != nil {
		if o.gaps.gap != nil {
			return o.unknown(o.gaps.gap)
		}
		if g := o.gaps.members[name]; g != nil && g.gap != nil {
			return o.unknown(g.gap)
		}
	}
	v, ok := o.fields[name]
	ok = ok && v != nil
	o.st.read(o, name, shorten(v))
	return types.Bool(ok)
}

// ConvertToNative implements ref.Val.
func (o *object) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a document cannot become %v", t)
}

// ConvertToType implements ref.Val.
func (o *object) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return o.typ
	}
	return types.NewErr("a document cannot become %v", t)
}

// Equal implements ref.Val: documents are equal when they are the same one.
func (o *object) Equal(other ref.Val) ref.Val {
	p, ok := other.(*object)
	return types.Bool(ok && p.owner == o.owner && p.path("") == o.path(""))
}

// Type implements ref.Val.
func (o *object) Type() ref.Type { return o.typ }

// Value implements ref.Val.
func (o *object) Value() any { return o }

// list is a list of a document.
type list struct {
	items  []any
	elem   *field
	parent *object
	key    string
	gaps   *gapNode
}

func (l *list) at(i int) ref.Val {
	if l.gaps != nil && l.gaps.gap != nil {
		return l.parent.unknown(l.gaps.gap)
	}
	v := l.items[i]
	if l.elem != nil && l.elem.schema.Kind == model.Object {
		m, ok := v.(map[string]any)
		if !ok {
			return types.WrapErr(l.parent.wrongKind(l.key+"["+strconv.Itoa(i)+"]", "an object", v))
		}
		return l.parent.st.object(object{fields: m, typ: l.elem.typ, owner: l.parent.owner, parent: l.parent, key: l.key, index: i, gaps: l.gaps})
	}
	if s, ok := v.(string); ok {
		return types.String(s)
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}

// Fold implements traits.Foldable.
func (l *list) Fold(f traits.Folder) {
	for i := range l.items {
		if !f.FoldEntry(types.Int(i), l.at(i)) {
			return
		}
	}
}

// Add implements traits.Adder.
func (l *list) Add(other ref.Val) ref.Val {
	var all []ref.Val
	for _, x := range []ref.Val{l, other} {
		li, ok := x.(traits.Lister)
		if !ok {
			return types.MaybeNoSuchOverloadErr(other)
		}
		for it := li.Iterator(); it.HasNext() == types.True; {
			all = append(all, it.Next())
		}
	}
	return types.NewRefValList(types.DefaultTypeAdapter, all)
}

// Contains implements traits.Container.
func (l *list) Contains(v ref.Val) ref.Val {
	for i := range l.items {
		if l.at(i).Equal(v) == types.True {
			return types.True
		}
	}
	return types.False
}

// Get implements traits.Indexer.
func (l *list) Get(index ref.Val) ref.Val {
	i, ok := index.(types.Int)
	if !ok {
		return types.MaybeNoSuchOverloadErr(index)
	}
	if int(i) < 0 || int(i) >= len(l.items) {
		return types.NewErr("index %d out of range of %s, which has %d", i, l.parent.path(l.key), len(l.items))
	}
	return l.at(int(i))
}

// Iterator implements traits.Iterable.
func (l *list) Iterator() traits.Iterator { return &listIterator{l: l} }

// Size implements traits.Sizer.
func (l *list) Size() ref.Val { return types.Int(len(l.items)) }

// ConvertToNative implements ref.Val.
func (l *list) ConvertToNative(t reflect.Type) (any, error) {
	if t == reflect.TypeFor[[]string]() {
		out := make([]string, 0, len(l.items))
		for _, v := range l.items {
			s, ok := v.(string)
			if !ok {
				return nil, fmt.Errorf("%s holds %T, want strings", l.parent.path(l.key), v)
			}
			out = append(out, s)
		}
		return out, nil
	}
	return nil, fmt.Errorf("a list of a document cannot become %v", t)
}

// ConvertToType implements ref.Val.
func (l *list) ConvertToType(t ref.Type) ref.Val {
	if t == types.ListType {
		return l
	}
	return types.NewErr("a list cannot become %v", t)
}

// Equal implements ref.Val.
func (l *list) Equal(other ref.Val) ref.Val {
	o, ok := other.(traits.Lister)
	if !ok || o.Size() != l.Size() {
		return types.False
	}
	for i := range l.items {
		if eq := l.at(i).Equal(o.Get(types.Int(i))); eq != types.True {
			return eq
		}
	}
	return types.True
}

// Type implements ref.Val.
func (l *list) Type() ref.Type { return types.ListType }

// Value implements ref.Val.
func (l *list) Value() any { return l }

type listIterator struct {
	types.Int // only for the methods of ref.Val that nobody calls
	l         *list
	next      int
}

// HasNext implements traits.Iterator.
func (it *listIterator) HasNext() ref.Val { return types.Bool(it.next < len(it.l.items)) }

// Next implements traits.Iterator.
func (it *listIterator) Next() ref.Val {
	it.next++
	return it.l.at(it.next - 1)
}

// blobType is the CEL type of values without a declared shape, such as policy
// documents. No operator looks into them: only functions made for them do.
var blobType = types.NewOpaqueType("document")

// blob is a value without a declared shape.
type blob struct {
	value any
	owner *model.Asset
	at    *object
	key   string
	st    *state
}

// ConvertToNative implements ref.Val.
func (b *blob) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a document cannot become %v", t)
}

// ConvertToType implements ref.Val.
func (b *blob) ConvertToType(ref.Type) ref.Val { return types.NewErr("a document has no other type") }

// Equal implements ref.Val.
func (b *blob) Equal(other ref.Val) ref.Val {
	o, ok := other.(*blob)
	return types.Bool(ok && reflect.DeepEqual(o.value, b.value))
}

// Type implements ref.Val.
func (b *blob) Type() ref.Type { return blobType }

// Value implements ref.Val.
func (b *blob) Value() any { return b }

// shorten keeps evidence small: scalars stay, long strings are cut, and what is
// large becomes a count.
func shorten(v any) any {
	switch t := v.(type) {
	case string:
		if len(t) > 300 {
			return t[:300] + "…"
		}
	case []any:
		if len(t) > 10 {
			return fmt.Sprintf("%d items", len(t))
		}
		for _, e := range t {
			switch e.(type) {
			case map[string]any, []any:
				return fmt.Sprintf("%d items", len(t))
			}
		}
	case map[string]any:
		if len(t) > 10 {
			return fmt.Sprintf("%d members", len(t))
		}
		for _, e := range t {
			switch e.(type) {
			case map[string]any, []any:
				return fmt.Sprintf("%d members", len(t))
			}
		}
	}
	return v
}
