package azure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// page is an answer of Resource Graph.
func page(total int, token, truncated string, names ...string) string {
	rows := make([]string, len(names))
	for i, n := range names {
		rows[i] = fmt.Sprintf(`{"id": %q, "name": %q, "type": "microsoft.test/boxes"}`, boxID(n), n)
	}
	more := ""
	if token != "" {
		more = fmt.Sprintf(`, "$skipToken": %q`, token)
	}
	if truncated != "" {
		more += fmt.Sprintf(`, "resultTruncated": %q`, truncated)
	}
	return fmt.Sprintf(`{"totalRecords": %d, "count": %d%s, "data": [%s]}`, total, len(names), more, strings.Join(rows, ", "))
}

// TestRows holds the rules of paging: the token alone says whether a page
// follows, and rows that are missing are never taken for rows that are not there.
func TestRows(t *testing.T) {
	for _, tt := range []struct {
		name   string
		pages  []string
		header map[string]string
		want   []string
		err    error
		calls  int
	}{
		{"one page", []string{page(2, "", "false", "a", "b")}, nil, []string{"a", "b"}, nil, 1},
		{"nothing", []string{page(0, "", "false")}, nil, nil, nil, 1},
		{"three pages", []string{page(3, "1", "false", "a"), page(3, "2", "false", "b"), page(3, "", "false", "c")}, nil, []string{"a", "b", "c"}, nil, 3},
		{"token and truncated", []string{page(2, "1", "true", "a"), page(2, "", "false", "b")}, nil, []string{"a", "b"}, nil, 2},
		{"token and not truncated", []string{page(2, "1", "false", "a"), page(2, "", "false", "b")}, nil, []string{"a", "b"}, nil, 2},
		{"no token and truncated", []string{page(1, "", "true", "a")}, nil, []string{"a"}, errTruncated, 1},
		{"no token and not truncated", []string{page(1, "", "false", "a")}, nil, []string{"a"}, nil, 1},
		{"truncated on the last page", []string{page(2, "1", "false", "a"), page(2, "", "true", "b")}, nil, []string{"a", "b"}, errTruncated, 2},
		{"fewer than the total", []string{page(3, "1", "false", "a"), page(3, "", "false", "b")}, nil, []string{"a", "b"}, errTruncated, 2},
		{"none of the total", []string{page(5, "", "false")}, nil, nil, errTruncated, 1},
		{"the total of later pages does not count", []string{page(2, "1", "false", "a"), page(9, "", "false", "b")}, nil, []string{"a", "b"}, nil, 2},
		{"more than the total", []string{page(1, "", "false", "a", "b")}, nil, []string{"a", "b"}, nil, 1},
		{"empty page with a token", []string{page(1, "1", "false"), page(1, "", "false", "a")}, nil, []string{"a"}, nil, 2},
		{"token repeats", []string{page(9, "1", "false", "a"), page(9, "1", "false", "b")}, nil, []string{"a", "b"}, errAnswer, 2},
		{"count is not that of the rows", []string{`{"totalRecords": 2, "count": 2, "data": [{"id": "/x/a"}]}`}, nil, nil, errTruncated, 1},
		{"no rows member", []string{`{"totalRecords": 0, "count": 0}`}, nil, nil, errAnswer, 1},
		{"no total", []string{`{"count": 0, "data": []}`}, nil, nil, errAnswer, 1},
		{"a row without an id", []string{`{"totalRecords": 1, "count": 1, "data": [{"name": "a"}]}`}, nil, nil, errAnswer, 1},
		{"too many subscriptions", []string{page(1, "", "false", "a")}, map[string]string{"x-ms-tenant-subscription-limit-hit": "true"}, nil, errTruncated, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var bodies []string
			h := &handler{reply: func(n int, _ *http.Request, body string) (int, map[string]string, string) {
				bodies = append(bodies, body)
				return http.StatusOK, tt.header, tt.pages[min(n, len(tt.pages))-1]
			}}
			s := testSession(t, h, testSubscription)
			var got []string
			err := s.rows(t.Context(), query{table: "resources", types: []string{"Microsoft.Test/boxes"}, subscriptions: []string{testSubscription}}, func(d model.Document) bool {
				got = append(got, text(d, "name"))
				return true
			})
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if len(bodies) != tt.calls {
				t.Errorf("%d calls, want %d", len(bodies), tt.calls)
			}
			sameQuery(t, bodies)
		})
	}
}

