package gcp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/normalize"
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
	if len(a.Gaps) != 0 {
		t.Errorf("gaps though every setting has its value: %v", a.Gaps)
	}
	cut := &model.Asset{Config: model.Document{"metadata": map[string]any{"items": []any{map[string]any{"key": "enable-oslogin"}}}}}
	if fixMetadata("metadata")(cut); len(cut.Gaps) != 1 || cut.Gaps[0].Path != "metadata.items" || cut.Gaps[0].Reason != model.Unsupported {
		t.Errorf("a setting whose value was left out: %v, want a gap at the items", cut.Gaps)
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

// TestClasses holds that assets of other sources get the class that the
// declarations give.
func TestClasses(t *testing.T) {
	for _, c := range Collectors() {
		for _, typ := range c.Types {
			a := model.Asset{Type: typ.Name}
			normalize.Asset(&a)
			if a.Class != typ.Class {
				t.Errorf("%s has class %q, its declaration says %q", typ.Name, a.Class, typ.Class)
			}
		}
	}
}

// TestProject holds that projects of both versions of the API answer controls
// alike.
func TestProject(t *testing.T) {
	for _, c := range []struct {
		name string
		doc  model.Document
	}{
		{"of the first version", model.Document{"name": "Shop", "projectId": "shop-prod", "projectNumber": int64(42), "lifecycleState": "ACTIVE"}},
		{"of the third version", model.Document{"name": "projects/42", "projectId": "shop-prod", "state": "ACTIVE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &model.Asset{Config: c.doc}
			fixProject(a)
			if a.Config["projectNumber"] != int64(42) || a.Config["lifecycleState"] != "ACTIVE" {
				t.Errorf("number %v, state %v", a.Config["projectNumber"], a.Config["lifecycleState"])
			}
		})
	}
}
