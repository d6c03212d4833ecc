package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/model"
)

// field is a member of a document as compiled for CEL.
type field struct {
	schema *model.Schema
	typ    *types.Type // the CEL type of the member
	elem   *field      // of a list
}

// provider tells CEL's checker the shape of every document, and its planner how
// to read one. It satisfies types.Provider.
type provider struct {
	*types.Registry
	schemas map[string]*model.Schema
	objects map[string]map[string]*types.FieldType // by type name
	fields  map[string]map[string]*field           // of documents, by type name
	names   map[*model.Schema]string
}

func newProvider(schemas map[string]*model.Schema) (*provider, error) {
	reg, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	return &provider{
		Registry: reg, schemas: schemas,
		objects: map[string]map[string]*types.FieldType{},
		fields:  map[string]map[string]*field{},
		names:   map[*model.Schema]string{},
	}, nil
}

// The names of the types that are not documents.
const (
	accountType = "stance.account"
	regionType  = "stance.region"
	aboveType   = "stance.above"
	otherType   = "stance.elsewhere"
	parentType  = "stance.parent"
	paramsType  = "stance.params."
	assetPrefix = "asset "
)

// listsAssets says that the members of a type are asset types.
func listsAssets(name string) bool {
	return name == accountType || name == regionType || name == aboveType || name == parentType || name == otherType
}

func assetTypeName(typ string) string { return assetPrefix + typ }

// configType returns the CEL type of the documents of an asset type.
func (p *provider) configType(typ string) (*types.Type, bool) {
	s, ok := p.schemas[typ]
	if !ok {
		return nil, false
	}
	return p.declare(typ, s).typ, true
}

// declare returns the compiled form of a schema; name is that of the place
// where it is met first.
func (p *provider) declare(name string, s *model.Schema) *field {
	switch s.Kind {
	case model.Bool:
		return &field{schema: s, typ: types.BoolType}
	case model.Int:
		return &field{schema: s, typ: types.IntType}
	case model.Float:
		return &field{schema: s, typ: types.DoubleType}
	case model.String:
		return &field{schema: s, typ: types.StringType}
	case model.Time:
		return &field{schema: s, typ: types.TimestampType}
	case model.List:
		elem := p.declare(name+"[]", s.Elem)
		return &field{schema: s, typ: types.NewListType(elem.typ), elem: elem}
	case model.Map:
		elem := types.DynType
		if s.Elem != nil && s.Elem.Kind == model.String {
			elem = types.StringType
		}
		return &field{schema: s, typ: types.NewMapType(types.StringType, elem)}
	case model.Object:
		if known, ok := p.names[s]; ok {
			return &field{schema: s, typ: types.NewObjectType(known)}
		}
		p.names[s] = name
		members := make(map[string]*types.FieldType, len(s.Fields))
		fields := make(map[string]*field, len(s.Fields))
		p.objects[name], p.fields[name] = members, fields
		for _, member := range slices.Sorted(maps.Keys(s.Fields)) {
			f := p.declare(name+"."+member, s.Fields[member])
			fields[member] = f
			members[member] = &types.FieldType{
				Type:  f.typ,
				IsSet: func(any) bool { return true },
				GetFrom: func(target any) (any, error) {
					switch o := target.(type) {
					case *object:
						return o.get(member, f)
					case *types.Unknown:
						return o, nil
					case error:
						return nil, o
					}
					return nil, fmt.Errorf("%s of %T", member, target)
				},
			}
		}
		return &field{schema: s, typ: types.NewObjectType(name)}
	}
	return &field{schema: s, typ: blobType}
}

// FindStructType implements types.Provider.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.objects[name]; ok || listsAssets(name) || strings.HasPrefix(name, assetPrefix) {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Registry.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if members, ok := p.objects[name]; ok {
		return slices.Sorted(maps.Keys(members)), true
	}
	return p.Registry.FindStructFieldNames(name)
}

// FindStructFieldType implements types.Provider.
func (p *provider) FindStructFieldType(name, member string) (*types.FieldType, bool) {
	if listsAssets(name) {
		return p.assetsField(member, name)
	}
	if typ, ok := strings.CutPrefix(name, assetPrefix); ok {
		return p.assetField(typ, member)
	}
	if members, ok := p.objects[name]; ok {
		f, ok := members[member]
		return f, ok
	}
	return p.Registry.FindStructFieldType(name, member)
}

