package azure

import (
	"fmt"
	"net/http"
	"strings"
)

// logQuery answers POST /v1/workspaces/{id}/query of the log query API with the
// tables that the seed holds for the workspace, whatever the query is.
// https://learn.microsoft.com/rest/api/loganalytics/query/execute
func (s *Server) logQuery(w http.ResponseWriter, r *request) {
	p := r.path
	if len(p) != 4 || p[0] != "v1" || p[1] != "workspaces" || p[3] != "query" {
		(&apiError{status: http.StatusNotFound, code: "PathNotFoundError", message: "The requested path does not exist"}).write(w, r.Request)
		return
	}
	for id, tables := range s.estate.seed.Logs {
		if strings.EqualFold(id, p[2]) {
			writeJSON(w, http.StatusOK, obj("tables", tables))
			return
		}
	}
	(&apiError{status: http.StatusForbidden, code: "InsufficientAccessError", message: fmt.Sprintf(
		"The provided credentials have insufficient access to perform the requested operation on workspace %s", p[2])}).write(w, r.Request)
}
