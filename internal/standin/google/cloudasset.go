package google

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// builtin are the methods that are answered from the tree and the assets where
// the seed has no response for the request.
var builtin = map[string]func(*Server, *request) *answer{
	"cloudasset:v1/assets.list":          (*Server).listAssets,
	"cloudasset:v1/searchAllResources":   (*Server).searchResources,
	"cloudasset:v1/searchAllIamPolicies": (*Server).searchPolicies,

	"cloudresourcemanager:v3/organizations.search": (*Server).searchNodes,
	"cloudresourcemanager:v3/folders.search":       (*Server).searchNodes,
	"cloudresourcemanager:v3/projects.search":      (*Server).searchNodes,
	"cloudresourcemanager:v3/folders.list":         (*Server).listNodes,
	"cloudresourcemanager:v3/projects.list":        (*Server).listNodes,
	"cloudresourcemanager:v3/organizations.get":    (*Server).getNode,
	"cloudresourcemanager:v3/folders.get":          (*Server).getNode,
	"cloudresourcemanager:v3/projects.get":         (*Server).getNode,

	"cloudresourcemanager:v3/organizations.getIamPolicy":       (*Server).nodePolicy,
	"cloudresourcemanager:v3/folders.getIamPolicy":             (*Server).nodePolicy,
	"cloudresourcemanager:v3/projects.getIamPolicy":            (*Server).nodePolicy,
	"cloudresourcemanager:v3/organizations.testIamPermissions": (*Server).testPermissions,
	"cloudresourcemanager:v3/folders.testIamPermissions":       (*Server).testPermissions,
	"cloudresourcemanager:v3/projects.testIamPermissions":      (*Server).testPermissions,

	"iamcredentials:v1/projects.serviceAccounts.generateAccessToken": (*Server).impersonate,
}

// history is how far back Cloud Asset Inventory goes.
const history = 35 * 24 * time.Hour

// listAssets answers assets.list.
// See https://cloud.google.com/asset-inventory/docs/reference/rest/v1/assets/list.
func (s *Server) listAssets(req *request) *answer {
	invalid := func(field, format string, args ...any) *answer {
		message := fmt.Sprintf(format, args...)
		return &answer{err: newStatus(req.m, http.StatusBadRequest, "%s", message).violation(field, message)}
	}
	scope := s.tree.find(req.params["parent"])
	if scope == nil {
		return nil
	}
	kind := req.query.Get("contentType")
	if kind == "ACCESS_POLICY" && scope.kind() != "organizations" {
		return invalid("content_type", "Content type ACCESS_POLICY is supported at the organization level only.")
	}
	now := s.options.Now()
	read := now
	if given := req.query.Get("readTime"); given != "" {
		at, err := time.Parse(time.RFC3339Nano, given)
		if err != nil || at.After(now) || at.Before(now.Add(-history)) {
			return invalid("read_time", "The read time must lie between now and 35 days ago: %s", given)
		}
		read = at
	}
	types, unknown := s.inventory.match(req.query["assetTypes"])
	if len(unknown) > 0 {
		return invalid("asset_types", "Unsupported asset type(s): %s", strings.Join(unknown, ", "))
	}
	relations := req.query["relationshipTypes"]
	if len(relations) > 0 && kind != "RELATIONSHIP" {
		return invalid("relationship_types", "Relationship types belong to content type RELATIONSHIP.")
	}
	content, given := members[kind]
	keep := append([]string{"name", "assetType", "updateTime", "ancestors"}, content.names...)
	return &answer{list: &listing{
		body: map[string]any{"readTime": read.UTC().Format(time.RFC3339Nano)},
		size: s.inventory.len(),
		next: s.inventory.related(relations, s.inventory.filter(scope.name, func(h head) bool {
			return (types == nil || types[h.kind]) && (!given || h.has&content.bit != 0)
		})),
		row: func(i int) (string, any) {
			doc, out := s.inventory.doc(i), map[string]any{}
			for _, member := range keep {
				if v, ok := doc[member]; ok {
					out[member] = v
				}
			}
			return "", out
		},
		put: plainPut("assets"),
	}}
}

// filter walks the rows under a node whose head is wanted.
func (v *inventory) filter(scope string, wanted func(head) bool) func(int) int {
	return func(i int) int {
		for i = v.next(i, scope); i < v.len(); i = v.next(i+1, scope) {
			if h := v.head(i); slices.Contains(h.ancestors, scope) && wanted(h) {
				return i
			}
		}
		return v.len()
	}
}

// related narrows a walk to relations of the given types; all if there are none.
func (v *inventory) related(types []string, next func(int) int) func(int) int {
	if len(types) == 0 {
		return next
	}
	return func(i int) int {
		for i = next(i); i < v.len(); i = next(i + 1) {
			related, _ := v.doc(i)["relatedAsset"].(map[string]any)
			if slices.Contains(types, text(related, "relationshipType")) {
				break
			}
		}
		return i
	}
}

