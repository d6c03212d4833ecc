package azure

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// apiError is an answer in ARM's error form.
// https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
type apiError struct {
	status        int
	code, message string
	details       []any
	retryAfter    string
}

func (e *apiError) write(w http.ResponseWriter, r *http.Request) {
	if e.retryAfter != "" {
		w.Header().Set("Retry-After", e.retryAfter)
	}
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer authorization_uri="%s/", error="invalid_token", error_description="%s"`, baseURL(r), e.message))
	}
	body := obj("code", e.code, "message", e.message)
	if e.details != nil {
		body["details"] = e.details
	}
	if isGraphPath(r.URL.Path) {
		body["innerError"] = obj("date", "2026-01-01T00:00:00", "request-id", w.Header().Get("request-id"), "client-request-id", r.Header.Get("client-request-id"))
	}
	w.Header().Set("X-Ms-Failure-Cause", "gateway")
	w.Header().Set("X-Ms-Error-Code", e.code)
	writeJSON(w, e.status, obj("error", body))
}

func isGraphPath(path string) bool { return strings.HasPrefix(path, "/graph/") }

func baseURL(r *http.Request) string { return "https://" + r.Host }

func writeJSON(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":{"code":"InternalServerError","message":"the answer cannot be written"}}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client has gone
}

// action names what a request needs permission for: provider, types, verb.
func action(verb string, path []string) string {
	typ := typeOfPath(path)
	switch verb {
	case http.MethodPost:
		// POST …/type/name/do is the action "do" on the type; a configuration
		// listed by name needs the action on its parent type.
		if at := lastProviders(path); at >= 0 && (len(path)-at)%2 == 1 {
			return typeOf(path[at+1:len(path)-1]) + "/" + path[len(path)-1] + "/action"
		}
		return typ + "/action"
	case http.MethodDelete:
		return typ + "/delete"
	case http.MethodPut, http.MethodPatch:
		return typ + "/write"
	}
	return typ + "/read"
}

func denied(who identity, verb string, path []string) *apiError {
	return &apiError{status: http.StatusForbidden, code: "AuthorizationFailed", message: fmt.Sprintf(
		"The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '/%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		who.client, who.object, action(verb, path), strings.Join(path, "/"))}
}

func resourceNotFound(path []string) *apiError {
	at := lastProviders(path)
	if at < 0 {
		if len(path) > 3 {
			return &apiError{status: http.StatusNotFound, code: "ResourceGroupNotFound", message: fmt.Sprintf("Resource group '%s' could not be found.", path[3])}
		}
		return subscriptionNotFound(path[1])
	}
	group := ""
	if at >= 4 && strings.EqualFold(path[2], "resourceGroups") {
		group = path[3]
	}
	name := typeOf(path[at+1:]) + "/" + path[len(path)-1]
	return &apiError{status: http.StatusNotFound, code: "ResourceNotFound", message: fmt.Sprintf(
		"The Resource '%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix", name, group)}
}

func parentNotFound(path, parent []string) *apiError {
	_, typ, _ := strings.Cut(typeOfPath(path), "/")
	return &apiError{status: http.StatusNotFound, code: "ParentResourceNotFound", message: fmt.Sprintf(
		"Failed to perform 'read' on resource(s) of type '%s', because the parent resource '/%s' could not be found.", typ, strings.Join(parent, "/"))}
}

func subscriptionNotFound(id string) *apiError {
	return &apiError{status: http.StatusNotFound, code: "SubscriptionNotFound", message: fmt.Sprintf("The subscription '%s' could not be found.", id)}
}
