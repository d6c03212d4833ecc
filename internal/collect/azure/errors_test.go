package azure

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// TestErrors holds the table of error codes: what an answer to a read of a
// member, and to a list, means.
func TestErrors(t *testing.T) {
	const denied = `The client 'x' does not have authorization to perform action 'Microsoft.Test/boxes/lids/special/read' over scope '/x'.`
	for _, tt := range []struct {
		name   string
		status int
		code   string
		text   string
		state  model.UnitState
		reason model.GapReason
		by     string
		grant  string
	}{
		{"denied", 403, "AuthorizationFailed", denied, model.UnitDenied, model.Denied, "", "Microsoft.Test/boxes/lids/special/read"},
		{"denied through a link", 403, "LinkedAuthorizationFailed", "", model.UnitDenied, model.Denied, "", ""},
		{"any other 403", 403, "Whatever", "", model.UnitDenied, model.Denied, "", ""},
		{"403 without a code", 403, "", "", model.UnitDenied, model.Denied, "", ""},
		{"wrong tenant", 404, "SubscriptionNotFound", "", model.UnitDenied, model.Denied, "wrong_tenant", ""},
		{"token of another tenant", 401, "InvalidAuthenticationTokenTenant", "", model.UnitDenied, model.Denied, "wrong_tenant", ""},
		{"no provider", 400, "NoRegisteredProviderFound", "", model.UnitUnsupported, model.Unsupported, "", ""},
		{"no such type", 400, "InvalidResourceType", "", model.UnitUnsupported, model.Unsupported, "", ""},
		{"wrong version", 400, "InvalidApiVersionParameter", "", model.UnitUnsupported, model.Unsupported, "", ""},
		{"no version", 400, "MissingApiVersionParameter", "", model.UnitUnsupported, model.Unsupported, "", ""},
		{"not registered", 409, "MissingSubscriptionRegistration", "", model.UnitNotEnabled, model.Unsupported, "", ""},
		{"read-only lock", 409, "ScopeLocked", "", model.UnitDenied, model.Denied, "read_only_lock", ""},
		{"throttled", 429, "", "", model.UnitThrottled, model.Throttled, "", ""},
		{"throttled subscription", 429, "SubscriptionRequestsThrottled", "", model.UnitThrottled, model.Throttled, "", ""},
		{"throttled provider", 409, "RetryableError", "", model.UnitThrottled, model.Throttled, "", ""},
		{"throttled queries", 400, "RateLimiting", "", model.UnitThrottled, model.Throttled, "", ""},
		{"no premium tenant", 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "", model.UnitNotEnabled, model.Unsupported, "licence", ""},
		{"no licence", 400, "AadPremiumLicenseRequired", "", model.UnitNotEnabled, model.Unsupported, "licence", ""},
		{"no such table", 400, "DisallowedLogicalTableName", "", model.UnitUnsupported, model.Unsupported, "", ""},
		{"refused token", 401, "InvalidAuthenticationToken", "", model.UnitDenied, model.Denied, "", ""},
		{"internal error", 500, "InternalServerError", "", model.UnitFailed, model.Failed, "", ""},
		{"what nobody foresaw", 418, "Teapot", "", model.UnitFailed, model.Failed, "", ""},
		{"not found of an unknown kind", 404, "NotFound", "", model.UnitFailed, model.Failed, "", ""},
		{"a redirect", 302, "", "", model.UnitFailed, model.Failed, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := fmt.Sprintf(`{"error": {"code": %q, "message": %q}}`, tt.code, tt.text)
			f := classify(fmt.Errorf("wrapped: %w", newAPIError(&http.Response{StatusCode: tt.status, Header: http.Header{}}, []byte(body))))
			got := []any{f.state, f.reason, f.by, f.permission, f.code}
			if diff := gocmp.Diff([]any{tt.state, tt.reason, tt.by, tt.grant, tt.code}, got); diff != "" {
				t.Errorf("state, reason, by, permission, code (-want +got):\n%s", diff)
			}
		})
	}
}

// TestErrorForms holds the forms in which services say a code.
func TestErrorForms(t *testing.T) {
	for body, want := range map[string]string{
		`{"error": {"code": "A", "message": "m"}}`: "A",
		`{"code": "B", "message": "m"}`:            "B",

		`{"error": {"code": "BadRequest", "message": "m", "details": [{"code": "RateLimiting"}]}}`:                         "RateLimiting",
		`{"error": {"code": "BadRequest", "message": "m", "details": [{"code": "InvalidQuery"}]}}`:                         "InvalidQuery",
		`{"error": {"code": "Throttling", "details": [{"code": "TooManyRequests"}, {"code": "x"}]}}`:                       "TooManyRequests",
		`{"error": {"code": "BadRequest", "details": [{"code": "InvalidQuery"}, {"code": "DisallowedLogicalTableName"}]}}`: "DisallowedLogicalTableName",
		`<html>`: "FromHeader",
		``:       "FromHeader",
	} {
		e := newAPIError(&http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"X-Ms-Error-Code": {"FromHeader"}}}, []byte(body))
		if e.code != want {
			t.Errorf("%s: code %q, want %q", body, e.code, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "17", 17 * time.Second},
		{"Retry-After", "Fri, 02 Jan 2026 03:04:35 GMT", 30 * time.Second},
		{"Retry-After", "soon", 0},
		{"Retry-After", "-4", 0},
		{"X-Ms-Retry-After-Ms", "250", 250 * time.Millisecond},
		{"X-Ms-User-Quota-Resets-After", "00:00:05", 5 * time.Second},
	} {
		if got := retryAfter(http.Header{http.CanonicalHeaderKey(tt.name): {tt.value}}, now); got != tt.want {
			t.Errorf("%s: %s waits %s, want %s", tt.name, tt.value, got, tt.want)
		}
	}
}

// TestMissing holds what of "the Resource '…' was not found" is the asset.
func TestMissing(t *testing.T) {
	id := boxID("a")
	for _, tt := range []struct {
		code, message string
		want          missing
		known         bool
	}{
		{"ResourceNotFound", "The Resource 'Microsoft.Test/boxes/a' under resource group 'rg' was not found.", missingAsset, true},
		{"ResourceNotFound", "The Resource 'microsoft.test/BOXES/A/lids/default' under resource group 'rg' was not found.", missingChild, true},
		{"ResourceNotFound", "The Resource 'Microsoft.Test/boxes/ab' under resource group 'rg' was not found.", missingUnknown, true},
		{"ResourceNotFound", "Nothing there.", missingUnknown, true},
		{"ParentResourceNotFound", "Parent resource 'a' not found.", missingUnknown, true},
		{"ResourceGroupNotFound", "", missingAsset, true},
		{"NotFound", "", missingUnknown, false},
		{"AuthorizationFailed", "", missingUnknown, false},
	} {
		got, known := missingOf(&apiError{status: 404, code: tt.code, message: tt.message}, id)
		if got != tt.want || known != tt.known {
			t.Errorf("%s %s: %v %v, want %v %v", tt.code, tt.message, got, known, tt.want, tt.known)
		}
	}
	if _, known := missingOf(errors.New("x"), id); known {
		t.Error("an error that is no answer says that something is missing")
	}
}
