package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/stance-sec/stance/internal/scan"
	"github.com/stance-sec/stance/internal/store/sqlite"
	"github.com/stance-sec/stance/internal/store/storetest"
)

var _ scan.Store = (*sqlite.Store)(nil)

func open(t testing.TB, path string, opts sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	defer goleak.VerifyNone(t)
	storetest.Run(t, func(t *testing.T) scan.Store {
		return open(t, filepath.Join(t.TempDir(), "stance.db"), sqlite.Options{})
	})
}

// The suite again with buffers of a few rows: everything is spread over many
// batches, blocks and runs.
func TestStoreInSmallBatches(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	defer goleak.VerifyNone(t)
	storetest.Run(t, func(t *testing.T) scan.Store {
		s := open(t, sqlite.Memory, sqlite.Options{})
		sqlite.SmallLimits(s)
		return s
	})
}
