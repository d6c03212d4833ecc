package sqlite_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// pair opens the same file twice, as two processes would, with a clock that
// the test moves.
func pair(t *testing.T) (a, b *sqlite.Store, move func(time.Duration)) {
	t.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	opts := sqlite.Options{Lease: time.Minute, Now: func() time.Time { return now }}
	path := filepath.Join(t.TempDir(), "x.db")
	return open(t, path, opts), open(t, path, opts), func(d time.Duration) { now = now.Add(d) }
}

func account1(id string) model.Scan {
	return model.Scan{ID: id, Provider: model.AWS, Accounts: []string{"1"}, StartedAt: time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)}
}

func TestLeaseExpires(t *testing.T) {
	a, b, move := pair(t)
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(a.Begin(ctx, account1("first")))
	move(50 * time.Second)
	must(a.Heartbeat(ctx, "first"))
	move(50 * time.Second)
	err := b.Begin(ctx, account1("second"))
	if !errors.Is(err, model.ErrBusy) {
		t.Fatalf("with a lease that was renewed: got %v, want ErrBusy", err)
	}
	for _, word := range []string{"first", "account 1", "2026-01-02T03:00:00Z"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error %q does not say %q", err, word)
		}
	}
	must(a.SaveAssets(ctx, "first", benchLike(1)))
	move(11 * time.Second)
	must(b.Begin(ctx, account1("second")))

	// The first one has lost its lease, and finds out whatever it does next.
	for name, err := range map[string]error{"Heartbeat": a.Heartbeat(ctx, "first"), "Finish": a.Finish(ctx, account1("first"))} {
		if !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s after the lease was lost: got %v, want ErrNotFound", name, err)
		}
	}
	if err := a.Abort(ctx, "first"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Abort after the lease was lost: got %v, want ErrNotFound", err)
	}
	must(b.SaveAssets(ctx, "second", benchLike(2)))
	must(b.Finish(ctx, account1("second")))
	n := 0
	for _, err := range a.Assets(ctx, model.AssetQuery{}) {
		must(err)
		n++
	}
	if n != 2 {
		t.Errorf("%d assets are visible, want the 2 of the second scan", n)
	}
}

func benchLike(n int) (out []model.Asset) {
	for i := range n {
		a := benchAsset(i, 1)
		a.Scope.Account = "1"
		out = append(out, a)
	}
	return out
}

// Who holds the lease decides how long it is waited for.
func TestDeadOwner(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	ended := exec.Command(os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, host, process string
		pid                 int
		busy                bool
	}{
		{"ended here", host, "other", ended.Process.Pid, false},
		{"an earlier process with our id", host, "other", os.Getpid(), false},
		{"running here", host, "other", os.Getppid(), true},
		{"on another host", "elsewhere", "other", ended.Process.Pid, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b, _ := pair(t)
			sqlite.SetOwner(a, test.host, test.pid, test.process)
			if err := a.Begin(t.Context(), account1("first")); err != nil {
				t.Fatal(err)
			}
			if err := b.Begin(t.Context(), account1("second")); errors.Is(err, model.ErrBusy) != test.busy {
				t.Errorf("got %v, want busy: %v", err, test.busy)
			}
		})
	}
}

// Only the store that began a scan saves to it; any store may abort it.
func TestOtherStore(t *testing.T) {
	a, b, _ := pair(t)
	if err := a.Begin(t.Context(), account1("first")); err != nil {
		t.Fatal(err)
	}
	if err := b.SaveAssets(t.Context(), "first", benchLike(1)); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("SaveAssets: got %v, want ErrNotFound", err)
	}
	if err := b.Abort(t.Context(), "first"); err != nil {
		t.Errorf("Abort: %v", err)
	}
	if err := a.Finish(t.Context(), account1("first")); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Finish: got %v, want ErrNotFound", err)
	}
}
