package scan

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

const (
	orgType     = "cloudresourcemanager.googleapis.com/Organization"
	projectType = "cloudresourcemanager.googleapis.com/Project"
	bucketType  = "storage.googleapis.com/Bucket"
)

// TestFlatMemory holds that what a scan keeps in memory does not grow with the
// number of accounts, while it reads and while it evaluates: of five times as many
// only what is known of each by name is more.
func TestFlatMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads thirty thousand assets")
	}
	const few, many, each = 150, 750, 32
	small, large := peak(t, few, each), peak(t, many, each)
	t.Logf("%d accounts: %d KiB; %d accounts: %d KiB", few, small>>10, many, large>>10)
	// Hashes of ids, the accounts' own assets without documents, their gaps. The
	// documents of one account are sixty kilobytes in a file, several times that
	// decoded.
	const mostOfAccount = 4 << 10
	if large > small+(many-few)*mostOfAccount {
		t.Errorf("%d KiB in use for %d accounts, %d for %d: more than %d bytes for each", large>>10, many, small>>10, few, mostOfAccount)
	}
}

// peak scans so many projects with so many buckets each and returns the most
// memory in use at any of the moments when the scan stores or tells something.
func peak(t *testing.T, projects, each int) (most uint64) {
	t.Helper()
	engine, err := policy.New(map[string]*model.Schema{
		orgType:     {Kind: model.Object},
		projectType: {Kind: model.Object},
		bucketType:  {Kind: model.Object, Fields: map[string]*model.Schema{"name": {Kind: model.String}, "text": {Kind: model.String}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var programs []*policy.Program
	for _, c := range []model.Control{
		{ID: "gcp-named", Type: bucketType, Severity: model.High, Holds: `config.name != ""`},
		{ID: "gcp-alone", Type: projectType, Severity: model.High, Holds: `assets("` + bucketType + `").exists(b, b.config.name == "x")`},
	} {
		p, err := engine.Compile(c)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, p)
	}
	store := &forgetful{sample: func() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}}
	accounts := []string{"organizations/1"}
	for i := range projects {
		accounts = append(accounts, fmt.Sprintf("project-%04d", i))
	}
	p := Pipeline{
		Store: store, Programs: programs, Now: time.Now, Frame: []string{orgType, projectType}, SpoolDir: t.TempDir(),
	}
	done, err := p.Run(t.Context(), model.Scan{ID: "scan", Provider: model.GCP, Accounts: accounts}, []Task{{Name: "all", Source: organization{projects, each}}})
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + projects*(each+1); done.Counts.Assets != want || store.assets != want || store.findings < want-1 {
		t.Errorf("%d assets read, %d assets and %d findings stored; want %d", done.Counts.Assets, store.assets, store.findings, want)
	}
	return most
}

// organization yields projects with buckets as inventories list them: by type, the
// accounts mixed. Keys of each project cannot be listed.
type organization struct{ projects, each int }

// Collect implements Source.
func (o organization) Collect(context.Context, model.Scope) iter.Seq2[model.Asset, error] {
	scope := func(i int) model.Scope {
		id := fmt.Sprintf("project-%04d", i)
		return model.Scope{Provider: model.GCP, Partition: model.GCP, Account: id, OrgPath: "organizations/1/projects/" + id}
	}
	return func(yield func(model.Asset, error) bool) {
		org := model.Scope{Provider: model.GCP, Partition: model.GCP, Account: "organizations/1", OrgPath: "organizations/1"}
		yield(model.Asset{ID: "//organizations/1", Type: orgType, Scope: org, Config: model.Document{}}, nil)
		for i := range o.projects {
			yield(model.Asset{ID: fmt.Sprint("//projects/", i), Type: projectType, Scope: scope(i), Config: model.Document{"text": text(i)}}, nil)
		}
		for b := range o.each {
			for i := range o.projects {
				name := fmt.Sprintf("bucket-%d-%d", i, b)
				if !yield(model.Asset{ID: "//" + name, Type: bucketType, Scope: scope(i), Config: model.Document{"name": name, "text": text(i * b)}}, nil) {
					return
				}
			}
		}
		for i := range o.projects {
			yield(model.Asset{}, &model.Gap{Scope: scope(i), Type: "apikeys.googleapis.com/Key", Reason: model.Denied, Permission: "apikeys.keys.list"})
		}
	}
}

// text is two kilobytes that hardly compress away.
func text(n int) string {
	var b strings.Builder
	for b.Len() < 2<<10 {
		n = n*1103515245 + 12345
		fmt.Fprintf(&b, "%x", uint32(n)) //nolint:gosec // any bits will do
	}
	return b.String()
}

// forgetful is a store that keeps nothing and looks at the memory in use.
type forgetful struct {
	Store
	assets, findings, calls int
	sample                  func()
}

func (s *forgetful) look() {
	if s.calls++; s.calls%4 == 0 {
		s.sample()
	}
}

func (s *forgetful) Begin(context.Context, model.Scan) error  { return nil }
func (s *forgetful) Heartbeat(context.Context, string) error  { return nil }
func (s *forgetful) Finish(context.Context, model.Scan) error { s.sample(); return nil }
func (s *forgetful) Abort(context.Context, string) error      { return nil }

func (s *forgetful) SaveAssets(_ context.Context, _ string, a []model.Asset) error {
	s.assets += len(a)
	s.look()
	return nil
}

func (s *forgetful) SaveFindings(_ context.Context, _ string, f []model.Finding) error {
	s.findings += len(f)
	s.look()
	return nil
}

func (s *forgetful) SaveGaps(context.Context, string, []model.Gap) error { s.sample(); return nil }

func (s *forgetful) SaveCoverage(context.Context, string, []model.Coverage) error { return nil }

func (s *forgetful) SaveChanges(context.Context, string, []model.Change) error { return nil }

func (s *forgetful) Assets(context.Context, model.AssetQuery) iter.Seq2[model.Asset, error] {
	return func(func(model.Asset, error) bool) {}
}

func (s *forgetful) Findings(context.Context, model.FindingQuery) iter.Seq2[model.Finding, error] {
	return func(func(model.Finding, error) bool) {}
}
