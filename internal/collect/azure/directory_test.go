package azure

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// people is a type of the directory for tests.
func people(side ...Read) Type {
	return Type{Name: "graph/person", Class: "user", Properties: struct {
		ID          string `json:"id"`
		DisplayName string `json:"displayName"`
	}{}, Graph: &GraphList{Path: "people", Select: []string{"id", "displayName"}, Permission: "People.Read.All"}, Side: side}
}

var friends = Read{Member: "friends", Path: "people/{id}/friends", Graph: true, Items: true, Action: "Friends.Read.All", Item: struct {
	ID string `json:"id"`
}{}}

func graphPage(next string, ids ...string) string {
	items := make([]string, len(ids))
	for i, id := range ids {
		items[i] = fmt.Sprintf(`{"id": %q, "displayName": "Name of %s"}`, id, id)
	}
	link := ""
	if next != "" {
		link = fmt.Sprintf(`"@odata.nextLink": %q, `, next)
	}
	return `{"@odata.context": "x", ` + link + `"value": [` + strings.Join(items, ", ") + `]}`
}

// TestDirectory holds the lists of Microsoft Graph and their errors.
func TestDirectory(t *testing.T) {
	list := func(name string, status int, body string) string {
		return fmt.Sprintf("-- Graph /v1.0/people? %s --\n%d\n\n%s\n", name, status, body)
	}
	next := func(n string) string { return "https://graph.microsoft.com/v1.0/people?$skiptoken=" + n }
	coded := func(code string) string { return fmt.Sprintf(`{"error": {"code": %q}}`, code) }
	const gap = "gap graph/person "
	for _, tt := range []struct {
		name, answer string
		want         []string
	}{
		{"three pages", list("$select=id,displayName $top=999", 200, graphPage(next("2"), "1")) + list("skiptoken=2", 200, graphPage(next("3"), "2")) + list("skiptoken=3", 200, graphPage("", "3")), []string{"graph/person 1", "graph/person 2", "graph/person 3"}},
		{"denied", list("", 403, coded("Authorization_RequestDenied")), []string{gap + "denied graph:people Authorization_RequestDenied " + testTenant}},
		{"no licence", list("", 403, coded("Authentication_RequestFromNonPremiumTenantOrB2CTenant")), []string{gap + "unsupported graph:people Authentication_RequestFromNonPremiumTenantOrB2CTenant " + testTenant}},
		{"throttled", strings.Repeat(list("", 429, coded("TooManyRequests")), 3), []string{gap + "throttled graph:people TooManyRequests " + testTenant}},
		{"unavailable", strings.Repeat(list("", 503, coded("serviceNotAvailable")), 3), []string{gap + "throttled graph:people serviceNotAvailable " + testTenant}},
		{"leads away", list("", 200, graphPage("https://elsewhere.example/v1.0/people?x=2", "1")), []string{"graph/person 1", gap + "failed graph:people " + testTenant}},
		{"repeats", list("", 200, graphPage(next("2"), "1")) + list("skiptoken=2", 200, graphPage(next("2"))), []string{"graph/person 1", gap + "failed graph:people " + testTenant}},
		{"an object without an id", list("", 200, `{"value": [{"displayName": "x"}]}`), []string{gap + "failed graph:people " + testTenant}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := replayed(t, tt.answer, people())
			if diff := gocmp.Diff(tt.want, out.lines()); diff != "" {
				t.Errorf("collected (-want +got):\n%s", diff)
			}
			for _, a := range out.Assets {
				if a.Scope.Account != testTenant || a.Config["@odata.context"] != nil || a.Name != "Name of "+text(a.Config, "id") || a.ID != "graph/people/"+text(a.Config, "id") {
					t.Errorf("asset %+v", a)
				}
			}
		})
	}
}

