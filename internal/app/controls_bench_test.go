package app

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// evaluatedAt is the time for which recorded assets are evaluated.
var evaluatedAt = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

// recordedAssets returns the assets of all collectors' recorded answers.
func recordedAssets(tb testing.TB) []*model.Asset {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("..", "collect", "aws", "testdata", "*.txtar"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no recorded answers: %v", err)
	}
	var out []*model.Asset
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		for _, f := range txtar.Parse(data).Files {
			if f.Name != "want" {
				continue
			}
			var want struct {
				Assets []*model.Asset `json:"assets"`
			}
			if err := json.Unmarshal(f.Data, &want); err != nil {
				tb.Fatalf("%s: %v", name, err)
			}
			out = append(out, want.Assets...)
		}
	}
	return out
}

func compiled(tb testing.TB) map[string][]*policy.Program {
	tb.Helper()
	a, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	programs, err := a.Compile(a.Catalog.Controls)
	if err != nil {
		tb.Fatal(err)
	}
	byType := map[string][]*policy.Program{}
	for _, p := range programs {
		byType[p.Control.Type] = append(byType[p.Control.Type], p)
	}
	return byType
}

// TestControlsOnRecordedAssets evaluates every control on every recorded asset:
// an error while evaluating is a fault of the control, or of the collector.
func TestControlsOnRecordedAssets(t *testing.T) {
	programs, assets := compiled(t), recordedAssets(t)
	inv := policy.NewInventory()
	for _, a := range assets {
		inv.Add(a)
	}
	ev := policy.NewEvaluator(inv, evaluatedAt)
	evaluated := 0
	for _, a := range assets {
		for _, p := range programs[a.Type] {
			evaluated++
			r := ev.Evaluate(p, a)
			if r.Verdict == model.Unknown && len(r.Gaps) == 0 {
				t.Errorf("%s on %s: %s", p.Control.ID, a.ID, r.Message)
			}
		}
	}
	if evaluated < 100 {
		t.Errorf("only %d evaluations on %d assets", evaluated, len(assets))
	}
}

// BenchmarkControls measures evaluations of all controls on recorded documents,
// on all cores. The bar is a million a second on two.
func BenchmarkControls(b *testing.B) {
	programs, assets := compiled(b), recordedAssets(b)
	inv := policy.NewInventory()
	var pairs int64
	for _, a := range assets {
		inv.Add(a)
		pairs += int64(len(programs[a.Type]))
	}
	var done atomic.Int64
	b.ReportAllocs()
	b.ResetTimer() // compiling the catalogue is no evaluation
	b.RunParallel(func(pb *testing.PB) {
		ev := policy.NewEvaluator(inv, evaluatedAt)
		for pb.Next() {
			for _, a := range assets {
				for _, p := range programs[a.Type] {
					ev.Evaluate(p, a)
				}
			}
			done.Add(pairs)
		}
	})
	b.ReportMetric(float64(done.Load())/b.Elapsed().Seconds(), "evaluations/s")
	b.ReportMetric(float64(pairs), "pairs")
}
