package azure

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestScale holds that the memory of a run does not grow with the tenant:
// 200,000 assets of 1,000 subscriptions, of whose queries one in ten is
// throttled, all come and never need 500 MB.
func TestScale(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200,000 assets")
	}
	const subscriptions, each = 1000, 200
	subs := make([]string, subscriptions)
	for i := range subs {
		subs[i] = fmt.Sprintf("00000000-0000-0000-0000-%012d", i)
	}
	var calls atomic.Int64
	h := roundTrip(func(req *http.Request) (*http.Response, error) {
		if calls.Add(1)%10 == 0 {
			resp := respond(req, 429, `{"error": {"code": "RateLimiting"}}`)
			resp.Header.Set("X-Ms-User-Quota-Resets-After", "00:00:01")
			return resp, nil
		}
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		var body struct {
			Subscriptions []string `json:"subscriptions"`
			Options       struct {
				Token string `json:"$skipToken"`
			} `json:"options"`
		}
		if err := json.Unmarshal(raw, &body); err != nil {
			return nil, err
		}
		from, _ := strconv.Atoi(body.Options.Token)
		total := len(body.Subscriptions) * each
		to := min(from+pageRows, total)
		var b strings.Builder
		token := ""
		if to < total {
			token = fmt.Sprintf(`"$skipToken": "%d", `, to)
		}
		fmt.Fprintf(&b, `{"totalRecords": %d, "count": %d, %s"resultTruncated": "false", "data": [`, total, to-from, token)
		for i := from; i < to; i++ {
			if i > from {
				b.WriteByte(',')
			}
			sub := body.Subscriptions[i/each]
			fmt.Fprintf(&b, `{"id": "/subscriptions/%s/resourceGroups/rg/providers/Microsoft.Test/boxes/n%06d", "name": "n%06d", "type": "microsoft.test/boxes", "location": "westeurope", "kind": "", "sku": null, "tags": {"env": "prod", "owner": "team"}, "properties": {"open": false, "list": [{"name": "one", "value": "x"}, {"name": "two", "value": "y"}], "description": "%s"}}`,
				sub, i%each, i%each, strings.Repeat("d", 400))
		}
		b.WriteString("]}")
		return respond(req, 200, b.String()), nil
	})
	s := testSession(t, h, subs...)
	s.opts.Attempts = 8
	withTypes(s, boxes())
	seen := seenIDs{}
	var most uint64
	for a, err := range s.Units()[1].Collect(t.Context(), model.Scope{}) {
		if err != nil {
			t.Fatal(err)
		}
		if !seen.add(a.ID) {
			t.Fatalf("%s came twice", a.ID)
		}
		if len(seen)%10000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	}
	if len(seen) != subscriptions*each {
		t.Errorf("%d assets, want %d", len(seen), subscriptions*each)
	}
	if most > 500<<20 {
		t.Errorf("the heap grew to %d MB", most>>20)
	}
	t.Logf("heap at most %d MB, %d calls", most>>20, calls.Load())
}
