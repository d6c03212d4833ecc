package gcp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// TestSecretPaths holds that what is declared secret has the shape of what
// stands in its place, wherever the documents have it.
func TestSecretPaths(t *testing.T) {
	schemas := Schemas()
	for _, c := range Collectors() {
		for _, typ := range c.Types {
			for _, path := range typ.Secret {
				at := schemas[typ.Name]
				for _, step := range strings.Split(path, ".") {
					name, isList := strings.CutSuffix(step, "[]")
					at = at.Field(name)
					if isList && at != nil {
						at = at.Elem
					}
				}
				if at != nil && at.Kind == model.Map {
					at = at.Elem
				}
				if d := cmp.Diff(collect.RedactedSchema(), at); d != "" {
					t.Errorf("%s %s (-want +got):\n%s", typ.Name, path, d)
				}
			}
		}
	}
}

// TestMetadata holds that settings of the platform stay readable and that what
// a customer wrote does not enter a document.
func TestMetadata(t *testing.T) {
	a := &model.Asset{Config: model.Document{"metadata": map[string]any{"items": []any{
		map[string]any{"key": "serial-port-enable", "value": "TRUE"},
		map[string]any{"key": "startup-script", "value": "export DB_PASSWORD=hunter2hunter2"},
		map[string]any{"key": "empty"},
	}}}}
	fixMetadata("metadata")(a)
	items := a.Config["metadata"].(map[string]any)["items"].([]any)
	if items[0].(map[string]any)["value"] != "TRUE" {
		t.Errorf("a setting was taken out: %v", items[0])
	}
	script := items[1].(map[string]any)
	if _, ok := script["value"]; ok {
		t.Errorf("a script entered the document: %v", script)
	}
	if got := script[redacted].(map[string]any)["Detected"].([]any); len(got) == 0 {
		t.Error("nothing was detected in a script with a password")
	}
	if d := cmp.Diff(map[string]any{"key": "empty"}, items[2]); d != "" {
		t.Errorf("an item without a value (-want +got):\n%s", d)
	}
	fixMetadata("properties.metadata")(&model.Asset{Config: model.Document{}}) // nothing to do, and no panic
	elem := Schemas()["compute.googleapis.com/InstanceTemplate"].Field("properties").Field("metadata").Field("items").Elem
	if elem.Field(redacted).Field("Detected") == nil || elem.Field("value").Kind != model.String {
		t.Error("the shape of items lacks what stands for their values")
	}
}

// TestTypes holds the number of types, and that no type is declared twice.
func TestTypes(t *testing.T) {
	seen := map[string]string{}
	for _, c := range Collectors() {
		for _, typ := range c.Types {
			if other, ok := seen[typ.Name]; ok {
				t.Errorf("%s is declared by %s and %s", typ.Name, other, c.Name)
			}
			seen[typ.Name] = c.Name
			if typ.Class == "" || typ.Item == nil && len(typ.Items) == 0 {
				t.Errorf("%s has no class or no shape", typ.Name)
			}
		}
	}
	if len(seen) < 140 {
		t.Errorf("%d types, want the whole of the inventory", len(seen))
	}
	t.Logf("%d types", len(seen))
}
