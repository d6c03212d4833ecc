package google

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The kinds of fault.
const (
	FaultDenied         = "denied"         // 403 PERMISSION_DENIED that names the permission
	FaultForbidden      = "forbidden"      // 403 for Reason, in the form that the reason has
	FaultThrottled      = "throttled"      // 429 RESOURCE_EXHAUSTED, Retry-After if set
	FaultError          = "error"          // Code, 500 where it is left out
	FaultTimeout        = "timeout"        // no answer until the client gives up
	FaultTruncated      = "truncated"      // the connection ends in the middle of the body
	FaultGarbage        = "garbage"        // 200 with a body that is no JSON
	FaultRepeatedToken  = "repeatedToken"  // the next page's token leads back to this page
	FaultExpiredToken   = "expiredToken"   // 400 for each request with a page token
	FaultEmptyPage      = "emptyPage"      // no items, but a next page
	FaultPartialSuccess = "partialSuccess" // Scopes are missing; 503 if the method asks for returnPartialSuccess and the request does not
	FaultUnreachable    = "unreachable"    // Scopes are missing and listed as unreachable
	FaultWarning        = "warning"        // Scopes are missing and a warning says so
)

var faultKinds = []string{
	FaultDenied, FaultForbidden, FaultThrottled, FaultError, FaultTimeout, FaultTruncated, FaultGarbage, FaultRepeatedToken,
	FaultExpiredToken, FaultEmptyPage, FaultPartialSuccess, FaultUnreachable, FaultWarning,
}

