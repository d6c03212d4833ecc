package azure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// TestCancel holds that a collection ends at once when its context does, with
// calls under way, and that it says so.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{}, 1)
	h := roundTrip(func(req *http.Request) (*http.Response, error) {
		if operationName(req) == "Query" {
			return respond(req, 200, page(2, "", "", "a", "b")), nil
		}
		select {
		case started <- struct{}{}:
		default:
		}
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	s := testSession(t, h, testSubscription)
	withTypes(s, boxes(lid), lids())
	go func() { <-started; cancel() }()
	begin := time.Now()
	var last error
	for a, err := range s.Units()[1].Collect(ctx, model.Scope{}) {
		if err == nil {
			t.Errorf("yielded %s, whose read was cancelled", a.ID)
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("ended with %v, want the context's error", last)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("took %s", took)
	}
}

// TestStop holds that a consumer may stop reading at any time.
func TestStop(t *testing.T) {
	names := make([]string, 200)
	for i := range names {
		names[i] = fmt.Sprint("n", i)
	}
	h := roundTrip(func(req *http.Request) (*http.Response, error) {
		if operationName(req) == "Query" {
			return respond(req, 200, page(len(names), "", "", names...)), nil
		}
		return respond(req, 200, `{}`), nil
	})
	s := testSession(t, h, testSubscription)
	withTypes(s, boxes(lid))
	for _, err := range s.Units()[1].Collect(t.Context(), model.Scope{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
}

// TestMany holds that many assets over several pages all come, once each, and
// that the calls under way are bounded.
func TestMany(t *testing.T) {
	const pages, rows = 5, 700
	var under, most atomic.Int64
	h := roundTrip(func(req *http.Request) (*http.Response, error) {
		if n := under.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer under.Add(-1)
		if operationName(req) != "Query" {
			return respond(req, 200, `{}`), nil
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		n := 0
		for i := 1; i < pages; i++ {
			if strings.Contains(string(body), fmt.Sprintf(`"$skipToken":"p%d"`, i)) {
				n = i
			}
		}
		names := make([]string, rows)
		for i := range names {
			names[i] = fmt.Sprintf("n%d", n*rows+i)
		}
		token := fmt.Sprintf("p%d", n+1)
		if n == pages-1 {
			token = ""
		}
		return respond(req, 200, page(pages*rows, token, "", names...)), nil
	})
	s := testSession(t, h, testSubscription)
	withTypes(s, boxes(lid))
	seen := map[string]bool{}
	for a, err := range s.Units()[1].Collect(t.Context(), model.Scope{}) {
		if err != nil || seen[a.ID] || len(a.Gaps) != 0 || a.Config["lid"] == nil {
			t.Fatalf("asset %s with gaps %v, error %v", a.ID, a.Gaps, err)
		}
		seen[a.ID] = true
	}
	if len(seen) != pages*rows {
		t.Errorf("%d assets, want %d", len(seen), pages*rows)
	}
	if most.Load() > int64(s.opts.Concurrency) {
		t.Errorf("%d calls at once, want at most %d", most.Load(), s.opts.Concurrency)
	}
}

// TestThrottle holds that a call waits as long as the service asks, and counts.
func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		begin := time.Now()
		h := roundTrip(func(req *http.Request) (*http.Response, error) {
			at = append(at, time.Since(begin))
			if len(at) < 3 {
				resp := respond(req, 429, `{"error": {"code": "SubscriptionRequestsThrottled"}}`)
				resp.Header.Set("Retry-After", "17")
				return resp, nil
			}
			return respond(req, 200, `{}`), nil
		})
		s := testSession(t, h, testSubscription)
		s.sleep = sleep
		if _, err := s.armGet(t.Context(), "arm:x/read", "/subscriptions/"+testSubscription+"/providers/Microsoft.Test/boxes/a", "2024-01-01"); err != nil {
			t.Fatal(err)
		}
		if len(at) != 3 || at[1]-at[0] < 17*time.Second || at[2]-at[1] < 17*time.Second || at[2] > time.Minute {
			t.Errorf("calls at %v, want 17 s apart", at)
		}
		calls := s.Calls()
		if len(calls) != 1 || calls[0].Calls != 3 || calls[0].Throttled != 2 || calls[0].Errors != 2 {
			t.Errorf("figures %+v", calls)
		}
	})
}

// TestSlowDown holds that calls of a subscription come more slowly while little
// is left of its bucket, and only then.
func TestSlowDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := "249"
		h := roundTrip(func(req *http.Request) (*http.Response, error) {
			resp := respond(req, 200, `{}`)
			resp.Header.Set("X-Ms-Ratelimit-Remaining-Subscription-Reads", left)
			return resp, nil
		})
		s := testSession(t, h, testSubscription)
		twenty := func() time.Duration {
			begin := time.Now()
			for range 20 {
				if _, err := s.armGet(t.Context(), "arm:x/read", "/subscriptions/"+testSubscription+"/x", "2024-01-01"); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(begin)
		}
		if took := twenty(); took > 10*time.Millisecond {
			t.Errorf("twenty calls took %s with much left", took)
		}
		left = "75"
		if took := twenty(); took < time.Second {
			t.Errorf("twenty calls took %s with little left, want at most 15 a second", took)
		}
		left = "125"
		twenty()
		if took := twenty(); took > 10*time.Millisecond {
			t.Errorf("twenty calls took %s with enough left again", took)
		}
	})
}

