package azure

import (
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// lid is a side read of a box.
var lid = Read{Member: "lid", Path: "lids/default", Version: "2024-01-01", Item: struct {
	Locked bool `json:"locked"`
}{}}

// TestReads holds that a read ends as present, absent or a gap, and that an
// asset which is gone is not yielded.
func TestReads(t *testing.T) {
	read := func(change func(*Read)) Read {
		r := lid
		if change != nil {
			change(&r)
		}
		return r
	}
	const lidGap = "  lid "
	for _, tt := range []struct {
		name   string
		read   Read
		answer string
		want   []string
		value  any
	}{
		{"present", lid, "-- Get boxes/a/lids/default? --\n200\n\n{\"properties\": {\"locked\": \"true\"}}\n", nil, map[string]any{"properties": map[string]any{"locked": true}}},
		{"inner", read(func(r *Read) { r.Inner = true }), "-- Get boxes/a/lids/default? --\n200\n\n{\"properties\": {\"locked\": true}}\n", nil, map[string]any{"locked": true}},
		{
			"inner without properties", read(func(r *Read) { r.Inner = true }), "-- Get boxes/a/lids/default? --\n200\n\n{\"id\": \"x\"}\n",
			[]string{lidGap + "failed arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read"},
			nil,
		},
		{
			"absent by its code", read(func(r *Read) { r.Absent = []string{"LidNotFound"} }),
			"-- Get boxes/a/lids/default? --\n404\n\n{\"error\": {\"code\": \"LidNotFound\"}}\n", nil, nil,
		},
		{
			"absent by the message", lid,
			"-- Get boxes/a/lids/default? --\n404\n\n{\"error\": {\"code\": \"ResourceNotFound\", \"message\": \"The Resource 'Microsoft.Test/boxes/a/lids/default' was not found.\"}}\n", nil, nil,
		},
		{
			"absent because the asset is there", lid,
			"-- Get boxes/a/lids/default? --\n404\n\n{\"error\": {\"code\": \"ResourceNotFound\"}}\n-- Get boxes/a? --\n200\n\n{\"id\": \"a\"}\n", nil, nil,
		},
		{
			"absent because only what it stands below is not there", lid,
			"-- Get boxes/a/lids/default? --\n404\n\n{\"error\": {\"code\": \"ParentResourceNotFound\"}}\n-- Get boxes/a? --\n200\n\n{\"id\": \"a\"}\n", nil, nil,
		},
		{
			"unknown whether the asset is there", lid,
			"-- Get boxes/a/lids/default? --\n404\n\n{\"error\": {\"code\": \"ResourceNotFound\"}}\n-- Get boxes/a? --\n403\n\n{\"error\": {\"code\": \"AuthorizationFailed\"}}\n",
			[]string{lidGap + "denied arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read AuthorizationFailed"},
			nil,
		},
		{
			"denied with the action", lid,
			"-- Get boxes/a/lids/default? --\n403\n\n{\"error\": {\"code\": \"AuthorizationFailed\", \"message\": \"to perform action 'Microsoft.Test/boxes/lids/other/read' over\"}}\n",
			[]string{lidGap + "denied arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/other/read AuthorizationFailed"},
			nil,
		},
		{
			"locked", read(func(r *Read) { r.Post, r.Path = true, "lids/all/list" }),
			"-- Post boxes/a/lids/all/list? --\n409\n\n{\"error\": {\"code\": \"ScopeLocked\"}}\n",
			[]string{lidGap + "denied arm:Microsoft.Test/boxes/lids/list/action Microsoft.Test/boxes/lids/list/action ScopeLocked read_only_lock"},
			nil,
		},
		{
			"garbage three times", lid, strings.Repeat("-- Get boxes/a/lids/default? --\n200\n\n{\"properties\n", 3),
			[]string{lidGap + "failed arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read"},
			nil,
		},
		{"garbage once", lid, "-- Get boxes/a/lids/default? --\n200\n\n[]\n-- Get boxes/a/lids/default? --\n200\n\n{\"properties\": {}}\n", nil, map[string]any{"properties": map[string]any{}}},
		{"empty answer", lid, strings.Repeat("-- Get boxes/a/lids/default? --\n204\n\n", 1), []string{lidGap + "failed arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read"}, nil},
		{
			"throttled to the end", lid, strings.Repeat("-- Get boxes/a/lids/default? --\n429\nRetry-After: 1\n\n{\"error\": {\"code\": \"TooManyRequests\"}}\n", 3),
			[]string{lidGap + "throttled arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read TooManyRequests"},
			nil,
		},
		{
			"throttled twice", lid,
			strings.Repeat("-- Get boxes/a/lids/default? --\n429\nRetry-After: 1\n\n{}\n", 2) + "-- Get boxes/a/lids/default? --\n200\n\n{}\n", nil,
			map[string]any{},
		},
		{
			"list of two pages", read(func(r *Read) { r.Items, r.Path = true, "lids" }),
			"-- Get boxes/a/lids? --\n200\n\n{\"value\": [{\"name\": \"1\"}], \"nextLink\": \"https://management.azure.com/next?page=2\"}\n-- Get /next?page=2 --\n200\n\n{\"value\": [{\"name\": \"2\"}]}\n",
			nil,
			[]any{map[string]any{"name": "1"}, map[string]any{"name": "2"}},
		},
		{
			"list whose second page fails", read(func(r *Read) { r.Items, r.Path = true, "lids" }),
			"-- Get boxes/a/lids? --\n200\n\n{\"value\": [{\"name\": \"1\"}], \"nextLink\": \"https://management.azure.com/next?page=2\"}\n-- Get /next?page=2 --\n403\n\n{\"error\": {\"code\": \"AuthorizationFailed\"}}\n",
			[]string{lidGap + "denied arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read AuthorizationFailed"},
			nil,
		},
		{
			"list that leads away", read(func(r *Read) { r.Items, r.Path = true, "lids" }),
			"-- Get boxes/a/lids? --\n200\n\n{\"value\": [], \"nextLink\": \"https://elsewhere.example/next\"}\n",
			[]string{lidGap + "failed arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read"},
			nil,
		},
		{
			"list that leads to http", read(func(r *Read) { r.Items, r.Path = true, "lids" }),
			"-- Get boxes/a/lids? --\n200\n\n{\"value\": [], \"nextLink\": \"http://management.azure.com/next\"}\n",
			[]string{lidGap + "failed arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read"},
			nil,
		},
		{
			"list that repeats", read(func(r *Read) { r.Items, r.Path = true, "lids" }),
			"-- Get boxes/a/lids? --\n200\n\n{\"value\": [{\"name\": \"1\"}], \"nextLink\": \"https://management.azure.com/next?page=2\"}\n-- Get /next?page=2 --\n200\n\n{\"value\": [], \"nextLink\": \"https://management.azure.com/next?page=2\"}\n",
			[]string{lidGap + "failed arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read"},
			nil,
		},
		{
			"list without values", read(func(r *Read) { r.Items, r.Path = true, "lids" }),
			strings.Repeat("-- Get boxes/a/lids? --\n200\n\n{}\n", 1),
			[]string{lidGap + "failed arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read"},
			nil,
		},
		{
			"list of a provider that is not registered", read(func(r *Read) { r.Items, r.Path = true, "lids" }),
			"-- Get boxes/a/lids? --\n409\n\n{\"error\": {\"code\": \"MissingSubscriptionRegistration\"}}\n", nil,
			[]any{},
		},
		{
			"absolute path", read(func(r *Read) { r.Path = "/subscriptions/{subscription}/providers/Microsoft.Other/things/{tenant}" }),
			"-- Get /subscriptions/" + testSubscription + "/providers/Microsoft.Other/things/" + testTenant + "? --\n200\n\n{}\n", nil,
			map[string]any{},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := replayed(t, boxRows+tt.answer, boxes(tt.read))
			if diff := gocmp.Diff(append([]string{"Microsoft.Test/boxes a"}, tt.want...), out.lines()); diff != "" {
				t.Fatalf("collected (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(tt.value, out.Assets[0].Config["lid"]); diff != "" {
				t.Errorf("member (-want +got):\n%s", diff)
			}
		})
	}
}

// TestVanished holds that an asset that is gone by the vendor's word is not
// yielded, and leaves no gap.
func TestVanished(t *testing.T) {
	for name, answer := range map[string]string{
		"parent": "-- Get boxes/a/lids/default? --\n404\n\n{\"error\": {\"code\": \"ParentResourceNotFound\"}}\n-- Get boxes/a? --\n404\n\n{\"error\": {\"code\": \"ResourceNotFound\"}}\n",
		"group":  "-- Get boxes/a/lids/default? --\n404\n\n{\"error\": {\"code\": \"ResourceGroupNotFound\"}}\n",
		"named":  "-- Get boxes/a/lids/default? --\n404\n\n{\"error\": {\"code\": \"ResourceNotFound\", \"message\": \"The Resource 'Microsoft.Test/boxes/a' was not found\"}}\n",
		"looked": "-- Get boxes/a/lids/default? --\n404\n\n{\"error\": {\"code\": \"ResourceNotFound\"}}\n-- Get boxes/a? --\n404\n\n{\"error\": {\"code\": \"ResourceNotFound\"}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if out := replayed(t, boxRows+answer, boxes(lid)); len(out.lines()) != 0 {
				t.Errorf("yielded %v, want nothing", out.lines())
			}
		})
	}
}

