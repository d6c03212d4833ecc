package gcp

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// expand fills the placeholders of a template and says whether all of them had a
// value. In a path, values are escaped, with their slashes kept.
func expand(template string, value func(name string) any, path bool) (string, bool) {
	var b strings.Builder
	complete := true
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			return b.String(), complete
		}
		name, after, _ := strings.Cut(rest, "}")
		v := value(name)
		if v == nil || v == "" {
			complete = false
		} else if text := fmt.Sprint(v); path {
			b.WriteString(escapePath(text))
		} else {
			b.WriteString(text)
		}
		template = after
	}
}

// escapePath escapes the segments of a name. One that would climb is no name.
func escapePath(text string) string {
	parts := strings.Split(text, "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(p), "%3A", ":")
		if p == "." || p == ".." {
			parts[i] = strings.ReplaceAll(p, ".", "%2E")
		}
	}
	return strings.Join(parts, "/")
}

var organizationOf = regexp.MustCompile(`^organizations/([^/]+)`)

// common are the placeholders that every template has: of the account.
func common(scope model.Scope, name string) (any, bool) {
	switch name {
	case "project":
		return projectOf(scope.Account), true
	case "organization":
		if m := organizationOf.FindStringSubmatch(scope.OrgPath); m != nil {
			return m[1], true
		}
		return "", true
	case "scope":
		if p := projectOf(scope.Account); p != "" {
			return "projects/" + p, true
		}
		return scope.Account, true
	}
	return nil, false
}

// sidePath fills the path of a read of an asset. {name} is the asset's full name
// without its host, or its last segment only where other placeholders come before
// it; of members that are URLs, such as a zone, the last segment counts.
func sidePath(template string, a *model.Asset, path bool) (string, bool) {
	seen := false
	return expand(template, func(name string) any {
		before := seen
		seen = true
		if v, ok := common(a.Scope, name); ok {
			return v
		}
		if name == "name" {
			full := strings.TrimPrefix(a.ID, "//")
			_, full, _ = strings.Cut(full, "/")
			if before {
				full = full[strings.LastIndexByte(full, '/')+1:]
			}
			return full
		}
		v := lookup(a.Config, name)
		if text, ok := v.(string); ok && strings.Contains(text, "://") {
			return text[strings.LastIndexByte(text, '/')+1:]
		}
		return v
	}, path)
}

// listPath fills the path of a listing, whose placeholders are of the account.
func listPath(template string, scope model.Scope, path bool) (string, bool) {
	return expand(template, func(name string) any {
		v, _ := common(scope, name)
		return v
	}, path)
}

// itemID fills the id of a listed item, with the account's placeholders and the
// item's members.
func itemID(template string, scope model.Scope, doc model.Document) (string, bool) {
	return expand(template, func(name string) any {
		if v, ok := common(scope, name); ok {
			return v
		}
		return lookup(doc, name)
	}, false)
}
