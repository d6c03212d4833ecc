package google

import (
	"fmt"
	"net/http"
)

// status is an error on its way to the client.
// See https://cloud.google.com/apis/design/errors.
type status struct {
	code    int
	name    string // PERMISSION_DENIED
	message string
	reason  string // errors[].reason
	domain  string // errors[].domain
	details []any
	header  http.Header
	legacy  bool // answers errors[] as well
}

// legacy are the services whose errors hold the older errors[] beside details.
var legacy = map[string]bool{
	"compute": true, "storage": true, "bigquery": true, "sqladmin": true, "dns": true, "admin": true,
}

var statusNames = map[int]string{
	400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
	429: "RESOURCE_EXHAUSTED", 499: "CANCELLED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}

var reasons = map[int]string{
	400: "badRequest", 401: "authError", 403: "forbidden", 404: "notFound", 409: "conflict",
	429: "rateLimitExceeded", 500: "backendError", 503: "backendError", 504: "backendError",
}

func newStatus(m *method, code int, format string, args ...any) *status {
	s := &status{code: code, name: statusNames[code], reason: reasons[code], domain: "global", message: fmt.Sprintf(format, args...)}
	if s.name == "" {
		s.name = "UNKNOWN"
	}
	if m != nil {
		s.legacy = legacy[m.service]
	}
	return s
}

// info adds an ErrorInfo.
func (s *status) info(domain, reason string, metadata map[string]any) *status {
	s.details = append(s.details, map[string]any{
		"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": domain, "metadata": metadata,
	})
	return s
}

// violation adds a BadRequest that names the field.
func (s *status) violation(field, description string) *status {
	s.details = append(s.details, map[string]any{
		"@type":           "type.googleapis.com/google.rpc.BadRequest",
		"fieldViolations": []any{map[string]any{"field": field, "description": description}},
	})
	return s
}

func (s *status) body() map[string]any {
	inner := map[string]any{"code": s.code, "message": s.message, "status": s.name}
	if s.legacy {
		inner["errors"] = []any{map[string]any{"message": s.message, "domain": s.domain, "reason": s.reason}}
	}
	if len(s.details) > 0 {
		inner["details"] = s.details
	}
	return map[string]any{"error": inner}
}

// denied is a 403 that names the permission.
func denied(m *method, permission, resource string) *status {
	s := newStatus(m, http.StatusForbidden, "Permission '%s' denied on resource '%s' (or it may not exist).", permission, resource)
	return s.info(m.service+".googleapis.com", "IAM_PERMISSION_DENIED", map[string]any{"permission": permission, "resource": resource})
}

// seeded is the error that a seed asks for.
func (f *Failure) status(m *method) *status {
	message := f.Message
	if message == "" {
		message = http.StatusText(f.Code)
	}
	s := newStatus(m, f.Code, "%s", message)
	if f.Status != "" {
		s.name = f.Status
	}
	if f.Reason != "" {
		s.reason = f.Reason
		s.info(m.service+".googleapis.com", f.Reason, map[string]any{"service": m.service + ".googleapis.com"})
	}
	return s
}