// TestNeeded holds that what nobody needs is not read, and is a gap.
func TestNeeded(t *testing.T) {
	h := &handler{reply: func(_ int, req *http.Request, _ string) (int, map[string]string, string) {
		if operationName(req) == "Query" {
			return http.StatusOK, nil, page(1, "", "", "a")
		}
		return http.StatusOK, nil, "{}"
	}}
	s := testSession(t, h, testSubscription)
	typ := boxes(lid, Read{Member: "properties.inner", Path: "inner", Version: "2024-01-01", Item: struct{}{}})
	typ.Reread = []string{"managedBy"}
	withTypes(s, typ)
	s.opts.Needed = func(_, member string) bool { return member == "properties" }
	var out collected
	out.units(t, s.Units()[1:])
	want := []string{
		"Microsoft.Test/boxes a",
		"  lid skipped arm:Microsoft.Test/boxes/lids/read Microsoft.Test/boxes/lids/read",
		"  managedBy skipped arm:Microsoft.Test/boxes/read Microsoft.Test/boxes/read",
	}
	if diff := gocmp.Diff(want, out.lines()); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
	if len(h.calls) != 2 || !strings.Contains(h.calls[1], "/inner?") {
		t.Errorf("calls %v, want the query and the needed read", h.calls)
	}
}

