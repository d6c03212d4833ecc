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

func TestStore(t *testing.T) {
	defer goleak.VerifyNone(t)
	storetest.Run(t, func(t *testing.T) scan.Store {
		s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "stance.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
