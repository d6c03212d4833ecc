package google

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/cloudasset/v1"
)

const listCall = "cloudasset.assets.list"

func TestFaultErrors(t *testing.T) {
	for _, tc := range []struct {
		name, code string
		fault      Fault
		status     int
		reason     string // of the ErrorInfo
		says       string
		header     string
	}{
		{name: "denied", fault: Fault{Kind: FaultDenied}, status: 403, reason: "IAM_PERMISSION_DENIED", says: "cloudasset.assets.listResource"},
		{name: "denied another permission", fault: Fault{Kind: FaultDenied, Permission: "a.b.c"}, status: 403, reason: "IAM_PERMISSION_DENIED", says: "a.b.c"},
		{name: "rate limit as 403", fault: Fault{Kind: FaultForbidden, Reason: "rateLimitExceeded"}, status: 403, reason: "RATE_LIMIT_EXCEEDED", says: "Rate Limit Exceeded"},
		{name: "service disabled", fault: Fault{Kind: FaultForbidden, Reason: "SERVICE_DISABLED"}, status: 403, reason: "SERVICE_DISABLED", says: "disabled"},
		{name: "billing disabled", fault: Fault{Kind: FaultForbidden, Reason: "BILLING_DISABLED"}, status: 403, reason: "BILLING_DISABLED", says: "billing"},
		{name: "perimeter", fault: Fault{Kind: FaultForbidden, Reason: "VPC_SERVICE_CONTROLS"}, status: 403, reason: "SECURITY_POLICY_VIOLATED", says: "vpcServiceControlsUniqueIdentifier"},
		{name: "throttled", fault: Fault{Kind: FaultThrottled, RetryAfter: 7}, status: 429, reason: "RATE_LIMIT_EXCEEDED", says: "Quota exceeded", header: "7"},
		{name: "throttled without a hint", fault: Fault{Kind: FaultThrottled}, status: 429, reason: "RATE_LIMIT_EXCEEDED", says: "Quota exceeded"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{})
			tc.fault.Call, tc.fault.Times = listCall, 1
			if err := s.Fault(tc.fault); err != nil {
				t.Fatal(err)
			}
			c := assetsOf(t, s)
			_, err := c.Assets.List("organizations/111").ContentType("RESOURCE").Do()
			e := apiError(t, err)
			reason, _ := infoOf(t, e)
			if e.Code != tc.status || reason != tc.reason || !strings.Contains(e.Message, tc.says) || e.Header.Get("Retry-After") != tc.header {
				t.Errorf("%d %s %s %q", e.Code, reason, e.Message, e.Header.Get("Retry-After"))
			}
			if _, err := c.Assets.List("organizations/111").ContentType("RESOURCE").Do(); err != nil {
				t.Errorf("the fault was to strike once: %v", err)
			}
		})
	}
}

