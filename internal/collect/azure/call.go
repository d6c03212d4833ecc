package azure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// maxAnswer bounds the body of one answer; Resource Graph's pages are 16 MB at
// most.
const maxAnswer = 64 << 20

// request is one call of one of the APIs.
type request struct {
	// op names the call in gaps and figures: "arm:Microsoft.Storage/storageAccounts/read".
	op     string
	method string
	url    string
	body   string
	header map[string]string
	// lanes are the rates that the call waits for.
	lanes []*collect.Lane
	// directory says that the call is one of Microsoft Graph.
	directory bool
}

// answer is what a call gave: a JSON object.
type answer struct {
	header http.Header
	doc    model.Document
}

var (
	errCircuit = errors.New("circuit is open")
	errAnswer  = errors.New("answer cannot be used")
)

// pipelineFor builds the SDK's pipeline with tokens for one audience. Retries
// are ours, so that nobody holds a slot while waiting.
func (s *Session) pipelineFor(cred azcore.TokenCredential, audience string) runtime.Pipeline {
	scope := audience + "/.default"
	return runtime.NewPipeline("stance", "v1", runtime.PipelineOptions{
		PerRetry: []policy.Policy{runtime.NewBearerTokenPolicy(cred, []string{scope}, nil)},
	}, &policy.ClientOptions{
		Transport: s.client,
		Retry:     policy.RetryOptions{MaxRetries: -1},
		Telemetry: policy.TelemetryOptions{ApplicationID: "stance"},
	})
}

// call makes one call: it waits for the rates that the account can bear and for
// a free slot, and tries again what may work a moment later.
func (s *Session) call(ctx context.Context, req request) (answer, error) {
	circuit, worn := s.circuit(req.op), s.exhaustion(&req)
	for try := 1; ; try++ {
		if err := worn.open(); err != nil {
			return answer{}, err
		}
		if err := s.pace(ctx, req.lanes); err != nil {
			return answer{}, err
		}
		out, err := s.once(ctx, req, circuit)
		if err == nil {
			for _, l := range req.lanes {
				l.Succeed()
			}
			circuit.succeed()
			worn.succeed()
			return out, nil
		}
		if ctx.Err() != nil {
			return answer{}, ctx.Err()
		}
		limit := 1
		switch {
		case isThrottle(err):
			for _, l := range lanesOf(err, req.lanes) {
				l.Throttle()
			}
			limit = s.opts.Attempts
		case isTransient(err):
			limit = 3
			if isTransport(err) {
				circuit.fail()
			}
		}
		if try >= limit {
			if limit > 1 && isThrottle(err) {
				worn.fail(err)
			}
			return answer{}, err
		}
		s.busy.Add(-1)
		err = s.sleep(ctx, backoff(err, try))
		s.busy.Add(1)
		if err != nil {
			return answer{}, err
		}
	}
}

// pace waits for the rates of a call.
func (s *Session) pace(ctx context.Context, lanes []*collect.Lane) error {
	s.busy.Add(-1)
	defer s.busy.Add(1)
	for _, l := range lanes {
		if s.opts.Sleep != nil {
			break
		}
		if err := l.Wait(ctx); err != nil {
			return err //nolint:wrapcheck // the context's
		}
	}
	return ctx.Err()
}

// lanesOf picks the rates that a refusal speaks of: that of the subscription,
// which is the first, or that of the provider.
func lanesOf(err error, lanes []*collect.Lane) []*collect.Lane {
	var api *apiError
	if len(lanes) < 2 || errors.As(err, &api) && api.code == "SubscriptionRequestsThrottled" {
		return lanes
	}
	return lanes[1:]
}

// once makes one attempt.
func (s *Session) once(ctx context.Context, req request, circuit *circuit) (answer, error) {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	defer func() { <-s.slots }()
	if circuit.open() {
		return answer{}, fmt.Errorf("%s: %w", req.op, errCircuit)
	}
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	start := time.Now()
	// In a goroutine of its own: the SDK's pipeline makes a stack grow to several
	// times the size of one that only waits, and thousands wait for their rates.
	var out answer
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		out, err = s.exchange(ctx, req)
	}()
	<-done
	s.stats.Count(req.op, time.Since(start), err != nil, err != nil && isThrottle(err))
	return out, err
}

