package app_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/normalize"
	"github.com/stance-sec/stance/internal/scan"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// company is a source of an organization with projects, each with buckets, a
// service account key and, in some, a sink; the organization has two for all, one
// of them into a log bucket of the project "shop-07", which it names by its number and
// which watches it.
type company struct {
	projects int
	// without is a project whose assets are left out, as deleted ones are; denied
	// one whose buckets cannot be listed.
	without, denied int
}

func (c company) Collect(context.Context, model.Scope) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		org := model.Scope{Provider: model.GCP, Partition: model.GCP, Account: "organizations/1", OrgPath: "organizations/1"}
		yield(model.Asset{ID: "//cloudresourcemanager.googleapis.com/organizations/1", Type: "cloudresourcemanager.googleapis.com/Organization", Scope: org, Config: model.Document{"displayName": "shop"}}, nil)
		yield(model.Asset{ID: "//logging.googleapis.com/organizations/1/sinks/all", Type: "logging.googleapis.com/LogSink", Scope: org, Config: model.Document{"includeChildren": true, "destination": "storage.googleapis.com/logs"}}, nil)
		yield(model.Asset{ID: "//logging.googleapis.com/organizations/1/sinks/watched", Type: "logging.googleapis.com/LogSink", Scope: org, Config: model.Document{"name": "watched", "includeChildren": true, "destination": "logging.googleapis.com/" + strings.Replace(watchedBucket, "shop-07", "1007", 1)}}, nil)
		for i := range c.projects {
			if i == c.without {
				continue
			}
			id := fmt.Sprintf("shop-%02d", i)
			s := model.Scope{Provider: model.GCP, Partition: model.GCP, Account: id, OrgPath: "organizations/1/projects/" + id}
			yield(model.Asset{ID: "//cloudresourcemanager.googleapis.com/projects/" + id, Type: "cloudresourcemanager.googleapis.com/Project", Scope: s, Config: model.Document{"projectId": id, "projectNumber": int64(1000 + i), "lifecycleState": "ACTIVE"}}, nil)
			if i == c.denied {
				yield(model.Asset{}, &model.Gap{Scope: s, Type: "storage.googleapis.com/Bucket", Reason: model.Denied, Operation: "cloudasset:assets.list", Permission: "cloudasset.assets.listResource"})
				continue
			}
			if id == "shop-07" {
				for _, a := range watching() {
					a.Scope = s
					yield(a, nil)
				}
			}
			for b := range 3 {
				yield(model.Asset{ID: fmt.Sprintf("//storage.googleapis.com/%s-%d", id, b), Type: "storage.googleapis.com/Bucket", Scope: s, Config: model.Document{
					"name": fmt.Sprintf("%s-%d", id, b), "versioning": map[string]any{"enabled": b == 0},
					"iamPolicy": map[string]any{"bindings": []any{map[string]any{"role": "roles/storage.objectViewer", "members": []any{map[bool]string{true: "allUsers", false: "group:a@shop.example"}[b == 1]}}}},
				}}, nil)
			}
		}
	}
}

const watchedBucket = "projects/shop-07/locations/global/buckets/all"

// watching is what tells of changes of firewall rules in all projects.
func watching() []model.Asset {
	return []model.Asset{
		{ID: "//logging.googleapis.com/projects/shop-07/metrics/rules", Type: "logging.googleapis.com/LogMetric", Config: model.Document{
			"name": "rules", "bucketName": watchedBucket, "filter": `resource.type="gce_firewall_rule"`,
		}},
		{ID: "//monitoring.googleapis.com/projects/shop-07/alertPolicies/1", Type: "monitoring.googleapis.com/AlertPolicy", Config: model.Document{
			"enabled": true, "notificationChannels": []any{"projects/shop-07/notificationChannels/7"},
			"conditions": []any{map[string]any{"conditionThreshold": map[string]any{
				"filter": `metric.type="logging.googleapis.com/user/rules" AND resource.type="gce_firewall_rule"`, "comparison": "COMPARISON_GT",
			}}},
		}},
		{ID: "//monitoring.googleapis.com/projects/shop-07/notificationChannels/7", Type: "monitoring.googleapis.com/NotificationChannel", Config: model.Document{
			"name": "projects/shop-07/notificationChannels/7", "enabled": true, "type": "email",
		}},
	}
}

// TestSpool holds that a scan whose assets wait on disk gives what one in memory
// gives: verdicts, evidence, gaps, changes, over three scans of which the second
// misses a project and cannot list the buckets of another.
func TestSpool(t *testing.T) {
	a, err := app.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	controls, err := a.Select(app.Selection{Provider: model.GCP})
	if err != nil {
		t.Fatal(err)
	}
	programs, err := a.Compile(controls)
	if err != nil {
		t.Fatal(err)
	}
	run := func(above int) (counts []model.Counts, findings []model.Finding, changes [][]model.Change) {
		ctx := t.Context()
		now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "stance.db"), sqlite.Options{Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}()
		accounts := []string{"organizations/1"}
		for i := range 30 {
			accounts = append(accounts, fmt.Sprintf("shop-%02d", i))
		}
		p := scan.Pipeline{
			Store: store, Programs: programs, Now: func() time.Time { return now }, Normalize: normalize.Asset, SpoolAbove: above, SpoolDir: t.TempDir(),
			Frame: []string{"cloudresourcemanager.googleapis.com/Project", "cloudresourcemanager.googleapis.com/Organization"},
		}
		for i, source := range []company{{30, -1, -1}, {30, 3, 4}, {30, -1, -1}} {
			now = now.Add(time.Hour)
			done, err := p.Run(ctx, model.Scan{ID: fmt.Sprint("scan-", i), Provider: model.GCP, Accounts: accounts, StartedAt: now, Status: model.ScanRunning},
				[]scan.Task{{Name: "company", Source: source, Scope: model.Scope{Provider: model.GCP}}})
			if err != nil {
				t.Fatal(err)
			}
			counts = append(counts, done.Counts)
			changed, err := store.Changes(ctx, done.ID)
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(changed, func(a, b model.Change) int { return strings.Compare(a.ID, b.ID) })
			changes = append(changes, changed)
		}
		for f, err := range store.Findings(ctx, model.FindingQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			findings = append(findings, f)
		}
		return counts, findings, changes
	}
	counts, findings, changes := run(1000)
	spooledCounts, spooledFindings, spooledChanges := run(1)
	if counts[1].Unknown == counts[0].Unknown || counts[0].Fail == 0 || len(changes[1]) == 0 {
		t.Fatalf("the company shows too little: %+v, %d changes", counts, len(changes[1]))
	}
	for _, f := range findings {
		if f.Control == "gcp-logging-watches-firewall-rules" && f.Verdict != model.Pass {
			t.Errorf("%s on %s: %s, want pass as the project shop-07 watches all", f.Control, f.Asset.ID, f.Verdict)
		}
		if f.Control == "gcp-logging-watches-routes" && f.Verdict != model.Fail {
			t.Errorf("%s on %s: %s, want fail as nobody watches", f.Control, f.Asset.ID, f.Verdict)
		}
	}
	if diff := cmp.Diff(counts, spooledCounts); diff != "" {
		t.Errorf("counts (-memory +disk):\n%s", diff)
	}
	if diff := cmp.Diff(findings, spooledFindings); diff != "" {
		t.Errorf("findings (-memory +disk):\n%.3000s", diff)
	}
	if diff := cmp.Diff(changes, spooledChanges); diff != "" {
		t.Errorf("changes (-memory +disk):\n%.3000s", diff)
	}
}