func (p *provider) assetsField(typ, of string) (*types.FieldType, bool) {
	if _, ok := p.configType(typ); !ok {
		return nil, false
	}
	elem := types.NewObjectType(assetTypeName(typ))
	if of == parentType {
		return &types.FieldType{Type: elem, IsSet: func(any) bool { return true }, GetFrom: func(target any) (any, error) {
			if st, ok := target.(*stateRef); ok {
				return st.st.parent(typ, elem), nil
			}
			return target, nil
		}}, true
	}
	path := "assets(" + typ + ")"
	if of == regionType {
		path = "region_" + path
	}
	return &types.FieldType{
		Type:  types.NewListType(elem),
		IsSet: func(any) bool { return true },
		GetFrom: func(target any) (any, error) {
			if st, ok := target.(*stateRef); ok {
				switch of {
				case aboveType:
					return st.st.assetsAbove(typ, elem), nil
				case otherType:
					return &assetList{name: typ, typ: elem, st: st.st}, nil
				}
				return st.st.assets(typ, path, elem, of == regionType), nil
			}
			return target, nil
		},
	}, true
}

func (p *provider) assetField(typ, member string) (*types.FieldType, bool) {
	config, ok := p.configType(typ)
	if !ok {
		return nil, false
	}
	get := func(t *types.Type, read func(*assetRef) any) (*types.FieldType, bool) {
		return &types.FieldType{Type: t, IsSet: func(any) bool { return true }, GetFrom: func(target any) (any, error) {
			a, ok := target.(*assetRef)
			if !ok {
				return target, nil
			}
			if a.gap != nil {
				a.st.hit(a.gap)
				return unknown, nil
			}
			return read(a), nil
		}}, true
	}
	switch member {
	case "config":
		return get(config, func(a *assetRef) any { return a.config(config) })
	case "id":
		return get(types.StringType, func(a *assetRef) any { return types.String(a.asset.ID) })
	case "name":
		return get(types.StringType, func(a *assetRef) any { return types.String(a.asset.Name) })
	case "type":
		return get(types.StringType, func(a *assetRef) any { return types.String(a.asset.Type) })
	case "region":
		return get(types.StringType, func(a *assetRef) any { return types.String(a.asset.Scope.Region) })
	case "account":
		return get(types.StringType, func(a *assetRef) any { return types.String(a.asset.Scope.Account) })
	case "partition":
		return get(types.StringType, func(a *assetRef) any { return types.String(a.asset.Scope.Partition) })
	case "managed_by":
		return get(types.StringType, func(a *assetRef) any { return types.String(a.asset.ManagedBy) })
	case "tags":
		return get(types.NewMapType(types.StringType, types.StringType), func(a *assetRef) any { return tagMap(a.asset) })
	}
	return nil, false
}

func tagMap(a *model.Asset) map[string]string {
	if a.Tags == nil {
		return map[string]string{}
	}
	return a.Tags
}

// params declares the parameters of one control from their default values.
func (p *provider) params(control string, values map[string]any) (*types.Type, error) {
	members := make(map[string]*types.FieldType, len(values))
	for name, v := range values {
		typ := paramType(v)
		if typ == nil {
			return nil, fmt.Errorf("%w parameter %s: %T is no number, string, boolean or list of them", model.ErrInvalid, name, v)
		}
		members[name] = &types.FieldType{Type: typ, IsSet: func(any) bool { return true }, GetFrom: func(target any) (any, error) {
			if ps, ok := target.(paramValues); ok {
				return ps[name], nil
			}
			return nil, fmt.Errorf("params.%s of %T", name, target)
		}}
	}
	p.objects[paramsType+control] = members
	return types.NewObjectType(paramsType + control), nil
}

func paramType(v any) *types.Type {
	switch t := v.(type) {
	case bool:
		return types.BoolType
	case int64:
		return types.IntType
	case float64:
		return types.DoubleType
	case string:
		return types.StringType
	case []any:
		if len(t) == 0 {
			return types.NewListType(types.StringType)
		}
		if e := paramType(t[0]); e != nil {
			return types.NewListType(e)
		}
	}
	return nil
}

// paramValues are the parameters of one control as CEL reads them: values of
// CEL, turned into those once.
type paramValues map[string]ref.Val

func (p *provider) paramValues(values map[string]any) paramValues {
	out := make(paramValues, len(values))
	for name, v := range values {
		if list, ok := v.([]any); ok {
			elems := make([]ref.Val, len(list))
			for i, e := range list {
				elems[i] = p.NativeToValue(e)
			}
			out[name] = types.NewRefValList(p.Registry, elems)
			continue
		}
		out[name] = p.NativeToValue(v)
	}
	return out
}

// stateRef gives the inventory lists access to the running evaluation.
type stateRef struct{ st *state }

var (
	_ types.Provider = (*provider)(nil)
	_ ref.Val        = (*object)(nil)
)