// sameQuery holds that every page asks the same query of the same scope.
func sameQuery(t *testing.T, bodies []string) {
	t.Helper()
	for i, b := range bodies {
		var m struct {
			Query         string         `json:"query"`
			Subscriptions []string       `json:"subscriptions"`
			Options       map[string]any `json:"options"`
		}
		if err := json.Unmarshal([]byte(b), &m); err != nil {
			t.Fatal(err)
		}
		want := "resources\n| where type in~ ('microsoft.test/boxes')\n| project " + columns + "\n| order by id asc"
		if m.Query != want || !slices.Equal(m.Subscriptions, []string{testSubscription}) {
			t.Errorf("page %d asks %s", i, b)
		}
		_, hasToken := m.Options["$skipToken"]
		if hasToken != (i > 0) || m.Options["$top"] != float64(pageRows) || m.Options["resultFormat"] != "objectArray" || m.Options["allowPartialScopes"] != false {
			t.Errorf("page %d has options %v", i, m.Options)
		}
	}
}

// TestScopeFilter holds that what is assigned above a scope is asked for.
func TestScopeFilter(t *testing.T) {
	for table, want := range map[string]bool{"authorizationresources": true, "policyresources": true, "resources": false} {
		q := query{table: table, types: []string{"A"}, subscriptions: []string{"s"}}
		body, err := q.body("")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(body, `"authorizationScopeFilter":"AtScopeAboveAndBelow"`); got != want {
			t.Errorf("%s: filter %v, want %v", table, got, want)
		}
	}
}

