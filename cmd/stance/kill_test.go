package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// left is what the database shows after a scan that did not end.
type left struct {
	scan     string // the id of the scan that is shown
	verdicts map[string]string
	assets   int
	gaps     []wireGap
}

func (p *program) left() left {
	p.t.Helper()
	var findings []wireFinding
	var assets []wireAsset
	out := left{}
	p.json(exitClean, &findings, "findings", "--verdict", "all", "--format", "json")
	p.json(exitClean, &assets, "inventory", "--format", "json")
	p.json(exitClean, &out.gaps, "coverage", "--format", "json")
	out.verdicts, out.assets = verdictsOf(findings), len(assets)
	for _, f := range findings {
		if out.scan == "" {
			out.scan = f.Scan
		}
		if f.Scan != out.scan {
			p.t.Errorf("%s on %s is of scan %s, others are of %s", f.Control, f.Asset.ID, f.Scan, out.scan)
		}
	}
	return out
}

// TestKilledScan ends scans by SIGKILL at random moments, from the first call
// to the last write. The last complete scan stays visible, all of it, and the
// next one works at once.
func TestKilledScan(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many scans")
	}
	const kills = 10
	p := newProgram(t, signedIn(serveMoto(t, "estate"))...)
	args := []string{"scan", "aws", "--regions", "us-east-1", "--format", "ndjson", "--quiet"}
	whole := func() time.Duration {
		t.Helper()
		start := time.Now()
		if code, _, stderr := p.run(args...); code != exitIncomplete {
			t.Fatalf("a scan after a killed one: exit code %d, want %d\n%s", code, exitIncomplete, stderr)
		}
		return time.Since(start)
	}
	whole() // the server's first answers are slow
	took := whole()
	before := p.left()
	killed := 0
	for try := 0; killed < kills; try++ {
		if try > 4*kills {
			t.Fatalf("only %d of %d scans could be killed before they ended", killed, try)
		}
		// Every second one dies near its end, where it writes.
		at := rand.N(took)
		if try%2 == 1 {
			at = took*3/4 + rand.N(took/4)
		}
		if !killAfter(t, p.command(args...), at) {
			before = p.left()
			continue
		}
		killed++
		after := p.left()
		if after.scan != before.scan {
			// The scan was complete, and had not said so yet.
			before.scan = after.scan
		}
		if diff := cmp.Diff(before, after, cmp.AllowUnexported(left{})); diff != "" {
			t.Fatalf("killed after %s of %s (-before +after):\n%s", at, took, diff)
		}
		whole()
		before = p.left()
	}
}

// killAfter kills a command after a while; false when it ended before.
func killAfter(t *testing.T, cmd *exec.Cmd, at time.Duration) bool {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(at, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_ = cmd.Wait()
	return !cmd.ProcessState.Exited()
}

// held is a server that answers the first calls, says so, and keeps the others
// waiting until it is told to go on.
func held(t *testing.T) (url string, begun <-chan struct{}, release func()) {
	t.Helper()
	first, wait := make(chan struct{}), make(chan struct{})
	var once, freed sync.Once
	known := cloud{"GetCallerIdentity": identity, "DescribeRegions": regions}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if !strings.Contains(string(body), "GetCallerIdentity") && !strings.Contains(string(body), "Action=DescribeRegions") {
			once.Do(func() { close(first) })
			select {
			case <-wait:
			case <-r.Context().Done():
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		known.ServeHTTP(w, r)
	}))
	release = func() { freed.Do(func() { close(wait) }) }
	t.Cleanup(func() {
		release()
		server.Close()
	})
	return server.URL, first, release
}

// TestTwoScans begins a second scan of an account while one is under way: it is
// refused, says which one is running, and the first one is not disturbed.
func TestTwoScans(t *testing.T) {
	url, begun, release := held(t)
	p := newProgram(t, signedIn(url)...)
	args := []string{"scan", "aws", "--regions", "us-east-1", "--format", "json", "--quiet"}
	first := p.command(args...)
	var out bytes.Buffer
	first.Stdout = &out
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	<-begun // the first call of reading comes after the lease was taken
	code, stdout, stderr := p.run(args...)
	checkRefusal(t, code, exitError, stdout, stderr, []string{
		"busy: scan ", "of account 111122223333", "in process " + strconv.Itoa(first.Process.Pid), "wait for it, or stop it",
	})
	release()
	_ = first.Wait()
	if got := first.ProcessState.ExitCode(); got != exitIncomplete {
		t.Errorf("the first scan: exit code %d, want %d", got, exitIncomplete)
	}
	running := regexp.MustCompile(`busy: scan (\S+) of`).FindStringSubmatch(stderr)
	if len(running) != 2 || !strings.Contains(out.String(), `"id":"`+running[1]+`"`) {
		t.Errorf("the refusal names scan %v, which is not the first one: %.300s", running, out.String())
	}
	if code, _, stderr := p.run(args...); code != exitIncomplete {
		t.Errorf("a scan after both: exit code %d, want %d\n%s", code, exitIncomplete, stderr)
	}
}

// TestKilledHolder begins a scan while the process that held the lease is dead:
// nobody waits for it.
func TestKilledHolder(t *testing.T) {
	url, begun, release := held(t)
	p := newProgram(t, signedIn(url)...)
	args := []string{"scan", "aws", "--regions", "us-east-1", "--format", "json", "--quiet"}
	first := p.command(args...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if code, _, stderr := p.run("findings"); code != exitError || !strings.Contains(stderr, "no scan is stored") {
		t.Errorf("findings of no complete scan: exit code %d, want %d\n%s", code, exitError, stderr)
	}
	release()
	if code, _, stderr := p.run(args...); code != exitIncomplete {
		t.Errorf("a scan after a killed one: exit code %d, want %d\n%s", code, exitIncomplete, stderr)
	}
}
