package gcp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// threePages makes three pages of every list that fits in one.
type threePages struct {
	next http.RoundTripper
	// items are the members of lists, by operation.
	items map[string]string
	mu    sync.Mutex
	rest  map[string][]byte // bodies by token
	pages int
}

// RoundTrip implements http.RoundTripper.
func (p *threePages) RoundTrip(req *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if body, ok := p.rest[req.URL.Query().Get("pageToken")]; ok {
		p.pages++
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
	}
	resp, err := p.next.RoundTrip(req)
	r, _ := req.Context().Value(requestKey{}).(*request)
	if err != nil || r == nil || resp.StatusCode != http.StatusOK || p.items[r.operation()] == "" {
		return resp, err
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(raw)), -1
	var doc map[string]json.RawMessage
	var items []json.RawMessage
	member := p.items[r.operation()]
	if json.Unmarshal(raw, &doc) != nil || json.Unmarshal(doc[member], &items) != nil || doc["nextPageToken"] != nil || len(items) == 0 {
		return resp, nil
	}
	share := (len(items) + 2) / 3
	var bodies [3][]byte
	var tokens [3]string
	for i := range 3 {
		tokens[i] = fmt.Sprintf("page-%d-%d", len(p.rest), i)
		page := map[string]any{}
		for k, v := range doc {
			page[k] = v
		}
		page[member] = items[min(i*share, len(items)):min((i+1)*share, len(items))]
		if i < 2 {
			page["nextPageToken"] = fmt.Sprintf("page-%d-%d", len(p.rest), i+1)
		}
		if bodies[i], err = json.Marshal(page); err != nil {
			return nil, err
		}
	}
	p.rest[tokens[1]], p.rest[tokens[2]] = bodies[1], bodies[2]
	resp.Body = io.NopCloser(bytes.NewReader(bodies[0]))
	return resp, nil
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
			var want string
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
				}
			}
			p := &threePages{rest: map[string][]byte{}, items: map[string]string{"cloudasset:assets.list": "assets"}}
			for _, typ := range c.Types {
				if typ.List != nil {
					p.items[typ.List.API+":"+typ.List.Method] = typ.List.Items
				}
				for _, r := range typ.Side {
					p.items[r.API+":"+r.Method] = r.Items
				}
			}
			s, _ := replayed(t, archive, func(typ string) bool {
				return slices.ContainsFunc(c.Types, func(t Type) bool { return t.Name == typ })
			})
			p.next = s.conn.plain.Transport
			s.conn.plain.Transport = p
			if diff := gocmp.Diff(want, string(collectAll(t, s))); diff != "" {
				t.Errorf("assets and gaps (-want +got):\n%s", diff)
			}
			if p.pages < 2 {
				t.Error("no list came in three pages")
			}
		})
	}
}
