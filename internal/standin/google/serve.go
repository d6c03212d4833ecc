package google

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const maxBody = 4 << 20

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.handlers.Add(1)
	defer s.handlers.Done()
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		s.write(w, newStatus(nil, http.StatusRequestEntityTooLarge, "read the request: %v", err), nil, nil)
		return
	}
	label, path := s.locate(r)
	if s.serveSignIn(w, r, label, path, data) {
		return
	}
	req, st := s.route(r, label, path)
	if st != nil {
		s.count("unknown")
		s.write(w, st, nil, nil)
		return
	}
	s.count(req.m.call())
	if _, st := s.signIn.bearer(r); st != nil {
		st.legacy = legacy[req.m.service]
		s.write(w, st, nil, nil)
		return
	}
	if st := req.validate(data); st != nil {
		s.write(w, st, nil, nil)
		return
	}
	f := s.fault(req)
	if f != nil {
		if f.Kind == FaultTimeout {
			s.hang(r.Context())
			return
		}
		if st := f.status(req); st != nil {
			s.write(w, st, nil, nil)
			return
		}
	}
	body, st := s.answer(req, r, f)
	s.write(w, st, body, f)
}

func (s *Server) hang(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.done:
	}
}

// locate tells the service and the path on its host: by host where that is one
// of the universe's, else by the first segment.
func (s *Server) locate(r *http.Request) (label, path string) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	path = r.URL.EscapedPath()
	if name, ok := strings.CutSuffix(host, "."+s.options.Universe); ok {
		return serviceOf(name), path
	}
	if strings.HasPrefix(path, "/v1/projects/-/serviceAccounts/") {
		return "iamcredentials", path // where ImpersonationURL points
	}
	label, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return label, "/" + rest
}

// serviceOf takes the location out of a regional host: "us-east1-run" and
// "secretmanager.us-east1.rep" are run and secretmanager.
func serviceOf(host string) string {
	label, _, _ := strings.Cut(host, ".")
	if at := strings.LastIndex(label, "-"); at >= 0 {
		label = label[at+1:]
	}
	return label
}

func (s *Server) route(r *http.Request, label, path string) (*request, *status) {
	service, err := s.lib.service(label)
	if err != nil {
		return nil, newStatus(nil, http.StatusNotFound, "No service %q: the path begins with the service's name, or the host does.", label)
	}
	m, params := service.route(r.Method, path)
	if m == nil {
		return nil, newStatus(nil, http.StatusNotFound, "No method of %s answers %s %s.", label, r.Method, path)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newStatus(m, http.StatusBadRequest, "Invalid query: %v", err)
	}
	words := plain(path)
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, v := range query[name] {
			words += "&" + name + "=" + v
		}
	}
	return &request{m: m, params: params, query: query, words: words}, nil
}

// answer finds what a valid request is told.
func (s *Server) answer(req *request, r *http.Request, f *Fault) (map[string]any, *status) {
	permission := permissionOf(req)
	if project := r.Header.Get("X-Goog-User-Project"); project != "" && s.tree.find("projects/"+project) == nil {
		st := newStatus(req.m, http.StatusForbidden, "Caller does not have required permission to use project %s. Grant the caller the roles/serviceusage.serviceUsageConsumer role.", project)
		return nil, st.info("googleapis.com", "USER_PROJECT_DENIED", map[string]any{"consumer": "projects/" + project, "service": req.m.service + ".googleapis.com", "permission": "serviceusage.services.use"})
	}
	if s.denied[permission] || !s.inTree(req) {
		return nil, denied(req.m, permission, scopeOf(req))
	}
	s.normalize(req)
	if body, st := s.operation(req); body != nil || st != nil {
		return body, st
	}
	a := s.seeded(req)
	if a == nil {
		if own := builtin[req.m.call()]; own != nil {
			a = own(s, req)
		}
	}
	switch {
	case a == nil:
		return nil, denied(req.m, permission, scopeOf(req))
	case a.err != nil:
		return nil, a.err
	case a.list != nil:
		return s.page(req, a.list, f)
	}
	if f != nil {
		f.mark(req, a.body, listOf(req.m))
	}
	return a.body, nil
}

// inTree reports whether all nodes that the request mentions are seeded.
func (s *Server) inTree(req *request) bool {
	known := func(name, v string) bool {
		if name == "project" || name == "projectId" {
			v = "projects/" + v
		}
		for _, mentioned := range mentions(v) {
			if !strings.HasSuffix(mentioned, "/-") && !strings.HasSuffix(mentioned, "/_") && s.tree.find(mentioned) == nil {
				return false
			}
		}
		return true
	}
	for name, v := range req.params {
		if !known(name, v) {
			return false
		}
	}
	for _, name := range []string{"parent", "scope", "name", "resource", "project"} {
		if v := req.query.Get(name); v != "" && !known(name, v) {
			return false
		}
	}
	return true
}

// normalize writes projects by number. Filters stay as they are.
func (s *Server) normalize(req *request) {
	for name, v := range req.params {
		req.params[name] = s.tree.parameter(name, v)
	}
	for name, values := range req.query {
		if name == "filter" || name == "query" || name == "pageToken" {
			continue
		}
		for i, v := range values {
			values[i] = s.tree.parameter(name, v)
		}
	}
}

// write sends an error or a body, spoilt by the fault where it is about bytes.
func (s *Server) write(w http.ResponseWriter, st *status, body map[string]any, f *Fault) {
	code := http.StatusOK
	if st != nil {
		code, body = st.code, st.body()
		for name, values := range st.header {
			w.Header()[name] = values
		}
	}
	if body == nil {
		body = map[string]any{}
	}
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if st == nil && f != nil && f.Kind == FaultGarbage {
		data = []byte("<!DOCTYPE html><title>Sign in</title><p>This is no JSON.")
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	if st == nil && f != nil && f.Kind == FaultTruncated {
		data = data[:len(data)/2]
	}
	w.WriteHeader(code)
	// A client that went away does not need the rest.
	_, _ = w.Write(data)
}
