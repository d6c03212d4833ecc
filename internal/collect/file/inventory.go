package file

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// inventoryAsset brings an asset of Cloud Asset Inventory to the form of its API.
// An export to Cloud Storage spells the members of protocol buffers with
// underscores and leaves the service's own document, resource.data, as it is.
// https://cloud.google.com/asset-inventory/docs/reference/rest/v1/Asset
func inventoryAsset(m map[string]any) (model.Document, error) {
	doc := model.Document{}
	for name, v := range m {
		name = camel(name)
		switch name {
		case "resource":
			v = inventoryResource(v)
		case "iamPolicy", "orgPolicy", "accessPolicy", "accessLevel", "servicePerimeter", "policy":
			v = camelAll(v)
		}
		doc[name] = v
	}
	if policy, ok := doc["policy"]; ok { // of search-all-iam-policies
		if name, ok := doc["resource"].(string); ok {
			delete(doc, "policy")
			delete(doc, "resource")
			doc["name"], doc["iamPolicy"] = name, policy
		}
	}
	logTypes(doc["iamPolicy"])
	name, _ := doc["name"].(string)
	typ, _ := doc["assetType"].(string)
	if name == "" || typ == "" {
		return nil, fmt.Errorf("%w: an asset without name or type", model.ErrInvalid)
	}
	if doc["ancestors"] == nil {
		if list := ancestors(doc); len(list) > 0 {
			doc["ancestors"] = list
		}
	}
	return doc, nil
}

// ancestors returns those of a search result, which names them one by one.
func ancestors(doc model.Document) []any {
	var out []any
	if p, ok := doc["project"].(string); ok && p != "" {
		out = append(out, p)
	}
	folders, _ := doc["folders"].([]any)
	out = append(out, folders...)
	if o, ok := doc["organization"].(string); ok && o != "" {
		out = append(out, o)
	}
	return slices.Compact(out)
}

func inventoryResource(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for name, e := range m {
		out[camel(name)] = e
	}
	return out
}

// camel turns a name with underscores into the name that the JSON form of
// protocol buffers has.
func camel(name string) string {
	if !strings.Contains(name, "_") {
		return name
	}
	parts := strings.Split(name, "_")
	for i, p := range parts[1:] {
		if p != "" {
			parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}

func camelAll(v any) any {
	switch t := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(t))
		for name, e := range t {
			out[camel(name)] = camelAll(e)
		}
		return out
	case []any:
		for i, e := range t {
			t[i] = camelAll(e)
		}
		return t
	}
	return v
}

// logTypeNames are the names of the numbers that exports give audit logs.
// https://cloud.google.com/iam/docs/reference/rest/v1/Policy#logtype
var logTypeNames = []string{"LOG_TYPE_UNSPECIFIED", "ADMIN_READ", "DATA_WRITE", "DATA_READ"}

func logTypes(policy any) {
	m, _ := policy.(map[string]any)
	configs, _ := m["auditConfigs"].([]any)
	for _, c := range configs {
		config, _ := c.(map[string]any)
		logs, _ := config["auditLogConfigs"].([]any)
		for _, l := range logs {
			entry, _ := l.(map[string]any)
			if n, ok := entry["logType"].(int64); ok && n >= 0 && n < int64(len(logTypeNames)) {
				entry["logType"] = logTypeNames[n]
			}
		}
	}
	bindings, _ := m["bindings"].([]any)
	for _, b := range bindings {
		binding, _ := b.(map[string]any)
		if c, ok := binding["condition"].(map[string]any); ok && !slices.ContainsFunc([]string{"expression", "title", "description", "location"}, func(n string) bool { return c[n] != nil && c[n] != "" }) {
			delete(binding, "condition") // an empty message is none
		}
	}
}
