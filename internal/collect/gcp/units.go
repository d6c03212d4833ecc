package gcp

import (
	"net/url"
	"strings"
)

// A batch of types shares a listing, and listings are what is scarce: a hundred a
// minute. Below an organization or a folder, batches run side by side and types
// that are many have their own; a project is small, and its types share few.
type batching struct {
	large, small int // types in a listing of an organization or folder, of a project
	bytes        int // of the types in the URL
	alone        map[string]bool
}

func newBatching() batching { return batching{large: 25, small: 100, bytes: 6000, alone: many} }

// many are types of which organizations tend to have more than of all others.
var many = map[string]bool{
	"artifactregistry.googleapis.com/DockerImage":    true,
	"bigquery.googleapis.com/Table":                  true,
	"cloudkms.googleapis.com/CryptoKeyVersion":       true,
	"compute.googleapis.com/Disk":                    true,
	"compute.googleapis.com/Instance":                true,
	"compute.googleapis.com/Snapshot":                true,
	"dns.googleapis.com/ResourceRecordSet":           true,
	"iam.googleapis.com/ServiceAccount":              true,
	"iam.googleapis.com/ServiceAccountKey":           true,
	"run.googleapis.com/Revision":                    true,
	"secretmanager.googleapis.com/SecretVersion":     true,
	"serviceusage.googleapis.com/Service":            true,
	"cloudresourcemanager.googleapis.com/TagBinding": true,
}

// Units returns the units that read the scope. It begins a scan: all listings of
// the inventory describe this moment.
func (s *Session) Units() []*Unit {
	s.setReadTime()
	s.services.Clear()
	var bulk, access, listed []*Type
	for _, t := range s.types() {
		switch {
		case s.isFrame(t.Name):
		case t.List != nil:
			listed = append(listed, t)
		case t.AccessPolicy:
			access = append(access, t)
		default:
			bulk = append(bulk, t)
		}
	}
	var out []*Unit
	for _, root := range s.tree.roots {
		if !s.reads(root) {
			continue
		}
		for _, batch := range s.batching.group(bulk, root.isProject()) {
			out = append(out, &Unit{Session: s, name: unitName("cloudasset", batch, root), root: root, content: contentResource, types: batch})
		}
		if len(access) > 0 {
			out = append(out, &Unit{Session: s, name: unitName("cloudasset", access, root), root: root, content: contentAccess, types: access})
		}
	}
	for _, t := range listed {
		for _, root := range s.listRoots() {
			out = append(out, &Unit{Session: s, name: unitName(t.List.API, []*Type{t}, root), root: root, list: t})
		}
	}
	return out
}

// types returns the declared types that are wanted, by collector and name.
func (s *Session) types() []*Type {
	var out []*Type
	for _, c := range Collectors() {
		for i := range c.Types {
			if s.wants(c.Types[i].Name) {
				out = append(out, &c.Types[i])
			}
		}
	}
	return out
}

func (s *Session) wants(typ string) bool { return s.opts.Types == nil || s.opts.Types(typ) }

// reads says whether a root is read at all.
func (s *Session) reads(root *node) bool { return root.skip == "" && root.active() }

// listRoots are the roots of the units of a listing. Projects without a common
// root share one unit.
func (s *Session) listRoots() []*node {
	var out []*node
	alone := 0
	for _, root := range s.tree.roots {
		switch {
		case !s.reads(root):
		case root.isProject():
			alone++
		default:
			out = append(out, root)
		}
	}
	if alone == 0 {
		return out
	}
	if len(s.tree.roots) == 1 {
		return s.tree.roots
	}
	return append(out, nil)
}

// group groups types for listings.
func (b *batching) group(types []*Type, small bool) [][]*Type {
	var out [][]*Type
	var batch []*Type
	size := 0
	limit := b.large
	if small {
		limit = b.small
	}
	for _, t := range types {
		if b.alone[t.Name] && !small {
			out = append(out, []*Type{t})
			continue
		}
		n := len("&assetTypes=") + len(url.QueryEscape(t.Name))
		if len(batch) >= limit || len(batch) > 0 && size+n > b.bytes {
			out = append(out, batch)
			batch, size = nil, 0
		}
		batch = append(batch, t)
		size += n
	}
	if len(batch) > 0 {
		out = append(out, batch)
	}
	return out
}

func unitName(api string, types []*Type, root *node) string {
	parts := []string{api, types[0].Name}
	if len(types) > 1 {
		parts[1] += " …"
	}
	if root != nil {
		parts = append(parts, root.account())
	}
	return strings.Join(parts, " ")
}
