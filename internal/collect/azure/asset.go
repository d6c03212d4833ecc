package azure

import (
	"encoding/json"
	"strings"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// armDocument turns a row of Resource Graph into the document that Azure
// Resource Manager returns: columns that only locate the asset are left out, as
// is what is empty because the table has a column for it.
func armDocument(row model.Document, typ string) model.Document {
	doc := model.Document{}
	for _, member := range []string{"id", "name", "kind", "location", "managedBy", "sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation", "etag"} {
		switch v := row[member].(type) {
		case nil:
		case string:
			if v != "" {
				doc[member] = v
			}
		default:
			doc[member] = v
		}
	}
	doc["type"] = typ
	return doc
}

// newAsset builds an asset of Azure Resource Manager from its document; false
// where it stands outside of what is read.
func (s *Session) newAsset(t *Type, doc model.Document) (model.Asset, bool) {
	id := text(doc, "id")
	scope, inside := s.scopeOf(id)
	a := model.Asset{
		ID: strings.ToLower(id), Type: t.Name, Class: t.Class, Scope: scope, Config: doc, Origin: model.Origin{Kind: model.OriginLive},
	}
	doc["type"] = t.Name
	collect.Conform(map[string]any(doc), s.schema(t))
	s.locate(t, &a)
	return a, inside && id != ""
}

// locate fills what the document says of the asset besides its id.
func (s *Session) locate(t *Type, a *model.Asset) {
	// A child without a location keeps its parent's.
	if location := text(a.Config, "location"); location != "" {
		if a.Scope.Region = strings.ToLower(strings.ReplaceAll(location, " ", "")); a.Scope.Region == "global" {
			a.Scope.Region = ""
		}
	}
	if zones, ok := a.Config["zones"].([]any); ok && len(zones) == 1 {
		a.Scope.Zone, _ = zones[0].(string)
	}
	a.Name = label(t, a)
	a.Tags = nil
	if tags, ok := a.Config["tags"].(map[string]any); ok && len(tags) > 0 {
		a.Tags = make(map[string]string, len(tags))
		for k, v := range tags {
			a.Tags[k], _ = v.(string)
		}
	}
	if t.Managed != nil && t.Managed(a.Config) {
		a.ManagedBy = "azure"
	}
}

// label fills the type's template for a name.
func label(t *Type, a *model.Asset) string {
	if t.Label != "" {
		if name := fill(t.Label, a.Config); name != "" {
			return name
		}
	}
	members := []string{"name", "displayName"}
	if t.Graph != nil {
		members = []string{"displayName", "name"}
	}
	for _, m := range members {
		if name := text(a.Config, m); name != "" {
			return name
		}
	}
	return a.ID[strings.LastIndexByte(a.ID, '/')+1:]
}

// fill expands {member.path} over a document.
func fill(template string, doc model.Document) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			return strings.TrimSpace(b.String())
		}
		path, after, _ := strings.Cut(rest, "}")
		if v, ok := at(map[string]any(doc), path).(string); ok {
			b.WriteString(v)
		}
		template = after
	}
}

// at returns what stands at a dotted path of objects, or nil.
func at(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// set puts a value at a dotted path; what stands before a dot is an object.
func set(doc model.Document, path string, v any) {
	in := map[string]any(doc)
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			in[name] = v
			return
		}
		below, ok := in[name].(map[string]any)
		if !ok {
			below = map[string]any{}
			in[name] = below
		}
		in, path = below, rest
	}
}

// remove takes away what stands at a dotted path.
func remove(doc model.Document, path string) {
	in := map[string]any(doc)
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			delete(in, name)
			return
		}
		below, ok := in[name].(map[string]any)
		if !ok {
			return
		}
		in, path = below, rest
	}
}

// finish brings a complete document to its shape, redacts and adjusts it.
func (s *Session) finish(t *Type, a *model.Asset) {
	if len(t.Side)+len(t.Reread) > 0 { // what was read besides
		collect.Conform(map[string]any(a.Config), s.schema(t))
	}
	for _, path := range t.Secret {
		redact(map[string]any(a.Config), path, path[strings.LastIndexByte(path, '.')+1:])
	}
	if t.Fix != nil {
		t.Fix(a)
	}
	if t.Graph == nil {
		s.locate(t, a)
	}
	for i := range a.Gaps {
		a.Gaps[i].Asset, a.Gaps[i].Scope = a.ID, a.Scope
	}
}

// redact replaces what stands at a path, whose steps through lists end in "[]"
// and through maps are "*". Of an object that stands there every value is
// replaced.
func redact(v any, path, name string) {
	step, rest, more := strings.Cut(path, ".")
	step, isList := strings.CutSuffix(step, "[]")
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	keys := []string{step}
	if step == "*" {
		keys = keys[:0]
		for k := range m {
			keys = append(keys, k)
		}
	}
	for _, k := range keys {
		value, ok := m[k]
		if !ok || value == nil {
			continue
		}
		if step == "*" && !more {
			name = k
		}
		if own := text(m, "name"); k == "value" && own != "" {
			name = own // a list of settings with names
		}
		list, _ := value.([]any)
		switch {
		case isList && more:
			for _, e := range list {
				redact(e, rest, name)
			}
		case isList:
			for i, e := range list {
				list[i] = secret(name, e)
			}
		case more:
			redact(value, rest, name)
		default:
			m[k] = secret(name, value)
		}
	}
}

func secret(name string, v any) any {
	switch t := v.(type) {
	case nil:
		return nil
	case string:
		return collect.Redact(name, t)
	case map[string]any:
		out := make(map[string]any, len(t))
		for k, e := range t {
			out[k] = secret(k, e)
		}
		return out
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return collect.Redact(name, "")
	}
	return collect.Redact(name, string(raw))
}

// clone copies JSON values, so that an asset which is made of a part of another
// one's document has its own.
func clone(v any) any {
	switch t := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(t))
		for k, e := range t {
			out[k] = clone(e)
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i, e := range t {
			out[i] = clone(e)
		}
		return out
	}
	return v
}
