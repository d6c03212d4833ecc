package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, text string) string {
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

const (
	configSnapshot = `{"fileVersion": "1.0", "configSnapshotId": "a", "configurationItems": [{"resourceType": "AWS::EC2::Volume", "configuration": {"size": 1}}, {"resourceType": "AWS::EC2::VPC"}]}`
	assetLine      = `{"name": "//storage.googleapis.com/b", "asset_type": "storage.googleapis.com/Bucket", "resource": {"discovery_name": "Bucket", "data": {"snake_case": 1, "projectNumber": "7"}}, "ancestors": ["projects/7"]}`
	policyLine     = `{"name": "//storage.googleapis.com/b", "asset_type": "storage.googleapis.com/Bucket", "iam_policy": {"audit_configs": [{"service": "allServices", "audit_log_configs": [{"log_type": 3, "exempted_members": ["user:a@b.c"]}]}]}, "ancestors": ["projects/7"]}`
	row            = `{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.A/b/c", "type": "microsoft.a/b", "subscriptionId": "s", "properties": {}}`
	armDocument    = `{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.A/b/c", "type": "Microsoft.A/b", "properties": {"x": 1}}`
)

var assetValue = map[string]any{
	"name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "ancestors": []any{"projects/7"},
	"resource": map[string]any{"discoveryName": "Bucket", "data": map[string]any{"snake_case": int64(1), "projectNumber": "7"}},
}

func utf16Text(order binary.AppendByteOrder, mark, text string) string {
	b := []byte(mark)
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// TestRefusal holds that what a refused command says is told from any other text,
// in the words of all versions of the AWS CLI.
func TestRefusal(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       *collect.Failure
	}{
		{"version 2", "\nAn error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: The bucket policy does not exist\n", &collect.Failure{Code: "NoSuchBucketPolicy", Operation: "GetBucketPolicy", Message: "The bucket policy does not exist"}},
		{"newer", "\naws: [ERROR]: An error occurred (AccessDeniedException) when calling the ListKeys operation: no\r\n", &collect.Failure{Code: "AccessDeniedException", Operation: "ListKeys", Message: "no"}},
		{"tries", "An error occurred (ThrottlingException) when calling the DescribeKey operation (reached max retries: 4): Rate exceeded", &collect.Failure{Code: "ThrottlingException", Operation: "DescribeKey", Message: "Rate exceeded"}},
		{"PowerShell", utf16Text(binary.LittleEndian, "\xff\xfe", "An error occurred (AccessDenied) when calling the ListUsers operation: no"), &collect.Failure{Code: "AccessDenied", Operation: "ListUsers", Message: "no"}},
		{"no connection", "Could not connect to the endpoint URL: \"https://kms.eu-west-1.amazonaws.com/\"", nil},
		{"no credentials", "Unable to locate credentials. You can configure credentials by running \"aws configure\".", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := Recognize(writeFile(t, "export", tt.text))
			if tt.want == nil {
				if !errors.Is(err, ErrUnrecognized) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, e.Failure); diff != "" || e.Form != collect.CLIOutput {
				t.Errorf("form %q, failure (-want +got)\n%s", e.Form, diff)
			}
			n := 0
			for r, err := range e.Records(t.Context()) {
				if n++; err != nil || r.Failure == nil || r.Value != nil || r.Path != e.Path {
					t.Errorf("record %+v, %v", r, err)
				}
			}
			if n != 1 {
				t.Errorf("%d records", n)
			}
		})
	}
}

// TestBrokenEnd holds that what follows the first list of a file is not passed
// over.
func TestBrokenEnd(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"object after a list", "[" + assetLine + "] {}", "follows"},
		{"text after a list", "[" + assetLine + "] oops", "follows"},
		{"list after objects", assetLine + "\n[]", "follows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := Recognize(writeFile(t, "export", tt.text))
			if err != nil {
				t.Fatal(err)
			}
			var last error
			for _, last = range e.Records(t.Context()) {
			}
			if last == nil || !strings.Contains(last.Error(), tt.says) || !errors.Is(last, model.ErrInvalid) {
				t.Errorf("error %v, want one that says %q", last, tt.says)
			}
		})
	}
}

