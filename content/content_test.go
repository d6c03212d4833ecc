package content_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stance-sec/stance/content"
	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// TestExamples evaluates every example of every control.
func TestExamples(t *testing.T) {
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
			if err := catalog.CheckExamples(engine, schemas, c); err != nil {
				t.Error(err)
			}
			if types, err := engine.TypesOf(c); err != nil || c.Class != "" && !slices.Equal(types, c.Types) {
				t.Errorf("the catalogue says that it judges %v, the engine %v, %v", c.Types, types, err)
			}
		})
	}
}

// BenchmarkRead measures what every command pays: reading and checking the
// catalogue, all of it or what work on one cloud needs.
func BenchmarkRead(b *testing.B) {
	for _, provider := range []string{"", model.AWS, model.Azure, model.GCP} {
		b.Run(cmp.Or(provider, "all"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := catalog.LoadTested(content.FS(), provider); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoad measures what a scan of all clouds would pay: reading, checking
// and compiling the whole catalogue. The bar is 200 ms.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	var controls int
	for b.Loop() {
		cat, err := catalog.LoadTested(content.FS(), "")
		if err != nil {
			b.Fatal(err)
		}
		engine, err := policy.New(app.Schemas())
		if err != nil {
			b.Fatal(err)
		}
		engine.Know(cat.Facts...)
		for _, c := range cat.Controls {
			if _, err := engine.CompileAll(c); err != nil {
				b.Fatal(err)
			}
		}
		controls = len(cat.Controls)
	}
	b.ReportMetric(float64(controls), "controls")
}