func TestFaultSelection(t *testing.T) {
	s := start(t, Options{}, func(seed *Seed) {
		seed.Faults = []Fault{{Call: "cloudasset:v1/assets.*", Match: []string{"contentType=IAM_POLICY"}, Skip: 1, Times: 2, Kind: FaultError, Code: 500}}
	})
	c := assetsOf(t, s)
	var got []int
	for range 5 {
		_, err := c.Assets.List("projects/web").ContentType("IAM_POLICY").Do()
		code := 200
		if err != nil {
			code = apiError(t, err).Code
		}
		got = append(got, code)
	}
	if diff := cmp.Diff([]int{200, 500, 500, 200, 200}, got); diff != "" {
		t.Error(diff)
	}
	if err := s.Fault(Fault{Call: "*", Kind: FaultError}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Assets.List("projects/web").Do(); apiError(t, err).Code != 500 {
		t.Error(err)
	}
	s.ClearFaults()
	if _, err := c.Assets.List("projects/web").Do(); err != nil {
		t.Error(err)
	}
}

func TestFaultNames(t *testing.T) {
	s := start(t, Options{})
	for _, call := range []string{"cloudasset:v1/assets.list", "cloudasset.assets.list", "cloudasset:assets.list", "cloudasset:*", "*.assets.list", "*"} {
		if err := s.Fault(Fault{Call: call, Kind: FaultError, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if code, _ := get(t, s, "/cloudasset/v1/projects/web/assets"); code != 500 {
			t.Errorf("%s: %d", call, code)
		}
		s.ClearFaults()
	}
	// Two versions have this method, so the name means both.
	if err := s.Fault(Fault{Call: "run:projects.locations.services.list", Kind: FaultError}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/run/v1/projects/web/locations/-/services", "/run/v2/projects/web/locations/-/services"} {
		if code, _ := get(t, s, path); code != 500 {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _ := get(t, s, "/cloudasset/v1/projects/web/assets"); code != 200 {
		t.Errorf("a fault of another method: %d", code)
	}
}

func TestFaultConsumer(t *testing.T) {
	for _, tc := range []struct{ consumer, want string }{{"", "projects/333"}, {"projects/444", "projects/444"}} {
		s := start(t, Options{})
		if err := s.Fault(Fault{Call: listCall, Kind: FaultForbidden, Reason: "SERVICE_DISABLED", Consumer: tc.consumer}); err != nil {
			t.Fatal(err)
		}
		_, err := assetsOf(t, s).Assets.List("projects/333").Do()
		if _, meta := infoOf(t, apiError(t, err)); meta["consumer"] != tc.want || meta["service"] != "cloudasset.googleapis.com" {
			t.Errorf("%v, want %s", meta, tc.want)
		}
	}
}

func TestFaultTimeout(t *testing.T) {
	s := start(t, Options{})
	if err := s.Fault(Fault{Call: listCall, Kind: FaultTimeout}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := assetsOf(t, s).Assets.List("projects/web").Context(ctx).Do()
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("want a time-out, got %v", err)
	}
}

func TestCloseEndsHangingRequests(t *testing.T) {
	s, err := New(nil, Options{Tokens: []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Fault(Fault{Call: "*", Kind: FaultTimeout}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		req, _ := http.NewRequest(http.MethodGet, s.Endpoint("cloudasset")+"v1/projects/web/assets", nil)
		req.Header.Set("Authorization", "Bearer x")
		res, err := s.Client().Do(req)
		if err == nil {
			res.Body.Close()
		}
		ended <- err
	}()
	for s.Calls()["cloudasset:v1/assets.list"] == 0 {
		runtime.Gosched()
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	<-ended
}

func TestFaultBytes(t *testing.T) {
	s := start(t, Options{})
	url := s.Endpoint("cloudasset") + "v1/projects/web/assets"
	if err := s.Fault(Fault{Call: listCall, Kind: FaultTruncated, Times: 1}); err != nil {
		t.Fatal(err)
	}
	res, err := signedIn(s).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(res.Body)
	res.Body.Close()
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(data) == 0 {
		t.Errorf("want half a body, got %d bytes and %v", len(data), err)
	}
	if err := s.Fault(Fault{Call: listCall, Kind: FaultGarbage}); err != nil {
		t.Fatal(err)
	}
	res, err = signedIn(s).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	data, err = io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != http.StatusOK || json.Valid(data) {
		t.Errorf("want garbage, got %d %s %v", res.StatusCode, data, err)
	}
}

func TestFaultPages(t *testing.T) {
	list := func(s *Server, token string) (*cloudasset.ListAssetsResponse, error) {
		return assetsOf(t, s).Assets.List("organizations/111").ContentType("RESOURCE").PageSize(4).PageToken(token).Do()
	}
	t.Run("repeated token", func(t *testing.T) {
		s := start(t, Options{})
		if err := s.Fault(Fault{Call: listCall, Kind: FaultRepeatedToken, Skip: 1}); err != nil {
			t.Fatal(err)
		}
		first, err := list(s, "")
		if err != nil {
			t.Fatal(err)
		}
		second, err := list(s, first.NextPageToken)
		if err != nil {
			t.Fatal(err)
		}
		if second.NextPageToken != first.NextPageToken || len(second.Assets) != 4 {
			t.Errorf("%q then %q", first.NextPageToken, second.NextPageToken)
		}
	})
	t.Run("expired token", func(t *testing.T) {
		s := start(t, Options{})
		if err := s.Fault(Fault{Call: listCall, Kind: FaultExpiredToken, Times: 1}); err != nil {
			t.Fatal(err)
		}
		first, err := list(s, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := list(s, first.NextPageToken); apiError(t, err).Code != 400 {
			t.Error(err)
		}
		if _, err := list(s, first.NextPageToken); err != nil {
			t.Error(err)
		}
	})
	t.Run("empty page", func(t *testing.T) {
		s := start(t, Options{})
		if err := s.Fault(Fault{Call: listCall, Kind: FaultEmptyPage, Times: 1, Skip: 1}); err != nil {
			t.Fatal(err)
		}
		var sizes []int
		err := assetsOf(t, s).Assets.List("organizations/111").ContentType("RESOURCE").PageSize(4).Pages(t.Context(), func(r *cloudasset.ListAssetsResponse) error {
			sizes = append(sizes, len(r.Assets))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{4, 0, 4, 1}, sizes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFaultLostScopes(t *testing.T) {
	const aggregated = "/compute/compute/v1/projects/web/aggregated/instances"
	for _, tc := range []struct {
		name, path string
		fault      Fault
		code       int
		want       string // in the answer
		not        string
	}{
		{"warning", aggregated, Fault{Call: "compute.instances.aggregatedList", Kind: FaultWarning, Scopes: []string{"zones/europe-west1-c"}}, 200, `"zones/europe-west1-c":{"warning":{"code":"UNREACHABLE"`, "vm-3"},
		{"partial success refused", "/storage/storage/v1/b?project=web", Fault{Call: "storage.buckets.list", Kind: FaultPartialSuccess, Scopes: []string{"us-east1"}}, 503, "UNAVAILABLE", "US-EAST1"},
		{"partial success", "/storage/storage/v1/b?project=web&returnPartialSuccess=true", Fault{Call: "storage.buckets.list", Kind: FaultPartialSuccess, Scopes: []string{"us-east1"}}, 200, `"unreachable":["us-east1"]`, "US-EAST1"},
		{"partial success of an aggregated list", aggregated, Fault{Call: "compute.instances.aggregatedList", Kind: FaultPartialSuccess, Scopes: []string{"zones/europe-west1-c"}}, 200, `"zones/europe-west1-c":{"warning":{"code":"UNREACHABLE"`, "vm-3"},
		{"unreachable", "/storage/storage/v1/b?project=web", Fault{Call: "storage.buckets.list", Kind: FaultUnreachable, Scopes: []string{"us-east1"}}, 200, `"unreachable":["us-east1"]`, "US-EAST1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{})
			if err := s.Fault(tc.fault); err != nil {
				t.Fatal(err)
			}
			code, body := get(t, s, tc.path)
			data, _ := json.Marshal(body)
			if code != tc.code || !strings.Contains(string(data), tc.want) || strings.Contains(string(data), tc.not) {
				t.Errorf("%d %s", code, data)
			}
		})
	}
}

func TestFaultRefused(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct {
		says  string
		fault Fault
	}{
		{"no such method", Fault{Call: "cloudasset.assets.lists", Kind: FaultDenied}},
		{"kind", Fault{Call: listCall, Kind: "broken"}},
		{"reason", Fault{Call: listCall, Kind: FaultForbidden}},
		{"scopes", Fault{Call: listCall, Kind: FaultUnreachable}},
		{"unreachable", Fault{Call: listCall, Kind: FaultUnreachable, Scopes: []string{"a"}}},
		{"no pages", Fault{Call: "storage.buckets.get", Kind: FaultRepeatedToken}},
		{"warnings", Fault{Call: listCall, Kind: FaultWarning, Scopes: []string{"a"}}},
		{"in part", Fault{Call: listCall, Kind: FaultPartialSuccess, Scopes: []string{"a"}}},
		{"call", Fault{Kind: FaultDenied}},
		{"nosuch", Fault{Call: "nosuch:things.list", Kind: FaultDenied}},
	} {
		if err := s.Fault(tc.fault); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%+v: want an error about %q, got %v", tc.fault, tc.says, err)
		}
	}
}
