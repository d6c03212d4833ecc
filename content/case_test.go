package content_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/stance-sec/stance/content"
	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// setting is a value that Azure Resource Manager chooses from a list, such as
// "StorageV2" or "TLS1_2".
var setting = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)

// free are members that hold what somebody wrote, not what the vendor offers.
var free = map[string]bool{"name": true, "keyName": true}

// TestCaseOfSettings writes the settings of every Azure example in small letters.
// Azure Resource Manager does not tell values apart by case, and services and
// Resource Graph return them as they please: no verdict may change.
// https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md
func TestCaseOfSettings(t *testing.T) {
	cat, err := catalog.Load(content.FS())
	if err != nil {
		t.Fatal(err)
	}
	schemas := app.Schemas()
	engine, err := policy.New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	engine.Know(cat.Facts...)
	for _, c := range cat.Controls {
		t.Run(c.ID, func(t *testing.T) {
			for _, e := range c.Examples {
				typ := e.Type
				if typ == "" {
					typ = c.Type
				}
				if !strings.HasPrefix(typ, "Microsoft.") {
					continue
				}
				small := e
				small.Because = "" // values in evidence are small now
				small.Config, _ = inSmall(e.Config, "").(map[string]any)
				small.With = append([]model.ExampleAsset(nil), e.With...)
				for i, w := range small.With {
					if strings.HasPrefix(w.Type, "Microsoft.") {
						small.With[i].Config, _ = inSmall(w.Config, "").(map[string]any)
					}
				}
				if err := catalog.CheckExample(engine, schemas, c, small); err != nil {
					t.Errorf("in small letters: %v", err)
				}
			}
		})
	}
}

// inSmall returns a document with its settings in small letters.
func inSmall(v any, member string) any {
	switch t := v.(type) {
	case map[string]any:
		out := maps.Clone(t)
		for k, e := range t {
			if member == "sku" { // whose name is the vendor's, too
				e = inSmall(e, member)
			}
			out[k] = inSmall(e, k)
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i, e := range t {
			out[i] = inSmall(e, member)
		}
		return out
	case string:
		if setting.MatchString(t) && !free[member] {
			return strings.ToLower(t)
		}
	}
	return v
}
