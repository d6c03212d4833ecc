package faults

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/model"
	standin "github.com/stance-sec/stance/internal/standin/azure"
)

// The tenant of the fault suite. The second subscription has nothing in it, so
// that controls on absence are decided where there are zero assets.
const (
	faultTenant = "99999999-8888-4777-8666-555555555555"
	faultClient = "cccccccc-0000-4000-8000-000000000001"
	fullSub     = "11111111-2222-4333-8444-555555555555"
	emptySub    = "22222222-2222-4333-8444-555555555555"
)

// perType bounds the assets of a type that are made of examples: enough for
// pages, few enough that a scan takes a moment.
const perType = 4

// azureSeed makes a tenant out of the declarations of the collectors and the
// examples of the controls: of each type an asset that has nothing set, and some
// that examples describe, above all those that fail.
type azureSeed struct {
	seed     standin.Seed
	examples map[string][]map[string]any
	types    map[string]*azure.Type
	first    map[string]string // id of the first asset, by type
	parts    map[string][]any  // items of lists within others, by parent and path
	// at names what the places in the seed stand for, to leave out what the
	// stand-in refuses.
	refused int
}

func newAzureSeed(t *testing.T, cat *catalog.Catalog) standin.Seed {
	t.Helper()
	b := &azureSeed{
		seed: standin.Seed{
			Tenant:           standin.Tenant{ID: faultTenant, DisplayName: "Example", Domains: []string{"example.com"}},
			Principals:       []standin.Principal{{ClientID: faultClient, ObjectID: "cccccccc-0000-4000-8000-0000000000ff", Secret: "s3cret"}},
			ManagementGroups: []standin.ManagementGroup{{ID: faultTenant, DisplayName: "Root"}, {ID: "shop", DisplayName: "Shop", Parent: faultTenant}},
			Subscriptions: []standin.Subscription{
				{ID: fullSub, Name: "full", ManagementGroup: "shop"}, {ID: emptySub, Name: "empty", ManagementGroup: "shop"},
			},
			Graph: map[string]json.RawMessage{}, Answers: map[string]json.RawMessage{},
			Empty:    []string{"/subscriptions/**", "/providers/**"},
			PageSize: 2, Lenient: true,
			Limits: standin.Limits{ResourceGraphPer5s: 1e6, ReadsPerSecond: 1e6, ReadsBurst: 1e6},
		},
		examples: examplesOf(cat), types: map[string]*azure.Type{}, first: map[string]string{}, parts: map[string][]any{},
	}
	var types []*azure.Type
	for _, c := range azure.Collectors() {
		for i := range c.Types {
			b.types[c.Types[i].Name] = &c.Types[i]
			types = append(types, &c.Types[i])
		}
	}
	for _, typ := range types {
		if typ.Within != nil {
			key := typ.Within.Parent + " " + typ.Within.Path
			for i, doc := range b.documents(typ) {
				doc["name"] = fmt.Sprintf("part%d", i)
				b.parts[key] = append(b.parts[key], doc)
			}
		}
	}
	// Parents before what is listed below them.
	slices.SortStableFunc(types, func(x, y *azure.Type) int { return strings.Count(x.Name, "/") - strings.Count(y.Name, "/") })
	for _, typ := range types {
		switch {
		case typ.Graph != nil:
			b.directory(typ)
		case typ.Within == nil:
			b.resources(typ)
		}
	}
	b.accepted(t)
	return b.seed
}

// examplesOf are the documents of examples that pass or fail, by type; those
// that fail come first. Examples that say what is around them are left out.
func examplesOf(cat *catalog.Catalog) map[string][]map[string]any {
	out := map[string][]map[string]any{}
	seen := map[string]bool{}
	for _, v := range []model.Verdict{model.Fail, model.Pass} {
		for _, c := range cat.Controls {
			one := map[string]bool{}
			for _, e := range c.Examples {
				typ := c.Type
				if typ == "" {
					typ = e.Type
				}
				if e.Verdict != v || len(e.Gaps)+len(e.With) > 0 || len(e.Config) == 0 || one[typ] {
					continue
				}
				key := typ + string(model.Document(e.Config).Canonical())
				if !seen[key] && !strings.Contains(key, "{{") {
					seen[key], one[typ] = true, true
					out[typ] = append(out[typ], e.Config)
				}
			}
		}
	}
	return out
}

