package gcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/stance-sec/stance/internal/model"
)

// apiError is an answer in the error form of Google's APIs.
// https://cloud.google.com/apis/design/errors
type apiError struct {
	status     int
	code       string // PERMISSION_DENIED
	reason     string // SERVICE_DISABLED, of the ErrorInfo, or accessNotConfigured
	reasons    []string
	message    string // may name resources and principals; it never leaves
	permission string
	service    string
	consumer   string // "projects/123"
	perimeter  bool
	request    string
	retryAfter time.Duration
}

// Error implements error.
func (e *apiError) Error() string {
	return fmt.Sprintf("answered %d %s", e.status, e.tag())
}

// tag is the most telling word of the answer.
func (e *apiError) tag() string {
	for _, t := range []string{e.reason, e.code} {
		if t != "" {
			return t
		}
	}
	return strconv.Itoa(e.status)
}

// is says whether the answer has one of the given reasons, codes or statuses.
func (e *apiError) is(tags ...string) bool {
	return slices.ContainsFunc(tags, func(tag string) bool {
		return tag == e.code || tag == strconv.Itoa(e.status) || slices.Contains(e.reasons, tag)
	})
}

// hasTag says whether an error is one of a service's answers. A status without
// anything that Google adds to it may be a middlebox's.
func hasTag(err error, tags []string) bool {
	var api *apiError
	return errors.As(err, &api) && (api.code != "" || len(api.reasons) > 0) && api.is(tags...)
}

type wireError struct {
	Error struct {
		Code    int    `json:"code"`
		Status  string `json:"status"`
		Message string `json:"message"`
		Errors  []struct {
			Reason string `json:"reason"`
		} `json:"errors"`
		Details []wireDetail `json:"details"`
	} `json:"error"`
}

type wireDetail struct {
	Type       string            `json:"@type"`
	Reason     string            `json:"reason"`
	Metadata   map[string]string `json:"metadata"`
	RequestID  string            `json:"requestId"`
	RetryDelay string            `json:"retryDelay"`
	Violations []struct {
		Type string `json:"type"`
	} `json:"violations"`
	FieldViolations []struct {
		Description string `json:"description"`
	} `json:"fieldViolations"`
}

