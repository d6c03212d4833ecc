package policy

import (
	"sync"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestInventoryIsReadOnly asks for types that nobody added from many sides at
// once: reading an inventory must not write to it.
func TestInventoryIsReadOnly(t *testing.T) {
	inv := NewInventory()
	inv.Add(&model.Asset{ID: "arn:x", Type: "T::Known"})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				if got := inv.Assets("T::Unknown"); got != nil {
					t.Errorf("assets of an unknown type: got %v", got)
				}
				if got := inv.Find("T::Unknown", "x"); got != nil {
					t.Errorf("find in an unknown type: got %v", got)
				}
				if got := len(inv.Assets("T::Known")); got != 1 {
					t.Errorf("assets of a known type: got %d, want 1", got)
				}
			}
		})
	}
	all.Wait()
	if got := len(inv.types); got != 1 {
		t.Errorf("after reading the inventory knows %d types, want 1", got)
	}
}
