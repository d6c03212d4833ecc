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

// member returns a member as the document holds it, nil where it is absent, with
// the gaps below it.
func (o *object) member(name string) (v any, gaps *gapNode, why *fault) {
	if gaps = o.gaps; gaps != nil {
		if gaps.gap == nil {
			gaps = gaps.members[name]
		}
		if gaps != nil && gaps.gap != nil {
			o.st.hit(gaps.gap)
			return nil, nil, unread
		}
	}
	return o.fields[name], gaps, nil
}

// get returns a member as CEL's interpreter has it: a ref.Val, or a map.
func (o *object) get(name string, f *field) (any, error) {
	switch f.schema.Kind {
	case model.Object:
		return native(o.object(name, f))
	case model.List:
		return native(o.list(name, f))
	case model.Map:
		return native(o.mapping(name, f))
	case model.Bool:
		v, why := o.bool(name, f)
		return native(types.Bool(v), why)
	case model.Int:
		v, why := o.int(name, f)
		return native(types.Int(v), why)
	case model.Float:
		v, why := o.float(name, f)
		return native(types.Double(v), why)
	case model.Time:
		v, why := o.time(name, f)
		return native(types.Timestamp{Time: v}, why)
	case model.String:
		v, why := o.string(name, f)
		return native(types.String(v), why)
	}
	return native(o.blob(name, f))
}

func native[T any](v T, why *fault) (any, error) {
	switch {
	case why == nil:
		return v, nil
	case why.failed():
		return nil, why.err
	}
	return unknown, nil
}

// object returns a member that is an object. One that is absent has no members.
func (o *object) object(name string, f *field) (*object, *fault) {
	v, gaps, why := o.member(name)
	if why != nil {
		return nil, why
	}
	m, ok := v.(map[string]any)
	if !ok {
		if v != nil {
			return nil, o.wrongKind(name, "an object", v)
		}
		o.st.read(o, name, nil)
	}
	return o.st.object(object{fields: m, typ: f.typ, owner: o.owner, parent: o, key: name, index: -1, gaps: gaps, absent: !ok}), nil
}

// list returns a member that is a list. One that is absent is empty.
func (o *object) list(name string, f *field) (*list, *fault) {
	v, gaps, why := o.member(name)
	if why != nil {
		return nil, why
	}
	items, ok := v.([]any)
	if !ok && v != nil {
		return nil, o.wrongKind(name, "a list", v)
	}
	if len(items) == 0 || (f.elem != nil && f.elem.schema.Kind != model.Object) {
		o.st.read(o, name, v)
	}
	return o.st.lists.place(list{items: items, elem: f.elem, parent: o, key: name, gaps: gaps}), nil
}

// mapping returns a member that is a map. One that is absent is empty.
func (o *object) mapping(name string, f *field) (map[string]any, *fault) {
	v, _, why := o.member(name)
	if why != nil {
		return nil, why
	}
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, o.wrongKind(name, "a map", v)
	}
	if f.schema.Elem != nil && f.schema.Elem.Kind == model.String {
		for k, e := range m {
			if _, ok := e.(string); !ok {
				return nil, o.wrongKind(name+"."+k, "a string", e)
			}
		}
	}
	o.st.read(o, name, v)
	if m == nil {
		m = map[string]any{}
	}
	return m, nil
}

// blob returns a member without a declared shape.
func (o *object) blob(name string, _ *field) (*blob, *fault) {
	v, _, why := o.member(name)
	if why != nil {
		return nil, why
	}
	o.st.read(o, name, shorten(v))
	return o.st.blobs.place(blob{value: v, owner: o.owner, at: o, key: name, st: o.st}), nil
}

// string returns a member that is a text. One that is absent is empty.
func (o *object) string(name string, _ *field) (string, *fault) {
	v, _, why := o.member(name)
	if why != nil {
		return "", why
	}
	o.st.read(o, name, v)
	s, ok := v.(string)
	if !ok && v != nil {
		return "", o.wrongKind(name, "a string", v)
	}
	return s, nil
}

