package google

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// asset is one row of Cloud Asset Inventory.
type asset struct {
	name      string
	kind      string // assetType
	ancestors []string
	doc       map[string]any
}

// head is what filters read of an asset without its content.
type head struct {
	kind      string
	ancestors []string
	has       content
}

// content is a set of content types.
type content uint8

const (
	hasResource content = 1 << iota
	hasIAM
	hasOrg
	hasAccess
	hasOS
	hasRelation
)

// members are the content types with the members of an asset that each delivers.
var members = map[string]struct {
	bit   content
	names []string
}{
	"RESOURCE":      {hasResource, []string{"resource", "assetExceptions"}},
	"IAM_POLICY":    {hasIAM, []string{"iamPolicy"}},
	"ORG_POLICY":    {hasOrg, []string{"orgPolicy"}},
	"ACCESS_POLICY": {hasAccess, []string{"accessPolicy", "accessLevel", "servicePerimeter"}},
	"OS_INVENTORY":  {hasOS, []string{"osInventory"}},
	"RELATIONSHIP":  {hasRelation, []string{"relatedAsset", "relatedAssets"}},
}

func contentOf(doc map[string]any) content {
	var out content
	for _, m := range members {
		for _, name := range m.names {
			if _, ok := doc[name]; ok && name != "assetExceptions" {
				out |= m.bit
			}
		}
	}
	return out
}

// inventory holds the assets: the seeded ones, then the generated ones.
type inventory struct {
	assets []*asset
	synth  *synthetic
	types  []string // all that Cloud Asset Inventory knows here, sorted
}

func (v *inventory) len() int { return len(v.assets) + v.synth.len() }

func (v *inventory) head(i int) head {
	if i < len(v.assets) {
		a := v.assets[i]
		return head{a.kind, a.ancestors, contentOf(a.doc)}
	}
	return v.synth.head(i - len(v.assets))
}

func (v *inventory) doc(i int) map[string]any {
	if i < len(v.assets) {
		return v.assets[i].doc
	}
	return v.synth.doc(i - len(v.assets))
}

// next skips generated rows that cannot lie in scope: it returns the first
// index from i on that may.
func (v *inventory) next(i int, scope string) int {
	if i < len(v.assets) {
		return i
	}
	return len(v.assets) + v.synth.next(i-len(v.assets), scope)
}

// loader builds the inventory and collects what is wrong with the seed.
type loader struct {
	lib       *library
	cai       *document
	tree      *tree
	unchecked map[string]bool
}

func (l *loader) inventory(seed *Seed) (*inventory, error) {
	v := &inventory{}
	var errs []error
	byName := map[string]*asset{}
	for i, raw := range seed.Assets {
		at := fmt.Sprintf("assets[%d]", i)
		doc, err := object(raw)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", at, err))
			continue
		}
		a, err := l.asset(doc, at)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if byName[a.name] != nil && doc["relatedAsset"] == nil {
			errs = append(errs, fmt.Errorf("%s: %s stands twice; put all content of an asset into one object", at, a.name))
			continue
		}
		if doc["relatedAsset"] == nil {
			byName[a.name] = a
		}
		v.assets = append(v.assets, a)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var nodes []*asset
	for _, n := range l.tree.nodes {
		own := nodeAsset(n, l.tree)
		if given := byName[own.name]; given != nil {
			for key, value := range own.doc {
				if _, ok := given.doc[key]; !ok {
					given.doc[key] = value
				}
			}
			continue
		}
		nodes = append(nodes, own)
	}
	v.assets = append(nodes, v.assets...)
	types := map[string]bool{}
	for _, list := range [][]string{assetTypes, seed.AssetTypes, seed.Unchecked} {
		for _, t := range list {
			types[t] = true
		}
	}
	for _, a := range v.assets {
		types[a.kind] = true
	}
	v.types = slices.Sorted(maps.Keys(types))
	return v, nil
}