// parseError reads an answer with an error status. One that is not in the form
// of Google's APIs has its status only.
func parseError(resp *http.Response, text []byte) *apiError {
	e := &apiError{status: resp.StatusCode, request: resp.Header.Get("X-Goog-Request-Id"), retryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	var w wireError
	if json.Unmarshal(text, &w) != nil {
		return e
	}
	e.code, e.message = w.Error.Status, w.Error.Message
	for i := range w.Error.Details {
		e.add(&w.Error.Details[i])
	}
	for _, x := range w.Error.Errors {
		e.addReason(x.Reason)
	}
	if strings.Contains(e.message, "vpcServiceControlsUniqueIdentifier") {
		e.perimeter = true
	}
	return e
}

func (e *apiError) add(d *wireDetail) {
	switch d.Type[strings.LastIndexByte(d.Type, '.')+1:] {
	case "ErrorInfo":
		e.addReason(d.Reason)
		e.permission, e.service, e.consumer = d.Metadata["permission"], d.Metadata["service"], d.Metadata["consumer"]
	case "RequestInfo":
		e.request = d.RequestID
	case "RetryInfo":
		if delay, err := time.ParseDuration(d.RetryDelay); err == nil && e.retryAfter == 0 {
			e.retryAfter = delay
		}
	case "PreconditionFailure":
		for _, v := range d.Violations {
			if v.Type == "VPC_SERVICE_CONTROLS" {
				e.perimeter = true
			}
		}
	case "BadRequest":
		for _, v := range d.FieldViolations {
			e.message += "\n" + v.Description
		}
	}
}

func (e *apiError) addReason(reason string) {
	if reason == "" {
		return
	}
	if e.reason == "" {
		e.reason = reason
	}
	e.reasons = append(e.reasons, reason)
}

// retryAfter reads seconds or a date.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// Reasons by which services say the same thing, after the collection
// specification 1.2. Compute reports its rate limit as 403.
var (
	rateReasons = []string{
		"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "concurrentLimitExceeded",
		"RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "RESOURCE_QUOTA_EXCEEDED", "429",
	}
	disabledReasons = []string{"SERVICE_DISABLED", "accessNotConfigured"}
	billingReasons  = []string{"BILLING_DISABLED", "UREQ_PROJECT_BILLING_NOT_FOUND", "billingNotEnabled"}
	quotaReasons    = []string{"USER_PROJECT_DENIED", "UREQ_PROJECT_NOT_FOUND", "CONSUMER_INVALID"}
)

// failure is what an error of a call means.
type failure struct {
	state      model.UnitState
	reason     model.GapReason
	code       string
	by         string // class of policy that denied
	detail     string
	permission string // that the vendor asks for, where it says so
	request    string
}

// classify says what an error means for a call about a project, which goes by
// id and number; both are empty for calls about others.
func (s *Session) classify(err error, about *node) failure {
	f := failure{state: model.UnitFailed, reason: model.Failed, detail: "no usable answer"}
	var known *model.Gap
	if errors.As(err, &known) {
		return failure{
			state: model.UnitFailed, reason: known.Reason, code: known.Code, by: known.DeniedBy, detail: known.Detail,
			permission: known.Permission, request: known.RequestID,
		}
	}
	var api *apiError
	if errors.As(err, &api) && !errors.Is(err, errSignIn) {
		return s.classifyAnswer(api, about)
	}
	var token *oauth2.RetrieveError
	var op *net.OpError
	var broken flaw
	switch {
	case errors.Is(err, errCircuit):
		f.detail = errCircuit.Error()
	case errors.Is(err, errSignIn):
		f.detail = "the sign-in could not be renewed"
		switch {
		case errors.As(err, &token):
			f.code = token.ErrorCode
		case api != nil:
			f.code = api.tag()
		}
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		f.detail = "timed out"
	case errors.As(err, &broken):
		f.detail = broken.Error()
	case errors.Is(err, errShort):
		f.detail = "the answer was not complete"
	case errors.As(err, &op):
		f.detail = "connection failed: " + op.Op
	}
	return f
}

func (s *Session) classifyAnswer(api *apiError, about *node) failure {
	f := failure{state: model.UnitFailed, reason: model.Failed, code: api.tag(), permission: api.permission, request: api.request}
	switch {
	case api.is(rateReasons...) && api.status != http.StatusBadRequest:
		f.state, f.reason = model.UnitThrottled, model.Throttled
	case api.is(disabledReasons...):
		if s.isTarget(api.consumer, about) {
			f.state, f.detail = model.UnitNotEnabled, "the API is not enabled in the project"
			break
		}
		f.detail = "the API is not enabled in the quota project: gcloud services enable " + api.service
		if api.consumer != "" {
			f.detail += " --project " + strings.TrimPrefix(api.consumer, "projects/")
		}
	case api.is(billingReasons...):
		f.state, f.detail = model.UnitNotEnabled, "billing is disabled"
	case api.is(quotaReasons...):
		f.state, f.reason, f.permission = model.UnitDenied, model.Denied, "serviceusage.services.use"
		f.detail = "the quota project may not be used"
	case api.perimeter, api.is("SECURITY_POLICY_VIOLATED"):
		f.state, f.reason, f.by = model.UnitDenied, model.Denied, "perimeter"
	case api.status == http.StatusForbidden, api.code == "PERMISSION_DENIED":
		f.state, f.reason = model.UnitDenied, model.Denied
		if api.is("IAM_PERMISSION_DENIED") {
			f.by = "identity"
		}
	case api.status == http.StatusUnauthorized:
		f.detail = "the sign-in was refused"
	case api.status == http.StatusNotFound:
		f.detail = "not found: it may have been deleted since it was listed"
	case api.status == http.StatusNotImplemented, api.code == "UNIMPLEMENTED":
		f.state, f.reason = model.UnitUnsupported, model.Unsupported
	case api.status >= http.StatusInternalServerError:
		f.detail = "the service failed"
	}
	return f
}

// isTarget says whether the project in which an API is disabled is the one that
// was asked about, and not only the one that is charged. Where Google does not
// say which, nothing is known.
func (s *Session) isTarget(consumer string, about *node) bool {
	return about != nil && consumer != "" && s.tree.find("projects/"+strings.TrimPrefix(consumer, "projects/")) == about
}

func isThrottle(err error) bool {
	var api *apiError
	return errors.As(err, &api) && api.status != http.StatusBadRequest && api.is(rateReasons...)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// isTransient says whether the same call may work a moment later.
func isTransient(err error) bool {
	var api *apiError
	if errors.As(err, &api) {
		return api.status >= http.StatusInternalServerError && api.status != http.StatusNotImplemented
	}
	var netErr net.Error
	return !errors.Is(err, errSignIn) && (errors.As(err, &netErr) || errors.Is(err, errShort))
}

// answered says whether any answer came.
func answered(err error) bool {
	var api *apiError
	return errors.As(err, &api) || errors.Is(err, errShort)
}
