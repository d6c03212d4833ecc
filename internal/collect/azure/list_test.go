package azure

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

const otherSubscription = "00000000-0000-0000-0000-000000000002"

// lids is a type that is listed below boxes, pins one that is a part of them.
func lids() Type {
	return Type{Name: "Microsoft.Test/boxes/lids", Class: "lid", List: &List{Parent: "Microsoft.Test/boxes", Path: "lids", Version: "2024-01-01"}, Properties: struct{}{}}
}

func pins(path string) Type {
	return Type{Name: "Microsoft.Test/boxes/pins", Class: "pin", Within: &Within{Parent: "Microsoft.Test/boxes", Path: path}, Properties: struct {
		Long bool `json:"long"`
	}{}}
}

// locks is a type that is listed below every subscription.
func locks() Type {
	return Type{Name: "Microsoft.Locking/locks", Class: "lock", List: &List{Path: "providers/Microsoft.Locking/locks", Version: "2024-01-01", Absent: []string{"NoLocks"}}, Properties: struct{}{}}
}

// TestChildren holds the lists below an asset: their pages, and what errors of
// them mean.
func TestChildren(t *testing.T) {
	item := func(n string) string { return fmt.Sprintf(`{"id": "%s/lids/%s", "name": "%s"}`, boxID("a"), n, n) }
	next := func(n string) string {
		return `, "nextLink": "https://management.azure.com` + boxID("a") + `/lids?page=` + n + `"`
	}
	answer := func(name string, status int, body string) string {
		return fmt.Sprintf("-- Get boxes/a/lids? %s --\n%d\n\n%s\n", name, status, body)
	}
	for _, tt := range []struct {
		name   string
		answer string
		want   []string
	}{
		{
			"three pages", answer("api-version", 200, `{"value": [`+item("1")+`]`+next("2")+`}`) +
				answer("page=2", 200, `{"value": [`+item("2")+`]`+next("3")+`}`) + answer("page=3", 200, `{"value": [`+item("3")+`]}`),
			[]string{"Microsoft.Test/boxes/lids 1", "Microsoft.Test/boxes/lids 2", "Microsoft.Test/boxes/lids 3"},
		},
		{"denied", answer("", 403, `{"error": {"code": "AuthorizationFailed"}}`), []string{"gap Microsoft.Test/boxes/lids denied arm:Microsoft.Test/boxes/lids/read AuthorizationFailed " + testSubscription}},
		{
			"second page denied", answer("api-version", 200, `{"value": [`+item("1")+`]`+next("2")+`}`) + answer("page=2", 403, `{"error": {"code": "AuthorizationFailed"}}`),
			[]string{"Microsoft.Test/boxes/lids 1", "gap Microsoft.Test/boxes/lids denied arm:Microsoft.Test/boxes/lids/read AuthorizationFailed " + testSubscription},
		},
		{"parent gone", answer("", 404, `{"error": {"code": "ParentResourceNotFound"}}`) + "-- Get boxes/a? --\n404\n\n{\"error\": {\"code\": \"ResourceNotFound\"}}\n", nil},
		{
			"nobody says whether the parent is gone", answer("", 404, `{"error": {"code": "ParentResourceNotFound"}}`) + "-- Get boxes/a? --\n403\n\n{}\n",
			[]string{"gap Microsoft.Test/boxes/lids failed arm:Microsoft.Test/boxes/lids/read ParentResourceNotFound " + testSubscription},
		},
		{"an item without an id", answer("", 200, `{"value": [{"name": "x"}]}`), []string{"gap Microsoft.Test/boxes/lids failed arm:Microsoft.Test/boxes/lids/read " + testSubscription}},
		{
			"repeats", answer("api-version", 200, `{"value": [`+item("1")+`]`+next("2")+`}`) + answer("page=2", 200, `{"value": []`+next("2")+`}`),
			[]string{"Microsoft.Test/boxes/lids 1", "gap Microsoft.Test/boxes/lids failed arm:Microsoft.Test/boxes/lids/read " + testSubscription},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := replayed(t, boxRows+tt.answer, boxes(), lids())
			if diff := gocmp.Diff(append([]string{"Microsoft.Test/boxes a"}, tt.want...), out.lines()); diff != "" {
				t.Errorf("collected (-want +got):\n%s", diff)
			}
			for _, a := range out.Assets {
				if a.Scope.Region != "westeurope" {
					t.Errorf("%s is in %q, want its parent's region", a.ID, a.Scope.Region)
				}
			}
		})
	}
}

