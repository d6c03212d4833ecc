package gcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stance-sec/stance/internal/model"
)

// alone is the variable of the environment that says that a test runs in a process
// of its own, see TestNoCredentials.
const alone = "STANCE_TEST_ALONE"

// TestMain looks for goroutines that nobody waits for.
func TestMain(m *testing.M) {
	if os.Getenv(alone) != "" {
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}

// reply is one answer of a wire.
type reply struct {
	status int // default 200
	body   string
	header map[string]string
	err    error
	cut    bool // the connection ends in the middle of the body
}

// wire answers requests by a function, and keeps what was asked.
type wire struct {
	answer func(op string, req *http.Request) reply

	mu    sync.Mutex
	asked []string
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	op := "token"
	if r, ok := req.Context().Value(requestKey{}).(*request); ok {
		op = r.operation()
	}
	w.mu.Lock()
	w.asked = append(w.asked, op+" "+req.URL.String())
	w.mu.Unlock()
	a := w.answer(op, req)
	if a.err != nil {
		return nil, a.err
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	var body io.Reader = strings.NewReader(a.body)
	if a.cut {
		body = io.MultiReader(strings.NewReader(a.body[:len(a.body)/2]), broken{})
	}
	resp := &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(body), Request: req}
	for k, v := range a.header {
		resp.Header.Set(k, v)
	}
	return resp, nil
}

func (w *wire) count(op string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, a := range w.asked {
		if strings.HasPrefix(a, op+" ") {
			n++
		}
	}
	return n
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// refusal is an answer in the form of Google's errors.
func refusal(status int, code, reason string, metadata ...string) reply {
	meta := make([]string, 0, len(metadata)/2)
	for i := 0; i+1 < len(metadata); i += 2 {
		meta = append(meta, fmt.Sprintf("%q: %q", metadata[i], metadata[i+1]))
	}
	details := ""
	if reason != "" {
		details = fmt.Sprintf(`, "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": %q, "metadata": {%s}}]`, reason, strings.Join(meta, ", "))
	}
	return reply{status: status, body: fmt.Sprintf(`{"error": {"code": %d, "status": %q, "message": "words"%s}}`, status, code, details)}
}

func denied(permission string) reply {
	return refusal(http.StatusForbidden, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED", "permission", permission)
}

// engineMembers are the members that the tests of the engine are about; what
// else the collectors declare is theirs to test.
func engineMembers(_, member string) bool {
	return slices.Contains([]string{"iamPolicy", "users", "status", "password"}, member)
}

// gathered is what a session yields, as short lines.
type gathered struct {
	assets []model.Asset
	gaps   []model.Gap // of listings
	lines  []string
	err    error
}

func gatherFrom(seq func(func(model.Asset, error) bool)) gathered {
	var g gathered
	for a, err := range seq {
		var gap *model.Gap
		switch {
		case errors.As(err, &gap):
			g.lines, g.gaps = append(g.lines, gapLine(gap)), append(g.gaps, *gap)
		case err != nil:
			g.err = err
		default:
			g.assets = append(g.assets, a)
			g.lines = append(g.lines, a.ID)
			for i := range a.Gaps {
				if gap := &a.Gaps[i]; gap.Reason != model.Skipped || engineMembers("", gap.Path) {
					g.lines = append(g.lines, "  "+gapLine(gap))
				}
			}
		}
	}
	return g
}

func gapLine(g *model.Gap) string {
	line := "gap"
	if g.Asset == "" {
		line += " " + g.Type + " in " + g.Scope.Account
		if g.Below {
			line += " and below"
		}
	}
	if g.Path != "" {
		line += " of " + g.Path
	}
	line += ": " + g.Operation + " " + string(g.Reason)
	for _, part := range []string{g.Code, g.DeniedBy, g.Detail} {
		if part != "" {
			line += ", " + part
		}
	}
	if g.Reason == model.Denied {
		line += ", needs " + g.Permission
	}
	return line
}

// only returns a filter for Options.Types.
func only(types ...string) func(string) bool {
	return func(typ string) bool {
		for _, t := range types {
			if t == typ {
				return true
			}
		}
		return false
	}
}

// units gathers what all units of a session yield.
func units(t *testing.T, s *Session) gathered {
	t.Helper()
	var all gathered
	for _, u := range s.Units() {
		g := gatherFrom(u.Collect(t.Context(), model.Scope{}))
		all.assets, all.lines, all.gaps = append(all.assets, g.assets...), append(all.lines, g.lines...), append(all.gaps, g.gaps...)
		if g.err != nil {
			all.err = g.err
		}
	}
	return all
}

// bucketRow is a document as the inventory delivers it.
func bucketRow(name, project string) string {
	return fmt.Sprintf(`{"name": "//storage.googleapis.com/%s", "assetType": %q, "ancestors": [%q, "organizations/1"], "resource": {"version": "v1", "location": "eu", "data": {"name": %q}}}`, name, bucketType, project, name)
}

const bucketType = "storage.googleapis.com/Bucket"

func recordPauses(into *[]time.Duration) func(context.Context, time.Duration) error {
	return func(ctx context.Context, d time.Duration) error {
		*into = append(*into, d)
		return ctx.Err()
	}
}