// TestBulkScopes holds how a tenant is cut: by 300 subscriptions, or at once
// where its root group may be asked about; a scope that is too large is asked
// for in parts.
func TestBulkScopes(t *testing.T) {
	subs := make([]string, 650)
	for i := range subs {
		subs[i] = fmt.Sprintf("00000000-0000-0000-0000-%012d", i)
	}
	type scopes struct {
		Subscriptions    []string `json:"subscriptions"`
		ManagementGroups []string `json:"managementGroups"`
	}
	for _, tt := range []struct {
		name  string
		whole bool
		limit bool
		want  []int // subscriptions per query, 0 for the root group
	}{
		{"without the root group", false, false, []int{300, 300, 50}},
		{"whole tenant", true, false, []int{0}},
		{"whole tenant beyond the limit", true, true, []int{0, 300, 300, 50}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []int
			h := &handler{reply: func(_ int, _ *http.Request, body string) (int, map[string]string, string) {
				var m scopes
				if err := json.Unmarshal([]byte(body), &m); err != nil {
					t.Error(err)
				}
				got = append(got, len(m.Subscriptions))
				if len(m.ManagementGroups) > 0 && tt.limit {
					return http.StatusOK, map[string]string{"x-ms-tenant-subscription-limit-hit": "true"}, page(0, "", "")
				}
				return http.StatusOK, nil, page(0, "", "")
			}}
			s := testSession(t, h, subs...)
			s.tree.whole = tt.whole
			s.bulk(t.Context(), query{table: "resources", types: []string{"A"}}, func(model.Document) bool { return true }, func(_, _ []string, err error) { t.Error(err) })
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("subscriptions per query (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSplit holds that an answer that is too large is asked for in halves, and
// that only what cannot be halved is lost.
func TestSplit(t *testing.T) {
	h := &handler{reply: func(_ int, _ *http.Request, body string) (int, map[string]string, string) {
		if strings.Contains(body, "'b'") {
			return http.StatusBadRequest, nil, `{"error": {"code": "BadRequest", "message": "x", "details": [{"code": "ResponsePayloadTooLarge", "message": "x"}]}}`
		}
		return http.StatusOK, nil, page(0, "", "")
	}}
	s := testSession(t, h, testSubscription)
	var lost []string
	s.bulk(t.Context(), query{table: "resources", types: []string{"A", "B", "C", "D"}}, func(model.Document) bool { return true }, func(types, subs []string, err error) {
		lost = append(lost, fmt.Sprintf("%v %v %s", types, subs == nil, classify(err).code))
	})
	if diff := gocmp.Diff([]string{"[B] true ResponsePayloadTooLarge"}, lost); diff != "" {
		t.Errorf("lost (-want +got):\n%s", diff)
	}
	if len(h.calls) != 5 { // ABCD, AB, A, B, CD
		t.Errorf("%d calls: %v", len(h.calls), h.calls)
	}
}

// TestQuota holds that queries slow down when 30 % of the window's are left.
func TestQuota(t *testing.T) {
	now := time.Now()
	var q quota
	waits := func() time.Duration {
		var d time.Duration
		if err := q.wait(t.Context(), func(_ context.Context, w time.Duration) error { d = w; return nil }); err != nil {
			t.Fatal(err)
		}
		return d
	}
	learn := func(left string) {
		q.learn(http.Header{"X-Ms-User-Quota-Remaining": {left}, "X-Ms-User-Quota-Resets-After": {"00:01:40"}}, now)
	}
	learn("15")
	if d := waits(); d != 0 {
		t.Errorf("waits %s with all left", d)
	}
	learn("5")
	if d := waits(); d != 0 {
		t.Errorf("waits %s with a third left", d)
	}
	learn("4")
	if d := waits(); d < 15*time.Second || d > 20*time.Second {
		t.Errorf("waits %s with 4 of 15 left for 100 s, want a fifth of it", d)
	}
	learn("0")
	if d := waits(); d < 90*time.Second {
		t.Errorf("waits %s with none left, want the rest of the window", d)
	}
}

// TestInherited holds that what is assigned above subscriptions comes once,
// however many queries show it, in the account that it is assigned to.
func TestInherited(t *testing.T) {
	subs := make([]string, maxSubscriptions+1)
	for i := range subs {
		subs[i] = fmt.Sprintf("00000000-0000-0000-0000-%012d", i)
	}
	const below = "/providers/Microsoft.Test/grants/"
	row := func(id string) string {
		return fmt.Sprintf(`{"id": %q, "name": "x", "type": "microsoft.test/grants"}`, id)
	}
	rows := []string{
		row(below + "root"), row("/providers/Microsoft.Management/managementGroups/" + testTenant + below + "group"),
		row("/providers/Microsoft.Management/managementGroups/unknown" + below + "outside"),
	}
	h := &handler{reply: func(_ int, _ *http.Request, body string) (int, map[string]string, string) {
		own := rows
		if strings.Contains(body, subs[0]) {
			own = append(slices.Clone(rows), row("/subscriptions/"+subs[0]+below+"own"))
		}
		return http.StatusOK, nil, fmt.Sprintf(`{"totalRecords": %d, "count": %d, "data": [%s]}`, len(own), len(own), strings.Join(own, ", "))
	}}
	s := testSession(t, h, subs...)
	withTypes(s, Type{Name: "Microsoft.Test/grants", Table: "authorizationresources", Properties: struct{}{}})
	var out collected
	out.units(t, s.Units()[1:])
	var got []string
	for _, a := range out.Assets {
		got = append(got, a.ID[strings.LastIndexByte(a.ID, '/')+1:]+" "+a.Scope.Account)
	}
	want := []string{"group managementGroups/" + testTenant, "root " + testTenant, "own " + subs[0]}
	if diff := gocmp.Diff(want, got); diff != "" || len(out.Gaps) != 0 {
		t.Errorf("assets (-want +got):\n%s\nand gaps %v", diff, out.Gaps)
	}
	if len(h.calls) != 2 {
		t.Errorf("%d queries, want 2", len(h.calls))
	}
}
