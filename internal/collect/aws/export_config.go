package aws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// configItem is a configuration item of AWS Config.
// https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationItem.html
type configItem struct {
	account, partition, region string
	typ, arn, status           string
	configuration              map[string]any
	supplementary              map[string]any
	tags                       any
	hasTags                    bool
}

// item reads an item; the names of its members differ between snapshots, queries
// and the API by their case.
func (e *Export) item(doc model.Document) (configItem, error) {
	get := func(names ...string) any {
		for _, n := range names {
			if v, ok := doc[n]; ok {
				return v
			}
		}
		return nil
	}
	text := func(names ...string) string { t, _ := get(names...).(string); return t }
	i := configItem{
		account: text("awsAccountId", "accountId"), region: text("awsRegion"), typ: text("resourceType"),
		arn: text("ARN", "arn"), status: text("configurationItemStatus"), tags: get("tags"),
	}
	_, i.hasTags = doc["tags"]
	i.configuration = object(get("configuration"))
	i.supplementary = object(get("supplementaryConfiguration"))
	if m := arnPattern.FindStringSubmatch(i.arn); m != nil {
		i.partition, i.account = m[1], cmp.Or(i.account, m[3])
		i.region = cmp.Or(i.region, m[2])
	}
	i.account, i.region = cmp.Or(i.account, e.opts.Account), cmp.Or(i.region, e.opts.Region)
	i.partition = cmp.Or(i.partition, partitionOf(i.region))
	switch {
	case i.typ == "":
		return i, fmt.Errorf("%w: an item without resourceType: let the query select it", model.ErrInvalid)
	case i.account == "":
		return i, fmt.Errorf("%w: an item without accountId and arn: let the query select them, or name the account with --account", model.ErrInvalid)
	}
	if i.region == "global" {
		i.region = ""
	}
	i.adapt()
	return i, nil
}

// object returns a member that is an object, or a string that holds one.
func object(v any) map[string]any {
	switch t := v.(type) {
	case map[string]any:
		return t
	case string:
		for range 2 { // a bucket's access list is encoded twice
			d, err := model.DecodeJSON([]byte(t))
			if err != nil {
				return nil
			}
			if m, ok := d.(map[string]any); ok {
				return m
			}
			if t, _ = d.(string); t == "" {
				return nil
			}
		}
	}
	return nil
}

// gone says that the item tells of an asset that is no more, or of none.
func (i *configItem) gone() bool {
	return strings.HasPrefix(i.status, "ResourceDeleted") || i.status == "ResourceNotRecorded"
}

// declared are the types that stand by themselves, by name, with their
// collectors' types.
var declared = sync.OnceValue(func() map[string]*Unit {
	out := map[string]*Unit{}
	for _, c := range registry {
		types := map[string]*Type{}
		for i := range c.Types {
			types[c.Types[i].Name] = &c.Types[i]
		}
		for _, t := range types {
			out[t.Name] = &Unit{Service: c.Name, typ: t, types: types}
		}
	}
	return out
})

var itemSchemas sync.Map // by name of the type

func exportedSchema(t *Type) *model.Schema {
	if known, ok := itemSchemas.Load(t.Name); ok {
		return known.(*model.Schema) //nolint:forcetypeassert // nothing else is stored
	}
	known, _ := itemSchemas.LoadOrStore(t.Name, t.schema())
	return known.(*model.Schema) //nolint:forcetypeassert // nothing else is stored
}

// convertItem yields the asset of an item.
func (e *Export) convertItem(ctx context.Context, sessions map[string]*Session, x *collect.Exported, yield func(model.Asset, error) bool) bool {
	i, err := e.item(x.Doc())
	if err != nil {
		return yield(model.Asset{}, err)
	}
	u := declared()[i.typ]
	s := sessions[i.account]
	if u == nil || s == nil || i.gone() || isSettings(u.typ) {
		return true
	}
	unit := *u
	unit.Session, unit.Region = s, i.region
	if unit.typ.Global {
		unit.Region = ""
	}
	doc, filled, gaps := i.document(unit.typ)
	typ := *unit.typ
	typ.Root = nil // the item stands for the document, as far as it goes
	unit.typ = &typ
	r := &run{Unit: &unit, ctx: ctx}
	r.yield = func(a model.Asset, err error) bool {
		var gap *model.Gap
		if errors.As(err, &gap) {
			return true
		}
		if err == nil {
			a.Origin = model.Origin{Kind: model.OriginExport, File: x.File}
			a.Gaps = slices.DeleteFunc(a.Gaps, func(g model.Gap) bool { return filled[topMember(g.Path)] && g.Detail == collect.NotInExport })
		}
		return yield(a, err)
	}
	a := r.asset(unit.typ, doc, nil)
	if _, complete := fill(strings.SplitN(unit.typ.ID, " | ", 2)[0], s, &a); !complete && i.arn == "" {
		return yield(model.Asset{}, fmt.Errorf("%w: an item of %s without what identifies it: let the query select arn or configuration", model.ErrInvalid, i.typ))
	}
	for path, detail := range gaps {
		a.Gaps = append(a.Gaps, model.Gap{Scope: a.Scope, Type: a.Type, Path: path, Reason: model.Unsupported, Operation: "config:" + string(x.Form), Detail: detail})
	}
	slices.SortFunc(a.Gaps, func(a, b model.Gap) int { return strings.Compare(a.Path, b.Path) })
	return r.batch(unit.typ, i.region, []model.Asset{a})
}

