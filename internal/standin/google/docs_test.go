package google

import (
	"os"
	"strings"
	"testing"
)

// TestDocumentedSeed holds that the seed of docs/standins.md is taken.
func TestDocumentedSeed(t *testing.T) {
	data, err := os.ReadFile("../../../docs/standins.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(data), "\n## Google Cloud\n")
	_, rest, found := strings.Cut(section, "```json\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("no seed in docs/standins.md")
	}
	seed, err := ParseSeed([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, seed, Options{})
	if code, body := get(t, s, "/cloudasset/v1/projects/web/assets"); code != 200 || len(body["assets"].([]any)) != 2 {
		t.Errorf("%d %v", code, body)
	}
	// Every kind of fault and every member of a seed is described.
	for _, word := range faultKinds {
		if !strings.Contains(section, "| `"+word+"` |") {
			t.Errorf("docs/standins.md does not describe the fault %s", word)
		}
	}
}
