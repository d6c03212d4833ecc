package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// benchFill stores n assets with three findings each, as one scan.
func benchFill(b *testing.B, s *sqlite.Store, scan model.Scan, first, n, rev int) (spent time.Duration) {
	b.Helper()
	ctx := b.Context()
	check := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	timed := func(f func() error) {
		b.Helper()
		start := time.Now()
		check(f())
		spent += time.Since(start)
	}
	timed(func() error { return s.Begin(ctx, scan) })
	for i := first; i < first+n; i += benchSize {
		size := min(benchSize, first+n-i)
		assets := make([]model.Asset, size)
		for j := range assets {
			assets[j] = benchAsset(i+j, rev)
		}
		findings := benchFindings(i, size)
		timed(func() error { return s.SaveAssets(ctx, scan.ID, assets) })
		for len(findings) > 0 {
			k := min(benchSize, len(findings))
			timed(func() error { return s.SaveFindings(ctx, scan.ID, findings[:k]) })
			findings = findings[k:]
		}
	}
	timed(func() error { return s.Finish(ctx, scan) })
	return spent
}

const benchStored = 50_000 // assets

func BenchmarkRead(b *testing.B) {
	s, _ := benchOpen(b)
	benchFill(b, s, benchScan, 0, benchStored, 1)
	ctx := b.Context()
	one := benchFindings(benchStored/2, 1)[1]
	for name, read := range map[string]func() (int, error){
		"all-findings": func() (int, error) { return count(s.Findings(ctx, model.FindingQuery{})) },
		"findings-on-assets": func() (int, error) {
			failing := func(f *model.Finding) bool { return f.Verdict == model.Fail }
			return count(s.FindingsOn(ctx, model.FindingQuery{}, failing))
		},
		"all-assets": func() (int, error) { return count(s.Assets(ctx, model.AssetQuery{})) },
		"failing-findings": func() (int, error) {
			return count(s.Findings(ctx, model.FindingQuery{Verdicts: []model.Verdict{model.Fail}}))
		},
		"first-50-failing": func() (int, error) {
			return count(s.Findings(ctx, model.FindingQuery{Verdicts: []model.Verdict{model.Fail}, Limit: 50}))
		},
		"findings-of-an-asset": func() (int, error) { return count(s.Findings(ctx, model.FindingQuery{Asset: one.Asset.ID})) },
		"one-finding":          func() (int, error) { _, err := s.Finding(ctx, one.ID); return 1, err },
		"one-asset":            func() (int, error) { _, err := s.Asset(ctx, one.Asset.ID); return 1, err },
		"history":              func() (int, error) { _, err := s.History(ctx, one.Asset.ID); return 1, err },
	} {
		b.Run(name, func(b *testing.B) {
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				got, err := read()
				if err != nil || got == 0 {
					b.Fatalf("read %d: %v", got, err)
				}
				n += got
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func count[T any](seq func(func(T, error) bool)) (n int, err error) {
	for _, err := range seq {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// BenchmarkOrganization stores accounts of 50,000 assets, one scan each, then
// scans all of them again with nothing changed, and waits for the purge. It is
// meant for -benchtime 1x; STANCE_BENCH_ASSETS says how many assets in all.
func BenchmarkOrganization(b *testing.B) {
	assets := 100_000
	if text := os.Getenv("STANCE_BENCH_ASSETS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		assets = n
	}
	for b.Loop() {
		s, path := benchOpen(b)
		const size = 50_000
		for round, name := range []string{"first", "again"} {
			var spent time.Duration
			for i := 0; i < assets; i += size {
				scan := benchScan
				scan.ID = fmt.Sprintf("%s-%d", name, i)
				scan.Accounts = []string{benchAsset(i, 1).Scope.Account}
				spent += benchFill(b, s, scan, i, min(size, assets-i), 1)
			}
			b.ReportMetric(spent.Seconds(), name+"-s")
			if round == 1 {
				start := time.Now()
				if err := sqlite.WaitPurge(s); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(time.Since(start).Seconds(), "purge-rest-s")
			}
		}
		start := time.Now()
		one := benchFindings(assets/2, 1)[1]
		if _, err := s.Finding(context.Background(), one.ID); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start).Microseconds()), "one-finding-us")
		if info, err := os.Stat(path); err == nil {
			b.ReportMetric(float64(info.Size())/1e6, "file-MB")
		}
		b.ReportMetric(peakMB(), "peak-MB")
	}
}

// peakMB is the largest resident size of the process so far, where Linux
// tells, else 0.
func peakMB() float64 {
	data, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb / 1024
		}
	}
	return 0
}