// document brings the configuration to the shape of the API, whose members AWS
// Config writes with a small first letter; of some types it has another shape.
// filled are the members that need no read any more, gaps those that the item
// does not hold in a shape that is understood.
func (i *configItem) document(t *Type) (doc model.Document, filled map[string]bool, gaps map[string]string) {
	doc, filled, gaps = model.Document{}, map[string]bool{}, map[string]string{}
	fields := exportedSchema(t).Fields
	byName := map[string]string{}
	for name := range fields {
		byName[strings.ToLower(name)] = name
	}
	seen := map[string]bool{}
	for name, v := range i.configuration {
		field, ok := byName[strings.ToLower(name)]
		if !ok {
			continue
		}
		seen[field] = true
		if v == nil {
			continue
		}
		shaped, strange := shapeAs(v, fields[field])
		if strange {
			gaps[field] = "AWS Config holds it in another shape than the API"
			continue
		}
		doc[field] = shaped
		filled[field] = true
	}
	i.supplement(t, doc, filled, seen)
	i.addTags(fields, doc, filled, seen)
	side := map[string]bool{}
	for j := range t.Side {
		side[topMember(t.Side[j].Member)] = true
	}
	for name := range fields {
		if !seen[name] && !side[name] {
			gaps[name] = "the item does not hold it"
		}
	}
	return doc, filled, gaps
}

// supplement takes what AWS Config reads beside an asset.
func (i *configItem) supplement(t *Type, doc model.Document, filled, seen map[string]bool) {
	fields := exportedSchema(t).Fields
	for member, read := range supplements[t.Name] {
		v, ok := read(i.supplementary)
		if !ok {
			continue
		}
		shaped, strange := shapeAs(v, fields[member])
		if strange {
			continue
		}
		filled[member], seen[member] = true, true
		if v != nil {
			doc[member] = shaped
		}
	}
}

// addTags takes the item's tags, which stand beside the configuration.
func (i *configItem) addTags(fields map[string]*model.Schema, doc model.Document, filled, seen map[string]bool) {
	if !i.hasTags {
		return
	}
	pairs := map[string]any{}
	switch t := i.tags.(type) {
	case map[string]any:
		pairs = t
	case []any:
		for _, e := range t {
			m, _ := e.(map[string]any)
			if key := firstString(m, "key", "Key"); key != "" {
				pairs[key] = firstString(m, "value", "Value")
			}
		}
	}
	for _, member := range []string{"Tags", "TagSet", "TagList"} {
		shape := fields[member]
		if shape == nil || doc[member] != nil {
			continue
		}
		filled[member], seen[member] = true, true
		if len(pairs) == 0 {
			return
		}
		if shape.Kind != model.List {
			doc[member] = pairs
			return
		}
		list := []any{}
		for _, key := range slices.Sorted(maps.Keys(pairs)) {
			list = append(list, map[string]any{"Key": key, "Value": pairs[key]})
		}
		doc[member] = list
		return
	}
}

// shapeAs gives a value the names that a shape has; strange says that it has
// members which the shape does not.
func shapeAs(v any, s *model.Schema) (out any, strange bool) {
	if s == nil || v == nil {
		return v, false
	}
	if s.Kind == model.String {
		v = unwrapped(v)
	}
	switch s.Kind {
	case model.Object:
		m, ok := v.(map[string]any)
		if !ok {
			return nil, true
		}
		names := make(map[string]string, len(s.Fields))
		for name := range s.Fields {
			names[strings.ToLower(name)] = name
		}
		shaped := make(map[string]any, len(m))
		for name, e := range m {
			field, ok := names[strings.ToLower(name)]
			if !ok {
				return nil, true
			}
			if e == nil {
				continue
			}
			inner, bad := shapeAs(e, s.Fields[field])
			if bad {
				return nil, true
			}
			shaped[field] = inner
		}
		return shaped, false
	case model.List:
		items, ok := v.([]any)
		if !ok {
			return nil, true
		}
		for i, e := range items {
			inner, bad := shapeAs(e, s.Elem)
			if bad {
				return nil, true
			}
			items[i] = inner
		}
		return items, false
	case model.Map:
		_, ok := v.(map[string]any)
		return v, !ok
	case model.Time:
		at, err := timeOf(v)
		if n, ok := v.(int64); ok && n > 1<<34 { // milliseconds
			at = time.UnixMilli(n).UTC()
		}
		return at.Format(time.RFC3339Nano), err != nil
	case model.Bool:
		_, ok := v.(bool)
		return v, !ok
	case model.Int:
		_, ok := v.(int64)
		return v, !ok
	case model.Float:
		if n, ok := v.(int64); ok {
			return float64(n), false
		}
		_, ok := v.(float64)
		return v, !ok
	case model.String:
		_, ok := v.(string)
		return v, !ok
	}
	return v, false
}