// documents are those of the assets of a type.
func (b *azureSeed) documents(typ *azure.Type) []map[string]any {
	out := []map[string]any{{}}
	if typ.Graph == nil {
		out[0]["properties"] = map[string]any{}
	}
	for _, e := range b.examples[typ.Name] {
		if len(out) > perType {
			break
		}
		out = append(out, deep(e))
	}
	if typ.Where != "" { // the query asks for no others
		if m := regexp.MustCompile(`^properties\.(\w+) =~ '(\w+)'$`).FindStringSubmatch(typ.Where); m != nil {
			for _, d := range out {
				if p, ok := d["properties"].(map[string]any); ok {
					p[m[1]] = m[2]
				}
			}
		}
	}
	return out
}

func deep(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = deepAny(v)
	}
	return out
}

func deepAny(v any) any {
	switch t := v.(type) {
	case map[string]any:
		return deep(t)
	case []any:
		out := make([]any, len(t))
		for i := range t {
			out[i] = deepAny(t[i])
		}
		return out
	}
	return v
}

// bases are the ids below which the assets of a type stand.
func (b *azureSeed) bases(typ *azure.Type) []string {
	sub := "/subscriptions/" + fullSub
	provider, rest, _ := strings.Cut(typ.Name, "/")
	if typ.List != nil {
		base := map[string]string{
			"": sub, azure.TenantType: "", azure.GroupType: "/providers/Microsoft.Management/managementGroups/shop", azure.SubscriptionType: sub,
		}[typ.List.Parent]
		if typ.List.Parent != "" && base == "" && typ.List.Parent != azure.TenantType {
			if base = b.first[typ.List.Parent]; base == "" {
				return nil
			}
		}
		if strings.HasPrefix(typ.List.Path, "/") {
			return []string{strings.NewReplacer("{subscription}", fullSub, "{tenant}", faultTenant).Replace(typ.List.Path)}
		}
		return []string{base + "/" + typ.List.Path}
	}
	if i := strings.LastIndex(rest, "/"); i >= 0 {
		if above := b.first[provider+"/"+rest[:i]]; above != "" {
			return []string{above + "/" + rest[i+1:]}
		}
		id := sub + "/resourceGroups/rg/providers/" + provider
		parts := strings.Split(rest, "/")
		for _, p := range parts[:len(parts)-1] {
			id += "/" + p + "/above"
		}
		return []string{id + "/" + parts[len(parts)-1]}
	}
	switch provider {
	case "Microsoft.Authorization", "Microsoft.Security", "Microsoft.PolicyInsights":
		return []string{sub + "/providers/" + typ.Name}
	}
	return []string{sub + "/resourceGroups/rg/providers/" + typ.Name}
}

func (b *azureSeed) resources(typ *azure.Type) {
	switch typ.Name {
	case azure.TenantType, azure.GroupType:
		return
	case azure.SubscriptionType:
		doc := map[string]any{}
		for _, e := range b.examples[typ.Name] {
			maps.Copy(doc, deep(e))
		}
		b.sides(typ, "/subscriptions/"+fullSub, doc)
		return
	}
	for _, base := range b.bases(typ) {
		if base == "/subscriptions/"+fullSub+"/resourceGroups/rg/providers/Microsoft.Resources/subscriptions/resourceGroups" || typ.Name == "Microsoft.Resources/subscriptions/resourceGroups" {
			b.add(map[string]any{"id": "/subscriptions/" + fullSub + "/resourceGroups/rg", "location": "westeurope", "properties": map[string]any{"provisioningState": "Succeeded"}})
			continue
		}
		for i, doc := range b.documents(typ) {
			id := fmt.Sprintf("%s/n%02d", base, i)
			if b.first[typ.Name] == "" {
				b.first[typ.Name] = id
			}
			if i == 0 {
				for key, items := range b.parts {
					parent, path, _ := strings.Cut(key, " ")
					if parent != typ.Name {
						continue
					}
					for j, v := range items {
						v.(map[string]any)["id"] = fmt.Sprintf("%s/%s/part%d", id, path[strings.LastIndex(path, ".")+1:], j) //nolint:forcetypeassert // made here
					}
					setAt(doc, path, items)
				}
			}
			b.sides(typ, id, doc)
			doc["id"] = id
			delete(doc, "name")
			delete(doc, "type")
			if typ.Table != "" && doc["location"] == nil && strings.Contains(id, "/resourceGroups/") {
				doc["location"] = "westeurope"
			}
			b.add(doc)
		}
	}
}

