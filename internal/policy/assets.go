package policy

import (
	"fmt"
	"reflect"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stance-sec/stance/internal/model"
)

// assetRef is an asset as CEL sees it. One with a gap stands for all assets
// that may exist behind a failed listing: whatever is asked of it is unknown.
type assetRef struct {
	asset *model.Asset
	gap   *model.Gap
	typ   *types.Type
	st    *state
}

// config returns the document of an asset that is there.
func (a *assetRef) config(typ *types.Type) *object {
	return a.st.object(object{fields: a.asset.Config, typ: typ, owner: a.asset, index: -1, gaps: a.st.treeOf(a.asset)})
}

// treeOf is treeOf, built once for an asset that many others look at.
func (st *state) treeOf(a *model.Asset) *gapNode {
	if !a.Stale && len(a.Gaps) == 0 {
		return nil
	}
	tree, ok := st.trees[a]
	if !ok {
		if st.trees == nil || len(st.trees) >= maxBuilt {
			st.trees = map[*model.Asset]*gapNode{}
		}
		tree = treeOf(a)
		st.trees[a] = tree
	}
	return tree
}

func treeOf(a *model.Asset) *gapNode {
	if a.Stale {
		return staleGap(a)
	}
	return gapTree(a.Gaps)
}

// ConvertToNative implements ref.Val.
func (a *assetRef) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("an asset cannot become %v", t)
}

// ConvertToType implements ref.Val.
func (a *assetRef) ConvertToType(ref.Type) ref.Val {
	return types.NewErr("an asset has no other type")
}

// Equal implements ref.Val: assets are equal when they are the same one.
func (a *assetRef) Equal(other ref.Val) ref.Val {
	o, ok := other.(*assetRef)
	if ok && (a.gap != nil || o.gap != nil) {
		return unknown
	}
	return types.Bool(ok && o.asset == a.asset)
}

// Type implements ref.Val.
func (a *assetRef) Type() ref.Type { return a.typ }

// Value implements ref.Val.
func (a *assetRef) Value() any { return a }

// assetList is the list of the assets of one type. When the listing failed
// somewhere it ends with an element of which everything is unknown, so that
// exists() and all() are decided only by what was read.
type assetList struct {
	items []*model.Asset
	gap   *model.Gap
	typ   *types.Type // of the elements
	name  string      // asset type
	st    *state
	// regional says that only assets of the subject's region are in the list.
	regional bool
	above    bool       // the assets are those of the accounts above
	in       *Inventory // where they stand, unless that is the subject's own
}

func (l *assetList) at(i int) ref.Val {
	if i == len(l.items) {
		return l.st.refs.place(assetRef{gap: l.gap, typ: l.typ, st: l.st})
	}
	return l.ref(l.items[i])
}

// ref is an asset of the list's type.
func (l *assetList) ref(a *model.Asset) *assetRef {
	return l.st.refs.place(assetRef{asset: a, typ: l.typ, st: l.st})
}

func (l *assetList) length() int {
	if l.gap != nil {
		return len(l.items) + 1
	}
	return len(l.items)
}

// Fold implements traits.Foldable.
func (l *assetList) Fold(f traits.Folder) {
	for i := range l.length() {
		if !f.FoldEntry(types.Int(i), l.at(i)) {
			return
		}
	}
}

// Size implements traits.Sizer: unknown when the listing failed.
func (l *assetList) Size() ref.Val {
	if l.gap != nil {
		l.st.hit(l.gap)
		return unknown
	}
	return types.Int(len(l.items))
}

// Add implements traits.Adder.
func (l *assetList) Add(other ref.Val) ref.Val { return types.MaybeNoSuchOverloadErr(other) }

// Contains implements traits.Container.
func (l *assetList) Contains(v ref.Val) ref.Val { return types.MaybeNoSuchOverloadErr(v) }

// Get implements traits.Indexer.
func (l *assetList) Get(index ref.Val) ref.Val {
	i, ok := index.(types.Int)
	if !ok || int(i) < 0 || int(i) >= l.length() {
		return types.NewErr("no asset of %s at position %v", l.name, index)
	}
	return l.at(int(i))
}

// Iterator implements traits.Iterable.
func (l *assetList) Iterator() traits.Iterator { return &assetIterator{l: l} }

// ConvertToNative implements ref.Val.
func (l *assetList) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("assets cannot become %v", t)
}

// ConvertToType implements ref.Val.
func (l *assetList) ConvertToType(t ref.Type) ref.Val {
	if t == types.ListType {
		return l
	}
	return types.NewErr("assets cannot become %v", t)
}

// Equal implements ref.Val.
func (l *assetList) Equal(other ref.Val) ref.Val { return types.Bool(l == other) }