func TestRecognize(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       collect.Form
		partial    string
		values     []any // nil where they are not looked at
	}{
		{name: "snapshot", text: "\x28\xb5\x2f\xfd\x00", want: collect.StanceSnapshot},
		{name: "config snapshot", text: configSnapshot, want: collect.ConfigItems, values: []any{
			map[string]any{"resourceType": "AWS::EC2::Volume", "configuration": map[string]any{"size": int64(1)}}, map[string]any{"resourceType": "AWS::EC2::VPC"},
		}},
		{name: "config snapshot, gzip", text: zipped(t, configSnapshot), want: collect.ConfigItems},
		{name: "batch-get-resource-config", text: `{"baseConfigurationItems": [{"resourceType": "AWS::EC2::VPC", "configuration": "{}"}], "unprocessedResourceKeys": []}`, want: collect.ConfigItems},
		{name: "config query", text: `{"Results": ["{\"resourceType\": \"AWS::EC2::VPC\"}"], "QueryInfo": {"SelectFields": []}}`, want: collect.ConfigQuery, values: []any{map[string]any{"resourceType": "AWS::EC2::VPC"}}},
		{name: "config query with more", text: `{"QueryInfo": {}, "Results": [], "NextToken": "x"}`, want: collect.ConfigQuery, partial: "it has a token for a next page"},
		{name: "graph", text: `{"count": 1, "data": [` + row + `], "skip_token": null, "total_records": 1}`, want: collect.GraphRows},
		{name: "graph, more", text: `{"count": 1, "data": [` + row + `], "skip_token": "t", "total_records": 5}`, want: collect.GraphRows, partial: "it has a token for a next page"},
		{name: "graph, cut", text: `{"count": 1, "data": [` + row + `], "total_records": 5}`, want: collect.GraphRows, partial: "it holds 1 of 5 rows"},
		{name: "graph, older", text: `{"count": 1, "data": [` + row + `]}`, want: collect.GraphRows, partial: "it does not say how many rows there are"},
		{name: "graph, rest", text: `{"totalRecords": 1, "count": 1, "data": [` + row + `], "resultTruncated": "true"}`, want: collect.GraphRows, partial: "the service cut the rows"},
		{name: "graph without rows", text: `{"count": 0, "data": [], "skip_token": null, "total_records": 0}`, want: collect.GraphRows, values: []any{}},
		{name: "graph rows", text: "[" + row + "]", want: collect.GraphRows, partial: "it does not say how many rows there are"},
		{name: "resource list", text: "[" + armDocument + "]", want: collect.ARMDocuments},
		{name: "resource", text: armDocument, want: collect.ARMDocuments, values: []any{map[string]any{
			"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.A/b/c", "type": "Microsoft.A/b", "properties": map[string]any{"x": int64(1)},
		}}},
		{name: "resources by az rest", text: `{"value": [` + armDocument + `], "nextLink": "https://x"}`, want: collect.ARMDocuments, partial: "it has a token for a next page"},
		{name: "asset export", text: assetLine + "\n" + policyLine + "\n", want: collect.InventoryAssets, values: []any{
			map[string]any{
				"name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "ancestors": []any{"projects/7"},
				"resource": map[string]any{"discoveryName": "Bucket", "data": map[string]any{"snake_case": int64(1), "projectNumber": "7"}},
			},
			map[string]any{
				"name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "ancestors": []any{"projects/7"},
				"iamPolicy": map[string]any{"auditConfigs": []any{map[string]any{"service": "allServices", "auditLogConfigs": []any{map[string]any{"logType": "DATA_READ", "exemptedMembers": []any{"user:a@b.c"}}}}}},
			},
		}},
		{name: "one asset", text: assetLine, want: collect.InventoryAssets},
		{name: "asset list", text: `[{"name": "//x/y", "assetType": "a/B", "ancestors": ["projects/7"]}]`, want: collect.InventoryAssets},
		{name: "assets of the API", text: `{"readTime": "t", "assets": [{"name": "//x/y", "assetType": "a/B", "ancestors": []}], "nextPageToken": "t"}`, want: collect.InventoryAssets, partial: "it has a token for a next page"},
		{name: "search", text: `[{"name": "//x/y", "assetType": "a/B", "project": "projects/7", "folders": ["folders/2"], "organization": "organizations/1", "displayName": "y"}]`, want: collect.InventorySearch, values: []any{map[string]any{
			"name": "//x/y", "assetType": "a/B", "project": "projects/7", "folders": []any{"folders/2"}, "organization": "organizations/1", "displayName": "y",
			"ancestors": []any{"projects/7", "folders/2", "organizations/1"},
		}}},
		{name: "search of policies", text: `[{"resource": "//x/y", "assetType": "a/B", "project": "projects/7", "policy": {"bindings": []}}]`, want: collect.InventoryAssets, values: []any{map[string]any{
			"name": "//x/y", "assetType": "a/B", "project": "projects/7", "ancestors": []any{"projects/7"}, "iamPolicy": map[string]any{"bindings": []any{}},
		}}},
		{name: "command line", text: `{"Volumes": [{"VolumeId": "v"}], "NextToken": "t"}`, want: collect.CLIOutput, partial: "it has a token for a next page"},
		{name: "lists one after another", text: "[" + assetLine + "]\r\n[" + assetLine + "]\r\n[]\r\n", want: collect.InventoryAssets, values: []any{assetValue, assetValue}},
		{name: "lines with carriage returns", text: assetLine + "\r\n" + assetLine + "\r\n", want: collect.InventoryAssets, values: []any{assetValue, assetValue}},
		{name: "PowerShell", text: utf16Text(binary.LittleEndian, "\xff\xfe", "{\r\n  \"Volumes\": [{\"VolumeId\": \"vol-ü😀\"}]\r\n}\r\n"), want: collect.CLIOutput, values: []any{map[string]any{"VolumeId": "vol-ü😀"}}},
		{name: "UTF-16, the other way round", text: utf16Text(binary.BigEndian, "\xfe\xff", assetLine), want: collect.InventoryAssets, values: []any{assetValue}},
		{name: "UTF-16, gzip", text: zipped(t, utf16Text(binary.LittleEndian, "\xff\xfe", assetLine)), want: collect.InventoryAssets, values: []any{assetValue}},
		{name: "no members", text: "{}\n", want: collect.CLIOutput, values: []any{nil}},
		{name: "byte order mark", text: "\xef\xbb\xbf" + `{"Volumes": []}`, want: collect.CLIOutput, values: []any{[]any{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := Recognize(writeFile(t, "export", tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if e.Form != tt.want || e.Partial != tt.partial {
				t.Fatalf("%q partial %q, want %q partial %q", e.Form, e.Partial, tt.want, tt.partial)
			}
			if tt.values == nil {
				return
			}
			got := []any{}
			for r, err := range e.Records(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if r.File != "export" || r.Form != tt.want {
					t.Errorf("record %+v", r)
				}
				got = append(got, r.Value)
			}
			if diff := cmp.Diff(tt.values, got); diff != "" {
				t.Errorf("values (-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnrecognized(t *testing.T) {
	for _, tt := range []struct {
		name, text, says string
		unknown          bool
	}{
		{"empty", "", "it is empty", true},
		{"text", "hello", "it begins with neither { nor [", true},
		{"empty list", "[]", "does not say what it is of", true},
		{"numbers", "[1, 2]", "does not say what it is of", true},
		{"other objects", `[{"a": 1}]`, "neither name and assetType", true},
		{"other lines", "{\"a\": 1}\n{\"a\": 2}\n", "several documents", true},
		{"pages in one file", `{"count": 1, "data": [` + row + `], "skip_token": "t", "total_records": 2}{"count": 1, "data": [` + row + `], "total_records": 2}`, "a file of its own", true},
		{"summarized rows", `{"count": 1, "data": [{"count_": 7}], "total_records": 1}`, "without summarize", true},
		{"UTF-16, cut", "\xff\xfe{\x00", "a member has no name", false},
		{"UTF-16, half a character", "\xff\xfe{", "half a character", false},
		{"spaces", " \r\n\t", "it is empty", true},
		{"YAML", "Volumes:\n- VolumeId: v\n", "it begins with neither { nor [", true},
		{"cut", `{"Volumes": [{"VolumeId": `, "the input ends", false},
		{"no JSON", `{"Volumes": oops}`, "no value", false},
		{"deep", `{"Volumes": ` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "}", "nested deeper than 200 levels", false},
		{"broken gzip", "\x1f\x8b\x00", "gzip", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Recognize(writeFile(t, "export", tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.says) || !errors.Is(err, model.ErrInvalid) || errors.Is(err, ErrUnrecognized) != tt.unknown {
				t.Errorf("error %v, want one that says %q", err, tt.says)
			}
			if err != nil && !strings.Contains(err.Error(), "export") {
				t.Errorf("error %v does not name the file", err)
			}
		})
	}
}

// TestLargeDocument holds that a document beyond the bound is refused, and that a
// file beyond it is not.
func TestLargeDocument(t *testing.T) {
	item := `{"id": "/s/` + strings.Repeat("x", 1<<20) + `", "type": "a/b", "properties": {}}`
	many := writeFile(t, "many.json", "["+strings.Repeat(item+",", 60)+item+"]")
	e, err := Recognize(many)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range e.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 61 {
		t.Errorf("%d documents, want 61", n)
	}
	large := writeFile(t, "large.json", `[{"id": "/`+strings.Repeat("x", 51<<20)+`", "type": "a/b"}]`)
	if _, err := Recognize(large); err == nil || !strings.Contains(err.Error(), "larger than 50 MB") {
		t.Errorf("error %v, want one that names the bound", err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("b/assets.ndjson", assetLine)
	put("b/notes.txt", "hello")
	put("b/.hidden.json", "{")
	put("a.json", `{"Volumes": []}`)
	put("none/notes.txt", "hello")
	put("broken/assets.ndjson", assetLine)
	put("broken/half.json", `{"Volumes": [`)
	put("other.json", `{"Sausages": []}`)
	accepts := func(e *Export) error {
		if e.Members[0] == "Sausages" {
			return Unrecognized("sausages")
		}
		return nil
	}
	at := func(names ...string) []string {
		out := make([]string, len(names))
		for i, n := range names {
			out[i] = filepath.Join(dir, n)
		}
		return out
	}
	for _, tt := range []struct {
		name    string
		paths   []string
		want    []string
		skipped int
		says    string
	}{
		{name: "file and directory", paths: at("b", "a.json", "b/assets.ndjson"), want: at("a.json", "b/assets.ndjson"), skipped: 1},
		{name: "nothing in a directory", paths: at("none"), says: "no file in the directory is in a known form (1 were looked at)"},
		{name: "a file that is not recognized", paths: at("b/notes.txt"), says: "Known are"},
		{name: "an output of nothing", paths: at("other.json"), says: "sausages"},
		{name: "a broken export in a directory", paths: at("broken"), says: "half.json"},
		{name: "no such file", paths: at("gone.json"), says: "gone.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, err := Find(tt.paths, accepts)
			if tt.says != "" {
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("error %v, want one that says %q", err, tt.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range found.Exports {
				got = append(got, e.Path)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || len(found.Skipped) != tt.skipped {
				t.Errorf("skipped %v, exports (-want +got)\n%s", found.Skipped, diff)
			}
		})
	}
}

// FuzzRecognize holds that no input makes recognition or reading panic or hang,
// and that what is read is what was recognized.
func FuzzRecognize(f *testing.F) {
	for _, text := range []string{
		configSnapshot, assetLine + "\n" + policyLine, "[" + row + "]", armDocument, `{"Volumes": [{"a": [1, "\\\""]}]}`, `{"Results": ["{}"], "QueryInfo": {}}`,
		`{"count": 1, "data": [` + row + `], "total_records": 1}`, "[[[[", `{"a":{"b":`, "\x1f\x8b", `[{"name":"x","assetType":"y","policy":{},"resource":"z"}]`,
	} {
		f.Add(text)
	}
	path := filepath.Join(f.TempDir(), "export")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := Recognize(path)
		if err != nil {
			if !errors.Is(err, model.ErrInvalid) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if e.Form == collect.StanceSnapshot {
			return
		}
		for r, err := range e.Records(context.Background()) {
			if err != nil {
				if !errors.Is(err, model.ErrInvalid) {
					t.Errorf("%q: %v", text, err)
				}
				return
			}
			if e.Form != collect.CLIOutput && r.Doc() == nil {
				t.Errorf("%q: a record without a document", text)
			}
		}
	})
}
