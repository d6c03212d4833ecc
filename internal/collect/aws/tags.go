package aws

import (
	"strings"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// tagsOf returns the tags of a document: services return them as a list of keys
// and values or as a map, under a few names.
func tagsOf(doc model.Document) map[string]string {
	for _, member := range []string{"Tags", "TagList", "TagSet"} {
		switch t := doc[member].(type) {
		case []any:
			out := make(map[string]string, len(t))
			for _, e := range t {
				m, _ := e.(map[string]any)
				key, value := firstString(m, "Key", "TagKey"), firstString(m, "Value", "TagValue")
				if key != "" {
					out[key] = value
				}
			}
			return out
		case map[string]any:
			out := make(map[string]string, len(t))
			for k, v := range t {
				s, _ := v.(string)
				out[k] = s
			}
			return out
		}
	}
	return nil
}

func firstString(m map[string]any, keys ...string) string {
	for _, k := range keys {
		if s, ok := m[k].(string); ok {
			return s
		}
	}
	return ""
}

// redact replaces the text at a path, or the values of a map there.
func redact(doc model.Document, path string) {
	name := path[strings.LastIndexByte(path, '.')+1:]
	rewrite(map[string]any(doc), path, func(v any) any {
		switch t := v.(type) {
		case string:
			return collect.Redact(name, t)
		case map[string]any:
			out := make(map[string]any, len(t))
			for k, e := range t {
				s, _ := e.(string)
				out[k] = collect.Redact(k, s)
			}
			return out
		}
		return nil
	})
}
