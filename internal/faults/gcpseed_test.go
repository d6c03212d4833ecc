package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/standin/google"
)

// The organization of the fault suite is that of the collectors' recordings, with
// a project more that has nothing in it.
const (
	fullProject  = "shop-prod"
	emptyProject = "shop-empty"
)

// gcpSeed makes an organization out of the recordings of the collectors, their
// declarations and the examples of the controls.
type gcpSeed struct {
	seed    *google.Seed
	byName  map[string]map[string]any
	names   []string // in the order of the seed
	samples map[string]string
	refused int
}

func newGCPSeed(t *testing.T, cat *catalog.Catalog) *google.Seed {
	t.Helper()
	b := &gcpSeed{
		seed: &google.Seed{
			Organizations: []json.RawMessage{raw(map[string]any{"name": "organizations/1", "displayName": "shop.example", "directoryCustomerId": "C0shop"})},
			Folders:       []json.RawMessage{raw(map[string]any{"name": "folders/2", "parent": "organizations/1", "displayName": "production"})},
			Projects: []json.RawMessage{
				raw(map[string]any{"name": "projects/3", "projectId": fullProject, "parent": "folders/2", "displayName": "Shop"}),
				raw(map[string]any{"name": "projects/4", "projectId": "shop-test", "parent": "organizations/1", "displayName": "Test"}),
				raw(map[string]any{"name": "projects/5", "projectId": emptyProject, "parent": "folders/2", "displayName": "Empty"}),
			},
		},
		byName: map[string]map[string]any{}, samples: map[string]string{},
	}
	b.recordings(t)
	examples := examplesOf(cat)
	for _, c := range gcp.Collectors() {
		for i := range c.Types {
			b.declared(&c.Types[i], examples[c.Types[i].Name])
		}
	}
	b.accepted(t)
	return b.seed
}

// recordings takes the assets over that collectors are tested with.
func (b *gcpSeed) recordings(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "collect", "gcp", "testdata", "*.txtar"))
	if err != nil || len(files) < 10 {
		t.Fatalf("recordings of collectors: %v, %v", files, err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			_, body, ok := bytes.Cut(f.Data, []byte("\n\n"))
			if !ok || !bytes.HasPrefix(f.Data, []byte("200")) {
				continue
			}
			var answer map[string]any
			dec := json.NewDecoder(bytes.NewReader(body))
			dec.UseNumber()
			if dec.Decode(&answer) != nil {
				continue
			}
			if strings.HasPrefix(f.Name, "Cloudasset:assets.list") {
				list, _ := answer["assets"].([]any)
				for _, v := range list {
					if m, ok := v.(map[string]any); ok {
						b.asset(m)
					}
				}
			}
			if kind := regexp.MustCompile(`projects/(\S+)/ (serviceAccount\w*) --|projects/(\S+)/ (serviceAccount\w*)$`).FindStringSubmatch(f.Name); kind != nil && answer["activities"] != nil {
				b.seed.Responses = append(b.seed.Responses, google.Response{
					Call:   "policyanalyzer:v1/projects.locations.activityTypes.activities.query",
					Params: map[string]string{"parent": "projects/" + kind[1] + kind[3] + "/locations/global/activityTypes/" + kind[2] + kind[4]}, Items: raw(answer["activities"]),
				})
			}
		}
	}
}

// asset adds an asset, or what another content type says of it.
func (b *gcpSeed) asset(m map[string]any) {
	name, _ := m["name"].(string)
	kind, _ := m["assetType"].(string)
	if name == "" || kind == "" {
		return
	}
	known := b.byName[name]
	if known == nil {
		known = map[string]any{}
		b.byName[name] = known
		b.names = append(b.names, name)
	}
	if b.samples[kind] == "" {
		b.samples[kind] = name
	}
	node := strings.HasPrefix(name, "//cloudresourcemanager.googleapis.com/projects/") || strings.HasPrefix(name, "//cloudresourcemanager.googleapis.com/folders/") || strings.HasPrefix(name, "//cloudresourcemanager.googleapis.com/organizations/")
	for k, v := range m {
		if node && k == "resource" {
			continue // the tree says it
		}
		known[k] = v
	}
}