func (b *azureSeed) add(doc map[string]any) {
	b.seed.Resources = append(b.seed.Resources, raw(doc))
}

func raw(v any) json.RawMessage {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // documents of examples are JSON
	}
	return out
}

// sides takes what further reads give out of a document and seeds it where it is
// read. What a document does not have gets an answer without anything set.
func (b *azureSeed) sides(typ *azure.Type, id string, doc map[string]any) {
	for i := range typ.Side {
		rd := &typ.Side[i]
		value := takeAt(doc, rd.Member)
		if rd.Graph {
			continue
		}
		path := id + "/" + rd.Path
		if strings.HasPrefix(rd.Path, "/") {
			path = strings.NewReplacer("{subscription}", fullSub, "{tenant}", faultTenant).Replace(rd.Path)
		}
		switch {
		case rd.Post:
			body := value
			if rd.Items {
				body = map[string]any{"value": orEmptyList(value)}
			} else if rd.Inner {
				body = map[string]any{"properties": orEmptyObject(value)}
			}
			if m, ok := body.(map[string]any); ok {
				b.seed.Actions = append(b.seed.Actions, standin.Action{Path: path, Body: raw(m)})
			}
		case rd.Items:
			items, ok := value.([]any)
			if !ok {
				items = []any{map[string]any{"properties": map[string]any{}}, map[string]any{"properties": map[string]any{}}, map[string]any{"properties": map[string]any{}}}
			}
			for j, v := range items {
				m, ok := v.(map[string]any)
				if !ok {
					continue
				}
				m = deep(m)
				if rd.Inner {
					m = map[string]any{"properties": m}
				}
				name, _ := m["name"].(string)
				if name == "" || strings.Contains(name, "/") {
					name = fmt.Sprintf("i%02d", j)
				}
				m["id"] = path + "/" + name
				delete(m, "name")
				delete(m, "type")
				b.add(m)
			}
		default:
			m, _ := value.(map[string]any)
			if rd.Inner {
				m = map[string]any{"properties": orEmptyObject(value)}
			}
			if m == nil {
				m = map[string]any{"properties": map[string]any{}}
			}
			m = deep(m)
			if m["id"] == nil {
				m["id"] = path
			}
			b.seed.Answers[path] = raw(m)
		}
	}
}

func orEmptyList(v any) any {
	if v == nil {
		return []any{}
	}
	return v
}

func orEmptyObject(v any) any {
	if v == nil {
		return map[string]any{}
	}
	return v
}

// directory seeds a list or an object of Microsoft Graph.
func (b *azureSeed) directory(typ *azure.Type) {
	var items []any
	for i, doc := range b.documents(typ) {
		if id, _ := doc["id"].(string); id == "" || i > 0 && !typ.Graph.Single {
			doc["id"] = fmt.Sprintf("%08x-0000-4000-8000-%012d", len(b.seed.Graph)+1, i)
		}
		for j := range typ.Side {
			rd := &typ.Side[j]
			value := takeAt(doc, rd.Member)
			if !rd.Graph || !strings.Contains(rd.Path, "{id}") {
				continue
			}
			path, _, _ := strings.Cut(strings.ReplaceAll(rd.Path, "{id}", doc["id"].(string)), "?") //nolint:forcetypeassert // set above
			switch {
			case rd.Items:
				b.seed.Graph[path] = raw(orEmptyList(value))
			case value != nil:
				b.seed.Graph[path] = raw(value)
			}
		}
		items = append(items, doc)
	}
	if typ.Graph.Single {
		b.seed.Graph[typ.Graph.Path] = raw(items[min(1, len(items)-1)])
		return
	}
	b.seed.Graph[typ.Graph.Path] = raw(items)
}

