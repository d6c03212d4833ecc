package azure

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

func writeJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// convertFiles reads exports as a scan does.
func convertFiles(t *testing.T, opts ExportOptions, paths ...string) ([]model.Asset, []model.Gap, []string) {
	t.Helper()
	assets, gaps, accounts, err := convert(t, opts, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return assets, gaps, accounts
}

func convert(t *testing.T, opts ExportOptions, paths ...string) (assets []model.Asset, gaps []model.Gap, accounts []string, err error) {
	t.Helper()
	found, err := file.Find(paths, func(*file.Export) error { return nil })
	if err != nil {
		return nil, nil, nil, err
	}
	e, err := NewExport(opts)
	if err != nil {
		return nil, nil, nil, err
	}
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
			return nil, nil, nil, err
		}
	}
	if err := e.Ready(); err != nil {
		return nil, nil, nil, err
	}
	for a, err := range e.Collect(t.Context(), records) {
		switch g, ok := err.(*model.Gap); { //nolint:errorlint // as yielded
		case ok:
			gaps = append(gaps, *g)
		case err != nil:
			return nil, nil, nil, err
		default:
			assets = append(assets, a)
		}
	}
	slices.SortFunc(assets, func(a, b model.Asset) int { return cmp.Compare(a.ID, b.ID) })
	return assets, gaps, e.Accounts(), nil
}

// TestExportIsLive holds that an export gives the assets that the live path gives
// for the same estate, but for members that it does not hold: those are gaps.
func TestExportIsLive(t *testing.T) {
	_, opts := startStandin(t)
	bySecret(t)
	s, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	types := []string{"Microsoft.Storage/storageAccounts", "Microsoft.Resources/subscriptions/resourceGroups"}
	s.opts.Types = func(typ string) bool { return slices.Contains(types, typ) }
	var live collected
	for a, err := range s.Frame() {
		live.add(t, a, err)
	}
	live.units(t, s.Units())

	dir := t.TempDir()
	for table, names := range map[string][]string{"resources": types[:1], "resourcecontainers": {types[1], SubscriptionType, GroupType}} {
		rows := []model.Document{}
		q := query{table: table, types: names, subscriptions: []string{standinFirst}}
		if err := s.rows(t.Context(), q, func(row model.Document) bool { rows = append(rows, row); return true }); err != nil {
			t.Fatal(err)
		}
		writeJSON(t, filepath.Join(dir, table+".json"), map[string]any{"count": len(rows), "data": rows, "skip_token": nil, "total_records": len(rows)})
	}
	exported, gaps, accounts := convertFiles(t, ExportOptions{Complete: true}, dir)
	if !slices.Contains(accounts, standinFirst) || !slices.Contains(accounts, standinTenant) {
		t.Errorf("accounts %v", accounts)
	}
	byID := map[string]model.Asset{}
	for _, a := range live.Assets {
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
		if a.Origin.Kind != model.OriginExport {
			t.Errorf("%s: origin %+v", a.ID, a.Origin)
		}
		want.Origin = a.Origin
		if a.Type == GroupType { // the names of groups stand in the rows of subscriptions, too
			want.Config, want.Name = a.Config, a.Name
		}
		for _, g := range a.Gaps {
			if g.Reason != model.Unsupported || g.Detail == "" {
				t.Errorf("%s: gap %+v", a.ID, g)
			}
			remove(want.Config, g.Path)
			if g.Path == "" {
				want.Config, want.Name = a.Config, a.Name // nothing of it is known
			}
		}
		if diff := gocmp.Diff(want, a, cmpopts.IgnoreFields(model.Asset{}, "Gaps"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-live +export)\n%s", a.ID, diff)
		}
	}
	want := map[string]int{TenantType: 1, GroupType: 2, SubscriptionType: 1, types[0]: 5, types[1]: 1}
	if diff := gocmp.Diff(want, seen); diff != "" {
		t.Errorf("assets (-want +got)\n%s", diff)
	}
	if i := slices.IndexFunc(gaps, func(g model.Gap) bool { return g.Type == types[0] }); i >= 0 {
		t.Errorf("the listing of a complete table is a gap: %+v", gaps[i])
	}
	for _, typ := range []string{"graph/user", "Microsoft.Storage/storageAccounts/blobServices/containers"} {
		if !slices.ContainsFunc(gaps, func(g model.Gap) bool { return g.Type == typ && g.Below && g.Scope.Account == standinTenant }) {
			t.Errorf("the listing of %s, which no table holds, is no gap", typ)
		}
	}
}

const exportSub = "22222222-2222-4222-8222-222222222222"

func storageRow(name string, more map[string]any) map[string]any {
	row := map[string]any{
		"id":   "/subscriptions/" + exportSub + "/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/" + name,
		"name": name, "type": "microsoft.storage/storageaccounts", "location": "westeurope", "subscriptionId": exportSub, "tenantId": standinTenant,
		"kind": "StorageV2", "sku": map[string]any{"name": "Standard_LRS"}, "properties": map[string]any{"minimumTlsVersion": "TLS1_2"}, "tags": nil,
		"identity": nil, "zones": nil, "plan": nil, "managedBy": "", "extendedLocation": nil,
	}
	for k, v := range more {
		row[k] = v
		if v == "left out" {
			delete(row, k)
		}
	}
	return row
}