// asset checks one asset; its ancestors are completed from the tree.
func (l *loader) asset(doc map[string]any, at string) (*asset, error) {
	if err := l.cai.check(l.cai.Schemas["Asset"], doc, at); err != nil {
		return nil, err
	}
	a := &asset{name: text(doc, "name"), kind: text(doc, "assetType"), doc: doc}
	if !strings.HasPrefix(a.name, "//") || a.kind == "" {
		return nil, fmt.Errorf("%s: an asset needs a full resource name (//service/…) and an assetType", at)
	}
	if err := l.ancestors(a); err != nil {
		return nil, fmt.Errorf("%s.ancestors: %w", at, err)
	}
	if _, ok := doc["updateTime"]; !ok {
		doc["updateTime"] = "2026-01-01T00:00:00Z"
	}
	if res, ok := doc["resource"].(map[string]any); ok {
		if err := l.data(a.kind, res, at+".resource"); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// ancestors takes the first given ancestor, or else the last node that the name
// mentions, and writes the whole path; a longer path has to be the tree's own.
func (l *loader) ancestors(a *asset) error {
	given, _ := a.doc["ancestors"].([]any)
	var names []string
	for _, g := range given {
		names = append(names, g.(string)) // checked against the schema
	}
	var first string
	if len(names) > 0 {
		first = names[0]
	} else if found := mentions(a.name); len(found) > 0 {
		first = found[len(found)-1]
	} else {
		return fmt.Errorf("%s does not tell where it lies: give the project, folder or organization", a.name)
	}
	n := l.tree.find(first)
	if n == nil {
		return fmt.Errorf("%s is not in the tree of the seed", first)
	}
	a.ancestors = l.tree.chain(n)
	if len(names) > 1 && !slices.Equal(names, a.ancestors) {
		return fmt.Errorf("%s is not the path of %s in the tree, which is %s", strings.Join(names, " > "), first, strings.Join(a.ancestors, " > "))
	}
	path := make([]any, len(a.ancestors))
	for i, name := range a.ancestors {
		path[i] = name
	}
	a.doc["ancestors"] = path
	return nil
}

var discoveryURI = regexp.MustCompile(`^https://(?:www\.googleapis\.com/discovery/v1/apis/([a-z0-9]+)/([a-z0-9_]+)/rest|([a-z0-9-]+)\.[a-z.]+/\$discovery/rest(?:\?version=([a-z0-9_]+))?)$`)

// data checks resource.data against the schema that discoveryName and version
// name in the service's own document.
func (l *loader) data(kind string, res map[string]any, at string) error {
	data, ok := res["data"]
	if !ok || l.unchecked[kind] {
		return nil
	}
	host, _, _ := strings.Cut(kind, "/")
	labels := strings.Split(strings.TrimSuffix(host, ".googleapis.com"), ".")
	api, version := labels[len(labels)-1], text(res, "version")
	if uri := text(res, "discoveryDocumentUri"); uri != "" {
		m := discoveryURI.FindStringSubmatch(uri)
		if m == nil {
			return fmt.Errorf("%s.discoveryDocumentUri: %q is not the address of a discovery document", at, uri)
		}
		api = m[1] + m[3]
		if named := m[2] + m[4]; named != "" {
			if version != "" && named != version {
				return fmt.Errorf("%s: version %q, but discoveryDocumentUri says %q", at, version, named)
			}
			version = named
		}
	}
	name := text(res, "discoveryName")
	if name == "" || version == "" {
		return fmt.Errorf("%s: data needs version and discoveryName, so that it can be checked", at)
	}
	doc, err := l.lib.load(api, version)
	if errors.Is(err, fs.ErrNotExist) {
		if have := l.lib.versions(api); len(have) > 0 {
			return fmt.Errorf("%s.version: %s has no %q; there are %s", at, api, version, strings.Join(have, ", "))
		}
		return fmt.Errorf("%s: the client library has no discovery document of %q; list %s under unchecked to take the data as it is", at, api, kind)
	}
	if err != nil {
		return err
	}
	s := named(doc, name)
	if s == nil {
		return fmt.Errorf("%s.discoveryName: %s has no %q", at, doc.ID, name)
	}
	return doc.check(s, data, at+".data")
}

// named finds a schema by the name that Cloud Asset Inventory uses, which leaves
// out the package that newer documents put in front (GoogleCloudRunV2Service).
func named(doc *document, name string) *schema {
	if s := doc.Schemas[name]; s != nil {
		return s
	}
	long := regexp.MustCompile(`V[0-9]+(?:(?:alpha|beta|p|main)[0-9]*)*` + regexp.QuoteMeta(name) + `$`)
	var found []string
	for id := range doc.Schemas {
		if long.MatchString(id) {
			found = append(found, id)
		}
	}
	if len(found) == 0 {
		return nil
	}
	slices.SortFunc(found, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return doc.Schemas[found[0]]
}

// nodeAsset is the asset of a node as Cloud Asset Inventory lists it.
func nodeAsset(n *node, t *tree) *asset {
	data, res := map[string]any{}, map[string]any{}
	kinds := map[string]string{"organizations": "Organization", "folders": "Folder", "projects": "Project"}
	kind := kinds[n.kind()]
	if kind == "Project" {
		// Projects come in the v1 shape, with lifecycleState and a split parent.
		data["projectId"], data["lifecycleState"] = n.id, n.doc["state"]
		data["projectNumber"] = strings.TrimPrefix(n.name, "projects/")
		for from, to := range map[string]string{"displayName": "name", "labels": "labels", "createTime": "createTime"} {
			if v, ok := n.doc[from]; ok {
				data[to] = v
			}
		}
		if n.parent != "" {
			group, id, _ := strings.Cut(n.parent, "/")
			data["parent"] = map[string]any{"type": strings.TrimSuffix(group, "s"), "id": id}
		}
		res["version"] = "v1"
	} else {
		data = n.doc
		res["version"] = "v3"
	}
	res["discoveryDocumentUri"] = "https://cloudresourcemanager.googleapis.com/$discovery/rest?version=" + text(res, "version")
	res["discoveryName"], res["data"] = kind, data
	if n.parent != "" {
		res["parent"] = "//cloudresourcemanager.googleapis.com/" + n.parent
	}
	a := &asset{name: "//cloudresourcemanager.googleapis.com/" + n.name, kind: "cloudresourcemanager.googleapis.com/" + kind, ancestors: t.chain(n)}
	path := make([]any, len(a.ancestors))
	for i, name := range a.ancestors {
		path[i] = name
	}
	updated := text(n.doc, "updateTime")
	if updated == "" {
		updated = "2026-01-01T00:00:00Z"
	}
	a.doc = map[string]any{"name": a.name, "assetType": a.kind, "ancestors": path, "updateTime": updated, "resource": res}
	return a
}
