package azure

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kinds of faults. From FaultRepeatedToken on they spoil what is otherwise a
// good answer.
const (
	FaultDenied            = "denied"            // 403 AuthorizationFailed, Authorization_RequestDenied
	FaultNotFound          = "notFound"          // 404
	FaultLocked            = "locked"            // 409 ScopeLocked
	FaultThrottled         = "throttled"         // 429 with Retry-After
	FaultError             = "error"             // 500
	FaultUnavailable       = "unavailable"       // 503
	FaultStatus            = "status"            // status and code as given
	FaultTimeout           = "timeout"           // no answer until the client gives up
	FaultTruncated         = "truncated"         // the body ends early
	FaultGarbage           = "garbage"           // 200 with what is not JSON
	FaultRepeatedToken     = "repeatedToken"     // the next page is this page
	FaultExpiredToken      = "expiredToken"      // a page token is refused
	FaultTruncatedResult   = "truncatedResult"   // Resource Graph: rows missing, no token
	FaultTruncatedFlag     = "truncatedFlag"     // Resource Graph: resultTruncated beside a token
	FaultWrongCount        = "wrongCount"        // Resource Graph: totalRecords above the rows
	FaultSubscriptionLimit = "subscriptionLimit" // Resource Graph: the header of the 10,000
)

var faultKinds = []string{
	FaultDenied, FaultNotFound, FaultLocked, FaultThrottled, FaultError, FaultUnavailable, FaultStatus, FaultTimeout, FaultTruncated,
	FaultGarbage, FaultRepeatedToken, FaultExpiredToken, FaultTruncatedResult, FaultTruncatedFlag, FaultWrongCount, FaultSubscriptionLimit,
}

// Fault spoils the answers to the requests that it fits.
type Fault struct {
	// Operation is a verb and a type, as Calls names them: "GET
	// Microsoft.Storage/storageAccounts/blobServices", "GET graph/users",
	// "POST Microsoft.ResourceGraph/resources", "POST token". Without verb it
	// fits any. Empty fits every operation but "POST token".
	Operation string `json:"operation"`
	// URL is a part of path and query; case does not matter.
	URL string `json:"url"`
	// Body is a part of the request's body, such as a type in a query.
	Body string `json:"body"`
	// Kind is what happens; see docs/standins.md.
	Kind string `json:"kind"`
	// Skip lets so many requests through first; Times is how many are spoilt,
	// all when it is 0.
	Skip  int `json:"skip"`
	Times int `json:"times"`
	// Status, Code and Message override the kind's own.
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
	// RetryAfter is in seconds, for throttled, unavailable and status.
	RetryAfter int `json:"retryAfter"`
}

func (f *Fault) is(kind string) bool { return f != nil && f.Kind == kind }

func (f Fault) check() error {
	switch {
	case !slices.Contains(faultKinds, f.Kind):
		return fmt.Errorf("kind %q is none of %s", f.Kind, strings.Join(faultKinds, ", "))
	case f.Kind == FaultStatus && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status %d is no error", f.Status)
	case f.Times < 0 || f.Skip < 0:
		return fmt.Errorf("times and skip count from 0")
	}
	return nil
}

func (f Fault) fits(op, url, body string) bool {
	switch {
	case f.Operation == "":
		if op == opToken {
			return false
		}
	case strings.Contains(f.Operation, " "):
		if !strings.EqualFold(f.Operation, op) {
			return false
		}
	default:
		_, typ, _ := strings.Cut(op, " ")
		if !strings.EqualFold(f.Operation, typ) {
			return false
		}
	}
	return (f.URL == "" || strings.Contains(strings.ToLower(url), strings.ToLower(f.URL))) &&
		(f.Body == "" || strings.Contains(strings.ToLower(body), strings.ToLower(f.Body)))
}

// plan holds the faults that are left.
type plan struct {
	mu     sync.Mutex
	faults []*planned
}

type planned struct {
	Fault
	seen int
}

func (p *plan) add(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &planned{Fault: f})
}

func (p *plan) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// needsBody says whether a fault looks into bodies.
func (p *plan) needsBody() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.faults, func(f *planned) bool { return f.Body != "" })
}

// take finds the fault for a request and counts it.
func (p *plan) take(op, url, body string) *Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		if !f.fits(op, url, body) {
			continue
		}
		f.seen++
		if f.seen <= f.Skip || f.Times > 0 && f.seen > f.Skip+f.Times {
			continue
		}
		out := f.Fault
		return &out
	}
	return nil
}

// answer writes the fault, and says false when the request is to be answered
// after all.
func (f *Fault) answer(w http.ResponseWriter, r *http.Request, who identity, path []string, closing <-chan struct{}) bool {
	if f == nil {
		return false
	}
	var e *apiError
	graph := isGraphPath(r.URL.Path)
	switch f.Kind {
	case FaultDenied:
		e = denied(who, r.Method, path)
		if graph {
			e.code, e.message = "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
		}
	case FaultNotFound:
		e = &apiError{status: http.StatusNotFound, code: "ResourceNotFound", message: "The resource was not found."}
		if graph {
			e.code = "Request_ResourceNotFound"
		}
	case FaultLocked:
		e = &apiError{status: http.StatusConflict, code: "ScopeLocked", message: fmt.Sprintf(
			"The scope '/%s' cannot perform write operation because following scope(s) are locked: '/%s'. Please remove the lock and try again.", strings.Join(path, "/"), strings.Join(path, "/"))}
	case FaultThrottled:
		e = &apiError{status: http.StatusTooManyRequests, code: "TooManyRequests", message: "The request is being throttled as the limit has been reached.", retryAfter: fmt.Sprint(f.RetryAfter)}
		if strings.EqualFold(typeOfPath(path), "Microsoft.ResourceGraph/resources") {
			e.code = "RateLimiting"
			w.Header().Set("X-Ms-User-Quota-Remaining", "0")
			w.Header().Set("X-Ms-User-Quota-Resets-After", quotaClock(f.RetryAfter))
		}
	case FaultError:
		e = &apiError{status: http.StatusInternalServerError, code: "InternalServerError", message: "The server encountered an error."}
	case FaultUnavailable:
		e = &apiError{status: http.StatusServiceUnavailable, code: "ServiceUnavailable", message: "The service is temporarily unavailable.", retryAfter: fmt.Sprint(f.RetryAfter)}
	case FaultStatus:
		e = &apiError{status: f.Status, code: "Error", message: "The request failed."}
		if f.RetryAfter > 0 {
			e.retryAfter = fmt.Sprint(f.RetryAfter)
		}
	case FaultTimeout:
		select {
		case <-r.Context().Done():
		case <-closing:
		}
		panic(http.ErrAbortHandler)
	case FaultGarbage:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte("<html><body>Our services aren't available right now</body></html>\x00\xff{")) // the client has gone
		return true
	case FaultExpiredToken:
		if !strings.Contains(strings.ToLower(r.URL.RawQuery), "skiptoken") {
			return false
		}
		e = &apiError{status: http.StatusBadRequest, code: "InvalidSkipToken", message: "The skip token is invalid or has expired."}
		if graph {
			e.code = "Directory_ExpiredPageToken"
		}
	default:
		return false
	}
	if f.Status != 0 {
		e.status = f.Status
	}
	if f.Code != "" {
		e.code = f.Code
	}
	if f.Message != "" {
		e.message = f.Message
	}
	e.write(w, r)
	return true
}

func quotaClock(seconds int) string {
	return time.Time{}.Add(time.Duration(seconds) * time.Second).Format("15:04:05")
}
