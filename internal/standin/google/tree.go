package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// node is an organization, folder or project.
type node struct {
	name   string // with the number: "projects/333"
	id     string // a project's id
	parent string
	doc    map[string]any
}

func (n *node) kind() string {
	kind, _, _ := strings.Cut(n.name, "/")
	return kind
}

// tree is the resource hierarchy.
type tree struct {
	nodes  []*node // parents before children
	byName map[string]*node
	byID   map[string]*node // projects
}

var nodeName = regexp.MustCompile(`^(organizations|folders|projects)/[0-9]+$`)

// newTree checks the seeded nodes against Cloud Resource Manager v3.
func newTree(doc *document, seed *Seed) (*tree, error) {
	t := &tree{byName: map[string]*node{}, byID: map[string]*node{}}
	var errs []error
	for _, group := range []struct {
		member, schema string
		raw            []json.RawMessage
	}{
		{"organizations", "Organization", seed.Organizations},
		{"folders", "Folder", seed.Folders},
		{"projects", "Project", seed.Projects},
	} {
		for i, raw := range group.raw {
			at := fmt.Sprintf("%s[%d]", group.member, i)
			m, err := object(raw)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", at, err))
				continue
			}
			if _, ok := m["state"]; !ok {
				m["state"] = "ACTIVE"
			}
			if err := doc.check(doc.Schemas[group.schema], m, at); err != nil {
				errs = append(errs, err)
				continue
			}
			n := &node{name: text(m, "name"), id: text(m, "projectId"), parent: text(m, "parent"), doc: m}
			if !nodeName.MatchString(n.name) || n.kind() != group.member {
				errs = append(errs, fmt.Errorf("%s.name: %q is not %s/NUMBER", at, n.name, group.member))
				continue
			}
			if err := t.add(n); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", at, err))
			}
		}
	}
	for _, n := range t.nodes {
		if err := t.rooted(n); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", n.name, err))
		}
	}
	return t, errors.Join(errs...)
}

func (t *tree) add(n *node) error {
	if t.byName[n.name] != nil {
		return fmt.Errorf("%s stands twice", n.name)
	}
	if n.kind() == "projects" {
		if n.id == "" {
			return errors.New("projectId is missing")
		}
		if t.byID[n.id] != nil {
			return fmt.Errorf("project %s stands twice", n.id)
		}
		t.byID[n.id] = n
	}
	if (n.kind() == "organizations") != (n.parent == "") && n.kind() != "projects" {
		return errors.New("folders have a parent, organizations have none")
	}
	t.byName[n.name] = n
	t.nodes = append(t.nodes, n)
	return nil
}

func (t *tree) rooted(n *node) error {
	for range len(t.nodes) {
		if n.parent == "" {
			return nil
		}
		up := t.byName[n.parent]
		if up == nil || up.kind() == "projects" {
			return fmt.Errorf("parent: %q is no organization or folder of the seed", n.parent)
		}
		n = up
	}
	return errors.New("parent: the folders form a ring")
}

// find returns the node of a name as callers write it: "projects/web",
// "projects/333", "folders/222".
func (t *tree) find(name string) *node {
	if n := t.byName[name]; n != nil {
		return n
	}
	if id, ok := strings.CutPrefix(name, "projects/"); ok {
		return t.byID[id]
	}
	return nil
}

// chain is the path from a node to its root, as in an asset's ancestors.
func (t *tree) chain(n *node) []string {
	var out []string
	for ; n != nil; n = t.byName[n.parent] {
		out = append(out, n.name)
	}
	return out
}

// children are the nodes of a kind right under parent, in seed order.
func (t *tree) children(kind, parent string) []*node {
	var out []*node
	for _, n := range t.nodes {
		if n.kind() == kind && n.parent == parent {
			out = append(out, n)
		}
	}
	return out
}

var mention = regexp.MustCompile(`(?:^|/)((?:organizations|folders|projects)/[^/:%]+(?::[a-z][^/:%]+)?)`)

// mentions returns the nodes that a resource name holds, as written.
func mentions(name string) []string {
	var out []string
	for _, m := range mention.FindAllStringSubmatch(strings.ReplaceAll(name, "%2F", "/"), -1) {
		out = append(out, m[1])
	}
	return out
}

// canonical writes projects of the tree by number wherever a name mentions them,
// so that a request by id finds what was seeded by number and the other way round.
func (t *tree) canonical(name string) string {
	for _, m := range mentions(name) {
		if n := t.find(m); n != nil && n.name != m {
			for _, sep := range []string{"/", "%2F"} {
				from := strings.Replace(m, "/", sep, 1)
				to := strings.Replace(n.name, "/", sep, 1)
				name = replaceName(name, from, to)
			}
		}
	}
	return name
}

// replaceName replaces from where it stands as whole segments.
func replaceName(name, from, to string) string {
	at := strings.Index(name, from)
	if at < 0 {
		return name
	}
	if rest := name[at+len(from):]; rest != "" && !strings.ContainsRune("/%:", rune(rest[0])) {
		return name
	}
	return name[:at] + to + name[at+len(from):]
}
