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

// TestFindOfAzure holds that the case of an Azure id does not count, as documents
// write it differently from one to the next.
func TestFindOfAzure(t *testing.T) {
	inv := NewInventories()
	scope := model.Scope{Provider: model.Azure, Account: "1"}
	inv.Of(scope).Add(&model.Asset{ID: "/subscriptions/1/resourcegroups/shop/x", Name: "x", Type: "T::Thing", Scope: scope})
	for key, want := range map[string]bool{
		"/subscriptions/1/resourceGroups/Shop/X": true,
		"/subscriptions/1/resourcegroups/shop/x": true,
		"/subscriptions/1/resourceGroups/Shop/Y": false,
		"X":                                      false, // names keep their case
	} {
		if got := inv.Of(scope).Find("T::Thing", key) != nil; got != want {
			t.Errorf("Find(%q) = %v, want %v", key, got, want)
		}
	}
}
