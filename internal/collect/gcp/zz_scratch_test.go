package gcp_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/policy"
)

func TestScratchControls(t *testing.T) {
	cat, err := catalog.Load(os.DirFS("/work/main/content"))
	if err != nil {
		if !strings.Contains(err.Error(), "gcp") {
			t.Log(err)
		} else {
			for _, l := range strings.Split(err.Error(), "\n") {
				if strings.Contains(l, "gcp") {
					t.Error(l)
				}
			}
		}
	}
	schemas := gcp.Schemas()
	engine, err := policy.New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range cat.Controls {
		if !strings.HasPrefix(c.ID, "gcp-") || c.Class != "" {
			continue
		}
		n++
		if err := catalog.CheckExamples(engine, schemas, c); err != nil {
			t.Error(err)
		}
	}
	t.Log(n, "controls")
}
