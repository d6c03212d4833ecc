package collect

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// Throttle returns a transport for tests that refuses every request the first
// time it is made, with status 429 and Retry-After, and passes it on after that.
func Throttle(next http.RoundTripper) http.RoundTripper {
	return &throttle{next: next, seen: map[string]bool{}}
}

type throttle struct {
	next http.RoundTripper
	mu   sync.Mutex
	seen map[string]bool
}

// RoundTrip implements http.RoundTripper.
func (t *throttle) RoundTrip(req *http.Request) (*http.Response, error) {
	text, err := requestText(req)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	first := !t.seen[text]
	t.seen[text] = true
	t.mu.Unlock()
	if !first {
		return t.next.RoundTrip(req)
	}
	const body = `{"error": {"code": "TooManyRequests", "status": "RESOURCE_EXHAUSTED", "message": "slow down"}}`
	return &http.Response{
		StatusCode: http.StatusTooManyRequests, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Retry-After": {"1"}, "Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}
