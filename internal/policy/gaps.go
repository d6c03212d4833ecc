package policy

import (
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/model"
)

// memberAt returns a member of an asset's document below others, and the gap
// that covers it.
func memberAt(a *model.Asset, path ...string) (any, *model.Gap) {
	tree := treeOf(a)
	var v any = map[string]any(a.Config)
	for _, name := range path {
		if tree != nil && tree.gap != nil {
			return nil, tree.gap
		}
		if tree != nil {
			tree = tree.members[name]
		}
		m, _ := v.(map[string]any)
		v = m[name]
	}
	if tree != nil && tree.gap != nil {
		return nil, tree.gap
	}
	return v, nil
}

// memberWhole is memberAt for a member that is judged as a whole: a gap anywhere
// in it covers it.
func memberWhole(a *model.Asset, path ...string) (any, *model.Gap) {
	v, gap := memberAt(a, path...)
	if gap != nil {
		return nil, gap
	}
	tree := treeOf(a)
	for _, name := range path {
		if tree == nil {
			return v, nil
		}
		tree = tree.members[name]
	}
	if gap := firstGap(tree); gap != nil {
		return nil, gap
	}
	return v, nil
}

// firstGap returns a gap of the tree, the same one every time.
func firstGap(n *gapNode) *model.Gap {
	if n == nil {
		return nil
	}
	if n.gap != nil {
		return n.gap
	}
	for _, name := range slices.Sorted(maps.Keys(n.members)) {
		if g := firstGap(n.members[name]); g != nil {
			return g
		}
	}
	return nil
}

// noteAll notes what decided a question about an asset.
func (a *assetRef) noteAll(path, question string, why []string) {
	for i, w := range why {
		if i == maxReasons {
			break
		}
		a.st.note(model.Evidence{Asset: a.asset.ID, Path: path, Value: question, Note: w})
	}
}

// undecided is unknown for a question about an asset: because of the gaps or,
// where everything was read, of what reading cannot decide.
func (a *assetRef) undecided(path string, gaps []*model.Gap, missing []string) ref.Val {
	for _, g := range gaps {
		a.st.hit(g)
	}
	if len(gaps) == 0 {
		if len(missing) > maxReasons {
			missing = missing[:maxReasons]
		}
		a.st.hit(&model.Gap{
			Scope: a.asset.Scope, Type: a.asset.Type, Asset: a.asset.ID, Path: path, Reason: model.Unresolved, Detail: strings.Join(missing, "; "),
		})
	}
	return unknown
}