// TestReread holds that what Resource Graph scrubs comes from Azure Resource
// Manager, and does not stay where that fails.
func TestReread(t *testing.T) {
	typ := boxes()
	typ.Reread = []string{"properties.open"}
	out := replayed(t, boxRows+"-- Get boxes/a? --\n200\n\n{\"id\": \"x\", \"name\": \"a\", \"type\": \"X\", \"properties\": {\"open\": false}}\n", typ)
	if got := out.Assets[0].Config["properties"]; gocmp.Diff(map[string]any{"open": false}, got) != "" || len(out.Assets[0].Gaps) != 0 {
		t.Errorf("properties %v and gaps %v, want what Azure Resource Manager says", got, out.Assets[0].Gaps)
	}
	out = replayed(t, boxRows+"-- Get boxes/a? --\n403\n\n{\"error\": {\"code\": \"AuthorizationFailed\"}}\n", typ)
	want := []string{"Microsoft.Test/boxes a", "  properties.open denied arm:Microsoft.Test/boxes/read Microsoft.Test/boxes/read AuthorizationFailed"}
	if diff := gocmp.Diff(want, out.lines()); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
	if got := out.Assets[0].Config["properties"]; gocmp.Diff(map[string]any{}, got) != "" {
		t.Errorf("properties %v, want none of Resource Graph's", got)
	}
	out = replayed(t, boxRows+"-- Get boxes/a? --\n404\n\n{\"error\": {\"code\": \"ResourceNotFound\"}}\n", typ)
	if len(out.lines()) != 0 {
		t.Errorf("yielded %v, want nothing of an asset that is gone", out.lines())
	}
}
