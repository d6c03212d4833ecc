package azure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/collect"
)

// threePages makes three pages of every list that fits in one: of queries with
// $skipToken, of Azure Resource Manager with nextLink, of Microsoft Graph with
// @odata.nextLink.
type threePages struct {
	next  http.RoundTripper
	mu    sync.Mutex
	rest  map[string][]byte // bodies by token
	pages int
}

// RoundTrip implements http.RoundTripper.
func (p *threePages) RoundTrip(req *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kind := operationName(req)
	asked := req.URL.Query().Get("page")
	if kind == "Query" {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		var query struct {
			Options map[string]any `json:"options"`
		}
		if err := json.Unmarshal(body, &query); err != nil {
			return nil, err
		}
		asked, _ = query.Options["$skipToken"].(string)
	}
	if body, ok := p.rest[asked]; ok {
		p.pages++
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
	}
	resp, err := p.next.RoundTrip(req)
	// What is batched after a list was recorded for the page as it is.
	if err != nil || resp.StatusCode != http.StatusOK || kind == "Batch" || kind == "Graph" && batched(req.URL.Path) {
		return resp, err
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(raw)), -1
	resp.Header.Del("Content-Length")
	member, token := "value", "nextLink"
	switch kind {
	case "Query":
		member, token = "data", "$skipToken"
	case "Graph":
		token = "@odata.nextLink"
	}
	var doc map[string]json.RawMessage
	var items []json.RawMessage
	if json.Unmarshal(raw, &doc) != nil || json.Unmarshal(doc[member], &items) != nil || doc[token] != nil || len(items) == 0 || strings.Contains(string(raw), "resultTruncated\": \"true") {
		return resp, nil
	}
	share := (len(items) + 2) / 3
	first := len(p.rest)
	name := func(i int) string { return fmt.Sprintf("page-%d-%d", first, i) }
	var bodies [3][]byte
	for i := range 3 {
		page := map[string]any{}
		for k, v := range doc {
			page[k] = v
		}
		part := items[min(i*share, len(items)):min((i+1)*share, len(items))]
		page[member] = part
		if kind == "Query" {
			page["count"], page["totalRecords"] = len(part), len(items)
		}
		if i < 2 {
			page[token] = name(i + 1)
			if kind != "Query" {
				u := *req.URL
				u.RawQuery = "page=" + name(i+1)
				page[token] = u.String()
			}
		}
		if bodies[i], err = json.Marshal(page); err != nil {
			return nil, err
		}
	}
	p.rest[name(1)], p.rest[name(2)] = bodies[1], bodies[2]
	resp.Body = io.NopCloser(bytes.NewReader(bodies[0]))
	return resp, nil
}

func batched(path string) bool {
	return strings.HasSuffix(path, "/groups") || strings.HasSuffix(path, "/applications") || strings.HasSuffix(path, "/servicePrincipals")
}

// TestCollectorsPaged replays every collector with each list in three pages, of
// which the last ones may be empty: what comes out is the same.
func TestCollectorsPaged(t *testing.T) {
	for _, c := range Collectors() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("testdata", c.Name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			archive := txtar.Parse(data)
			subscriptions := []string{testSubscription}
			var want string
			for _, f := range archive.Files {
				switch f.Name {
				case "subscriptions":
					subscriptions = strings.Fields(string(f.Data))
				case "want":
					want = string(f.Data)
				}
			}
			p := &threePages{next: collect.NewReplay(archive, operationName), rest: map[string][]byte{}}
			s := testSession(t, p, subscriptions...)
			if diff := gocmp.Diff(want, string(collectAll(t, s, c))); diff != "" {
				t.Errorf("assets and gaps (-want +got):\n%s", diff)
			}
			recorded := bytes.Contains(data, []byte("skipToken")) || bytes.Contains(data, []byte("extLink"))
			if p.pages < 2 && !recorded {
				t.Error("no list came in three pages")
			}
		})
	}
}
