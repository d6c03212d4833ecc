package app

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestSelectOfProvider holds that the controls of a provider are those that judge
// something there, also of the ones on a class.
func TestSelectOfProvider(t *testing.T) {
	a, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	everywhere := map[string]int{}
	for _, provider := range []string{model.AWS, model.Azure, model.GCP} {
		controls, err := a.Select(Selection{Provider: provider})
		if err != nil {
			t.Fatal(err)
		}
		for i := range controls {
			c := &controls[i]
			everywhere[c.ID]++
			of, err := a.Engine.TypesOf(*c)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(of, func(typ string) bool { return model.ProviderOf(typ) == provider }) {
				t.Errorf("%s is listed for %s, but judges %v only", c.ID, provider, of)
			}
		}
	}
	for i := range a.Catalog.Controls {
		if c := &a.Catalog.Controls[i]; everywhere[c.ID] == 0 {
			t.Errorf("%s is listed for no provider", c.ID)
		}
	}
}