// Fault is one line of the fault plan.
type Fault struct {
	// Call is the method: "cloudasset:v1/assets.list", or in any version
	// "cloudasset.assets.list" or "cloudasset:assets.list". A star stands for any
	// run of characters.
	Call string `json:"call"`
	// Match are words that the decoded path and query must hold, all of them.
	Match []string `json:"match,omitempty"`
	// Skip lets so many fitting requests pass first; Times is how many fail then,
	// 0 for all.
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`
	// Kind is what happens.
	Kind string `json:"kind"`
	// Reason of a forbidden: rateLimitExceeded, userRateLimitExceeded,
	// quotaExceeded, accessNotConfigured, SERVICE_DISABLED, BILLING_DISABLED,
	// VPC_SERVICE_CONTROLS, or any other.
	Reason string `json:"reason,omitempty"`
	// Consumer of a forbidden is the project that the reason is about
	// ("projects/333"); the one that the request is about where it is left out,
	// which is not the quota project that X-Goog-User-Project names.
	Consumer string `json:"consumer,omitempty"`
	// Permission that a denied names; the method's own where it is left out.
	Permission string `json:"permission,omitempty"`
	Message    string `json:"message,omitempty"`
	Code       int    `json:"code,omitempty"`
	// RetryAfter in seconds; 0 sends no such header.
	RetryAfter int `json:"retryAfter,omitempty"`
	// Scopes are the zones, regions or locations that are lost: "zones/us-east1-b",
	// "us-east1", "projects/web/locations/us-east1".
	Scopes []string `json:"scopes,omitempty"`

	seen int
}

func (f *Fault) check(lib *library) error {
	if !slices.Contains(faultKinds, f.Kind) {
		return fmt.Errorf("kind: %q is not one of %s", f.Kind, strings.Join(faultKinds, ", "))
	}
	if f.Kind == FaultForbidden && f.Reason == "" {
		return errors.New("reason: a forbidden needs one")
	}
	lost := f.Kind == FaultPartialSuccess || f.Kind == FaultUnreachable || f.Kind == FaultWarning
	if lost && len(f.Scopes) == 0 {
		return fmt.Errorf("scopes: a fault %s needs the scopes that are lost", f.Kind)
	}
	if f.Code != 0 && (f.Code < 400 || f.Code > 599) {
		return fmt.Errorf("code: %d is no HTTP error", f.Code)
	}
	if f.Call == "" {
		return errors.New("call: a fault needs the method (or a star)")
	}
	if strings.Contains(f.Call, "*") {
		return nil
	}
	found, err := lib.all(f.Call)
	if err != nil {
		return err
	}
	for _, m := range found {
		if err = f.checkMethod(m); err == nil {
			return nil
		}
	}
	return err
}

// checkMethod refuses a kind that the method's answers have no place for.
func (f *Fault) checkMethod(m *method) error {
	s := m.doc.resolve(m.answer)
	paged := pagerOf(m).token != "" && listOf(m).member != ""
	switch f.Kind {
	case FaultRepeatedToken, FaultExpiredToken, FaultEmptyPage:
		if !paged {
			return fmt.Errorf("%s has no pages", m.call())
		}
	case FaultUnreachable:
		if s == nil || unreachableMember(s) == "" {
			return fmt.Errorf("%s has no member for what is unreachable", m.call())
		}
	case FaultWarning:
		if s == nil || s.Properties["warning"] == nil && s.Properties["warnings"] == nil && listOf(m).scoped == "" {
			return fmt.Errorf("%s has no warnings", m.call())
		}
	case FaultPartialSuccess:
		if m.params["returnPartialSuccess"] == nil && listOf(m).scoped == "" && (s == nil || unreachableMember(s) == "") {
			return fmt.Errorf("%s cannot answer in part", m.call())
		}
	}
	return nil
}

// names reports whether the fault is about a method.
func (f *Fault) names(m *method) bool {
	return glob(f.Call, m.call(), 0) || glob(f.Call, m.service+"."+m.name, 0) || glob(f.Call, m.service+":"+m.name, 0)
}

// due counts a fitting request and reports whether it fails.
func (f *Fault) due(req *request) bool {
	if !f.names(req.m) {
		return false
	}
	for _, word := range f.Match {
		if !strings.Contains(req.words, word) {
			return false
		}
	}
	if f.Kind == FaultExpiredToken {
		if p := pagerOf(req.m); p.token == "" || req.value(p, p.token) == "" {
			return false
		}
	}
	f.seen++
	return f.seen > f.Skip && (f.Times == 0 || f.seen <= f.Skip+f.Times)
}

// fault returns the first line of the plan that this request meets.
func (s *Server) fault(req *request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.due(req) {
			return f
		}
	}
	return nil
}

// status is the error that a fault answers; nil for faults that spoil an answer.
func (f *Fault) status(req *request) *status {
	var st *status
	switch f.Kind {
	case FaultDenied:
		permission := f.Permission
		if permission == "" {
			permission = permissionOf(req)
		}
		st = denied(req.m, permission, scopeOf(req))
	case FaultForbidden:
		st = forbidden(req, f.Reason, f.Consumer)
	case FaultThrottled:
		st = newStatus(req.m, http.StatusTooManyRequests, "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of service '%s.googleapis.com'.", req.m.service)
		st.domain = "usageLimits"
		st.info("googleapis.com", "RATE_LIMIT_EXCEEDED", map[string]any{"service": req.m.service + ".googleapis.com"})
	case FaultError:
		code := f.Code
		if code == 0 {
			code = http.StatusInternalServerError
		}
		st = newStatus(req.m, code, "%s", http.StatusText(code))
	case FaultExpiredToken:
		return expired(req.m, pagerOf(req.m))
	case FaultPartialSuccess:
		if req.m.params["returnPartialSuccess"] == nil || req.query.Get("returnPartialSuccess") == "true" {
			return nil
		}
		st = newStatus(req.m, http.StatusServiceUnavailable, "The service is currently unavailable.")
	default:
		return nil
	}
	if f.Message != "" {
		st.message = f.Message
	}
	if f.RetryAfter > 0 {
		st.header = http.Header{"Retry-After": {strconv.Itoa(f.RetryAfter)}}
	}
	return st
}

// forbidden is a 403 that is not about a missing permission.
func forbidden(req *request, reason, consumer string) *status {
	host := req.m.service + ".googleapis.com"
	if consumer == "" {
		consumer = scopeOf(req)
		if found := mentions(consumer); len(found) > 0 {
			consumer = found[0]
		}
	}
	meta := map[string]any{"service": host, "consumer": consumer}
	st := newStatus(req.m, http.StatusForbidden, "Request is forbidden: %s", reason)
	st.reason = reason
	switch reason {
	case "rateLimitExceeded", "userRateLimitExceeded":
		st.message, st.domain = "Rate Limit Exceeded", "usageLimits"
		st.info("googleapis.com", "RATE_LIMIT_EXCEEDED", meta)
		st.legacy = true
	case "quotaExceeded":
		st.message, st.domain = "Quota exceeded", "usageLimits"
		st.info("googleapis.com", "RATE_LIMIT_EXCEEDED", meta)
		st.legacy = true
	case "accessNotConfigured", "SERVICE_DISABLED":
		st.message = fmt.Sprintf("%s has not been used in project %s before or it is disabled.", host, strings.TrimPrefix(consumer, "projects/"))
		st.reason, st.domain = "accessNotConfigured", "usageLimits"
		st.legacy = st.legacy || reason == "accessNotConfigured"
		st.info("googleapis.com", "SERVICE_DISABLED", meta)
	case "BILLING_DISABLED":
		st.message = fmt.Sprintf("This API method requires billing to be enabled. Please enable billing on project #%s.", strings.TrimPrefix(consumer, "projects/"))
		st.info("googleapis.com", "BILLING_DISABLED", meta)
	case "VPC_SERVICE_CONTROLS":
		const uid = "standin-0123456789abcdef"
		st.message = "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: " + uid
		st.reason = "vpcServiceControls"
		st.details = append(st.details, map[string]any{
			"@type":      "type.googleapis.com/google.rpc.PreconditionFailure",
			"violations": []any{map[string]any{"type": "VPC_SERVICE_CONTROLS", "description": uid}},
		})
		st.info("googleapis.com", "SECURITY_POLICY_VIOLATED", map[string]any{"service": host, "uid": uid})
	default:
		st.info(host, reason, meta)
	}
	return st
}

// loses reports whether an item lies in a scope that the fault takes away.
func (f *Fault) loses(scope string, value any) bool {
	if f.Kind != FaultPartialSuccess && f.Kind != FaultUnreachable && f.Kind != FaultWarning {
		return false
	}
	m, _ := value.(map[string]any)
	for _, lost := range f.Scopes {
		last := lost[strings.LastIndex(lost, "/")+1:]
		if scope != "" {
			if scope[strings.LastIndex(scope, "/")+1:] == last {
				return true
			}
			continue
		}
		for _, member := range []string{"location", "zone", "region", "name", "selfLink", "gceZone"} {
			v := text(m, member)
			if strings.EqualFold(v, last) || member != "location" && slices.Contains(strings.Split(v, "/"), last) && strings.Contains(v, "/") {
				return true
			}
		}
	}
	return false
}

func unreachableMember(s *schema) string {
	for _, name := range []string{"unreachable", "unreachables", "missingZones"} {
		if s.Properties[name] != nil {
			return name
		}
	}
	return ""
}

// mark writes into an answer that scopes are lost, where the answer's schema has
// a place for it.
func (f *Fault) mark(req *request, body map[string]any, l list) {
	s := req.m.doc.resolve(req.m.answer)
	if s == nil {
		return
	}
	message := f.Message
	if message == "" {
		message = "could not be read"
	}
	scopes := make([]any, len(f.Scopes))
	for i, scope := range f.Scopes {
		scopes[i] = scope
	}
	switch f.Kind {
	case FaultUnreachable, FaultPartialSuccess:
		if member := unreachableMember(s); member != "" {
			body[member] = scopes
		}
		if f.Kind == FaultUnreachable {
			return
		}
	case FaultWarning:
	default:
		return
	}
	if items, ok := body[l.member].(map[string]any); ok && l.scoped != "" {
		for _, scope := range f.Scopes {
			items[scope] = map[string]any{"warning": map[string]any{
				"code": "UNREACHABLE", "message": message, "data": []any{map[string]any{"key": "scope", "value": scope}},
			}}
		}
		return
	}
	if w := req.m.doc.resolve(s.Properties["warning"]); w != nil {
		body["warning"] = map[string]any{"code": "UNREACHABLE", "message": message}
	}
	if w := s.Properties["warnings"]; w != nil {
		var list []any
		for _, scope := range f.Scopes {
			list = append(list, map[string]any{"code": "REGION_UNREACHABLE", "message": message, "region": scope[strings.LastIndex(scope, "/")+1:]})
		}
		body["warnings"] = list
	}
}
