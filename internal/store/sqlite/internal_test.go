package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// Readers stream: no plan may sort or look at whole tables of rows.
func TestPlans(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Options{})
	for _, test := range []struct{ name, query, where string }{
		{"all findings", sqlite.FindingsQuery, "true"},
		{"findings of an account", sqlite.FindingsQuery, "p.provider = 'aws' AND p.account = '1'"},
		{"findings of types", sqlite.FindingsQuery, `p.type IN (SELECT value FROM json_each('["a"]'))`},
		{"findings of an asset", sqlite.FindingsQuery, "t.asset = 'x'"},
		{"findings of verdicts", sqlite.FindingsQuery, "f.verdict IN (SELECT value FROM json_each('[1]'))"},
		{"all assets", sqlite.AssetsQuery, "true"},
		{"assets of an account", sqlite.AssetsQuery, "p.provider = 'aws' AND p.account = '1'"},
		{"assets of types", sqlite.AssetsQuery, `p.type IN (SELECT value FROM json_each('["a"]'))`},
	} {
		plan, err := sqlite.Plan(s, test.query, test.where)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range plan {
			if strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s: sorts: %q", test.name, plan)
			}
			for _, table := range []string{"SCAN t", "SCAN f", "SCAN a", "SCAN v"} {
				if step == table || strings.HasPrefix(step, table+" ") {
					t.Errorf("%s: looks at all rows: %q", test.name, plan)
				}
			}
		}
	}
}

// Superseded scans leave their history and nothing else.
func TestPurge(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Options{})
	for n := 1; n <= 4; n++ {
		if err := writeScan(t.Context(), s, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Begin(t.Context(), account1("aborted")); err != nil {
		t.Fatal(err)
	}
	sqlite.SmallLimits(s)
	if err := s.SaveAssets(t.Context(), "aborted", benchLike(100)); err != nil {
		t.Fatal(err)
	}
	if err := s.Abort(t.Context(), "aborted"); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.WaitPurge(s); err != nil {
		t.Fatal(err)
	}
	got, err := sqlite.Rows(s)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"scans": 4, "visible": 3, "extents": 3, "segments": 3, "runs": 2, "gaps": crashAssets, "coverage": 0,
		"assets": crashAssets, "targets": crashAssets, "findings": crashAssets,
		"docs": crashAssets/2 + 4*crashAssets/2, "history": 3 * crashAssets / 2,
		"chunks": got["chunks"], "blocks": got["blocks"],
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	// One block each for meta, refs and bodies of three parts, and four scans' documents.
	if got["blocks"] != 3*3+4 {
		t.Errorf("%d blocks, want 13", got["blocks"])
	}
}

// A write that fails keeps what it was to write.
func TestFailedWriteIsRepeated(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Options{})
	if err := s.Begin(t.Context(), account1("s")); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveAssets(t.Context(), "s", benchLike(20)); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := s.Finish(ended, account1("s")); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
	if err := s.Finish(t.Context(), account1("s")); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range s.Assets(t.Context(), model.AssetQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 20 {
		t.Errorf("%d assets, want 20", n)
	}
}

// A context that ends while a transaction begins leaves no transaction open.
func TestCancelledBegin(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Options{})
	if err := s.Begin(t.Context(), account1("s")); err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range i % 50 {
				runtime.Gosched()
			}
			cancel()
		}()
		if err := s.Heartbeat(ctx, "s"); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
		if err := s.Heartbeat(t.Context(), "s"); err != nil {
			t.Fatalf("after %d cancelled calls: %v", i, err)
		}
	}
}

// A store that another process keeps on writing to, and one without space, say so.
func TestWriteErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s := open(t, path, sqlite.Options{BusyTimeout: 20 * time.Millisecond})
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("PRAGMA busy_timeout = 10000"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if err := s.Begin(t.Context(), account1("s")); !errors.Is(err, model.ErrBusy) || !strings.Contains(err.Error(), "another process") {
		t.Errorf("while another process writes: got %v, want ErrBusy", err)
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}

	if err := s.Begin(t.Context(), account1("s")); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.LimitPages(s, 60); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveAssets(t.Context(), "s", benchLike(5000)); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), account1("s")); err == nil || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("without space: got %v, want that the disk is full", err)
	}
	if err := sqlite.LimitPages(s, 1<<30); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), account1("s")); err != nil {
		t.Errorf("with space again: %v", err)
	}
	n, err := count(s.Assets(t.Context(), model.AssetQuery{}))
	if err != nil || n != 5000 {
		t.Errorf("%d assets, %v; want 5000", n, err)
	}
}

// All rows of one hash are found, wherever chunks are cut, and no others.
func TestRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[int64][]int64{}
		var pairs [][2]int64
		for hash := range int64(rapid.IntRange(1, 40).Draw(t, "hashes")) {
			hash = (hash - 20) << 40 // of both signs
			for where := range int64(rapid.IntRange(1, 120).Draw(t, "rows")) {
				pairs = append(pairs, [2]int64{hash, where})
				want[hash] = append(want[hash], where)
			}
		}
		pairs = append(rapid.Permutation(pairs).Draw(t, "order"), pairs[0])
		for hash := int64(-21 << 40); hash <= 21<<40; hash += 1 << 40 {
			got, err := sqlite.FindInRun(pairs, hash)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[hash], got); diff != "" {
				t.Fatalf("rows of %d (-want +got):\n%s", hash, diff)
			}
		}
	})
}

// Documents that could not be read back are refused when they are saved.
func TestUnstorableDocuments(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Options{})
	if err := s.Begin(t.Context(), account1("s")); err != nil {
		t.Fatal(err)
	}
	deep := any("x")
	for range model.MaxDepth + 10 {
		deep = []any{deep}
	}
	for name, v := range map[string]any{"too deep": deep, "not a number": math.NaN(), "a function": func() {}} {
		a := benchLike(1)
		a[0].Config = model.Document{"v": v}
		a[0].Version = "v"
		if err := s.SaveAssets(t.Context(), "s", a); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
}

// What is written for a document decodes to the same document.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.0,-3e9,null,true,"x"]}`, `{"\u0000":"\ud800","é":"<>&\u2028"}`, `{"n":9007199254740993,"f":1e400}`, `{"":{"":[]}}`, `{"z":-0.0}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		want, err := model.DecodeJSON(data)
		if err != nil {
			return // no document
		}
		out, err := sqlite.AppendValue(nil, want, 0)
		if err != nil {
			t.Fatalf("encode %s: %v", data, err)
		}
		got, err := model.DecodeJSON(out)
		if err != nil {
			t.Fatalf("decode %s: %v", out, err)
		}
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("%s became %s", data, out)
		}
		again, err := sqlite.AppendValue(nil, got, 0)
		if err != nil || !bytes.Equal(out, again) {
			t.Fatalf("%s, then %s: %v", out, again, err)
		}
	})
}