// TestCircuit holds that an operation that never gets an answer is not asked for
// again and again.
func TestCircuit(t *testing.T) {
	var calls atomic.Int64
	h := roundTrip(func(req *http.Request) (*http.Response, error) {
		if operationName(req) == "Query" {
			return respond(req, 200, page(6, "", "", "a", "b", "c", "d", "e", "f")), nil
		}
		calls.Add(1)
		return nil, io.ErrUnexpectedEOF
	})
	s := testSession(t, h, testSubscription)
	s.opts.Concurrency = 1
	s.slots = make(chan struct{}, 1)
	withTypes(s, boxes(lid))
	var out collected
	out.units(t, s.Units()[1:])
	if n := calls.Load(); n > 10 { // and one that was under way
		t.Errorf("%d calls for six assets", n)
	}
	for _, a := range out.Assets {
		if len(a.Gaps) != 1 || a.Gaps[0].Reason != model.Failed {
			t.Errorf("%s has gaps %v, want a failed read", a.ID, a.Gaps)
		}
	}
	if len(out.Assets) != 6 {
		t.Errorf("%d assets, want 6", len(out.Assets))
	}
}

// TestExhaustion holds that an operation which stays throttled does not hold up a
// scan for long, and that what was not asked for is a gap of the same kind.
func TestExhaustion(t *testing.T) {
	var calls atomic.Int64
	names := make([]string, 8*window)
	for i := range names {
		names[i] = fmt.Sprint("n", i)
	}
	h := roundTrip(func(req *http.Request) (*http.Response, error) {
		if operationName(req) == "Query" {
			return respond(req, 200, page(len(names), "", "", names...)), nil
		}
		calls.Add(1)
		return respond(req, 429, `{"error": {"code": "TooManyRequests"}}`), nil
	})
	s := testSession(t, h, testSubscription)
	s.opts.Concurrency, s.opts.Attempts = 1, 2
	s.opts.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	s.slots = make(chan struct{}, 1)
	withTypes(s, boxes(lid))
	var out collected
	out.units(t, s.Units()[1:])
	// All assets that are read side by side may be at their last try when the third
	// gives up; those after them are not asked for.
	if n := calls.Load(); n > int64(window*s.opts.Attempts)+10 {
		t.Errorf("%d calls for %d assets", n, len(names))
	}
	for _, a := range out.Assets {
		if len(a.Gaps) != 1 || a.Gaps[0].Reason != model.Throttled || a.Gaps[0].Code != "TooManyRequests" {
			t.Errorf("%s has gaps %v, want a throttled read", a.ID, a.Gaps)
		}
	}
	if len(out.Assets) != len(names) {
		t.Errorf("%d assets, want %d", len(out.Assets), len(names))
	}
}

// TestSelection holds which units there are, and that the frame is always there.
func TestSelection(t *testing.T) {
	s := testSession(t, nil, testSubscription)
	withTypes(s, boxes(), lids(), locks(), people(), Type{Name: "Microsoft.Other/things", Table: "resources"}, Type{Name: "Microsoft.Other/states", Table: "resources", Where: "x == 1"})
	units := func(selected ...string) []string {
		s.opts.Types = func(typ string) bool { return slices.Contains(selected, typ) }
		if selected == nil {
			s.opts.Types = nil
		}
		var out []string
		for _, u := range s.Units() {
			out = append(out, u.Name()+": "+strings.Join(u.Types(), " "))
		}
		return out
	}
	frame := SubscriptionType + ": " + SubscriptionType
	for _, tt := range []struct{ got, want []string }{
		{units(), []string{
			frame, "Microsoft.Locking/locks: Microsoft.Locking/locks", "graph/person: graph/person",
			"resources Microsoft.Other Microsoft.Test: Microsoft.Other/things Microsoft.Test/boxes Microsoft.Test/boxes/lids", "resources Microsoft.Other: Microsoft.Other/states",
		}},
		{units("Microsoft.Test/boxes"), []string{frame, "resources Microsoft.Test: Microsoft.Test/boxes"}},
		{units("Microsoft.Test/boxes/lids"), []string{frame, "resources Microsoft.Test: Microsoft.Test/boxes Microsoft.Test/boxes/lids"}},
		{units("graph/person"), []string{frame, "graph/person: graph/person"}},
		{units("none"), []string{frame}},
	} {
		slices.Sort(tt.got)
		slices.Sort(tt.want)
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("units\n%s\nwant\n%s", strings.Join(tt.got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

// TestRedaction holds that values at secret paths never leave.
func TestRedaction(t *testing.T) {
	typ := boxes()
	typ.Secret = []string{"properties.settings", "properties.list[].value", "properties.any.*", "properties.keys[]"}
	row := strings.Replace(boxRows, `{"open": "true"}`, `{"settings": {"A": "hunter2hunter2", "N": 5}, "list": [{"name": "password", "value": "hunter2hunter2"}, {"name": "x"}], "any": {"k": "hunter2hunter2"}, "keys": ["hunter2hunter2"]}`, 1)
	out := replayed(t, row, typ)
	text := string(out.Assets[0].Config.Canonical())
	if strings.Contains(text, "hunter2") {
		t.Errorf("a secret is in %s", text)
	}
	if !strings.Contains(text, `"named_secret"`) || !strings.Contains(text, `"Length":14`) {
		t.Errorf("what is known of the secrets is not in %s", text)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func respond(req *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}
}
