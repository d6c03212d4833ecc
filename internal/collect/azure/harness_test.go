package azure

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/collect"
)

// TestMain looks for goroutines that nobody waits for.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// replayed collects types of a test's own over recorded answers. Every answer
// must be asked for, and every request answered.
func replayed(t *testing.T, recording string, types ...Type) collected {
	t.Helper()
	replay := collect.NewReplay(txtar.Parse([]byte(recording)), operationName)
	s := testSession(t, replay, testSubscription)
	withTypes(s, types...)
	var out collected
	out.units(t, s.Units()[1:]) // without the subscriptions
	for _, p := range replay.Problems() {
		t.Error(p)
	}
	return out
}

// withTypes replaces the types that a session knows.
func withTypes(s *Session, types ...Type) {
	shapes := &collect.Shapes{}
	for name, t := range s.types {
		if !isFrame(t.Name) {
			delete(s.types, name)
		}
	}
	for i := range types {
		s.types[strings.ToLower(types[i].Name)] = &types[i]
		s.schemas[types[i].Name] = types[i].schema(shapes)
	}
	s.know(s.types)
}

// lines draws what was collected, one line an asset or a gap.
func (out *collected) lines() []string {
	var lines []string
	for _, a := range out.Assets {
		lines = append(lines, a.Type+" "+a.ID[strings.LastIndexByte(a.ID, '/')+1:])
		for _, g := range a.Gaps {
			lines = append(lines, "  "+strings.TrimSpace(g.Path+" "+string(g.Reason)+" "+g.Operation+" "+g.Permission+" "+g.Code+" "+g.DeniedBy))
		}
	}
	for _, g := range out.Gaps {
		where := g.Scope.Account
		if g.Below {
			where += " and below"
		}
		lines = append(lines, strings.Join(strings.Fields("gap "+g.Type+" "+string(g.Reason)+" "+g.Operation+" "+g.Code+" "+where), " "))
	}
	return lines
}

// handler answers requests in a test, one at a time.
type handler struct {
	mu    sync.Mutex
	calls []string
	reply func(n int, req *http.Request, body string) (status int, header map[string]string, text string)
}

// RoundTrip implements http.RoundTripper.
func (h *handler) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	var body string
	if req.Body != nil {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(raw)
	}
	h.mu.Lock()
	h.calls = append(h.calls, req.Method+" "+req.URL.String())
	status, header, text := h.reply(len(h.calls), req, body)
	h.mu.Unlock()
	resp := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text)), Request: req}
	for k, v := range header {
		resp.Header.Set(k, v)
	}
	return resp, nil
}

// boxes is a type of a test: it stands in a table and has one side read.
func boxes(side ...Read) Type {
	return Type{Name: "Microsoft.Test/boxes", Class: "box", Table: "resources", Version: "2024-01-01", Properties: struct {
		Open bool `json:"open"`
	}{}, Side: side}
}

func boxID(name string) string {
	return "/subscriptions/" + testSubscription + "/resourceGroups/rg/providers/Microsoft.Test/boxes/" + name
}

// boxRows is an answer of Resource Graph with one box.
const boxRows = `-- Query microsoft.test/boxes --
200

{"totalRecords": 1, "count": 1, "resultTruncated": "false", "data": [{"id": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Test/boxes/a", "name": "a", "type": "microsoft.test/boxes", "location": "westeurope", "properties": {"open": "true"}}]}
`
