package gcp

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/collect/file"
	"github.com/stance-sec/stance/internal/model"
)

// rawAssets returns what the inventory of a stand-in holds in one content type.
func rawAssets(t *testing.T, s *Session, content string, types []string) []map[string]any {
	t.Helper()
	var out []map[string]any
	l := &listing{scope: s.tree.find("organizations/111"), content: content, call: &listResources, types: types}
	err := s.pages(t.Context(), s.listingRequest(l), l.call, func(items []any) error {
		for _, i := range items {
			m, _ := i.(map[string]any)
			out = append(out, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// snake writes an asset as an export to Cloud Storage does.
func snake(m map[string]any) map[string]any {
	var underscored func(v any) any
	name := func(n string) string {
		var b strings.Builder
		for _, r := range n {
			if r >= 'A' && r <= 'Z' {
				b.WriteByte('_')
				r += 'a' - 'A'
			}
			b.WriteRune(r)
		}
		return b.String()
	}
	underscored = func(v any) any {
		switch t := v.(type) {
		case map[string]any:
			out := map[string]any{}
			for k, e := range t {
				if k != "data" {
					e = underscored(e)
				}
				out[name(k)] = e
			}
			return out
		case []any:
			out := []any{}
			for _, e := range t {
				out = append(out, underscored(e))
			}
			return out
		}
		return v
	}
	return underscored(m).(map[string]any) //nolint:forcetypeassert // an object gives one
}

func writeLines(t *testing.T, path string, docs []map[string]any) {
	t.Helper()
	var b []byte
	for _, d := range docs {
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		b = append(append(b, line...), '\n')
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// convertFiles reads exports as a scan does.
func convertFiles(t *testing.T, opts ExportOptions, paths ...string) ([]model.Asset, []model.Gap) {
	t.Helper()
	assets, gaps, err := convert(t, opts, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return assets, gaps
}

func convert(t *testing.T, opts ExportOptions, paths ...string) (assets []model.Asset, gaps []model.Gap, err error) {
	t.Helper()
	found, err := file.Find(paths, func(*file.Export) error { return nil })
	if err != nil {
		return nil, nil, err
	}
	e, err := NewExport(opts)
	if err != nil {
		return nil, nil, err
	}
	defer e.Close() //nolint:errcheck // a temporary file
	records := func(yield func(collect.Exported, error) bool) {
		for _, f := range found.Exports {
			for r, err := range f.Records(t.Context()) {
				if !yield(r, err) {
					return
				}
			}
		}
	}
	for r, err := range records {
		if err == nil {
			err = e.Learn(&r)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if err := e.Ready(); err != nil {
		return nil, nil, err
	}
	for a, err := range e.Collect(t.Context(), records) {
		switch g, ok := err.(*model.Gap); { //nolint:errorlint // as yielded
		case ok:
			gaps = append(gaps, *g)
		case err != nil:
			return nil, nil, err
		default:
			assets = append(assets, a)
		}
	}
	slices.SortFunc(assets, func(a, b model.Asset) int { return cmp.Compare(a.ID, b.ID) })
	return assets, gaps, nil
}

// TestExportIsLive holds that an export gives the assets that the live path gives
// for the same estate, but for members that it does not hold: those are gaps.
func TestExportIsLive(t *testing.T) {
	server := standin(t)
	opts := through(t, server, server.ServiceAccountKey)
	s, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	live := gatherFrom(s.Frame(t.Context()))
	live.assets = append(live.assets, units(t, s).assets...)

	types := []string{OrganizationType, FolderType, ProjectType, bucketType, "sqladmin.googleapis.com/Instance"}
	resources, policies := rawAssets(t, s, contentResource, types), rawAssets(t, s, contentPolicy, types)
	dir := t.TempDir()
	for i := range resources {
		resources[i] = snake(resources[i])
	}
	for i := range policies {
		policies[i] = snake(policies[i])
	}
	writeLines(t, filepath.Join(dir, "resources.ndjson"), resources)
	writeLines(t, filepath.Join(dir, "policies.ndjson"), policies)
	exported, gaps := convertFiles(t, ExportOptions{Complete: true}, dir)

	byID := map[string]model.Asset{}
	for _, a := range live.assets {
		byID[a.ID] = a
	}
	seen := map[string]int{}
	for _, a := range exported {
		want, ok := byID[a.ID]
		if !ok {
			t.Errorf("%s is not live", a.ID)
			continue
		}
		seen[a.Type]++
		if a.Origin != (model.Origin{Kind: model.OriginExport, File: "resources.ndjson"}) {
			t.Errorf("%s: origin %+v", a.ID, a.Origin)
		}
		want.Origin = a.Origin
		want.Gaps = append(want.Gaps, a.Gaps...)
		for _, g := range a.Gaps {
			if g.Reason != model.Unsupported || g.Detail == "" {
				t.Errorf("%s: gap %+v", a.ID, g)
			}
			delete(want.Config, g.Path)
		}
		if diff := gocmp.Diff(want, a, cmpopts.IgnoreFields(model.Asset{}, "Gaps"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-live +export)\n%s", a.ID, diff)
		}
	}
	for _, typ := range types {
		if seen[typ] == 0 {
			t.Errorf("no %s", typ)
		}
	}
	for _, g := range gaps {
		if g.Type == bucketType {
			t.Errorf("the listing of a complete export is a gap: %+v", g)
		}
	}
}

func TestExportWithoutWord(t *testing.T) {
	dir := t.TempDir()
	bucket := map[string]any{
		"name": "//storage.googleapis.com/site", "asset_type": bucketType, "ancestors": []string{"projects/12", "organizations/1"},
		"resource": map[string]any{"version": "v1", "location": "EU", "data": map[string]any{"id": "site", "name": "site"}},
	}
	writeLines(t, filepath.Join(dir, "a.ndjson"), []map[string]any{bucket})
	assets, gaps := convertFiles(t, ExportOptions{}, filepath.Join(dir, "a.ndjson"))
	var ids []string
	for _, a := range assets {
		ids = append(ids, a.ID+" "+a.Scope.Account+" "+a.Scope.OrgPath)
	}
	want := []string{
		"//cloudresourcemanager.googleapis.com/projects/12 12 organizations/1/projects/12",
		"//storage.googleapis.com/site 12 organizations/1/projects/12",
	}
	if diff := gocmp.Diff(want, ids); diff != "" {
		t.Errorf("assets (-want +got)\n%s", diff)
	}
	hasGap := func(a model.Asset, path string) bool {
		return slices.ContainsFunc(a.Gaps, func(g model.Gap) bool { return g.Path == path && g.Reason == model.Unsupported })
	}
	if !hasGap(assets[0], "") || !hasGap(assets[1], "iamPolicy") {
		t.Errorf("gaps of what is not there: %+v, %+v", assets[0].Gaps, assets[1].Gaps)
	}
	if !slices.ContainsFunc(gaps, func(g model.Gap) bool { return g.Type == bucketType && g.Scope.Account == "12" }) {
		t.Error("nothing says that the export holds all buckets, and the listing is no gap")
	}
}

// FuzzExport holds that no asset of an export makes reading panic, and that
// whatever comes out has an account.
func FuzzExport(f *testing.F) {
	f.Add(`{"name":"//storage.googleapis.com/b","asset_type":"storage.googleapis.com/Bucket","resource":{"version":"v1","location":"EU","data":{"name":"b"}},"iam_policy":{"bindings":[{}]},"ancestors":["projects/7","organizations/1"]}`)
	f.Add(`{"name":"//cloudresourcemanager.googleapis.com/projects/7","asset_type":"cloudresourcemanager.googleapis.com/Project","resource":{"data":{"projectId":"p"}},"ancestors":["projects/7"]}`)
	f.Add(`[{"name":"//compute.googleapis.com/projects/p/zones/z/instances/i","assetType":"compute.googleapis.com/Instance","resource":{"location":"z","data":{"metadata":{"items":[{"key":"a","value":"b"}]}}}}]`)
	f.Add(`{"name":"//x/projects/_/y","asset_type":"storage.googleapis.com/Bucket","ancestors":["folders/2","folders/2"]}`)
	path := filepath.Join(f.TempDir(), "export.json")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		assets, _, err := convert(t, ExportOptions{}, path)
		if err != nil {
			return
		}
		for _, a := range assets {
			if a.ID == "" || a.Scope.Account == "" || a.Origin.Kind != model.OriginExport {
				t.Errorf("%s: asset %+v", text, a)
			}
		}
	})
}