// Type implements ref.Val.
func (l *assetList) Type() ref.Type { return types.ListType }

// Value implements ref.Val.
func (l *assetList) Value() any { return l }

type assetIterator struct {
	types.Int // only for the methods of ref.Val that nobody calls
	l         *assetList
	next      int
}

// HasNext implements traits.Iterator.
func (it *assetIterator) HasNext() ref.Val { return types.Bool(it.next < it.l.length()) }

// Next implements traits.Iterator.
func (it *assetIterator) Next() ref.Val {
	it.next++
	return it.l.at(it.next - 1)
}

// assets returns the assets of a type in the account, or in the region of the
// subject only. The count goes into the evidence, at that path: "none" is what
// decides many controls.
func (st *state) assets(typ, path string, elem *types.Type, regional bool) *assetList {
	l := st.listed.place(assetList{name: typ, typ: elem, st: st, regional: regional})
	region := ""
	if regional {
		region = st.view.region
	}
	if x := st.view.inv.types[typ]; x != nil {
		l.items = x.assets
		if regional {
			l.items = x.byRegion[st.view.region]
		}
	}
	l.gap = st.view.inv.failed(typ, region)
	st.note(model.Evidence{Path: path, Value: int64(len(l.items))})
	return l
}

// assetsAbove returns the assets of a type in the accounts above the subject's.
func (st *state) assetsAbove(typ string, elem *types.Type) *assetList {
	l := &assetList{name: typ, typ: elem, st: st, above: true}
	for _, up := range st.view.inv.above {
		if x := up.types[typ]; x != nil {
			l.items = append(l.items, x.assets...)
			if l.gap == nil && len(x.gaps) > 0 {
				l.gap = x.gaps[0]
			}
		}
	}
	if why := st.unreadAbove(); why != "" && l.gap == nil {
		l.gap = &model.Gap{Scope: st.subject.Scope, Type: typ, Reason: model.Unresolved, Detail: why}
	}
	st.note(model.Evidence{Path: "assets_above(" + typ + ")", Value: int64(len(l.items))})
	return l
}

// unreadAbove says why not all accounts above the subject's can be looked into,
// "" when they can. A scan of one project knows where it stands, not what its
// organization holds.
func (st *state) unreadAbove() string {
	if st.subject.Scope.OrgPath == "" {
		return "the accounts above " + st.subject.Scope.Account + " are not known"
	}
	names := st.subject.Scope.Above()
	for i, up := range st.view.inv.above {
		if !up.read && i < len(names) {
			return names[i] + " is not in the scope of the scan"
		}
	}
	return ""
}

// parent returns the asset of a type whose id is the beginning of the subject's.
// What is not in the inventory cannot be read: it is unknown, never absent.
func (st *state) parent(typ string, elem *types.Type) ref.Val {
	for id := st.subject.ID; ; {
		i := strings.LastIndexByte(id, '/')
		if i <= 0 {
			break
		}
		id = id[:i]
		if x := st.view.inv.types[typ]; x != nil {
			if a := x.byKey[id]; a != nil && a.ID == id {
				return &assetRef{asset: a, typ: elem, st: st}
			}
		}
	}
	gap := st.view.inv.failed(typ, "")
	if gap == nil {
		gap = &model.Gap{Scope: st.subject.Scope, Type: typ, Reason: model.Unresolved, Detail: "the parent of " + st.subject.ID + " is not in the inventory"}
	}
	st.hit(gap)
	return unknown
}

// named returns the asset of the list that key names. What is not in the
// inventory cannot be read: it is unknown, never absent.
func (l *assetList) named(key string) ref.Val {
	if a := l.find(key); a != nil {
		return l.ref(a)
	}
	gap := l.gap
	if gap == nil {
		gap = &model.Gap{
			Scope: l.st.subject.Scope, Type: l.name, Reason: model.Unresolved,
			Detail: fmt.Sprintf("%q is not in the inventory of this account; it may belong to another one", key),
		}
	}
	l.st.hit(gap)
	return unknown
}

func (l *assetList) find(key string) *model.Asset {
	if l.regional {
		return l.st.view.inv.FindIn(l.name, key, l.st.view.region)
	}
	if l.in != nil {
		return l.in.Find(l.name, key)
	}
	if l.above {
		for _, up := range l.st.view.inv.above {
			if a := up.Find(l.name, key); a != nil {
				return a
			}
		}
		return nil
	}
	return l.st.view.inv.Find(l.name, key)
}

// hasNamed says whether key names an asset of the list.
func (l *assetList) hasNamed(key string) ref.Val {
	if l.find(key) != nil {
		return types.True
	}
	if l.gap != nil {
		l.st.hit(l.gap)
		return unknown
	}
	return types.False
}