func (o *object) bool(name string, f *field) (bool, *fault) {
	v, why := o.scalar(name)
	if b, ok := v.(bool); ok || why != nil {
		return b, why
	}
	return false, o.none(name, f, "a boolean", v)
}

func (o *object) int(name string, f *field) (int64, *fault) {
	v, why := o.scalar(name)
	if why != nil {
		return 0, why
	}
	switch n := v.(type) {
	case int64:
		return n, nil
	case float64:
		if n == float64(int64(n)) {
			return int64(n), nil
		}
	}
	return 0, o.none(name, f, "an integer", v)
}

func (o *object) float(name string, f *field) (float64, *fault) {
	v, why := o.scalar(name)
	if why != nil {
		return 0, why
	}
	switch n := v.(type) {
	case float64:
		return n, nil
	case int64:
		return float64(n), nil
	}
	return 0, o.none(name, f, "a number", v)
}

func (o *object) time(name string, f *field) (time.Time, *fault) {
	v, why := o.scalar(name)
	if why != nil {
		return time.Time{}, why
	}
	if s, ok := v.(string); ok {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, o.none(name, f, "an RFC 3339 time", v)
}

// scalar is member for what is one value, and notes that it was read.
func (o *object) scalar(name string) (any, *fault) {
	v, _, why := o.member(name)
	if why == nil {
		o.st.read(o, name, v)
	}
	return v, why
}

// none says why a scalar that is not a text has no value of its kind: nil where
// its zero is the value, because nothing else can be meant by its absence.
func (o *object) none(name string, f *field, want string, v any) *fault {
	switch {
	case v != nil:
		return o.wrongKind(name, want, v)
	case (o.absent || f.schema.Omitted) && f.schema.Kind != model.Time:
		return nil
	}
	return &fault{errors.New(o.path(name) + " is not set in the vendor's answer")}
}

func (o *object) wrongKind(name, want string, v any) *fault {
	return &fault{fmt.Errorf("%s is %T, want %s", o.path(name), v, want)}
}

// has reports whether a member is set.
func (o *object) has(name string) (bool, *fault) {
	v, _, why := o.member(name)
	if why != nil {
		return false, why
	}
	o.st.read(o, name, shorten(v))
	return v != nil, nil
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

// at returns an element as CEL has it.
func (l *list) at(i int) ref.Val {
	if l.elem != nil {
		switch l.elem.schema.Kind {
		case model.Object:
			return value(l.objectAt(i))
		case model.String:
			s, why := l.textAt(i)
			return value(types.String(s), why)
		}
	}
	return types.DefaultTypeAdapter.NativeToValue(l.items[i])
}

func value[T ref.Val](v T, why *fault) ref.Val {
	if why != nil {
		return why.value()
	}
	return v
}

// objectAt returns an element of a list of objects.
func (l *list) objectAt(i int) (*object, *fault) {
	m, ok := l.items[i].(map[string]any)
	if !ok {
		return nil, l.wrongKind(i, "an object")
	}
	o := l.parent
	return o.st.object(object{fields: m, typ: l.elem.typ, owner: o.owner, parent: o, key: l.key, index: i, gaps: l.gaps}), nil
}

// textAt returns an element of a list of strings.
func (l *list) textAt(i int) (string, *fault) {
	s, ok := l.items[i].(string)
	if !ok {
		return "", l.wrongKind(i, "a string")
	}
	return s, nil
}

func (l *list) wrongKind(i int, want string) *fault {
	return l.parent.wrongKind(l.key+"["+strconv.Itoa(i)+"]", want, l.items[i])
}

// holds says whether a text is an element.
func (l *list) holds(text string) bool {
	for _, v := range l.items {
		if s, ok := v.(string); ok && s == text {
			return true
		}
	}
	return false
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
