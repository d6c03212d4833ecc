package gcp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/stance-sec/stance/internal/model"
)

// The calls that find the tree.
// https://cloud.google.com/resource-manager/reference/rest/v3
var (
	searchOrganizations = Call{API: "cloudresourcemanager", Method: "organizations.search", Permission: "resourcemanager.organizations.get", Path: "v3/organizations:search", Items: "organizations"}
	getOrganization     = Call{API: "cloudresourcemanager", Method: "organizations.get", Permission: "resourcemanager.organizations.get", Path: "v3/organizations/"}
	getFolder           = Call{API: "cloudresourcemanager", Method: "folders.get", Permission: "resourcemanager.folders.get", Path: "v3/folders/"}
	listFolders         = Call{API: "cloudresourcemanager", Method: "folders.list", Permission: "resourcemanager.folders.list", Path: "v3/folders", Items: "folders"}
	getProject          = Call{API: "cloudresourcemanager", Method: "projects.get", Permission: "resourcemanager.projects.get", Path: "v3/projects/"}
	listProjects        = Call{API: "cloudresourcemanager", Method: "projects.list", Permission: "resourcemanager.projects.list", Path: "v3/projects", Items: "projects"}
	searchProjects      = Call{API: "cloudresourcemanager", Method: "projects.search", Permission: "resourcemanager.projects.get", Path: "v3/projects:search", Items: "projects"}
)

// discover finds the nodes in scope.
func (s *Session) discover(ctx context.Context) error {
	if _, err := s.conn.token(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("sign in to Google Cloud: %w", s.signInError(err))
	}
	o := &s.opts
	var err error
	if len(o.Organizations)+len(o.Folders)+len(o.Projects) > 0 {
		err = s.discoverNamed(ctx)
	} else {
		err = s.discoverVisible(ctx)
	}
	if err != nil {
		return err
	}
	if err := s.expand(ctx); err != nil {
		return err
	}
	s.skipProjects()
	if len(s.tree.scanned()) == 0 {
		return wrapf(model.ErrInvalid, "selection: every project is excluded or lacks the labels")
	}
	return nil
}

func (s *Session) discoverVisible(ctx context.Context) error {
	orgs, err := s.nodes(ctx, &searchOrganizations, nil)
	if err != nil {
		if s.classify(err, nil).reason != model.Denied {
			return fmt.Errorf("find the organization: %w", s.opening(ctx, err))
		}
		// There may be one: what is read is not the whole.
		g := s.gapOf(err, &searchOrganizations, nil, nil)
		g.Scope, g.Below, g.Type = s.scope(nil), true, OrganizationType
		s.tree.gap(g)
	}
	if len(orgs) == 0 {
		projects, err := s.nodes(ctx, &searchProjects, nil)
		if err != nil {
			return fmt.Errorf("find projects: %w", s.opening(ctx, err))
		}
		orgs = projects
	}
	if len(orgs) == 0 {
		return wrapf(model.ErrCredentials, "see no organization and no project: grant the caller roles/browser and roles/cloudasset.viewer on the organization or on projects")
	}
	for _, n := range orgs {
		n.inside = true
		s.tree.roots = append(s.tree.roots, s.tree.add(n))
	}
	return nil
}

// opening explains an error of the first calls, unless they were called off.
func (s *Session) opening(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.signInError(err)
}

// discoverNamed gets the nodes that the options name. One that may not be read is
// kept with a gap, unless none may.
func (s *Session) discoverNamed(ctx context.Context) error {
	type wanted struct {
		call *Call
		kind string
		id   string
	}
	var names []wanted
	for _, group := range []struct {
		call *Call
		kind string
		ids  []string
	}{{&getOrganization, "organizations", s.opts.Organizations}, {&getFolder, "folders", s.opts.Folders}, {&getProject, "projects", s.opts.Projects}} {
		for _, id := range group.ids {
			id = strings.TrimPrefix(strings.TrimSpace(id), group.kind+"/")
			if id == "" || strings.ContainsAny(id, "/ ?#") || group.kind != "projects" && strings.Trim(id, "0123456789") != "" {
				return wrapf(model.ErrInvalid, "%s %q: name it by its number%s", strings.TrimSuffix(group.kind, "s"), id, map[bool]string{true: " or id"}[group.kind == "projects"])
			}
			if group.kind == "projects" && slices.Contains(s.opts.ExcludeProjects, id) {
				continue
			}
			names = append(names, wanted{group.call, group.kind, id})
		}
	}
	var first error
	var refused []string
	read := 0
	for _, w := range names {
		doc, err := s.call(ctx, s.treeRequest(w.call, w.call.Path+url.PathEscape(w.id), nil))
		n := &node{name: w.kind + "/" + w.id}
		var api *apiError
		switch {
		case err == nil:
			read++
			if n = nodeOf(doc); n == nil {
				return wrapf(model.ErrUnreachable, "the answer for %s %s has no name", strings.TrimSuffix(w.kind, "s"), w.id)
			}
		case errors.As(err, &api) && api.status == http.StatusNotFound:
			return wrapf(model.ErrInvalid, "%s %q: there is none", strings.TrimSuffix(w.kind, "s"), w.id)
		case s.classify(err, nil).reason != model.Denied:
			return fmt.Errorf("read %s %s: %w", strings.TrimSuffix(w.kind, "s"), w.id, s.opening(ctx, err))
		default:
			first = err
			refused = append(refused, w.kind+"/"+w.id)
			if w.kind == "projects" && strings.Trim(w.id, "0123456789") != "" {
				n.id = w.id
			}
			n.unread = s.gapOf(err, w.call, nil, nil)
		}
		n.inside = true
		n = s.tree.add(n)
		if err := s.climb(ctx, n); err != nil {
			return err
		}
		if !slices.ContainsFunc(s.tree.roots, func(r *node) bool { return s.tree.under(n, r) }) {
			s.tree.roots = append(s.tree.roots, n)
		}
	}
	if read == 0 && first != nil {
		return fmt.Errorf("read %s: %w", strings.Join(refused, ", "), s.opening(ctx, first))
	}
	return nil
}

