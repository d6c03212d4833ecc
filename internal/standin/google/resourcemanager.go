package google

import (
	"net/http"
	"strings"
)

// nodeKind is the collection that a method of Cloud Resource Manager is about.
func nodeKind(req *request) string {
	kind, _, _ := strings.Cut(req.m.name, ".")
	return kind
}

// getNode answers get.
func (s *Server) getNode(req *request) *answer {
	n := s.tree.find(req.params["name"])
	if n == nil || n.kind() != nodeKind(req) {
		return nil
	}
	return &answer{body: n.doc}
}

// listNodes answers folders.list and projects.list: the children of one parent,
// those that wait for deletion only on request.
// See https://cloud.google.com/resource-manager/reference/rest/v3/projects/list.
func (s *Server) listNodes(req *request) *answer {
	parent := req.query.Get("parent")
	if parent == "" {
		return &answer{err: newStatus(req.m, http.StatusBadRequest, "Request contains an invalid argument.").violation("parent", "the parent is missing")}
	}
	if s.tree.find(parent) == nil {
		return nil
	}
	values := []any{}
	for _, n := range s.tree.children(nodeKind(req), parent) {
		if text(n.doc, "state") == "ACTIVE" || req.query.Get("showDeleted") == "true" {
			values = append(values, n.doc)
		}
	}
	return &answer{list: slice(nil, nodeKind(req), values)}
}

// searchNodes answers search: all nodes of the kind that fit the query.
// See https://cloud.google.com/resource-manager/reference/rest/v3/projects/search.
func (s *Server) searchNodes(req *request) *answer {
	terms, st := parseQuery(req)
	if st != nil {
		return &answer{err: st}
	}
	for i, t := range terms {
		switch t.field {
		case "id":
			terms[i].field = "projectId"
		case "parent.id":
			terms[i].field = "parent"
		}
		if t.field == "domain" || t.field == "" {
			// An organization is found by its domain, which is its display name.
			terms[i].field = "displayName"
		}
		if t.field == "parent" || t.field == "state" || t.field == "name" || t.field == "directoryCustomerId" {
			terms[i].exact = true
		}
	}
	values := []any{}
	for _, n := range s.tree.nodes {
		if n.kind() == nodeKind(req) && terms.fit(n.doc) {
			values = append(values, n.doc)
		}
	}
	return &answer{list: slice(nil, nodeKind(req), values)}
}

// nodePolicy answers getIamPolicy with the policy that the node's asset has.
func (s *Server) nodePolicy(req *request) *answer {
	n := s.tree.find(req.params["resource"])
	if n == nil || n.kind() != nodeKind(req) {
		return nil
	}
	for _, a := range s.inventory.assets {
		if a.name != "//cloudresourcemanager.googleapis.com/"+n.name {
			continue
		}
		if policy, ok := a.doc["iamPolicy"].(map[string]any); ok {
			return &answer{body: policy}
		}
	}
	return &answer{body: map[string]any{"version": 1, "etag": "ACAB"}}
}

// testPermissions grants what the seed does not deny.
func (s *Server) testPermissions(req *request) *answer {
	asked, _ := req.body["permissions"].([]any)
	granted := []any{}
	for _, p := range asked {
		if name, _ := p.(string); !s.denied[name] {
			granted = append(granted, name)
		}
	}
	if len(granted) == 0 {
		return &answer{body: map[string]any{}}
	}
	return &answer{body: map[string]any{"permissions": granted}}
}
