package gcp

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// TestClassify holds what each answer means, after the collection specification.
func TestClassify(t *testing.T) {
	s := testSession(t, Options{Transport: &wire{}, QuotaProject: "scanner"})
	plant(s)
	about := s.tree.find("projects/shop-prod")
	for _, tt := range []struct {
		name  string
		reply reply
		want  string
	}{
		{"denied", denied("storage.buckets.list"), "denied denied IAM_PERMISSION_DENIED by identity storage.buckets.list"},
		{"denied without details", refusal(403, "PERMISSION_DENIED", ""), "denied denied PERMISSION_DENIED"},
		{"denied in the older form", reply{status: 403, body: `{"error": {"code": 403, "errors": [{"reason": "forbidden"}]}}`}, "denied denied forbidden"},
		{"a page of a proxy", reply{status: 403, body: `<html>`}, "denied denied 403"},
		{"API disabled in the quota project", refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED", "consumer", "projects/scanner", "service", "sqladmin.googleapis.com"), "failed failed SERVICE_DISABLED the API is not enabled in the quota project: gcloud services enable sqladmin.googleapis.com --project scanner"},
		{"API disabled in the target", refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED", "consumer", "projects/3", "service", "sqladmin.googleapis.com"), "not_enabled failed SERVICE_DISABLED the API is not enabled in the project"},
		{"API disabled in the target, by id", refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED", "consumer", "projects/shop-prod"), "not_enabled failed SERVICE_DISABLED the API is not enabled in the project"},
		{"API disabled somewhere", reply{status: 403, body: `{"error": {"code": 403, "errors": [{"reason": "accessNotConfigured"}]}}`}, "failed failed accessNotConfigured the API is not enabled in the quota project: gcloud services enable "},
		{"Compute's rate limit", reply{status: 403, body: `{"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}`}, "throttled throttled rateLimitExceeded"},
		{"user's rate limit", reply{status: 403, body: `{"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}}`}, "throttled throttled userRateLimitExceeded"},
		{"quota", reply{status: 403, body: `{"error": {"code": 403, "errors": [{"reason": "quotaExceeded"}]}}`}, "throttled throttled quotaExceeded"},
		{"too many", refusal(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"), "throttled throttled RATE_LIMIT_EXCEEDED"},
		{"too many, no details", reply{status: 429}, "throttled throttled 429"},
		{"perimeter", refusal(403, "PERMISSION_DENIED", "SECURITY_POLICY_VIOLATED"), "denied denied SECURITY_POLICY_VIOLATED by perimeter"},
		{"perimeter in words", reply{status: 403, body: `{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x"}}`}, "denied denied PERMISSION_DENIED by perimeter"},
		{"not found", refusal(404, "NOT_FOUND", ""), "failed failed NOT_FOUND not found: it may have been deleted since it was listed"},
		{"invalid", refusal(400, "INVALID_ARGUMENT", ""), "failed failed INVALID_ARGUMENT"},
		{"server error", refusal(500, "INTERNAL", ""), "failed failed INTERNAL the service failed"},
		{"unavailable", reply{status: 503}, "failed failed 503 the service failed"},
		{"not implemented", refusal(501, "UNIMPLEMENTED", ""), "unsupported unsupported UNIMPLEMENTED"},
		{"billing", refusal(403, "PERMISSION_DENIED", "BILLING_DISABLED"), "not_enabled failed BILLING_DISABLED billing is disabled"},
		{"quota project", refusal(403, "PERMISSION_DENIED", "USER_PROJECT_DENIED"), "denied denied USER_PROJECT_DENIED serviceusage.services.use the quota project may not be used"},
		{"signed out", refusal(401, "UNAUTHENTICATED", ""), "failed failed UNAUTHENTICATED the sign-in was refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp := &http.Response{StatusCode: tt.reply.status, Header: http.Header{}}
			f := s.classify(fmt.Errorf("call: %w", parseError(resp, []byte(tt.reply.body))), about)
			got := string(f.state) + " " + string(f.reason) + " " + f.code
			if f.by != "" {
				got += " by " + f.by
			}
			if f.permission != "" {
				got += " " + f.permission
			}
			if f.detail != "" {
				got += " " + f.detail
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestDisabledAbove holds that a refusal for a call about no project is never
// taken for one about the target.
func TestDisabledAbove(t *testing.T) {
	s := testSession(t, Options{Transport: &wire{}})
	plant(s)
	err := &apiError{status: 403, reasons: []string{"SERVICE_DISABLED"}, consumer: "projects/3"}
	if f := s.classify(err, nil); f.state != model.UnitFailed {
		t.Errorf("state %s, want failed", f.state)
	}
}

// TestRetries holds which errors are tried again, how often, and how long the
// pauses are.
func TestRetries(t *testing.T) {
	broke := errors.New("connection reset")
	for _, tt := range []struct {
		name    string
		replies []reply
		tries   int
		pauses  []time.Duration // 0: any
		ok      bool
	}{
		{"throttled twice", []reply{{status: 429, header: map[string]string{"Retry-After": "7"}}, {status: 429}, {body: "{}"}}, 3, []time.Duration{7 * time.Second, 0}, true},
		{"throttled for ever", []reply{{status: 429}}, 3, []time.Duration{0, 0}, false},
		{"delay in the details", []reply{{status: 429, body: `{"error": {"status": "RESOURCE_EXHAUSTED", "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3s"}]}}`}, {body: "{}"}}, 2, []time.Duration{3 * time.Second}, true},
		{"a very long delay", []reply{{status: 429, header: map[string]string{"Retry-After": "86400"}}, {body: "{}"}}, 2, []time.Duration{2 * time.Minute}, true},
		{"server error", []reply{{status: 500}, {body: "{}"}}, 2, []time.Duration{0}, true},
		{"denied", []reply{denied("x.y.z")}, 1, nil, false},
		{"cut", []reply{{body: `{"a": "bcdefghij"}`, cut: true}, {body: "{}"}}, 2, []time.Duration{0}, true},
		{"cut for ever", []reply{{body: `{"a": "bcdefghij"}`, cut: true}}, 3, []time.Duration{0, 0}, false},
		{"garbage", []reply{{body: `<html>`}}, 3, []time.Duration{0, 0}, false},
		{"nothing", []reply{{body: ``}}, 3, []time.Duration{0, 0}, false},
		{"a list", []reply{{body: `[]`}}, 3, []time.Duration{0, 0}, false},
		{"no connection", []reply{{err: broke}, {body: "{}"}}, 2, []time.Duration{0}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			w := &wire{answer: func(string, *http.Request) reply {
				n++
				return tt.replies[min(n, len(tt.replies))-1]
			}}
			s := testSession(t, Options{Transport: w})
			var pauses []time.Duration
			s.sleep = recordPauses(&pauses)
			_, err := s.call(t.Context(), &request{api: "sqladmin", method: "users.list", path: "v1/x"})
			if (err == nil) != tt.ok || n != tt.tries {
				t.Errorf("%d tries, error %v; want %d tries, ok %v", n, err, tt.tries, tt.ok)
			}
			for i, p := range pauses {
				if i < len(tt.pauses) && tt.pauses[i] == 0 {
					pauses[i] = 0
				}
				if p < 0 {
					t.Errorf("pause %v", p)
				}
			}
			if diff := cmp.Diff(tt.pauses, pauses); diff != "" {
				t.Errorf("pauses (-want +got):\n%s", diff)
			}
		})
	}
}

// TestErrorsKeepNoText holds that what a service says in words does not get into
// errors and gaps.
func TestErrorsKeepNoText(t *testing.T) {
	resp := &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(""))}
	err := parseError(resp, []byte(`{"error": {"status": "PERMISSION_DENIED", "message": "user alice@example.com may not"}}`))
	s := testSession(t, Options{Transport: &wire{}})
	if text := err.Error() + fmt.Sprint(s.classify(err, nil)); strings.Contains(text, "alice") {
		t.Errorf("%s", text)
	}
}

func FuzzParseError(f *testing.F) {
	f.Add(403, []byte(denied("a.b.c").body))
	f.Add(403, []byte(`{"error": {"details": [{"@type": "x", "metadata": {"a": 1}}]}}`))
	f.Add(500, []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := parseError(&http.Response{StatusCode: status, Header: http.Header{}}, body)
		if e.tag() == "" || e.Error() == "" {
			t.Error("an error that says nothing")
		}
	})
}
