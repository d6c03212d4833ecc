package azure

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// quotas counts as the vendor does: a window of 5 seconds for Resource Graph
// and a token bucket per subscription for ARM reads. Without a limit in the
// seed the headers count down and nothing is refused.
// https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
type quotas struct {
	mu      sync.Mutex
	limits  Limits
	window  time.Time
	used    int
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

const graphWindow = 5 * time.Second

func (s *Server) takeGraphQuota(w http.ResponseWriter) *apiError {
	q := &s.quotas
	q.mu.Lock()
	defer q.mu.Unlock()
	now := s.now()
	if now.Sub(q.window) >= graphWindow {
		q.window, q.used = now, 0
	}
	limit := q.limits.ResourceGraphPer5s
	enforced := limit > 0
	if !enforced {
		limit = 15
	}
	q.used++
	resets := int(math.Ceil((graphWindow - now.Sub(q.window)).Seconds()))
	w.Header().Set("X-Ms-User-Quota-Remaining", strconv.Itoa(max(limit-q.used, 0)))
	w.Header().Set("X-Ms-User-Quota-Resets-After", quotaClock(resets))
	if !enforced || q.used <= limit {
		return nil
	}
	return &apiError{
		status: http.StatusTooManyRequests, code: "RateLimiting", retryAfter: strconv.Itoa(resets),
		message: "Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed.",
	}
}

func (s *Server) takeRead(w http.ResponseWriter, path []string) *apiError {
	header, key := "X-Ms-Ratelimit-Remaining-Tenant-Reads", "tenant"
	if len(path) > 1 && strings.EqualFold(path[0], "subscriptions") {
		header, key = "X-Ms-Ratelimit-Remaining-Subscription-Reads", strings.ToLower(path[1])
	}
	q := &s.quotas
	q.mu.Lock()
	defer q.mu.Unlock()
	burst, rate := float64(q.limits.ReadsBurst), float64(q.limits.ReadsPerSecond)
	enforced := rate > 0
	if burst == 0 {
		burst = 250
	}
	if rate == 0 {
		rate = 25
	}
	now := s.now()
	if q.buckets == nil {
		q.buckets = map[string]*bucket{}
	}
	b := q.buckets[key]
	if b == nil {
		b = &bucket{tokens: burst, at: now}
		q.buckets[key] = b
	}
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*rate)
	b.at = now
	if b.tokens < 1 {
		if enforced {
			w.Header().Set(header, "0")
			return &apiError{
				status: http.StatusTooManyRequests, code: "SubscriptionRequestsThrottled", retryAfter: "1",
				message: "Number of read requests for subscription exceeded the limit. Please try again after '1' seconds.",
			}
		}
		b.tokens = burst // the header must not scare a client whom nothing limits
	}
	b.tokens--
	w.Header().Set(header, strconv.Itoa(int(b.tokens)))
	if key != "tenant" {
		w.Header().Set("X-Ms-Ratelimit-Remaining-Subscription-Global-Reads", strconv.Itoa(int(burst*15)-1))
	}
	return nil
}