func TestExportGaps(t *testing.T) {
	const typ = "Microsoft.Storage/storageAccounts"
	result := func(more map[string]any, rows ...any) map[string]any {
		out := map[string]any{"count": len(rows), "data": rows, "skip_token": nil, "total_records": len(rows)}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	arm := storageRow("a", map[string]any{"subscriptionId": "left out", "tenantId": "left out", "resourceGroup": "rg"})
	for _, tt := range []struct {
		name     string
		export   any
		complete bool
		listing  string // detail of the listing's gap
		gaps     []string
	}{
		{"whole", result(nil, storageRow("a", nil)), true, "", nil},
		{"nobody says that it is whole", result(nil, storageRow("a", nil)), false, "the export does not say that it holds all of them", nil},
		{"a token", result(map[string]any{"skip_token": "abc"}, storageRow("a", nil)), true, "it has a token for a next page", nil},
		{"fewer than there are", result(map[string]any{"total_records": 7}, storageRow("a", nil)), true, "it holds 1 of 7 rows", nil},
		{"rows alone", []any{storageRow("a", nil)}, true, "it does not say how many rows there are", nil},
		{"without columns", result(nil, storageRow("a", map[string]any{"identity": "left out", "properties": "left out"})), true, "", []string{"identity", "properties"}},
		{"az resource list", []any{storageRow("a", map[string]any{"subscriptionId": "left out", "tenantId": "left out", "properties": nil})}, true, "not part of the export", []string{"properties"}},
		{"az resource show", arm, true, "not part of the export", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "export.json")
			writeJSON(t, path, tt.export)
			assets, gaps, _ := convertFiles(t, ExportOptions{Complete: tt.complete}, path)
			i := slices.IndexFunc(assets, func(a model.Asset) bool { return a.Type == typ })
			if i < 0 {
				t.Fatalf("no %s in %+v", typ, assets)
			}
			var got []string
			for _, g := range assets[i].Gaps {
				if strings.Contains(g.Detail, "left the column") || strings.Contains(g.Detail, "has no properties") {
					got = append(got, g.Path)
				}
			}
			slices.Sort(got)
			if diff := gocmp.Diff(tt.gaps, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("gaps (-want +got)\n%s", diff)
			}
			listing := ""
			for _, g := range gaps {
				if g.Type == typ {
					listing = g.Detail
				}
			}
			if listing != tt.listing {
				t.Errorf("the listing's gap says %q, want %q", listing, tt.listing)
			}
		})
	}
}

// TestExportBeside holds that documents below an asset answer the reads beside it.
func TestExportBeside(t *testing.T) {
	dir := t.TempDir()
	account := storageRow("a", map[string]any{"subscriptionId": "left out", "tenantId": "left out", "type": "Microsoft.Storage/storageAccounts"})
	id, _ := account["id"].(string)
	writeJSON(t, filepath.Join(dir, "account.json"), account)
	writeJSON(t, filepath.Join(dir, "blob.json"), map[string]any{
		"id": id + "/blobServices/default", "name": "default", "type": "Microsoft.Storage/storageAccounts/blobServices", "properties": map[string]any{"isVersioningEnabled": true},
	})
	assets, _, accounts := convertFiles(t, ExportOptions{}, dir)
	if diff := gocmp.Diff([]string{exportSub}, accounts); diff != "" {
		t.Errorf("accounts (-want +got)\n%s", diff)
	}
	for _, a := range assets {
		if a.Scope.OrgPath != "subscriptions/"+exportSub {
			t.Errorf("%s: path %q", a.ID, a.Scope.OrgPath)
		}
		if strings.HasSuffix(a.ID, "/a") && at(map[string]any(a.Config), "blobServices.properties.isVersioningEnabled") != true {
			t.Errorf("blob services: %v, gaps %+v", a.Config["blobServices"], a.Gaps)
		}
	}
}

func TestExportTenants(t *testing.T) {
	path := filepath.Join(t.TempDir(), "export.json")
	writeJSON(t, path, []any{storageRow("a", nil), storageRow("b", map[string]any{"tenantId": standinClient})})
	_, _, _, err := convert(t, ExportOptions{}, path)
	if err == nil || !strings.Contains(err.Error(), "tenant") {
		t.Errorf("error %v, want one of two tenants", err)
	}
}

// FuzzExport holds that no row or document of an export makes reading panic, and
// that whatever comes out has an account.
func FuzzExport(f *testing.F) {
	for _, v := range []any{[]any{storageRow("a", nil)}, storageRow("a", map[string]any{"tenantId": "left out", "subscriptionId": "left out"})} {
		b, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add(`[{"id": "/subscriptions/s", "type": "microsoft.resources/subscriptions", "tenantId": "t", "properties": {"managementGroupAncestorsChain": [{"name": "a"}, {"name": "a"}, null]}}]`)
	f.Add(`[{"id": "/providers/microsoft.management/managementgroups/m", "type": "microsoft.management/managementgroups", "tenantId": "t", "properties": {"details": {}}}]`)
	f.Add(`{"id": "/x", "type": "microsoft.network/virtualnetworks", "properties": {"subnets": [{"id": ""}, null, 1]}}`)
	path := filepath.Join(f.TempDir(), "export.json")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		assets, _, _, err := convert(t, ExportOptions{}, path)
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
