package gcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// request is one call, its placeholders filled.
type request struct {
	api        string
	method     string // in the discovery document: "projects.instances.list"
	permission string
	path       string
	query      url.Values
	// post sends a body: the call is a read that is asked with POST.
	post bool
	body any
	// project is the one that the call is about, by id; empty for those above.
	project string
}

// operation names the call: "sqladmin:users.list".
func (r *request) operation() string { return r.api + ":" + r.method }

// most bounds an answer. A page of a thousand documents is a few megabytes.
const most = 256 << 20

// errShort says that an answer ended before it was complete, or was none.
var errShort = errors.New("answer is not complete")

// rates are documented calls per second: by call, or by API for each project.
// https://cloud.google.com/asset-inventory/docs/quota
// https://cloud.google.com/compute/api-quota
var rates = map[string]struct {
	perSecond float64
	burst     int
}{
	"cloudasset:assets.list": {100.0 / 60, 30},
	"compute":                {1500.0 / 60, 100},
}

// lane returns the rate of a call: the inventory's is counted for the project
// that is charged, the services' for the project that is read.
func (s *Session) lane(r *request) *collect.Lane {
	key := r.project + "/" + r.api
	rate, ok := rates[r.operation()]
	if ok {
		key = r.operation()
	} else {
		rate = rates[r.api]
	}
	if l, ok := s.lanes.Load(key); ok {
		return l.(*collect.Lane) //nolint:forcetypeassert // nothing else is stored
	}
	if s.conn.custom(r.api) || s.opts.Transport != nil {
		rate.perSecond = 0
	}
	l, _ := s.lanes.LoadOrStore(key, collect.NewLane(rate.perSecond, rate.burst))
	return l.(*collect.Lane) //nolint:forcetypeassert // nothing else is stored
}

// call makes a call and returns its answer, an object. It waits for a free slot
// and for the rate that the project can bear, and tries again what may work a
// moment later.
func (s *Session) call(ctx context.Context, r *request) (map[string]any, error) {
	lane := s.lane(r)
	circuit := s.circuit(r.api)
	for try := 1; ; try++ {
		if err := circuit.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", r.operation(), err)
		}
		if err := s.pace(lane, ctx); err != nil {
			return nil, err
		}
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		callCtx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
		start := time.Now()
		out, err := s.attempt(callCtx, r)
		cancel()
		<-s.slots
		throttled := err != nil && isThrottle(err)
		s.stats.Count(r.operation(), time.Since(start), err != nil, throttled)
		if err == nil {
			lane.Succeed()
			circuit.succeed()
			return out, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		limit := 1
		switch {
		case throttled:
			lane.Throttle()
			limit = s.opts.Attempts
		case isTransient(err):
			limit = min(3, s.opts.Attempts)
			if !answered(err) {
				circuit.fail()
			}
		}
		if try >= limit {
			return nil, err
		}
		if err := s.sleep(ctx, pause(err, try)); err != nil {
			return nil, err
		}
	}
}

// pause is how long to wait before the next try: what the answer asks for, up to
// two minutes, else a random part of a bound that doubles, up to 20 s.
func pause(err error, try int) time.Duration {
	var api *apiError
	if errors.As(err, &api) && api.retryAfter > 0 {
		return min(api.retryAfter, 2*time.Minute)
	}
	return rand.N(min(200*time.Millisecond<<try, 20*time.Second))
}

func (s *Session) attempt(ctx context.Context, r *request) (map[string]any, error) {
	target := s.conn.url(r.api, r.path)
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	verb, body := http.MethodGet, io.Reader(nil)
	if r.post {
		data, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.operation(), err)
		}
		verb, body = http.MethodPost, bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, requestKey{}, r), verb, target, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.operation(), err)
	}
	token, err := s.conn.token(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.operation(), err)
	}
	token.SetAuthHeader(req)
	req.Header.Set("User-Agent", "stance")
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if s.quota != "" {
		req.Header.Set("X-Goog-User-Project", s.quota)
	}
	resp, err := s.conn.plain.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.operation(), err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	text, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	s.noteClock(resp.Header.Get("Date"))
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: %w", r.operation(), parseError(resp, text))
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %w", r.operation(), errShort, err)
	case len(text) > most:
		return nil, fmt.Errorf("%s: %w: longer than %d bytes", r.operation(), errShort, most)
	}
	var doc model.Document
	if err := doc.UnmarshalJSON(text); err != nil || doc == nil {
		return nil, fmt.Errorf("%s: %w: no JSON object", r.operation(), errShort)
	}
	return doc, nil
}

// requestKey is the key of the *request in the context of an HTTP request, by
// which a replay knows what is asked.
type requestKey struct{}

// incomplete says what an answer itself tells of parts that it could not reach:
// a listing with such a part is not the whole. Compute's warning that a page is
// empty is none.
// https://cloud.google.com/compute/docs/reference/rest/v1/instances/list
// https://google.aip.dev/217
func incomplete(doc map[string]any) string {
	for _, member := range []string{"unreachable", "unreachables", "missingZones", "failedLocations", "unreachableLocations"} {
		if list, ok := doc[member].([]any); ok && len(list) > 0 {
			names := make([]string, 0, len(list))
			for _, e := range list[:min(len(list), 5)] {
				names = append(names, fmt.Sprint(e))
			}
			return "could not reach " + strings.Join(names, ", ")
		}
	}
	warnings, _ := doc["warnings"].([]any)
	for _, w := range append(warnings, doc["warning"]) {
		m, _ := w.(map[string]any)
		if code, _ := m["code"].(string); code != "" && code != "NO_RESULTS_ON_PAGE" {
			return "warning " + code
		}
	}
	return ""
}