// TestWithin holds that parts of a document become assets with documents of
// their own, and that a part that was not read is no empty list.
func TestWithin(t *testing.T) {
	row := strings.Replace(boxRows, `"properties": {"open": "true"}`, `"properties": {"pins": [{"name": "p1", "id": "`+boxID("a")+`/pins/p1", "properties": {"long": "true"}}, {"name": "p2"}]}`, 1)
	out := replayed(t, row, boxes(), pins("properties.pins"))
	want := []string{"Microsoft.Test/boxes a", "Microsoft.Test/boxes/pins p1", "Microsoft.Test/boxes/pins p2"}
	if diff := gocmp.Diff(want, out.lines()); diff != "" {
		t.Fatalf("collected (-want +got):\n%s", diff)
	}
	if got := out.Assets[2].ID; got != strings.ToLower(boxID("a")+"/pins/p2") {
		t.Errorf("id %s of an item without one", got)
	}
	if diff := gocmp.Diff(map[string]any{"long": true}, out.Assets[1].Config["properties"]); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	out.Assets[1].Config["properties"] = nil
	parent := at(map[string]any(out.Assets[0].Config), "properties.pins").([]any)[0].(map[string]any)
	if parent["properties"] == nil {
		t.Error("the part and the parent share their document")
	}

	read := Read{Member: "pins", Path: "pins", Version: "2024-01-01", Items: true, Item: struct{}{}}
	denied := "-- Get boxes/a/pins? --\n403\n\n{\"error\": {\"code\": \"AuthorizationFailed\"}}\n"
	out = replayed(t, boxRows+denied, boxes(read), pins("pins"))
	want = []string{
		"Microsoft.Test/boxes a",
		"  pins denied arm:Microsoft.Test/boxes/pins/read Microsoft.Test/boxes/pins/read AuthorizationFailed",
		"gap Microsoft.Test/boxes/pins denied arm:Microsoft.Test/boxes/pins/read AuthorizationFailed " + testSubscription,
	}
	if diff := gocmp.Diff(want, out.lines()); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
}

// TestWithinFeeds holds that a member which makes up another selected type is
// read, whatever the controls of its own type need.
func TestWithinFeeds(t *testing.T) {
	read := Read{Member: "pins", Path: "pins", Version: "2024-01-01", Items: true, Item: struct{}{}}
	for _, selected := range []bool{true, false} {
		h := &handler{reply: func(_ int, req *http.Request, _ string) (int, map[string]string, string) {
			if operationName(req) == "Query" {
				return http.StatusOK, nil, page(1, "", "", "a")
			}
			return http.StatusOK, nil, `{"value": [{"name": "p"}]}`
		}}
		s := testSession(t, h, testSubscription)
		withTypes(s, boxes(read), pins("pins"))
		s.opts.Needed = func(string, string) bool { return false }
		s.opts.Types = func(typ string) bool { return selected || typ != "Microsoft.Test/boxes/pins" }
		var out collected
		out.units(t, s.Units()[1:])
		want := []string{"Microsoft.Test/boxes a", "  pins skipped arm:Microsoft.Test/boxes/pins/read Microsoft.Test/boxes/pins/read"}
		if selected {
			want = []string{"Microsoft.Test/boxes a", "Microsoft.Test/boxes/pins p"}
		}
		if diff := gocmp.Diff(want, out.lines()); diff != "" {
			t.Errorf("selected %v (-want +got):\n%s", selected, diff)
		}
	}
}