// climb reads the folders above a node, for its path. What may not be read ends
// it: the path is not known then.
func (s *Session) climb(ctx context.Context, n *node) error {
	for range model.MaxDepth {
		if n.parent == "" || s.tree.find(n.parent) != nil {
			return nil
		}
		if strings.HasPrefix(n.parent, "organizations/") {
			s.tree.add(&node{name: n.parent})
			return nil
		}
		doc, err := s.call(ctx, s.treeRequest(&getFolder, getFolder.Path+strings.TrimPrefix(n.parent, "folders/"), nil))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		up := nodeOf(doc)
		if err != nil || up == nil {
			return nil //nolint:nilerr // the path above stays unknown, and with it what is asked of it
		}
		n = s.tree.add(up)
	}
	return nil
}

// expand lists what is below the organizations and folders, level by level.
func (s *Session) expand(ctx context.Context) error {
	level := slices.DeleteFunc(slices.Clone(s.tree.roots), (*node).isProject)
	seen := map[*node]bool{}
	for len(level) > 0 {
		var mu sync.Mutex
		var below []*node
		var wg sync.WaitGroup
		for _, n := range level {
			if seen[n] {
				continue
			}
			seen[n] = true
			for _, c := range []*Call{&listFolders, &listProjects} {
				wg.Go(func() {
					children, err := s.nodes(ctx, c, url.Values{"parent": {n.name}, "showDeleted": {"true"}})
					if err != nil && ctx.Err() == nil {
						s.tree.gap(s.treeGap(err, c, n))
					}
					mu.Lock()
					defer mu.Unlock()
					for _, child := range children {
						child.inside = true
						child = s.tree.add(child)
						if !child.isProject() {
							below = append(below, child)
						}
					}
				})
			}
		}
		wg.Wait()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		level = below
	}
	return nil
}

// treeGap says that a part of the tree is not known.
func (s *Session) treeGap(err error, c *Call, n *node) *model.Gap {
	g := s.gapOf(err, c, nil, nil)
	g.Scope, g.Below, g.Type = s.scope(n), true, FolderType
	if c == &listProjects {
		g.Type = ProjectType
	}
	return g
}

// skipProjects marks what the options leave out.
func (s *Session) skipProjects() {
	for _, n := range s.tree.all((*node).isProject) {
		n.skip = s.skipReason(n)
	}
}

func (s *Session) skipReason(n *node) string {
	number := strings.TrimPrefix(n.name, "projects/")
	is := func(name string) bool {
		name = strings.TrimPrefix(name, "projects/")
		return name == n.id || name == number
	}
	switch {
	case slices.ContainsFunc(s.opts.ExcludeProjects, is):
		return "excluded"
	case slices.ContainsFunc(s.opts.Projects, is):
		return ""
	case strings.HasPrefix(n.id, "sys-"):
		return "system project"
	}
	labels, _ := n.doc["labels"].(map[string]any)
	for key, want := range s.opts.ProjectLabels {
		if v, ok := labels[key].(string); !ok || want != "" && v != want {
			return "without the label " + key
		}
	}
	return ""
}

// resolve returns the node of a project that the inventory names by a number
// which the tree does not have, such as one that was just created.
func (s *Session) resolve(ctx context.Context, name string) (n *node, late bool) {
	if n := s.tree.find(name); n != nil {
		return n, false
	}
	n = &node{name: name}
	if doc, err := s.call(ctx, s.treeRequest(&getProject, getProject.Path+strings.TrimPrefix(name, "projects/"), nil)); err == nil {
		if known := nodeOf(doc); known != nil {
			n = known
		}
	}
	n.inside = true
	n.skip = s.skipReason(n)
	return s.tree.add(n), true
}

// nodes reads all pages of a listing of nodes.
func (s *Session) nodes(ctx context.Context, c *Call, query url.Values) ([]*node, error) {
	var out []*node
	err := s.pages(ctx, s.treeRequest(c, c.Path, query), c, func(items []any) error {
		for _, item := range items {
			doc, _ := item.(map[string]any)
			n := nodeOf(doc)
			if n == nil {
				return fmt.Errorf("%w: an item without a name", errShort)
			}
			out = append(out, n)
		}
		return nil
	})
	return out, err
}

func (s *Session) treeRequest(c *Call, path string, query url.Values) *request {
	return &request{api: c.API, method: c.Method, permission: c.Permission, path: path, query: query}
}

// nodeOf builds a node of its document in Cloud Resource Manager v3.
func nodeOf(doc map[string]any) *node {
	text := func(member string) string { t, _ := doc[member].(string); return t }
	kind, number, ok := strings.Cut(text("name"), "/")
	if !ok || number == "" || !slices.Contains([]string{"organizations", "folders", "projects"}, kind) {
		return nil
	}
	return &node{name: text("name"), id: text("projectId"), parent: text("parent"), state: text("state"), doc: doc}
}
