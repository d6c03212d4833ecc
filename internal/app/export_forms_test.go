package app

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stance-sec/stance/internal/model"
)

// exportForm is one of the forms in which tools write an estate down.
type exportForm struct {
	name  string
	files map[string]string
	least int    // findings that it decides
	lacks string // what assets that it need not name begin with
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

// powerShell is what Windows PowerShell makes of a text that is redirected into a
// file.
func powerShell(text string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(strings.ReplaceAll(text, "\n", "\r\n"))) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var capitals = regexp.MustCompile(`[A-Z]`)

func snake(name string) string {
	return capitals.ReplaceAllStringFunc(name, func(s string) string { return "_" + strings.ToLower(s) })
}

func snakeAll(v any) any {
	switch t := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, e := range t {
			out[snake(name)] = snakeAll(e)
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i, e := range t {
			out[i] = snakeAll(e)
		}
		return out
	}
	return v
}

// bucketLines are assets as an export to Cloud Storage has them: a line each, with
// the members of protocol buffers in snake case and the services' own as they are.
// https://cloud.google.com/asset-inventory/docs/export-cloud-storage
func bucketLines(t *testing.T, assets []any) string {
	t.Helper()
	var out strings.Builder
	for _, a := range assets {
		asset, _ := a.(map[string]any)
		line := map[string]any{}
		for name, v := range asset {
			switch resource, _ := v.(map[string]any); {
			case name == "resource":
				kept := map[string]any{}
				for m, e := range resource {
					kept[snake(m)] = e
				}
				v = kept
			default:
				v = snakeAll(v)
			}
			line[snake(name)] = v
		}
		b, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(b, '\n'))
	}
	return out.String()
}

// searched are assets as results of searches: without documents, and policies.
// https://cloud.google.com/asset-inventory/docs/reference/rest/v1/ResourceSearchResult
func searched(resources, policies []any) (assets, found []any) {
	for _, a := range resources {
		asset, _ := a.(map[string]any)
		ancestors, _ := asset["ancestors"].([]any)
		if len(ancestors) == 0 {
			continue
		}
		result := map[string]any{"name": asset["name"], "assetType": asset["assetType"], "organization": ancestors[len(ancestors)-1], "displayName": "x", "location": "global"}
		if project, _ := ancestors[0].(string); strings.HasPrefix(project, "projects/") {
			result["project"] = project
		}
		assets = append(assets, result)
	}
	for _, a := range policies {
		asset, _ := a.(map[string]any)
		if asset["iamPolicy"] != nil {
			found = append(found, map[string]any{"resource": asset["name"], "assetType": asset["assetType"], "project": "projects/604", "organization": "organizations/811", "policy": asset["iamPolicy"]})
		}
	}
	return assets, found
}

func googleForms(t *testing.T, resources, policies []any) []exportForm {
	t.Helper()
	lists := map[string]string{"resources.json": jsonOf(t, resources), "policies.json": jsonOf(t, policies)}
	both := maps.Clone(lists)
	both["export.ndjson"] = bucketLines(t, resources)
	assets, found := searched(resources, policies)
	return []exportForm{
		{"gcloud asset list", lists, 80, ""},
		{"lists appended to one file", map[string]string{"all.json": lists["resources.json"] + lists["policies.json"]}, 80, ""},
		{"gcloud asset export", map[string]string{"resources.ndjson": bucketLines(t, resources), "policies.ndjson": bucketLines(t, policies)}, 80, ""},
		{"gcloud asset export, gzip", map[string]string{"resources": gzipped(t, bucketLines(t, resources)), "policies": gzipped(t, bucketLines(t, policies))}, 80, ""},
		{"PowerShell", map[string]string{"resources.json": powerShell(lists["resources.json"]), "policies.json": "\xef\xbb\xbf" + lists["policies.json"]}, 80, ""},
		{"list and export of the same", both, 80, ""},
		{"answers of the API", map[string]string{
			"resources.json": jsonOf(t, map[string]any{"readTime": "2026-03-14T09:26:53Z", "assets": resources}),
			"policies.json":  jsonOf(t, map[string]any{"readTime": "2026-03-14T09:26:53Z", "assets": policies}),
		}, 80, ""},
		{"search results", map[string]string{"search.json": jsonOf(t, assets), "policies.json": jsonOf(t, found)}, 0, ""},
		{"resources alone", map[string]string{"resources.json": lists["resources.json"]}, 60, ""},
		{"policies alone", map[string]string{"policies.json": lists["policies.json"]}, 0, "//"}, // of assets that have one
	}
}