// match turns asset types, which may be regular expressions, into a set; nil for
// all. What fits no known type is returned as unknown.
func (v *inventory) match(asked []string) (types map[string]bool, unknown []string) {
	if len(asked) == 0 {
		return nil, nil
	}
	types = map[string]bool{}
	for _, t := range asked {
		if _, ok := slices.BinarySearch(v.types, t); ok {
			types[t] = true
			continue
		}
		found := false
		if re, err := regexp.Compile("^(?:" + t + ")$"); err == nil && strings.ContainsAny(t, `*+?[(|\`) {
			for _, known := range v.types {
				if re.MatchString(known) {
					types[known], found = true, true
				}
			}
		}
		if !found {
			unknown = append(unknown, t)
		}
	}
	return types, unknown
}

// place says where an asset lies, as search results do.
func place(doc map[string]any) map[string]any {
	out := map[string]any{}
	path, _ := doc["ancestors"].([]any)
	var folders []any
	for _, p := range path {
		name, _ := p.(string)
		switch {
		case strings.HasPrefix(name, "projects/"):
			out["project"] = name
		case strings.HasPrefix(name, "folders/"):
			folders = append(folders, name)
		default:
			out["organization"] = name
		}
	}
	if folders != nil {
		out["folders"] = folders
	}
	return out
}

// searchResources answers searchAllResources.
// See https://cloud.google.com/asset-inventory/docs/reference/rest/v1/TopLevel/searchAllResources.
func (s *Server) searchResources(req *request) *answer {
	return s.search(req, hasResource, func(doc map[string]any) map[string]any {
		res, _ := doc["resource"].(map[string]any)
		data, _ := res["data"].(map[string]any)
		out := place(doc)
		out["name"], out["assetType"] = doc["name"], doc["assetType"]
		out["updateTime"] = doc["updateTime"]
		for from, to := range map[string]string{"labels": "labels", "description": "description", "displayName": "displayName"} {
			if v, ok := data[from]; ok {
				out[to] = v
			}
		}
		for _, from := range []string{"name", "projectId"} {
			if v := text(data, from); v != "" && out["displayName"] == nil {
				out["displayName"] = v[strings.LastIndex(v, "/")+1:]
			}
		}
		for _, from := range []string{"createTime", "timeCreated", "creationTimestamp"} {
			if v := text(data, from); v != "" {
				out["createTime"] = v
			}
		}
		for _, from := range []string{"state", "status", "lifecycleState"} {
			if v := text(data, from); v != "" {
				out["state"] = v
			}
		}
		out["location"] = "global"
		if v := text(res, "location"); v != "" {
			out["location"] = v
		}
		if v := text(res, "parent"); v != "" {
			out["parentFullResourceName"] = v
		}
		return out
	})
}

// searchPolicies answers searchAllIamPolicies.
// See https://cloud.google.com/asset-inventory/docs/reference/rest/v1/TopLevel/searchAllIamPolicies.
func (s *Server) searchPolicies(req *request) *answer {
	return s.search(req, hasIAM, func(doc map[string]any) map[string]any {
		out := place(doc)
		out["resource"], out["assetType"], out["policy"] = doc["name"], doc["assetType"], doc["iamPolicy"]
		return out
	})
}

func (s *Server) search(req *request, has content, result func(map[string]any) map[string]any) *answer {
	scope := s.tree.find(req.params["scope"])
	if scope == nil {
		return nil
	}
	types, unknown := s.inventory.match(req.query["assetTypes"])
	if len(unknown) > 0 {
		message := "Unsupported asset type(s): " + strings.Join(unknown, ", ")
		return &answer{err: newStatus(req.m, http.StatusBadRequest, "%s", message).violation("asset_types", message)}
	}
	for _, param := range []string{"orderBy", "readMask"} {
		if req.query.Get(param) != "" {
			return &answer{err: newStatus(req.m, http.StatusNotImplemented, "The stand-in does not know %s.", param)}
		}
	}
	terms, st := parseQuery(req)
	if st != nil {
		return &answer{err: st}
	}
	heads := s.inventory.filter(scope.name, func(h head) bool { return (types == nil || types[h.kind]) && h.has&has != 0 })
	return &answer{list: &listing{
		size: s.inventory.len(),
		next: func(i int) int {
			for i = heads(i); i < s.inventory.len(); i = heads(i + 1) {
				if len(terms) == 0 || terms.fit(result(s.inventory.doc(i))) {
					break
				}
			}
			return i
		},
		row: func(i int) (string, any) { return "", maps.Clone(result(s.inventory.doc(i))) },
		put: plainPut("results"),
	}}
}
