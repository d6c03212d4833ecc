package aws

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestTextOfGlobs holds that the text of a pattern without substituted values is
// compiled to the same as its tokens are.
func TestTextOfGlobs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("ab:/*?é")), 0, 24, -1).Draw(t, "pattern")
		for name, g := range map[string]glob{"glob": newGlob(s), "arn": arnGlob(s)} {
			want := globOf(g.toks, "")
			if diff := cmp.Diff(want.text, g.text); diff != "" || want.shape != g.shape {
				t.Errorf("%s of %q: shape %d, want %d, text (-want +got):\n%s", name, s, g.shape, want.shape, diff)
			}
		}
	})
}
