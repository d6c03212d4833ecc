package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// desk is an app with a clock that tests turn, and stores.
type desk struct {
	*App
	clock time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	a, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{App: a, clock: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)}
	a.Now = func() time.Time { d.clock = d.clock.Add(time.Second); return d.clock }
	return d
}

func (d *desk) store(t *testing.T, dir, name string) *sqlite.Store {
	t.Helper()
	s, err := d.OpenStore(context.Background(), filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// state returns the status of a requirement and what was attested of it.
func (d *desk) state(t *testing.T, s *sqlite.Store, framework, requirement string) string {
	t.Helper()
	f, err := d.Catalog.Framework(framework)
	if err != nil {
		t.Fatal(err)
	}
	states, err := d.RequirementStates(context.Background(), s, f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range states {
		if states[i].Requirement.ID == requirement {
			return string(states[i].Status) + ": " + states[i].Said()
		}
	}
	return "none"
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestAttestationTravels saves a scan with what was attested, loads it into
// another store, and lets the time of the statement run out there.
func TestAttestationTravels(t *testing.T) {
	ctx, dir, d := context.Background(), t.TempDir(), newDesk(t)
	first := d.store(t, dir, "first.db")
	demo := must[[]DemoAccount](t)(d.WriteDemo(dir))
	must[[]model.Scan](t)(d.ScanDemo(ctx, first, demo, ScanOptions{}))
	const framework, requirement = "cis-aws-7.0", "2.1.4"
	if got := d.state(t, first, framework, requirement); got != "manual: " {
		t.Fatalf("before: %q", got)
	}
	statement := Statement{Framework: framework, Requirement: requirement, By: "Ann", Note: "register", Expires: "90d"}
	must[model.Attestation](t)(d.Attest(ctx, first, statement))
	elsewhere := statement
	elsewhere.Account, elsewhere.By = demo[1].ID, "Cy"
	cy := must[model.Attestation](t)(d.Attest(ctx, first, elsewhere))
	must[model.Attestation](t)(d.Revoke(ctx, first, cy.ID, "Cy", "wrong account"))

	path := filepath.Join(dir, "saved.stance")
	must[model.Scan](t)(d.SaveSnapshot(ctx, first, path, demo[0].ID))
	second := d.store(t, dir, "second.db")
	must[model.Scan](t)(d.ScanFile(ctx, second, path, ScanOptions{}))
	must[model.Scan](t)(d.ScanFile(ctx, second, path, ScanOptions{Selection: Selection{Services: []string{"s3"}}}))
	if got := must[[]model.Attestation](t)(second.Attestations(ctx)); len(got) != 1 || got[0].By != "Ann" {
		t.Errorf("the record of the second store: %+v", got)
	}
	if got, want := d.state(t, second, framework, requirement), "pass: attested by Ann until 2026-06-12"; got != want {
		t.Errorf("loaded: got %q, want %q", got, want)
	}
	if got, want := d.state(t, first, framework, requirement), "pass: attested by Ann until 2026-06-12"; got != want {
		t.Errorf("after the revocation: got %q, want %q", got, want)
	}
	d.clock = d.clock.AddDate(0, 0, 91)
	for name, s := range map[string]*sqlite.Store{"first": first, "second": second} {
		if got, want := d.state(t, s, framework, requirement), "manual: attestation expired on 2026-06-12, by Ann"; got != want {
			t.Errorf("%s, later: got %q, want %q", name, got, want)
		}
	}
	lines := must[[]RecordLine](t)(d.Record(ctx, first, framework))
	var states []string
	for _, l := range lines {
		states = append(states, l.By+" "+l.State)
	}
	if diff := cmp.Diff([]string{"Cy revocation", "Cy revoked", "Ann expired"}, states); diff != "" {
		t.Errorf("the record (-want +got):\n%s", diff)
	}
}

// TestSnapshotKeepsTheLedger holds the coverage of a loaded snapshot to that of
// the store it was saved from.
func TestSnapshotKeepsTheLedger(t *testing.T) {
	ctx, dir, d := context.Background(), t.TempDir(), newDesk(t)
	first := d.store(t, dir, "first.db")
	scope := model.Scope{Provider: model.AWS, Partition: "aws", Account: "111122223333"}
	west := scope
	west.Region = "eu-west-1"
	bucket := model.Asset{ID: "arn:aws:s3:::logs", Type: "AWS::S3::Bucket", Name: "logs", Scope: west, Config: model.Document{"Name": "logs"}}
	s := model.Scan{ID: "day-one", Provider: model.AWS, Accounts: []string{scope.Account}, Regions: []string{"eu-west-1"}, StartedAt: d.Now()}
	ledger := []model.Coverage{
		{Scope: west, Type: "AWS::EC2::Volume", State: model.UnitDenied, Gaps: 1, Detail: "denied"},
		{Scope: scope, Type: "AWS::S3::Bucket", State: model.UnitOK, Assets: 1},
		{Scope: west, Type: "AWS::SQS::Queue", State: model.UnitEmpty},
	}
	for _, err := range []error{
		first.Begin(ctx, s), first.SaveAssets(ctx, s.ID, []model.Asset{bucket}), first.SaveCoverage(ctx, s.ID, ledger), first.Finish(ctx, s),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "saved.stance")
	must[model.Scan](t)(d.SaveSnapshot(ctx, first, path, ""))
	for name, sel := range map[string]Selection{"all": {}, "of one service": {Services: []string{"sqs"}}} {
		second := d.store(t, dir, name+".db")
		must[model.Scan](t)(d.ScanFile(ctx, second, path, ScanOptions{Selection: sel}))
		want := ledger
		if sel.Services != nil {
			want = ledger[2:]
		}
		got := must[[]model.Coverage](t)(second.Coverage(ctx, model.AssetQuery{}))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAttestRefuses(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	s := d.store(t, t.TempDir(), "x.db")
	good := Statement{Framework: "cis-aws-7.0", Requirement: "2.1.4", By: "Ann", Note: "n"}
	for name, change := range map[string]func(*Statement){
		"automated":   func(in *Statement) { in.Requirement = "2.6" },
		"nobody":      func(in *Statement) { in.By = " " },
		"no note":     func(in *Statement) { in.Note = "" },
		"too long":    func(in *Statement) { in.Expires = "13m" },
		"the past":    func(in *Statement) { in.Expires = "2026-03-14" },
		"no time":     func(in *Statement) { in.Expires = "d" },
		"negative":    func(in *Statement) { in.Expires = "-5d" },
		"other cloud": func(in *Statement) { in.Provider = model.GCP },
	} {
		in := good
		change(&in)
		if _, err := d.Attest(ctx, s, in); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
	e := must[model.Attestation](t)(d.Attest(ctx, s, good))
	if want := e.At.AddDate(1, 0, 0); !e.Expires.Equal(want) {
		t.Errorf("expires %s, want %s", e.Expires, want)
	}
	r := must[model.Attestation](t)(d.Revoke(ctx, s, e.ID, "Ann", "n"))
	for _, id := range []string{e.ID, r.ID} {
		if _, err := d.Revoke(ctx, s, id, "Ann", "n"); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("revoke %s again: got %v, want ErrInvalid", id, err)
		}
	}
}