func azureForms(t *testing.T, resources, containers []map[string]any) []exportForm {
	t.Helper()
	answer := func(rows []map[string]any) map[string]any {
		return map[string]any{"count": len(rows), "data": rows, "skip_token": nil, "total_records": len(rows)}
	}
	page := func(rows []map[string]any, token any, total int) string {
		return jsonOf(t, map[string]any{"count": len(rows), "data": rows, "skip_token": token, "total_records": total})
	}
	whole := map[string]string{"resources.json": jsonOf(t, answer(resources)), "resourcecontainers.json": jsonOf(t, answer(containers))}
	others := func(files map[string]string) map[string]string {
		files["resourcecontainers.json"] = whole["resourcecontainers.json"]
		return files
	}
	half := len(resources) / 2
	var documents []any
	for _, r := range append(resources[:len(resources):len(resources)], containers...) {
		doc := map[string]any{}
		for name, v := range r {
			if v != nil && v != "" && name != "tenantId" && name != "subscriptionId" && name != "resourceGroup" {
				doc[name] = v
			}
		}
		if strings.Contains(strings.ToLower(r["type"].(string)), "/subscriptions") && !strings.Contains(r["id"].(string), "resourceGroups") {
			continue // az resource list has no subscriptions
		}
		documents = append(documents, doc)
	}
	return []exportForm{
		{"az graph query", whole, 50, ""},
		{"answers of the API", map[string]string{
			"resources.json":          jsonOf(t, map[string]any{"totalRecords": len(resources), "count": len(resources), "data": resources, "facets": []any{}, "resultTruncated": "false"}),
			"resourcecontainers.json": jsonOf(t, map[string]any{"totalRecords": len(containers), "count": len(containers), "data": containers, "facets": []any{}, "resultTruncated": "false"}),
		}, 50, ""},
		{"pages", others(map[string]string{
			"resources.1.json": page(resources[:half], "ew0KICAiJGlkIjogIjEi", len(resources)), "resources.2.json": page(resources[half:], nil, len(resources)),
		}), 40, ""},
		{"lists of older versions", map[string]string{"resources.json": jsonOf(t, resources), "resourcecontainers.json": jsonOf(t, containers)}, 40, ""},
		{"lists appended to one file", map[string]string{"all.json": jsonOf(t, resources) + jsonOf(t, containers)}, 40, ""},
		{"PowerShell", map[string]string{"resources.json": powerShell(whole["resources.json"]), "resourcecontainers.json": powerShell(whole["resourcecontainers.json"])}, 50, ""},
		{"gzip", map[string]string{"resources.json.gz": gzipped(t, whole["resources.json"]), "resourcecontainers.json.gz": gzipped(t, whole["resourcecontainers.json"])}, 50, ""},
		{"az rest", map[string]string{"all.json": jsonOf(t, map[string]any{"value": documents})}, 40, "/tenants/"},
		{"az resource show, a list", map[string]string{"all.json": jsonOf(t, documents)}, 40, "/tenants/"},
	}
}

// TestUnknownExports holds that what is in no form that is known is refused by
// name, and says what it is instead.
func TestUnknownExports(t *testing.T) {
	for _, tt := range []struct{ name, file, text, says string }{
		{"empty", "resources.json", "", "it is empty"},
		{"spaces", "resources.json", "\r\n", "it is empty"},
		{"empty list", "resources.json", "[]", "does not say what it is of"},
		{"a table", "resources.json", "Name    Location\n------  ----------\nshop    westeurope\n", "not JSON"},
		{"other objects", "resources.json", `[{"a": 1}]`, "neither name and assetType"},
		{"pages in one file", "resources.json", `{"count": 0, "data": [], "total_records": 0}{"count": 0, "data": [], "total_records": 0}`, "a file of its own"},
		{"output of no command that is used", "x.json", `{"Sausages": []}`, "the members Sausages, which is the output of no command"},
		{"output about an asset, without its name", "policy.json", `{"Tags": [{"TagKey": "a", "TagValue": "b"}], "Truncated": false}`, "as list-resource-tags.NAME.json"},
		{"refusal of a command that is not used", "x.json", "\nAn error occurred (AccessDenied) when calling the ListSausages operation: no\n", "the refusal of ListSausages"},
		{"report that was only begun", "generate-credential-report.json", `{"State": "STARTED"}`, "get-credential-report"},
		{"no members, and no command's name", "x.json", "{}", "an object without members"},
		{"UTF-16 that is no JSON", "resources.json", powerShell("ERROR: Please run 'az login'\n"), "not JSON"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), tt.file)
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := FindExports([]string{path})
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), path) || !errors.Is(err, model.ErrInvalid) {
				t.Errorf("error %v, want one that says %q and names the file", err, tt.says)
			}
		})
	}
}
