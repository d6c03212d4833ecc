package azure

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// coreVersions are the api-versions of what ARM answers itself.
var coreVersions = map[string][]string{
	"tenants":        {"2020-01-01", "2021-01-01", "2022-12-01"},
	"subscriptions":  {"2020-01-01", "2021-01-01", "2022-12-01"},
	"locations":      {"2020-01-01", "2021-01-01", "2022-12-01"},
	"providers":      {"2020-10-01", "2021-04-01", "2022-09-01", "2024-03-01"},
	"resourcegroups": {"2020-10-01", "2021-04-01", "2022-09-01", "2024-03-01"},
	"resources":      {"2020-10-01", "2021-04-01", "2022-09-01", "2024-03-01"},
}

var reDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(-[a-zA-Z]+)?$`)

// arm answers Azure Resource Manager.
func (s *Server) arm(w http.ResponseWriter, r *request) {
	if len(r.path) == 0 {
		(&apiError{status: http.StatusNotFound, code: "InvalidRequest", message: "The request is not understood."}).write(w, r.Request)
		return
	}
	if r.Method == http.MethodGet {
		if e := s.takeRead(w, r.path); e != nil {
			e.write(w, r.Request)
			return
		}
	}
	if id, ok := s.jobPath(r.path); ok {
		s.pollJob(w, r, id)
		return
	}
	if e := s.checkVersion(r); e != nil {
		e.write(w, r.Request)
		return
	}
	if e := s.checkScope(r); e != nil {
		e.write(w, r.Request)
		return
	}
	switch r.Method {
	case http.MethodGet:
		s.armGet(w, r)
	case http.MethodPost:
		s.armPost(w, r)
	default:
		denied(r.who, r.Method, r.path).write(w, r.Request) // nobody writes here
	}
}

// checkVersion refuses a call whose api-version its type does not have.
func (s *Server) checkVersion(r *request) *apiError {
	version := r.URL.Query().Get("api-version")
	if version == "" {
		return &apiError{status: http.StatusBadRequest, code: "MissingApiVersionParameter", message: "The api-version query parameter (?api-version=) is required for all requests."}
	}
	accepted, known, core := s.versionsOf(r.Method, r.path)
	if !known {
		typ := typeOfPath(r.path)
		ns, rest, _ := strings.Cut(typ, "/")
		return &apiError{status: http.StatusNotFound, code: "InvalidResourceType", message: fmt.Sprintf("The resource type '%s' could not be found in the namespace '%s' for api version '%s'.", rest, ns, version)}
	}
	if slices.ContainsFunc(accepted, func(v string) bool { return strings.EqualFold(v, version) }) {
		return nil
	}
	list := strings.Join(accepted, ",")
	if core || !reDate.MatchString(version) {
		return &apiError{status: http.StatusBadRequest, code: "InvalidApiVersionParameter", message: fmt.Sprintf("The api-version '%s' is invalid. The supported versions are '%s'.", version, list)}
	}
	_, rest, _ := strings.Cut(typeOfPath(r.path), "/")
	return &apiError{status: http.StatusBadRequest, code: "NoRegisteredProviderFound", message: fmt.Sprintf(
		"No registered resource provider found for location 'global' and API version '%s' for type '%s'. The supported api-versions are '%s'. The supported locations are ''.", version, rest, list)}
}

func (s *Server) versionsOf(verb string, path []string) (accepted []string, known, core bool) {
	accepted, known = s.cat.routes.versions(verb, path)
	if lastProviders(path) >= 0 && lastProviders(path)+1 < len(path) && len(path) != 4 {
		return accepted, known, false
	}
	key := strings.ToLower(path[0])
	if len(path) > 2 {
		key = strings.ToLower(path[2])
	}
	if v, ok := coreVersions[key]; ok && verb == http.MethodGet {
		accepted = append(accepted, v...)
		slices.Sort(accepted)
		return slices.Compact(accepted), true, true
	}
	return accepted, known, false
}

// checkScope refuses what lies in a subscription that is not there or not to be
// read.
func (s *Server) checkScope(r *request) *apiError {
	if len(r.path) < 2 || !strings.EqualFold(r.path[0], "subscriptions") {
		return nil
	}
	sub := s.estate.subscription(r.path[1])
	switch {
	case sub == nil:
		return subscriptionNotFound(r.path[1])
	case sub.Denied:
		return denied(r.who, r.Method, r.path)
	}
	return nil
}

func (s *Server) armGet(w http.ResponseWriter, r *request) {
	p := r.path
	low := strings.ToLower(strings.Join(p, "/"))
	if body, ok := s.estate.answers["/"+low]; ok {
		writeJSON(w, http.StatusOK, body)
		return
	}
	switch {
	case strings.HasSuffix(low, "/providers/microsoft.authorization/permissions"):
		// Whoever signs in here is a reader.
		s.listPage(w, r, []any{obj("actions", []string{"*/read"}, "notActions", []string{}, "dataActions", []string{}, "notDataActions", []string{})}, true)
	case low == "subscriptions":
		s.listPage(w, r, s.visible(), true)
	case low == "tenants":
		t := s.estate.seed.Tenant
		s.listPage(w, r, []any{obj("id", "/tenants/"+t.ID, "tenantId", t.ID, "displayName", t.DisplayName, "domains", t.Domains, "tenantCategory", "Home", "defaultDomain", first(t.Domains))}, true)
	case p[0] != "" && strings.EqualFold(p[0], "subscriptions") && len(p) == 2:
		writeJSON(w, http.StatusOK, s.subscriptionDoc(s.estate.subscription(p[1])))
	case len(p) == 3 && strings.EqualFold(p[2], "providers"):
		s.listPage(w, r, s.providers(s.estate.subscription(p[1])), true)
	case len(p) == 3 && strings.EqualFold(p[2], "locations"):
		s.listPage(w, r, locations(s.estate.subscription(p[1])), true)
	case len(p) == 3 && strings.EqualFold(p[2], "resources"):
		list, e := filter(s.tracked("/"+low[:strings.LastIndexByte(low, '/')], ""), p, r.URL.Query().Get("$filter"))
		if e != nil {
			e.write(w, r.Request)
			return
		}
		s.listPage(w, r, s.docs(list), true)
	case len(p) == 4 && strings.EqualFold(p[2], "providers"):
		for _, x := range s.providers(s.estate.subscription(p[1])) {
			if strings.EqualFold(text(x.(map[string]any)["namespace"]), p[3]) {
				writeJSON(w, http.StatusOK, x)
				return
			}
		}
		(&apiError{status: http.StatusNotFound, code: "InvalidResourceNamespace", message: fmt.Sprintf("The resource namespace '%s' is invalid.", p[3])}).write(w, r.Request)
	case strings.HasPrefix(low, "providers/microsoft.management/managementgroups") && lastProviders(p) == 0:
		s.managementGroups(w, r)
	case isCollection(p):
		s.armList(w, r)
	default:
		s.armOne(w, r)
	}
}

func first(l []string) string {
	if len(l) == 0 {
		return ""
	}
	return l[0]
}

// isCollection says whether the path ends in a type.
func isCollection(p []string) bool {
	if at := lastProviders(p); at >= 0 {
		return (len(p)-at)%2 == 1
	}
	return len(p)%2 == 1
}

// armOne answers one resource: as seeded; absent where the seed says so or
// where its parent is; denied otherwise, because the seed does not know.
func (s *Server) armOne(w http.ResponseWriter, r *request) {
	p := r.path
	key := "/" + strings.ToLower(strings.Join(p, "/"))
	if res := s.estate.get(key); res != nil {
		if s.cat.routes.getOnly(p) {
			denied(r.who, r.Method, p).write(w, r.Request)
			return
		}
		writeJSON(w, http.StatusOK, res.doc)
		return
	}
	parent, nested := parentOf(p)
	switch {
	case s.estate.isEmpty(p) || s.estate.isEmpty(p[:len(p)-1]):
		resourceNotFound(p).write(w, r.Request)
	case !nested && s.exists(p): // a group that is not seeded, with resources that are
		denied(r.who, r.Method, p).write(w, r.Request)
	case !nested:
		resourceNotFound(p).write(w, r.Request)
	case !s.exists(parent):
		parentNotFound(p, parent).write(w, r.Request)
	default:
		denied(r.who, r.Method, p).write(w, r.Request)
	}
}

// getOnly is true for what a GET does not give although it can be seeded: a
// setting that only POST …/list shows.
func (t *routeTree) getOnly(p []string) bool {
	n := len(p)
	if n < 2 || !strings.EqualFold(p[n-2], "config") {
		return false
	}
	switch strings.ToLower(p[n-1]) {
	case "appsettings", "connectionstrings", "azurestorageaccounts", "publishingcredentials":
		return true
	}
	return false
}

// parentOf gives the resource above; nested is false for a resource that lies
// directly in a group, whose absence the provider always tells.
func parentOf(p []string) (parent []string, nested bool) {
	at := lastProviders(p)
	if at < 0 {
		return p[:max(len(p)-2, 0)], false
	}
	if len(p)-at > 4 || isCollection(p) && len(p)-at > 3 {
		cut := 2
		if isCollection(p) {
			cut = 1
		}
		return p[:len(p)-cut], true
	}
	// A resource of an extension type hangs below a scope; one of a tracked
	// type lies in a group.
	scope := p[:at]
	inGroup := len(scope) == 4 && strings.EqualFold(scope[2], "resourceGroups")
	if inGroup && !isExtension(p[at+1]) {
		return scope, false
	}
	return scope, true
}

// isExtension names the providers whose types hang below any scope.
func isExtension(namespace string) bool {
	switch strings.ToLower(namespace) {
	case "microsoft.authorization", "microsoft.insights", "microsoft.security", "microsoft.policyinsights", "microsoft.resources", "microsoft.guestconfiguration":
		return true
	}
	return false
}

// exists says whether a scope is there: a resource, a seeded or implied group,
// a subscription, a management group or the tenant.
func (s *Server) exists(p []string) bool {
	low := strings.ToLower(strings.Join(p, "/"))
	switch {
	case len(p) == 0:
		return true
	case strings.HasPrefix(low, "providers/microsoft.management/managementgroups/") && len(p) == 4:
		return s.estate.groups[strings.ToLower(p[3])] != nil || strings.EqualFold(p[3], s.estate.seed.Tenant.ID)
	case strings.EqualFold(p[0], "subscriptions") && len(p) == 2:
		return s.estate.subscription(p[1]) != nil
	}
	if s.estate.get("/"+low) != nil {
		return true
	}
	for r := range s.estate.after("/" + low + "/") {
		return strings.HasPrefix(r.key, "/"+low+"/")
	}
	return false
}

// armPost answers the queries, the list actions and the seeded actions.
func (s *Server) armPost(w http.ResponseWriter, r *request) {
	p := r.path
	low := strings.ToLower(strings.Join(p, "/"))
	if low == "providers/microsoft.resourcegraph/resources" {
		s.graphQuery(w, r.Request, r.fault)
		return
	}
	if low == "providers/microsoft.management/getentities" {
		s.listPage(w, r, s.entities(), true)
		return
	}
	if a := s.estate.actions["/"+low]; a != nil {
		if a.Async {
			s.startJob(w, r, a)
			return
		}
		var body any
		if err := decode(a.Body, &body); err != nil {
			(&apiError{status: http.StatusInternalServerError, code: "InternalServerError", message: err.Error()}).write(w, r.Request)
			return
		}
		writeJSON(w, http.StatusOK, body)
		return
	}
	if strings.HasSuffix(low, "/list") {
		if res := s.estate.get("/" + strings.TrimSuffix(low, "/list")); res != nil {
			writeJSON(w, http.StatusOK, res.doc)
			return
		}
	}
	if parent, nested := parentOf(p[:len(p)-1]); nested && !s.exists(parent) {
		parentNotFound(p, parent).write(w, r.Request)
		return
	}
	denied(r.who, r.Method, p).write(w, r.Request)
}