// TestEmptiness holds what proves that a subscription has nothing: an empty
// list, an unregistered provider, a declared code; nothing else does.
func TestEmptiness(t *testing.T) {
	const gap = "gap Microsoft.Locking/locks "
	providers := func(state string) string {
		return "-- Get " + testSubscription + "/providers? --\n200\n\n{\"value\": [{\"namespace\": \"microsoft.LOCKING\", \"registrationState\": \"" + state + "\"}]}\n"
	}
	list := func(status int, code string) string {
		return fmt.Sprintf("-- Get Microsoft.Locking/locks? --\n%d\n\n{\"error\": {\"code\": %q}}\n", status, code)
	}
	for _, tt := range []struct {
		name, answer string
		want         []string
	}{
		{"empty list", "-- Get Microsoft.Locking/locks? --\n200\n\n{\"value\": []}\n", nil},
		{"declared code", list(404, "NoLocks"), nil},
		{"not registered", list(409, "MissingSubscriptionRegistration"), nil},
		{"unknown provider that is not registered", list(400, "NoRegisteredProviderFound") + providers("NotRegistered"), nil},
		{"unknown provider that is registered", list(400, "NoRegisteredProviderFound") + providers("Registered"), []string{gap + "unsupported arm:Microsoft.Locking/locks/read NoRegisteredProviderFound " + testSubscription}},
		{"not found and nobody says why", list(404, "ResourceNotFound") + "-- Get " + testSubscription + "/providers? --\n403\n\n{}\n", []string{gap + "failed arm:Microsoft.Locking/locks/read ResourceNotFound " + testSubscription}},
		{"denied", list(403, "AuthorizationFailed"), []string{gap + "denied arm:Microsoft.Locking/locks/read AuthorizationFailed " + testSubscription}},
		{"no list", "-- Get Microsoft.Locking/locks? --\n200\n\n{}\n", []string{gap + "failed arm:Microsoft.Locking/locks/read " + testSubscription}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := replayed(t, tt.answer, locks())
			if diff := gocmp.Diff(tt.want, out.lines()); diff != "" {
				t.Errorf("collected (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnseen holds that a subscription which Resource Graph or the caller does
// not see is a gap and not empty.
func TestUnseen(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*tree)
		want   []string
	}{
		{"no row", func(t *tree) { t.subs[otherSubscription].seen = false }, []string{
			"Microsoft.Test/boxes a", "gap Microsoft.Test/boxes denied resourcegraph:resources " + otherSubscription,
		}},
		{"not listed", func(t *tree) { t.subs[otherSubscription].listed, t.subs[otherSubscription].seen = false, false }, []string{
			"Microsoft.Test/boxes a", "gap Microsoft.Locking/locks denied arm:Microsoft.Locking/locks/read " + otherSubscription,
			"gap Microsoft.Test/boxes denied resourcegraph:resources " + otherSubscription,
		}},
		{"rows could not be read", func(t *tree) { t.unlisted = errTruncated }, []string{
			"Microsoft.Test/boxes a", "gap Microsoft.Test/boxes failed resourcegraph:resources " + testTenant + " and below",
		}},
		{"no subscription at all", func(t *tree) { clear(t.subs) }, []string{
			"gap Microsoft.Locking/locks denied arm:Microsoft.Locking/locks/read " + testTenant + " and below",
			"gap Microsoft.Test/boxes denied resourcegraph:resources " + testTenant + " and below",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &handler{reply: func(_ int, req *http.Request, _ string) (int, map[string]string, string) {
				if operationName(req) == "Query" {
					return http.StatusOK, nil, page(1, "", "", "a")
				}
				return http.StatusOK, nil, `{"value": []}`
			}}
			s := testSession(t, h, testSubscription, otherSubscription)
			withTypes(s, boxes(), locks())
			tt.change(s.tree)
			var out collected
			out.units(t, s.Units()[1:])
			if diff := gocmp.Diff(tt.want, out.lines()); diff != "" {
				t.Errorf("collected (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFailedQuery holds that a query which fails is one gap a type of the tenant
// and all below it, or of the subscriptions that it was about.
func TestFailedQuery(t *testing.T) {
	out := replayed(t, "-- Query microsoft.test/boxes --\n403\n\n{\"error\": {\"code\": \"AuthorizationFailed\"}}\n", boxes(), lids())
	want := []string{
		"gap Microsoft.Test/boxes/lids denied resourcegraph:resources AuthorizationFailed " + testTenant + " and below",
		"gap Microsoft.Test/boxes denied resourcegraph:resources AuthorizationFailed " + testTenant + " and below",
	}
	if diff := gocmp.Diff(want, out.lines()); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
	out = replayed(t, "-- Query microsoft.test/boxes --\n200\n\n"+page(2, "2", "", "a")+"\n-- Query $skipToken --\n500\n\n{}\n-- Query $skipToken --\n500\n\n{}\n-- Query $skipToken --\n500\n\n{}\n", boxes())
	want = []string{"Microsoft.Test/boxes a", "gap Microsoft.Test/boxes failed resourcegraph:resources " + testTenant + " and below"}
	if diff := gocmp.Diff(want, out.lines()); diff != "" {
		t.Errorf("second page (-want +got):\n%s", diff)
	}
}
