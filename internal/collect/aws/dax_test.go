package aws

import (
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

type refusing func(*http.Request) error

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) { return nil, f(r) }

// TestDAXWhereItIsNot holds that a region without DAX, which has no endpoint for
// it, has no clusters, and that in any other a name that does not resolve, and
// everywhere any other fault, is a gap.
func TestDAXWhereItIsNot(t *testing.T) {
	noName := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	timeout := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "timeout", IsTimeout: true}}
	for _, tt := range []struct {
		name, region string
		err          error
		gaps         int
	}{
		{"no endpoint where DAX is not offered", "ap-northeast-3", noName, 0},
		{"no endpoint where it is", "us-east-1", noName, 1},
		{"no answer where it is not", "ap-northeast-3", timeout, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := testSession(refusing(func(*http.Request) error { return tt.err }))
			gaps := 0
			for _, u := range s.Units([]string{tt.region}) {
				if u.Service != "dax" {
					continue
				}
				for a, err := range u.Collect(t.Context(), model.Scope{}) {
					var gap *model.Gap
					if !errors.As(err, &gap) {
						t.Fatalf("got asset %s, error %v", a.ID, err)
					}
					gaps++
				}
			}
			if gaps != tt.gaps {
				t.Errorf("%d gaps, want %d", gaps, tt.gaps)
			}
		})
	}
}