// takeAt takes the value at a dotted path out of a document.
func takeAt(doc map[string]any, path string) any {
	head, rest, more := strings.Cut(path, ".")
	if !more {
		v := doc[head]
		delete(doc, head)
		return v
	}
	inner, _ := doc[head].(map[string]any)
	if inner == nil {
		return nil
	}
	return takeAt(inner, rest)
}

func setAt(doc map[string]any, path string, v any) {
	head, rest, more := strings.Cut(path, ".")
	if !more {
		doc[head] = v
		return
	}
	inner, _ := doc[head].(map[string]any)
	if inner == nil {
		inner = map[string]any{}
		doc[head] = inner
	}
	setAt(inner, rest, v)
}

var place = regexp.MustCompile(`^(resources|actions|answers|graph)(?:\[(\d+)\]|\.(\S+))`)

// accepted leaves out what the stand-in refuses: examples tell no more of an
// asset than a control asks about, which the vendor's schema may not let pass.
func (b *azureSeed) accepted(t *testing.T) {
	t.Helper()
	for range 20 {
		s, err := standin.New(b.seed, standin.Options{})
		if err == nil {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			t.Logf("seed: %d resources, %d answers, %d lists of the directory, %d refused", len(b.seed.Resources), len(b.seed.Answers), len(b.seed.Graph), b.refused)
			return
		}
		drop := map[int]bool{}
		actions := map[int]bool{}
		some := false
		for line := range strings.SplitSeq(strings.TrimPrefix(err.Error(), "seed refused: "), "\n") {
			m := place.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if testing.Verbose() && *explain {
				t.Log(line)
			}
			n, _ := strconv.Atoi(m[2])
			switch m[1] {
			case "resources":
				drop[n] = true
			case "actions":
				actions[n] = true
			case "answers":
				b.dropAnswer(m[3])
			case "graph":
				b.dropGraph(m[3])
			}
			some = true
		}
		if !some {
			t.Fatal(err)
		}
		b.refused += len(drop) + len(actions)
		b.seed.Resources = without(b.seed.Resources, drop)
		b.seed.Actions = without(b.seed.Actions, actions)
	}
	t.Fatal("the stand-in refuses the seed")
}

func without[T any](list []T, drop map[int]bool) []T {
	var out []T
	for i, v := range list {
		if !drop[i] {
			out = append(out, v)
		}
	}
	return out
}

func (b *azureSeed) dropAnswer(rest string) {
	best := ""
	for path := range b.seed.Answers {
		if strings.HasPrefix(rest, path) && len(path) > len(best) {
			best = path
		}
	}
	if best != "" {
		delete(b.seed.Answers, best)
		b.refused++
	}
}

var item = regexp.MustCompile(`\[(\d+)\]`)

func (b *azureSeed) dropGraph(rest string) {
	best := ""
	for path := range b.seed.Graph {
		if strings.HasPrefix(rest, path) && len(path) > len(best) {
			best = path
		}
	}
	if best == "" {
		return
	}
	b.refused++
	var list []any
	m := item.FindStringSubmatch(rest[len(best):])
	if json.Unmarshal(b.seed.Graph[best], &list) != nil || m == nil {
		delete(b.seed.Graph, best)
		return
	}
	n, _ := strconv.Atoi(m[1])
	if n < len(list) {
		list[n] = map[string]any{"id": fmt.Sprintf("%08x-0000-4000-8000-%012d", 0xdddd, n)}
	}
	b.seed.Graph[best] = raw(list)
}
