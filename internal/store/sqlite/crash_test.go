package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

const (
	crashEnv    = "STANCE_TEST_CRASH_STORE"
	crashAssets = 300
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		if err := writeScans(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeScans is the process that is killed: it scans for ever, and says which
// scans it has finished.
func writeScans(path string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	sqlite.SmallLimits(s)
	scans, err := s.Scans(ctx)
	if err != nil {
		return err
	}
	for n := len(scans) + 1; ; n++ {
		if err := writeScan(ctx, s, n); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func crashScan(n int) model.Scan {
	return model.Scan{ID: fmt.Sprintf("scan-%d-%d", n, os.Getpid()), Provider: model.AWS, Accounts: []string{"1"}, StartedAt: time.Unix(int64(n), 0)}
}

// writeScan saves the same assets each time, all at revision n; the documents
// of every second are unchanged.
func writeScan(ctx context.Context, s *sqlite.Store, n int) error {
	scan := crashScan(n)
	if err := s.Begin(ctx, scan); err != nil {
		return err
	}
	for i := range crashAssets {
		a := model.Asset{
			ID: fmt.Sprintf("asset-%04d", i), Type: fmt.Sprintf("T%d", i%3), Name: strconv.Itoa(n),
			Scope: model.Scope{Provider: model.AWS, Account: "1"}, Config: model.Document{"I": int64(i), "N": int64(n * (i % 2))},
		}
		a.Version = a.Config.Hash()
		f := model.Finding{ID: model.FindingID("c", a.ID), Control: "c", Verdict: model.Fail, Asset: a.Ref(), Message: strconv.Itoa(n)}
		g := model.Gap{Scope: a.Scope, Type: a.Type, Asset: a.ID, Detail: strconv.Itoa(n)}
		if err := s.SaveAssets(ctx, scan.ID, []model.Asset{a}); err != nil {
			return err
		}
		if err := s.SaveFindings(ctx, scan.ID, []model.Finding{f}); err != nil {
			return err
		}
		if err := s.SaveGaps(ctx, scan.ID, []model.Gap{g}); err != nil {
			return err
		}
	}
	return s.Finish(ctx, scan)
}

// TestCrash kills a process that scans at random moments. Each time the last
// scan that it finished must be there, whole and alone, the next scan must be
// possible at once, and nothing may be left of the one that was cut off.
func TestCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	path := filepath.Join(t.TempDir(), "stance.db")
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	cut := 0
	for i := range 25 {
		finished := crashOnce(t, path, time.Duration(random.IntN(250_000))*time.Microsecond)
		if checkCrash(t, path, finished) {
			cut++
		}
		if t.Failed() {
			t.Fatalf("iteration %d, seed %d", i, seed)
		}
	}
	t.Logf("%d of 25 kills cut a scan off", cut)
	if cut == 0 {
		t.Error("no kill met a running scan: the test shows nothing")
	}
}

// crashOnce lets a process scan for a while, kills it, and returns the number
// of the scan that it finished last, 0 for none.
func crashOnce(t *testing.T, path string, after time.Duration) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	last := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if last, err = strconv.Atoi(lines.Text()); err != nil {
			t.Errorf("the process wrote %q", lines.Text())
		}
	}
	_, _ = io.Copy(io.Discard, out)
	if err := cmd.Wait(); err == nil {
		t.Error("the process ended before it was killed")
	}
	return last
}

// checkCrash says whether the kill cut a scan off.
func checkCrash(t *testing.T, path string, finished int) (cut bool) {
	t.Helper()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if result, err := sqlite.Check(ctx, s); err != nil || result != "ok" {
		t.Fatalf("integrity check: %s, %v", result, err)
	}
	before, err := sqlite.Rows(s)
	if err != nil {
		t.Fatal(err)
	}
	scans, err := s.Scans(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cut = before["scans"] > len(scans)
	n := wholeScan(t, s)
	if n != len(scans) || n < finished {
		t.Errorf("scan %d is visible, %d are listed, %d was finished last", n, len(scans), finished)
	}

	// At once, although the lease has not expired: its owner is dead.
	if err := writeScan(ctx, s, n+1); err != nil {
		t.Fatalf("the next scan: %v", err)
	}
	if got := wholeScan(t, s); got != n+1 {
		t.Errorf("scan %d is visible after scan %d", got, n+1)
	}
	if err := sqlite.WaitPurge(s); err != nil {
		t.Errorf("purge: %v", err)
	}
	rows, err := sqlite.Rows(s)
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int{
		"scans": n + 1, "assets": crashAssets, "targets": crashAssets, "findings": crashAssets, "gaps": crashAssets, "visible": 3, "extents": 3,
		// The unchanged half is stored once, the other half once for each scan.
		"docs": crashAssets/2 + crashAssets/2*(n+1), "history": crashAssets / 2 * n,
	} {
		if rows[table] != want {
			t.Errorf("table %s has %d rows, want %d", table, rows[table], want)
		}
	}
	return cut
}

// wholeScan returns which scan is visible, 0 for none, after checking that all
// that is visible is of that one.
func wholeScan(t *testing.T, s *sqlite.Store) int {
	t.Helper()
	ctx := context.Background()
	seen, assets, findings := map[string]bool{}, 0, 0
	for a, err := range s.Assets(ctx, model.AssetQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[a.Name] = true
		assets++
	}
	for f, err := range s.Findings(ctx, model.FindingQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[f.Message] = true
		findings++
	}
	gaps, err := s.Gaps(ctx, model.AssetQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range gaps {
		seen[g.Detail] = true
	}
	if assets == 0 && findings == 0 && len(gaps) == 0 {
		return 0
	}
	if len(seen) != 1 || assets != crashAssets || findings != crashAssets || len(gaps) != crashAssets {
		t.Fatalf("visible are %d assets, %d findings, %d gaps of scans %v, want %d of one scan", assets, findings, len(gaps), seen, crashAssets)
	}
	for name := range seen {
		n, err := strconv.Atoi(name)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 0
}