// declared adds assets of a type that the inventory delivers: one that has
// nothing set and those of examples; and answers to its other calls.
func (b *gcpSeed) declared(typ *gcp.Type, examples []map[string]any) {
	for i := range typ.Side {
		b.answer(&typ.Side[i].Call, examples, typ.Side[i].Member)
	}
	if typ.List != nil {
		b.answer(&typ.List.Call, nil, "")
		return
	}
	b.seed.AssetTypes = append(b.seed.AssetTypes, typ.Name)
	host, kind, _ := strings.Cut(typ.Name, "/")
	if host == "cloudresourcemanager.googleapis.com" && slices.Contains([]string{"Project", "Folder", "Organization"}, kind) || typ.AccessPolicy {
		return
	}
	stem := b.samples[typ.Name]
	if stem == "" {
		stem = "//" + host + "/projects/" + fullProject + "/" + strings.ToLower(kind[:1]) + kind[1:] + "s/n"
	}
	stem = stem[:strings.LastIndex(stem, "/")+1]
	examples = append([]map[string]any{{}}, examples...)
	for i, e := range examples[:min(len(examples), perType+1)] {
		doc := deep(e)
		a := map[string]any{
			"name": fmt.Sprintf("%sfault-%d", stem, i), "assetType": typ.Name, "ancestors": []any{"projects/3", "folders/2", "organizations/1"},
		}
		for j := range typ.Side {
			takeAt(doc, typ.Side[j].Member)
		}
		if p := doc["iamPolicy"]; p != nil && typ.Policy {
			a["iamPolicy"] = p
		}
		delete(doc, "iamPolicy")
		a["resource"] = map[string]any{"version": "v1", "data": doc}
		b.asset(a)
	}
}

var versionOf = regexp.MustCompile(`(?:^|/)(v\d+\w*)/`)

// answer answers a call for whatever it is asked: with what an example has at the
// member, or with items that have a name only.
func (b *gcpSeed) answer(c *gcp.Call, examples []map[string]any, member string) {
	m := versionOf.FindStringSubmatch(c.Path)
	if m == nil || c.API == "policyanalyzer" {
		return
	}
	r := google.Response{Call: c.API + ":" + m[1] + "/" + c.Method}
	for _, e := range examples {
		if member == "" {
			break
		}
		v := takeAt(deep(e), member)
		if list, ok := v.([]any); ok && len(list) > 0 && c.Items != "" {
			r.Items = raw(list)
			break
		}
	}
	if r.Items == nil && c.Items != "" {
		path := c.Path[strings.Index(c.Path, m[1]+"/")+len(m[1])+1:]
		var items []any
		for i := range 3 {
			item := map[string]any{}
			if reflect.ValueOf(c.Item).FieldByName("Name").IsValid() {
				item["name"] = fmt.Sprintf("%s/n%d", strings.NewReplacer("{project}", fullProject, "{organization}", "1", "{scope}", "organizations/1").Replace(path), i)
			}
			items = append(items, item)
		}
		r.Items = raw(items)
	}
	if r.Items == nil {
		r.Body = map[string]any{}
	}
	b.seed.Responses = append(b.seed.Responses, r)
}

var gcpPlace = regexp.MustCompile(`(assets|responses)\[(\d+)\]`)

// accepted checks what the vendor's discovery documents describe; the rest is
// taken as it is, or left out.
func (b *gcpSeed) accepted(t *testing.T) {
	t.Helper()
	unchecked := map[string]bool{}
	versions := map[string][2]string{} // version and name of the schema, by type
	for _, c := range gcp.Collectors() {
		for i := range c.Types {
			typ := reflect.TypeOf(c.Types[i].Item)
			if typ == nil || !strings.HasPrefix(typ.PkgPath(), "google.golang.org/api/") {
				unchecked[c.Types[i].Name] = true
				continue
			}
			parts := strings.Split(typ.PkgPath(), "/")
			versions[c.Types[i].Name] = [2]string{parts[len(parts)-1], typ.Name()}
		}
	}
	names := b.names
	for range 20 {
		b.seed.Assets, b.seed.Unchecked = nil, slices.Sorted(maps.Keys(unchecked))
		for _, name := range names {
			a := b.byName[name]
			kind := a["assetType"].(string) //nolint:forcetypeassert // see asset
			if res, ok := a["resource"].(map[string]any); ok && versions[kind][0] != "" && !unchecked[kind] {
				res["version"], res["discoveryName"] = versions[kind][0], versions[kind][1]
			}
			b.seed.Assets = append(b.seed.Assets, raw(a))
		}
		s, err := google.New(b.seed, google.Options{})
		if err == nil {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			t.Logf("seed: %d assets, %d answers, %d types unchecked, %d refused", len(b.seed.Assets), len(b.seed.Responses), len(unchecked), b.refused)
			return
		}
		dropAssets, dropResponses := map[int]bool{}, map[int]bool{}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			m := gcpPlace.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if *explain {
				t.Log(line)
			}
			n, _ := strconv.Atoi(m[2])
			if m[1] == "responses" {
				dropResponses[n] = true
				continue
			}
			kind := b.byName[names[n]]["assetType"].(string) //nolint:forcetypeassert // see asset
			if strings.Contains(line, ".resource") && !unchecked[kind] {
				unchecked[kind] = true
				continue
			}
			dropAssets[n] = true
		}
		if len(dropAssets)+len(dropResponses) == 0 && !strings.Contains(err.Error(), ".resource") {
			t.Fatal(err)
		}
		b.refused += len(dropAssets) + len(dropResponses)
		names = without(names, dropAssets)
		b.seed.Responses = without(b.seed.Responses, dropResponses)
	}
	t.Fatal("the stand-in refuses the seed")
}
