package azure

import (
	"fmt"
	"net/http"
	"strings"
)

// job is a long-running operation.
type job struct {
	action *Action
	polls  int
}

// startJob answers 202 with the two addresses at which the result is awaited.
// https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
func (s *Server) startJob(w http.ResponseWriter, r *request, a *Action) {
	id := s.requestID()
	s.mu.Lock()
	s.jobs[id] = &job{action: a}
	s.mu.Unlock()
	prefix := ""
	if strings.HasPrefix(r.URL.Path, "/arm/") {
		prefix = "/arm"
	}
	ns := "Microsoft.Resources"
	if at := lastProviders(r.path); at >= 0 {
		ns = r.path[at+1]
	}
	sub := s.estate.seed.Tenant.ID
	if len(r.path) > 1 && strings.EqualFold(r.path[0], "subscriptions") {
		sub = r.path[1]
	}
	base := fmt.Sprintf("%s%s/subscriptions/%s/providers/%s/locations/global/", baseURL(r.Request), prefix, sub, ns)
	version := "?api-version=" + r.URL.Query().Get("api-version")
	w.Header().Set("Azure-AsyncOperation", base+"operations/"+id+version)
	w.Header().Set("Location", base+"operationResults/"+id+version)
	w.Header().Set("Retry-After", "0")
	w.WriteHeader(http.StatusAccepted)
}

// jobPath recognizes the two addresses of a job.
func (s *Server) jobPath(p []string) (id string, ok bool) {
	n := len(p)
	if n < 8 || !strings.EqualFold(p[n-4], "locations") || !strings.EqualFold(p[n-2], "operations") && !strings.EqualFold(p[n-2], "operationResults") {
		return "", false
	}
	return p[n-1], true
}

func (s *Server) pollJob(w http.ResponseWriter, r *request, id string) {
	s.mu.Lock()
	j := s.jobs[id]
	done := false
	if j != nil {
		done = j.polls >= j.action.Polls
		j.polls++
	}
	s.mu.Unlock()
	if j == nil {
		(&apiError{status: http.StatusNotFound, code: "OperationNotFound", message: fmt.Sprintf("The operation '%s' could not be found.", id)}).write(w, r.Request)
		return
	}
	result := strings.EqualFold(r.path[len(r.path)-2], "operationResults")
	w.Header().Set("Retry-After", "0")
	switch {
	case !done && result:
		w.Header().Set("Location", baseURL(r.Request)+r.URL.RequestURI())
		w.WriteHeader(http.StatusAccepted)
	case !done:
		writeJSON(w, http.StatusOK, obj("id", r.URL.Path, "name", id, "status", "InProgress"))
	case result:
		writeJSON(w, http.StatusOK, j.action.Body)
	default:
		writeJSON(w, http.StatusOK, obj("id", r.URL.Path, "name", id, "status", "Succeeded", "properties", j.action.Body))
	}
}
