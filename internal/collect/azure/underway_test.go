package azure

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// manyBoxes answers with so many boxes of each subscription, in order, and for
// the lid of each.
func manyBoxes(each int, subs []string, lid func(req *http.Request)) roundTrip {
	var rows []string
	for _, sub := range subs {
		for i := range each {
			rows = append(rows, fmt.Sprintf(`{"id": "/subscriptions/%s/resourceGroups/rg/providers/Microsoft.Test/boxes/n%04d", "name": "n%04d", "type": "microsoft.test/boxes", "location": "westeurope", "properties": {"open": false}}`, sub, i, i))
		}
	}
	answer := fmt.Sprintf(`{"totalRecords": %d, "count": %d, "resultTruncated": "false", "data": [%s]}`, len(rows), len(rows), strings.Join(rows, ","))
	return func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodPost {
			return respond(req, http.StatusOK, answer), nil
		}
		lid(req)
		return respond(req, http.StatusOK, `{"id": "x", "properties": {"shut": true}}`), nil
	}
}

func lidded() Type { return boxes(Read{Member: "lid", Path: "lids/default"}) }

// TestAssetsWaitForSlots holds that of the assets that need further calls only so
// many are under way as keep the slots busy: each costs memory.
func TestAssetsWaitForSlots(t *testing.T) {
	const each = 1500
	before := runtime.NumGoroutine()
	var most, calls atomic.Int64
	s := testSession(t, manyBoxes(each, []string{testSubscription}, func(*http.Request) {
		calls.Add(1)
		if n := int64(runtime.NumGoroutine() - before); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(time.Millisecond)
	}), testSubscription)
	withTypes(s, lidded())
	assets := 0
	for a, err := range s.Units()[1].Collect(t.Context(), model.Scope{}) {
		if err != nil {
			t.Fatal(err)
		}
		if a.Config["lid"] == nil {
			t.Fatalf("%s has no lid", a.ID)
		}
		assets++
	}
	if assets != each || calls.Load() != each {
		t.Errorf("%d assets with %d calls, want %d", assets, calls.Load(), each)
	}
	if limit := int64(perSlot*cap(s.slots) + 3*cap(s.slots)); most.Load() > limit {
		t.Errorf("%d goroutines at once, want at most %d", most.Load(), limit)
	}
	if left := s.busy.Load(); left != 0 {
		t.Errorf("%d assets are under way after the end", left)
	}
}

// TestRatesHoldNobodyElseUp holds that a subscription whose rate is used up does
// not keep another one waiting whose assets come later, even by more assets than
// there would be under way at once if they waited for slots.
func TestRatesHoldNobodyElseUp(t *testing.T) {
	const each, slow, quick = 900, "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
	ctx, stop := context.WithCancel(t.Context()) // with a deadline the lane would not wait
	defer time.AfterFunc(20*time.Second, stop).Stop()
	defer stop()
	var came atomic.Int64
	s := testSession(t, manyBoxes(each, []string{slow, quick}, func(req *http.Request) {
		if strings.Contains(req.URL.Path, quick) && came.Add(1) == each {
			stop()
		}
	}), slow, quick)
	withTypes(s, lidded())
	s.lanes.Store(slow, collect.NewLane(1e-6, 1))
	for _, err := range s.Units()[1].Collect(ctx, model.Scope{}) {
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
	}
	if n := came.Load(); n != each {
		t.Errorf("%d calls in the subscription that has its rate, want %d", n, each)
	}
}
