package gcp

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

func assetGap(a *model.Asset, path string, c *Call, f failure) model.Gap {
	return model.Gap{
		Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: path, Reason: f.reason, Operation: c.API + ":" + c.Method,
		Permission: cmp.Or(f.permission, c.Permission), Code: f.code, DeniedBy: f.by, Detail: f.detail, RequestID: f.request,
	}
}

// gapOf is the gap of a listing that failed, of a type where it is known.
func (s *Session) gapOf(err error, c *Call, t *Type, n *node) *model.Gap {
	f := s.classify(err, n)
	g := &model.Gap{
		Reason: f.reason, Operation: c.API + ":" + c.Method, Permission: cmp.Or(f.permission, c.Permission),
		Code: f.code, DeniedBy: f.by, Detail: f.detail, RequestID: f.request,
	}
	if t != nil {
		g.Type = t.Name
	}
	if n != nil {
		g.Scope = s.scope(n)
	}
	return g
}

// asset builds an asset of its document.
func (t *Type) asset(id string, scope model.Scope, doc model.Document) model.Asset {
	if doc == nil {
		doc = model.Document{}
	}
	return model.Asset{ID: id, Type: t.Name, Class: t.Class, Config: doc, Scope: scope, Origin: model.Origin{Kind: model.OriginLive}}
}

// finish brings a complete document to its shape, hides secrets, and names and
// dates the asset.
func (t *Type) finish(a *model.Asset, shape *model.Schema) {
	if t.Fix != nil {
		t.Fix(a)
	}
	a.Config, _ = collect.Conform(map[string]any(a.Config), shape).(map[string]any)
	t.redacted(a)
	a.Name = t.name(a)
	a.Tags = tagsOf(a.Config)
	a.CreatedAt = t.created(a.Config)
	if t.Managed != nil && t.Managed(a.Config) {
		a.ManagedBy = model.GCP
	}
	for _, path := range t.Secret {
		redact(a.Config, path)
	}
	for i := range a.Gaps {
		a.Gaps[i].Asset, a.Gaps[i].Scope = a.ID, a.Scope
	}
}

// redacted yields the gaps of members that the inventory never delivers.
func (t *Type) redacted(a *model.Asset) {
	for _, path := range t.Redacted {
		top, _, _ := strings.Cut(path, ".")
		known := slices.ContainsFunc(t.Side, func(r Read) bool {
			return (r.Member == path || r.Member == top) && (r.When == nil || r.When(a.Config))
		})
		if known || lookup(a.Config, path) != nil {
			continue
		}
		a.Gaps = append(a.Gaps, assetGap(a, path, &listResources, failure{reason: model.Unsupported, detail: "Cloud Asset Inventory leaves this member out"}))
	}
}

func (t *Type) name(a *model.Asset) string {
	if t.Label != "" {
		if name, complete := expand(t.Label, func(member string) any { return lookup(a.Config, member) }, false); complete && name != "" {
			return name
		}
	}
	return a.ID[strings.LastIndexByte(a.ID, '/')+1:]
}

// tagMembers are where services keep labels.
var tagMembers = []string{"labels", "userLabels", "resourceLabels", "settings.userLabels", "metadata.labels"}

func tagsOf(doc model.Document) map[string]string {
	var out map[string]string
	for _, member := range tagMembers {
		labels, _ := lookup(doc, member).(map[string]any)
		for k, v := range labels {
			if text, ok := v.(string); ok {
				if out == nil {
					out = map[string]string{}
				}
				out[k] = text
			}
		}
	}
	return out
}

// createdMembers are the usual names of the time of creation.
var createdMembers = []string{"createTime", "creationTimestamp", "timeCreated", "creationTime", "metadata.creationTimestamp"}

func (t *Type) created(doc model.Document) time.Time {
	members := createdMembers
	if t.Created != "" {
		members = []string{t.Created}
	}
	for _, member := range members {
		switch v := lookup(doc, member).(type) {
		case string:
			if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
				return at.UTC()
			}
			if ms, err := strconv.ParseInt(v, 10, 64); err == nil && ms > 0 {
				return time.UnixMilli(ms).UTC()
			}
		case int64: // BigQuery counts milliseconds
			if v > 0 {
				return time.UnixMilli(v).UTC()
			}
		}
	}
	return time.Time{}
}

// lookup returns the member at a dotted path, or nil.
func lookup(doc map[string]any, path string) any {
	var v any = doc
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// set puts a value at a dotted path; objects on the way are made.
func set(doc map[string]any, path string, v any) {
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			doc[name] = v
			return
		}
		below, ok := doc[name].(map[string]any)
		if !ok {
			below = map[string]any{}
			doc[name] = below
		}
		doc, path = below, rest
	}
}

// redact replaces the values at a path, whose steps through lists and maps end in
// "[]" and "{}", by what collect.Redact tells of them. An item of a list that has
// a key or a name lends it to its value.
func redact(doc map[string]any, path string) { redactIn(doc, path, "") }

func redactIn(v any, path, called string) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	for _, member := range []string{"key", "name"} {
		if text, ok := m[member].(string); ok && text != "" {
			called = text
			break
		}
	}
	head, rest, more := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(head, "[]")
	name, isMap := strings.CutSuffix(name, "{}")
	value, ok := m[name]
	if !ok || value == nil {
		return
	}
	if more {
		if isMap {
			items, _ := value.(map[string]any)
			for key, item := range items {
				redactIn(item, rest, key)
			}
			return
		}
		items, ok := value.([]any)
		if !isList || !ok {
			items = []any{value}
		}
		for _, item := range items {
			redactIn(item, rest, called)
		}
		return
	}
	if called == "" || !slices.Contains([]string{"value"}, name) {
		called = name
	}
	m[name] = hide(value, called)
}

// hide redacts a value with all below it.
func hide(v any, called string) any {
	switch t := v.(type) {
	case string:
		return collect.Redact(called, t)
	case []any:
		for i, e := range t {
			t[i] = hide(e, called)
		}
		return t
	case map[string]any:
		for k, e := range t {
			t[k] = hide(e, k)
		}
		return t
	}
	return v
}