func (s *Session) exchange(ctx context.Context, req request) (answer, error) {
	r, err := runtime.NewRequest(ctx, req.method, req.url)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", req.op, err)
	}
	runtime.SkipBodyDownload(r)
	r.Raw().Header.Set("Accept", "application/json")
	for k, v := range req.header {
		r.Raw().Header.Set(k, v)
	}
	switch {
	case req.body != "":
		if err := r.SetBody(nopCloser{strings.NewReader(req.body)}, "application/json"); err != nil {
			return answer{}, fmt.Errorf("%s: %w", req.op, err)
		}
	case req.method == http.MethodPost:
		r.Raw().ContentLength = 0
	}
	pipeline := s.arm
	if req.directory {
		pipeline = s.graph
	}
	resp, err := pipeline.Do(r)
	if err != nil {
		return answer{}, err //nolint:wrapcheck // classified by its type
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	if len(body) > maxAnswer {
		return answer{}, fmt.Errorf("%w: it is larger than %d MB", errAnswer, maxAnswer>>20)
	}
	if resp.StatusCode != http.StatusOK {
		e := newAPIError(resp, body)
		e.directory = req.directory
		return answer{}, e
	}
	out := answer{header: resp.Header}
	if err := out.doc.UnmarshalJSON(body); err != nil || out.doc == nil {
		return answer{}, fmt.Errorf("%w: it is no JSON object", errAnswer)
	}
	return out, nil
}

type nopCloser struct{ *strings.Reader }

// Close implements io.Closer.
func (nopCloser) Close() error { return nil }

// isTransport says that no answer came at all.
func isTransport(err error) bool {
	var api *apiError
	return !errors.As(err, &api) && !errors.Is(err, errAnswer)
}

// isTransient says whether the same call may work a moment later.
func isTransient(err error) bool {
	var api *apiError
	if errors.As(err, &api) {
		return api.status >= 500 && api.status != http.StatusNotImplemented || api.status == http.StatusRequestTimeout
	}
	var netErr net.Error
	return errors.Is(err, errAnswer) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.As(err, &netErr)
}

// backoff is how long to wait before the next try: what the service asks for,
// or a random share of a time that doubles, up to 20 s.
func backoff(err error, try int) time.Duration {
	const most = 5 * time.Minute
	var api *apiError
	if errors.As(err, &api) && api.after > 0 {
		return min(api.after, most)
	}
	d := min(100*time.Millisecond<<try, 20*time.Second)
	return d/4 + rand.N(d)
}

// retryAfter reads how long a service asks to wait, in its several spellings.
func retryAfter(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"Retry-After-Ms", "X-Ms-Retry-After-Ms"} {
		if ms, err := strconv.Atoi(h.Get(name)); err == nil && ms > 0 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return clock(h.Get("X-Ms-User-Quota-Resets-After"))
}

// clock reads a time of the form hh:mm:ss.
func clock(text string) time.Duration {
	var h, m, s int
	if n, err := fmt.Sscanf(text, "%d:%d:%d", &h, &m, &s); err != nil || n != 3 {
		return 0
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
}

// sleep waits unless ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// circuit stops asking for an operation that got no answer nine times in a row:
// that is more than all the tries of one call.
type circuit struct {
	mu     sync.Mutex
	strike int
}

func (s *Session) circuit(op string) *circuit {
	c, _ := s.circuits.LoadOrStore(op, &circuit{})
	return c.(*circuit) //nolint:forcetypeassert // nothing else is stored
}

func (c *circuit) open() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.strike >= 9
}

func (c *circuit) fail()    { c.mu.Lock(); c.strike++; c.mu.Unlock() }
func (c *circuit) succeed() { c.mu.Lock(); c.strike = 0; c.mu.Unlock() }

// exhaustion stops asking for an operation in a subscription of which three calls
// in a row were throttled to the last of their tries: a service that never lets
// go would hold the scan for hours. What is left is a gap for the same reason.
type exhaustion struct {
	mu     sync.Mutex
	strike int
	err    error
}

type exhaustionKey struct {
	op   string
	lane *collect.Lane // of the subscription
}

func (s *Session) exhaustion(req *request) *exhaustion {
	key := exhaustionKey{op: req.op}
	if len(req.lanes) > 0 {
		key.lane = req.lanes[0]
	}
	e, _ := s.worn.LoadOrStore(key, &exhaustion{})
	return e.(*exhaustion) //nolint:forcetypeassert // nothing else is stored
}

// open returns the error of the last call, when it is to be that of all others.
func (e *exhaustion) open() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.strike >= 3 {
		return e.err
	}
	return nil
}

func (e *exhaustion) fail(err error) { e.mu.Lock(); e.strike++; e.err = err; e.mu.Unlock() }
func (e *exhaustion) succeed()       { e.mu.Lock(); e.strike = 0; e.mu.Unlock() }
