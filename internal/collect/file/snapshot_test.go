package file

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

func each(assets ...model.Asset) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		for _, a := range assets {
			if !yield(a, nil) {
				return
			}
		}
	}
}

func contents() Contents {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	scope := model.Scope{Provider: model.AWS, Account: "1"}
	return Contents{
		Kept: model.Kept{
			Coverage: []model.Coverage{{Scope: scope, Type: "AWS::S3::Bucket", State: model.UnitOK, Assets: 1}, {Scope: scope, Type: "AWS::EC2::Volume", State: model.UnitDenied, Gaps: 1}},
			Attestations: []model.Attestation{model.Attestation{
				Framework: "f", Requirement: "1", Status: model.Holds, By: "b", Note: "n", At: at, Expires: at.AddDate(0, 1, 0),
			}.Seal()},
		},
		Assets: each(model.Asset{ID: "a", Type: "AWS::S3::Bucket", Scope: scope, Config: model.Document{"Name": "a"}}),
		Gaps:   []model.Gap{{Scope: scope, Type: "AWS::EC2::Volume", Reason: model.Denied}},
	}
}

func TestRoundTrip(t *testing.T) {
	for name, c := range map[string]Contents{"full": contents(), "of an older version": {Assets: contents().Assets, Gaps: contents().Gaps}, "empty": {Assets: each()}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.stance")
			if err := Save(path, Manifest{Scan: model.Scan{ID: "s"}}, c); err != nil {
				t.Fatal(err)
			}
			s, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			kept, err := s.Kept(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.Kept, kept); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			var assets, gaps int
			for _, err := range s.Collect(context.Background(), model.Scope{}) {
				var gap *model.Gap
				switch {
				case errors.As(err, &gap):
					gaps++
				case err != nil:
					t.Fatal(err)
				default:
					assets++
				}
			}
			want := 0
			for range c.Assets {
				want++
			}
			if assets != want || gaps != len(c.Gaps) {
				t.Errorf("got %d assets and %d gaps", assets, gaps)
			}
		})
	}
}

// TestCut cuts a snapshot at every byte: whatever is left, Collect does not
// end as if it were whole.
func TestCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.stance")
	if err := Save(path, Manifest{}, contents()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		var last error
		for _, err := range (&Snapshot{Path: path}).Collect(context.Background(), model.Scope{}) {
			var gap *model.Gap
			if !errors.As(err, &gap) {
				last = err
			}
		}
		if !errors.Is(last, model.ErrInvalid) {
			t.Fatalf("cut after %d of %d bytes: got %v, want ErrInvalid", n, len(whole), last)
		}
	}
}
