package faults

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// TestSelection runs each control alone. What a selection does not need is not
// read; that must not change what the controls in it say.
func TestSelection(t *testing.T) {
	a := newApp(t)
	base := scanWith(t, a, nil, &recorded{})
	if base == nil {
		t.FailNow()
	}
	want := map[string]map[string]model.Verdict{}
	for id, v := range base.verdicts {
		control := base.control[id]
		if want[control] == nil {
			want[control] = map[string]model.Verdict{}
		}
		want[control][base.about[id]] = v
	}
	for _, control := range slices.Sorted(maps.Keys(want)) {
		t.Run(control, func(t *testing.T) {
			alone := scanWith(t, a, nil, &recorded{}, control)
			if alone == nil {
				return
			}
			got := map[string]model.Verdict{}
			for id, v := range alone.verdicts {
				switch about := alone.about[id]; {
				case !base.assets[about]: // gone when it is read, which was not asked for
				case alone.unrecorded[id]:
					got[about] = base.verdicts[id] // cannot be compared
				default:
					got[about] = v
				}
			}
			if diff := cmp.Diff(want[control], got); diff != "" {
				t.Errorf("verdicts (-with all others +alone):\n%s", diff)
			}
		})
	}
}
