package aws

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/normalize"
)

// TestClasses holds the table of classes, which serves all sources, to what the
// collectors declare: no type lacks a class, and both say the same.
func TestClasses(t *testing.T) {
	declared := map[string]model.Class{}
	var walk func(ts []Type)
	walk = func(ts []Type) {
		for i := range ts {
			declared[ts[i].Name] = ts[i].Class
			walk(ts[i].Children)
		}
	}
	for _, c := range Collectors() {
		walk(c.Types)
	}
	for typ := range Schemas() {
		a := model.Asset{Type: typ, Config: model.Document{}}
		normalize.Asset(&a)
		if a.Class == "" {
			t.Errorf("%s has no class: add it to internal/normalize/classes.go", typ)
		}
		if want, ok := declared[typ]; ok && a.Class != want {
			t.Errorf("%s is %q by the table, %q by its declaration", typ, a.Class, want)
		}
	}
}
