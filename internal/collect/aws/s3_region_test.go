package aws

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bucketServer answers as S3 does, or as servers that leave things out.
type bucketServer struct {
	names   bool // it names the regions in its listing
	filter  bool // it looks at the region that is asked for
	buckets map[string]string

	mu    sync.Mutex
	calls map[string]int
}

// RoundTrip implements http.RoundTripper.
func (s *bucketServer) RoundTrip(req *http.Request) (*http.Response, error) {
	q := req.URL.Query()
	var op, body string
	switch {
	case q.Get("x-id") == "ListBuckets":
		op = "ListBuckets"
		for name, region := range s.buckets {
			if want := q.Get("bucket-region"); s.filter && want != "" && want != region {
				continue
			}
			own := ""
			if s.names {
				own = "<BucketRegion>" + region + "</BucketRegion>"
			}
			body += "<Bucket><Name>" + name + "</Name><CreationDate>2024-01-01T00:00:00Z</CreationDate>" + own + "</Bucket>"
		}
		body = "<ListAllMyBucketsResult><Buckets>" + body + "</Buckets></ListAllMyBucketsResult>"
	case q.Has("location"):
		op = "GetBucketLocation"
		body = "<LocationConstraint>" + s.buckets[strings.Trim(req.URL.Path, "/")] + "</LocationConstraint>"
	default:
		op = "other"
		body = "<Error><Code>NotImplemented</Code></Error>"
	}
	s.mu.Lock()
	s.calls[op]++
	s.mu.Unlock()
	resp := &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/xml"}}, Request: req,
		Body: io.NopCloser(strings.NewReader(body)),
	}
	if op == "other" {
		resp.StatusCode = http.StatusNotImplemented
	}
	return resp, nil
}

// TestRegionsOfBuckets holds that every bucket gets its region by the fewest calls
// that the server allows, and never a wrong one.
func TestRegionsOfBuckets(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://buckets.invalid")
	buckets := map[string]string{"near-1": "eu-west-1", "near-2": "eu-west-1", "near-3": "eu-west-1", "far": "ap-southeast-2"}
	for i := range 5 {
		buckets[fmt.Sprintf("here-%d", i)] = "eu-central-1"
	}
	for _, tt := range []struct {
		name            string
		server          *bucketServer
		scanned         []string
		lists, askedFor int
	}{
		{"the listing names them", &bucketServer{names: true, filter: true}, []string{"eu-west-1", "eu-central-1"}, 1, 0},
		{"one region after the other", &bucketServer{filter: true}, []string{"eu-west-1", "eu-central-1"}, 3, 1},
		{"one region is scanned", &bucketServer{filter: true}, []string{"eu-central-1"}, 3, 4},
		{"the region is not looked at", &bucketServer{}, []string{"eu-west-1", "eu-central-1"}, 3, 9},
		{"nor with one region", &bucketServer{}, []string{"eu-central-1"}, 3, 9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := tt.server
			server.buckets, server.calls = buckets, map[string]int{}
			s := testSession(server)
			got := map[string]string{}
			for _, u := range s.Units(tt.scanned) {
				if u.Service != "s3" {
					continue
				}
				for a, err := range u.Collect(t.Context(), u.Scope()) {
					if err == nil && a.Type == "AWS::S3::Bucket" {
						got[a.Name] = a.Scope.Region
					}
				}
			}
			if diff := cmp.Diff(buckets, got); diff != "" {
				t.Errorf("regions (-want +got):\n%s", diff)
			}
			if server.calls["ListBuckets"] != tt.lists || server.calls["GetBucketLocation"] != tt.askedFor {
				t.Errorf("calls: %v, want %d listings and %d locations", server.calls, tt.lists, tt.askedFor)
			}
		})
	}
}
