package faults

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

var (
	single  = flag.Bool("faults.single", false, "run every fault of Azure and Google Cloud in a scan of its own, to find which one of several it was")
	explain = flag.Bool("faults.explain", false, "print what the stand-ins refuse of the seeds, and what takes long")
)

// cloudScan is a scan of a cloud into a store.
type cloudScan func(ctx context.Context, store *sqlite.Store) error

// over runs a scan over a copy of the store that the base left, or over an empty
// one. It returns what the store holds afterwards, and the scan's own error.
func over(t *testing.T, base *outcome, scan cloudScan) (*outcome, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stance.db")
	if base != nil {
		data, err := os.ReadFile(base.store)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // of a test
	scanErr := scan(t.Context(), store)
	out := &outcome{
		verdicts: map[string]model.Verdict{}, names: map[string]string{}, about: map[string]string{}, control: map[string]string{},
		assets: map[string]bool{}, met: true, store: path,
	}
	for f, err := range store.Findings(t.Context(), model.FindingQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		out.verdicts[f.ID] = f.Verdict
		out.names[f.ID], out.about[f.ID], out.control[f.ID] = f.Control+" on "+f.Asset.ID, f.Asset.ID, f.Control
	}
	for asset, err := range store.Assets(t.Context(), model.AssetQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		out.assets[asset.ID] = true
		if out.types == nil {
			out.types = map[string]int{}
		}
		out.types[asset.Type]++
	}
	return out, scanErr
}

// verdictOf is what a control says of an asset.
func (o *outcome) verdictOf(control, asset string) model.Verdict {
	for id, v := range o.verdicts {
		if o.control[id] == control && o.about[id] == asset {
			return v
		}
	}
	return ""
}

// checkBase holds that the scan without a fault saw enough to make the suite
// mean something.
func checkBase(t *testing.T, base *outcome, targets int) {
	t.Helper()
	count := map[model.Verdict]int{}
	for _, v := range base.verdicts {
		count[v]++
	}
	t.Logf("%d assets of %d types, %d calls that can fail, findings %v", len(base.assets), len(base.types), targets, count)
	if len(base.types) < 40 || targets < 40 || count[model.Fail] < 100 || count[model.Pass] < 20 {
		t.Fatal("that is too little")
	}
}

// faultSuite is a list of faults to run.
type faultSuite struct {
	base *outcome
	runs []faultRun
}

type faultRun struct {
	op, kind string
	fault    any
	// alone says that the run shares its scan with no other.
	alone bool
}

func (s *faultSuite) add(op, kind string, fault any, alone bool) {
	s.runs = append(s.runs, faultRun{op, kind, fault, alone})
}

// faultCloud is a cloud of which faults can be asked. A fault that a call cannot
// have is refused.
type faultCloud struct {
	scan  func(timeout time.Duration, controls ...string) cloudScan
	fault func(any) error
	clear func()
}

// together bounds the faults of one scan.
const together = 24

// batches puts faults together that do not hide each other: the stand-in's first
// line that fits a call decides.
func (s *faultSuite) batches() [][]faultRun {
	var out [][]faultRun
	for _, r := range s.runs {
		i := -1
		if !*single && !r.alone {
			i = slices.IndexFunc(out, func(b []faultRun) bool {
				return len(b) < together && !b[0].alone && !slices.ContainsFunc(b, func(o faultRun) bool { return o.op == r.op })
			})
		}
		if i < 0 {
			out = append(out, []faultRun{r})
			continue
		}
		out[i] = append(out[i], r)
	}
	return out
}

// run runs the faults over the store of the scan without one, several in one scan;
// with -faults.full over an empty store too, where nothing is known from before.
func (s *faultSuite) run(t *testing.T, cloud string, newCloud func(*testing.T) faultCloud) {
	t.Helper()
	batches := s.batches()
	workers := 8
	jobs := make(chan []faultRun)
	var all sync.WaitGroup
	tally := &cloudTally{met: map[string]int{}, stopped: map[string]bool{}}
	for range workers {
		c := newCloud(t)
		all.Go(func() {
			for batch := range jobs {
				s.one(t, c, tally, batch)
			}
		})
	}
	start := time.Now()
	for _, b := range batches {
		jobs <- b
	}
	close(jobs)
	all.Wait()
	if *full {
		for _, op := range slices.Sorted(maps.Keys(tally.met)) {
			fmt.Printf("%-100s %d faults\n", op, tally.met[op])
		}
	}
	t.Logf("no scan at all with a fault on %s", strings.Join(slices.Sorted(maps.Keys(tally.stopped)), ", "))
	fmt.Printf("faults: %s, %d calls, %d faults in %d scans, %d assets of %d types, %d findings each, %d false passes, %d vanished assets, %s\n",
		cloud, len(tally.met), tally.faults, tally.scans, len(s.base.assets), len(s.base.types), len(s.base.verdicts), tally.falsePasses, tally.vanished, time.Since(start).Round(time.Second))
}

// cloudTally counts what faults led to.
type cloudTally struct {
	mu                                   sync.Mutex
	met                                  map[string]int
	stopped                              map[string]bool
	faults, scans, falsePasses, vanished int
}

func (s *faultSuite) one(t *testing.T, c faultCloud, tally *cloudTally, batch []faultRun) {
	t.Helper()
	defer c.clear()
	var names []string
	timeout := 5 * time.Second
	for _, r := range batch {
		if c.fault(r.fault) != nil {
			continue // the call cannot fail like that
		}
		names = append(names, r.op+" with "+r.kind)
		if r.kind == "time-out" {
			timeout = time.Second
		}
		tally.mu.Lock()
		tally.met[r.op]++
		tally.faults++
		tally.mu.Unlock()
	}
	if len(names) == 0 {
		return
	}
	name := strings.Join(names, ", ")
	bases := []*outcome{s.base}
	if *full || *single {
		bases = append(bases, nil)
	}
	for _, b := range bases {
		start := time.Now()
		got, err := over(t, b, c.scan(timeout))
		if took := time.Since(start); *explain && took > 5*time.Second {
			t.Logf("%s: %s", took, name)
		}
		if err != nil {
			tally.mu.Lock()
			for _, r := range batch {
				tally.stopped[r.op] = true
			}
			tally.mu.Unlock()
			if len(batch) > 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		tally.compare(t, name, s.base, got, b != nil)
	}
}

// compare holds that nothing passes that did not pass without a fault, and that
// no asset is gone.
func (c *cloudTally) compare(t *testing.T, name string, base, got *outcome, kept bool) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scans++
	for id, v := range got.verdicts {
		if v == model.Pass && base.verdicts[id] != model.Pass {
			c.falsePasses++
			t.Errorf("%s: %s passes, was %q", name, got.names[id], base.verdicts[id])
		}
	}
	for id := range base.assets {
		if kept && !got.assets[id] {
			c.vanished++
			t.Errorf("%s: %s vanished", name, id)
		}
	}
}

// absenceControls are the controls on accounts of a type that look at what is in
// them, with the types that they look at.
func absenceControls(a *app.App, typ string) map[string][]string {
	controls, err := a.Select(app.Selection{})
	if err != nil {
		return nil
	}
	programs, err := a.Compile(controls)
	if err != nil {
		return nil
	}
	out := map[string][]string{}
	for _, p := range programs {
		if p.Control.Type == typ && len(p.Uses.Inventory) > 0 {
			out[p.Control.ID] = p.Uses.Inventory
		}
	}
	return out
}