// TestBatch holds reads of many objects: twenty at a time, throttled ones again,
// and each answer for itself.
func TestBatch(t *testing.T) {
	ids := make([]string, 45)
	for i := range ids {
		ids[i] = fmt.Sprintf("u%02d", i)
	}
	var sizes []int
	throttled := false
	h := &handler{reply: func(_ int, req *http.Request, body string) (int, map[string]string, string) {
		if operationName(req) == "Graph" {
			if strings.Contains(req.URL.RawQuery, "more") {
				return http.StatusOK, nil, `{"value": [{"id": "f2"}]}`
			}
			return http.StatusOK, nil, graphPage("", ids...)
		}
		var answers []string
		n := 0
		for i, id := range ids {
			if !strings.Contains(body, fmt.Sprintf(`"url":"/people/%s/friends"`, id)) {
				continue
			}
			number := i
			for number >= batchSize {
				number -= batchSize
			}
			n++
			answer := func(status int, body string) {
				answers = append(answers, fmt.Sprintf(`{"id": "%d", "status": %d, "headers": {"Retry-After": "1"}, "body": %s}`, number, status, body))
			}
			switch {
			case id == "u00" && !throttled:
				throttled = true
				answer(429, `{"error": {"code": "TooManyRequests"}}`)
			case id == "u01":
				answer(403, `{"error": {"code": "Authorization_RequestDenied"}}`)
			case id == "u02":
				answer(404, `{"error": {"code": "Request_ResourceNotFound"}}`)
			case id == "u03":
				// the service left one out
			case id == "u04":
				answer(200, `{"value": [{"id": "f1"}], "@odata.nextLink": "https://graph.microsoft.com/v1.0/people/u04/friends?more"}`)
			case id == "u05":
				answer(200, `{}`)
			case id == "u06":
				answer(200, `{"value": [], "@odata.nextLink": "https://elsewhere.example/x"}`)
			default:
				answer(200, `{"value": []}`)
			}
		}
		sizes = append(sizes, n)
		return http.StatusOK, nil, `{"responses": [` + strings.Join(answers, ", ") + `]}`
	}}
	s := testSession(t, h, testSubscription)
	withTypes(s, people(friends))
	var out collected
	out.units(t, s.Units()[1:])
	total, largest := 0, 0
	for _, n := range sizes {
		total, largest = total+n, max(largest, n)
	}
	if len(sizes) != 4 || total != 46 || largest != batchSize { // one was asked for again
		t.Errorf("batches of %v", sizes)
	}
	var gaps []string
	for i, a := range out.Assets {
		for _, g := range a.Gaps {
			gaps = append(gaps, strings.TrimSpace(a.Config["id"].(string)+" "+g.Path+" "+string(g.Reason)+" "+g.Operation+" "+g.Permission+" "+g.Code))
		}
		if _, ok := a.Config["friends"]; ok == (i >= 1 && i <= 6 && i != 4) {
			t.Errorf("%v: member there: %v", a.Config["id"], ok)
		}
	}
	want := []string{
		"u01 friends denied graph:people/{id}/friends Friends.Read.All Authorization_RequestDenied",
		"u03 friends failed graph:people/{id}/friends Friends.Read.All",
		"u05 friends failed graph:people/{id}/friends Friends.Read.All",
		"u06 friends failed graph:people/{id}/friends Friends.Read.All",
	}
	if diff := gocmp.Diff(want, gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if got := out.Assets[4].Config["friends"]; gocmp.Diff([]any{map[string]any{"id": "f1"}, map[string]any{"id": "f2"}}, got) != "" {
		t.Errorf("two pages give %v", got)
	}
}

// TestJoined holds members that come from one list of all objects.
func TestJoined(t *testing.T) {
	whole := Read{Member: "registration", Path: "reports/registrations", Graph: true, Action: "Reports.Read.All", Item: struct {
		ID string `json:"id"`
	}{}}
	inner := Read{Member: "activity", Path: "people?$select=id,activity", Graph: true, Inner: true, Action: "Reports.Read.All", Item: struct{}{}}
	out := replayed(t, `-- Graph /v1.0/people? displayName --
200

`+graphPage("https://graph.microsoft.com/v1.0/people?page=2", "1")+`
-- Graph /v1.0/people? page=2 --
200

`+graphPage("", "2")+`
-- Graph reports/registrations --
200

{"value": [{"id": "1", "mfa": true}]}
-- Graph select=id,activity --
200

{"value": [{"id": "1", "activity": {"last": "x"}}, {"id": "2"}]}
`, people(whole, inner))
	want := []string{"graph/person 1", "graph/person 2", "  registration unsupported graph:reports/registrations Reports.Read.All"}
	if diff := gocmp.Diff(want, out.lines()); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
	if got := out.Assets[0].Config["activity"]; gocmp.Diff(map[string]any{"last": "x"}, got) != "" {
		t.Errorf("activity %v", got)
	}
	if _, ok := out.Assets[1].Config["activity"]; ok {
		t.Error("an object without activity has some")
	}
}

// TestSingle holds single objects of the directory, which have the same id in
// every tenant, and codes that mean that there is nothing.
func TestSingle(t *testing.T) {
	settings := Type{Name: "graph/settings", Class: "settings", Properties: struct {
		ID string `json:"id"`
	}{}, Graph: &GraphList{Path: "policies/settings", Single: true, Beta: true, Permission: "Policy.Read.All", Absent: []string{"AadPremiumLicenseRequired"}}}
	out := replayed(t, "-- Graph /beta/policies/settings --\n200\n\n{\"id\": \"settings\"}\n", settings)
	if len(out.Assets) != 1 || out.Assets[0].ID != "graph/settings/"+testTenant {
		t.Errorf("collected %v, want one asset of the tenant", out.Assets)
	}
	out = replayed(t, "-- Graph /beta/policies/settings --\n400\n\n{\"error\": {\"code\": \"AadPremiumLicenseRequired\"}}\n", settings)
	if len(out.lines()) != 0 {
		t.Errorf("collected %v, want nothing", out.lines())
	}
}

// TestCollections holds that types which list the same objects have ids of
// their own.
func TestCollections(t *testing.T) {
	activity := people()
	activity.Name = "graph/personActivity"
	s := testSession(t, nil, testSubscription)
	withTypes(s, people(), activity)
	if a, b := s.collection(s.types["graph/person"]), s.collection(s.types["graph/personactivity"]); a != "people" || b != "personActivity" {
		t.Errorf("collections %s and %s", a, b)
	}
}
