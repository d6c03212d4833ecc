package azure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// The types that stand for accounts: what is said of a listing that failed is
// said of their assets.
const (
	TenantType       = "Microsoft.Resources/tenants"
	GroupType        = "Microsoft.Management/managementGroups"
	SubscriptionType = "Microsoft.Resources/subscriptions"
)

const (
	subscriptionsVersion = "2022-12-01"
	groupsVersion        = "2021-04-01"
	providersVersion     = "2021-04-01"
)

const (
	opSubscriptions = "arm:Microsoft.Resources/subscriptions/read"
	opTenants       = "arm:Microsoft.Resources/tenants/read"
	opDescendants   = "arm:Microsoft.Management/managementGroups/descendants/read"
	opProviders     = "arm:Microsoft.Resources/subscriptions/providers/read"
)

// tree is what a session reads: the tenant, its management groups and its
// subscriptions, after the filters.
type tree struct {
	tenant model.Document
	subs   map[string]*subscription // by id
	groups map[string]*group        // by name in lower case
	// whole says that no filter limits the tenant, and that its root group may
	// be asked about.
	whole bool
	// unlisted is why Resource Graph did not say which subscriptions it sees; its
	// answers are then no proof of emptiness.
	unlisted error
	// noTree is why the management groups could not be read.
	noTree error
}

// subscription is one subscription and what is known of it.
type subscription struct {
	id     string
	name   string
	parent string // the management group's name, empty when unknown
	// listed says that Azure Resource Manager lists it for the caller, seen that
	// Resource Graph has a row of it.
	listed, seen bool
	doc          model.Document
	gaps         []model.Gap
}

type group struct {
	name   string
	parent string
	doc    model.Document
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// discover finds the tenant, its subscriptions and its management groups.
func (s *Session) discover(ctx context.Context, tokenTenant string) error {
	t := &tree{subs: map[string]*subscription{}, groups: map[string]*group{}}
	s.tree = t
	if err := s.listSubscriptions(ctx); err != nil {
		return err
	}
	if err := s.findTenant(ctx, tokenTenant); err != nil {
		return err
	}
	t.noTree = s.listGroups(ctx, s.Tenant)
	for _, name := range s.opts.ManagementGroups {
		if t.groups[strings.ToLower(name)] == nil || t.noTree != nil {
			if err := s.listGroups(ctx, name); err != nil && ctx.Err() == nil {
				s.log.Warn("management group could not be read", "group", name, "error", err)
			}
		}
	}
	t.unlisted = s.readContainers(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.filter()
}

// listSubscriptions reads the subscriptions that the caller may see, whatever
// their state.
// https://learn.microsoft.com/rest/api/resources/subscriptions/list
func (s *Session) listSubscriptions(ctx context.Context) error {
	req := request{op: opSubscriptions, method: http.MethodGet, url: s.armURL("/subscriptions", subscriptionsVersion, "")}
	return s.armPages(ctx, req, func(items []any) bool {
		for _, item := range items {
			m, _ := item.(map[string]any)
			id := strings.ToLower(text(m, "subscriptionId"))
			if id == "" {
				continue
			}
			doc := model.Document{"id": "/subscriptions/" + id, "name": text(m, "displayName"), "type": SubscriptionType}
			properties := map[string]any{}
			for _, member := range []string{"state", "subscriptionPolicies", "managedByTenants", "authorizationSource"} {
				if m[member] != nil {
					properties[member] = m[member]
				}
			}
			if tenant := text(m, "tenantId"); tenant != "" {
				properties["tenantId"] = strings.ToLower(tenant)
			}
			doc["properties"] = properties
			if tags, ok := m["tags"].(map[string]any); ok {
				doc["tags"] = tags
			}
			s.tree.subs[id] = &subscription{id: id, name: text(m, "displayName"), listed: true, doc: doc}
		}
		return true
	})
}

// findTenant says which tenant is read: the one that was named, or that of the
// token.
func (s *Session) findTenant(ctx context.Context, tokenTenant string) error {
	var docs []map[string]any
	req := request{op: opTenants, method: http.MethodGet, url: s.armURL("/tenants", subscriptionsVersion, "")}
	err := s.armPages(ctx, req, func(items []any) bool {
		for _, item := range items {
			if m, ok := item.(map[string]any); ok {
				docs = append(docs, m)
			}
		}
		return true
	})
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	named := strings.ToLower(s.opts.Tenant)
	id := tokenTenant
	switch {
	case guid.MatchString(named):
		id = named
	case named != "":
		for _, d := range docs {
			domains, _ := d["domains"].([]any)
			if strings.EqualFold(text(d, "defaultDomain"), named) || slices.ContainsFunc(domains, func(v any) bool { n, _ := v.(string); return strings.EqualFold(n, named) }) {
				id = strings.ToLower(text(d, "tenantId"))
			}
		}
	case id == "" && guid.MatchString(os.Getenv("AZURE_TENANT_ID")):
		id = strings.ToLower(os.Getenv("AZURE_TENANT_ID"))
	case id == "" && len(docs) == 1:
		id = strings.ToLower(text(docs[0], "tenantId"))
	}
	if id == "" {
		return fmt.Errorf("%w tenant: the credentials do not say which one is meant: name it with --tenant", model.ErrInvalid)
	}
	s.Tenant = id
	s.tree.tenant = model.Document{"id": "/tenants/" + id, "name": id, "type": TenantType, "tenantId": id}
	for _, d := range docs {
		if strings.EqualFold(text(d, "tenantId"), id) {
			for k, v := range d {
				if k != "id" && k != "tenantId" && v != nil {
					s.tree.tenant[k] = v
				}
			}
			s.tree.tenant["name"] = orElse(text(d, "displayName"), id)
		}
	}
	return nil
}

// listGroups reads what is below a management group; the root group has the
// tenant's id for a name.
// https://learn.microsoft.com/rest/api/managementgroups/management-groups/get-descendants
func (s *Session) listGroups(ctx context.Context, root string) error {
	path := "/providers/Microsoft.Management/managementGroups/" + root + "/descendants"
	req := request{op: opDescendants, method: http.MethodGet, url: s.armURL(path, groupsVersion, "")}
	below := map[string]*group{strings.ToLower(root): {name: root}}
	parents := map[string]string{}
	err := s.armPages(ctx, req, func(items []any) bool {
		for _, item := range items {
			m, _ := item.(map[string]any)
			properties, _ := m["properties"].(map[string]any)
			up, _ := properties["parent"].(map[string]any)
			parent := groupOf(text(up, "id"))
			if name := groupOf(text(m, "id")); name != "" {
				below[strings.ToLower(name)] = &group{name: name, parent: parent, doc: model.Document{
					"properties": map[string]any{"displayName": orElse(text(properties, "displayName"), name)},
				}}
			} else if sub := subscriptionOf(text(m, "id")); sub != "" {
				parents[sub] = parent
				if s.tree.subs[sub] == nil {
					s.tree.subs[sub] = &subscription{id: sub, name: text(properties, "displayName")}
				}
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	// What was asked for may go by another name than its own, as the root group by
	// the tenant's id.
	for _, g := range slices.Collect(maps.Values(below)) {
		if up := strings.ToLower(g.parent); up != "" && below[up] == nil {
			below[up] = &group{name: g.parent}
			delete(below, strings.ToLower(root))
		}
	}
	for key, g := range below {
		if known := s.tree.groups[key]; known == nil || known.parent == "" {
			s.tree.groups[key] = g
		}
	}
	for sub, parent := range parents {
		s.tree.subs[sub].parent = parent
	}
	return nil
}

// readContainers reads the rows of subscriptions and management groups. A
// subscription without one is one that Resource Graph does not show the caller.
func (s *Session) readContainers(ctx context.Context) error {
	q := query{table: "resourcecontainers", types: []string{SubscriptionType, GroupType}}
	var ids []string
	for id, sub := range s.tree.subs {
		if sub.listed {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if len(ids) == 0 {
		return nil
	}
	var failed error
	for chunk := range slices.Chunk(ids, maxSubscriptions) {
		q.subscriptions = chunk
		if err := s.rows(ctx, q, s.container); err != nil && failed == nil {
			failed = err
		}
	}
	return failed
}

// container takes a row of a subscription or a management group.
func (s *Session) container(row model.Document) bool {
	id := text(row, "id")
	properties, _ := row["properties"].(map[string]any)
	if sub := s.tree.subs[subscriptionOf(id)]; sub != nil {
		doc := armDocument(row, SubscriptionType)
		merged, _ := doc["properties"].(map[string]any)
		if known, ok := sub.doc["properties"].(map[string]any); ok {
			if merged == nil {
				merged = map[string]any{}
				doc["properties"] = merged
			}
			for k, v := range known { // Azure Resource Manager's word is newer
				merged[k] = v
			}
		}
		sub.doc, sub.seen, sub.name = doc, true, orElse(sub.name, text(row, "name"))
		sub.parent = orElse(s.chain(properties["managementGroupAncestorsChain"]), sub.parent)
		return true
	}
	if name := groupOf(id); name != "" {
		details, _ := properties["details"].(map[string]any)
		g := s.tree.groups[strings.ToLower(name)]
		if g == nil {
			g = &group{name: name}
			s.tree.groups[strings.ToLower(name)] = g
		}
		g.doc = armDocument(row, GroupType)
		g.parent = orElse(s.chain(details["managementGroupAncestorsChain"]), g.parent)
	}
	return true
}

// chain learns the management groups of an ancestors chain, which begins with
// the nearest, and returns the nearest one's name.
func (s *Session) chain(v any) string {
	list, _ := v.([]any)
	names := make([]string, 0, len(list))
	shown := map[string]string{}
	for _, e := range list {
		m, _ := e.(map[string]any)
		if name := text(m, "name"); name != "" {
			names = append(names, name)
			shown[name] = text(m, "displayName")
		}
	}
	if len(names) > 1 && strings.EqualFold(names[0], s.Tenant) {
		slices.Reverse(names)
	}
	for i, name := range names {
		g := s.tree.groups[strings.ToLower(name)]
		if g == nil {
			g = &group{name: name, doc: model.Document{"properties": map[string]any{"displayName": orElse(shown[name], name)}}}
			s.tree.groups[strings.ToLower(name)] = g
		}
		if g.parent == "" && i+1 < len(names) {
			g.parent = names[i+1]
		}
	}
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// filter keeps what the options ask for. Management groups above a subscription
// stay: what is assigned there holds below.
func (s *Session) filter() error {
	t := s.tree
	o := &s.opts
	limited := len(o.ManagementGroups)+len(o.Subscriptions)+len(o.ExcludeSubscriptions) > 0
	t.whole = !limited && t.noTree == nil
	for _, name := range o.ManagementGroups {
		if t.groups[strings.ToLower(name)] == nil {
			return fmt.Errorf("%w: the management group %q cannot be read: check its name (not its display name), and assign Reader on it", model.ErrCredentials, name)
		}
	}
	for _, name := range o.Subscriptions {
		if !slices.ContainsFunc(slices.Collect(maps.Values(t.subs)), func(sub *subscription) bool { return sub.is(name) }) {
			return fmt.Errorf("%w subscription %q: the caller sees none of that id or name; az account list --all shows those that it does", model.ErrInvalid, name)
		}
	}
	for id, sub := range t.subs {
		keep := len(o.Subscriptions) == 0 || slices.ContainsFunc(o.Subscriptions, sub.is)
		if len(o.ManagementGroups) > 0 {
			keep = keep && slices.ContainsFunc(t.above(sub.parent), func(g *group) bool {
				return slices.ContainsFunc(o.ManagementGroups, func(n string) bool { return strings.EqualFold(n, g.name) })
			})
		}
		if !keep || slices.ContainsFunc(o.ExcludeSubscriptions, sub.is) {
			delete(t.subs, id)
		}
	}
	if !limited {
		return nil
	}
	keep := map[string]bool{}
	for _, sub := range t.subs {
		for _, g := range t.above(sub.parent) {
			keep[strings.ToLower(g.name)] = true
		}
	}
	for key := range t.groups {
		named := slices.ContainsFunc(t.above(key), func(g *group) bool {
			return slices.ContainsFunc(o.ManagementGroups, func(n string) bool { return strings.EqualFold(n, g.name) })
		})
		if !keep[key] && !named {
			delete(t.groups, key)
		}
	}
	return nil
}

func (sub *subscription) is(name string) bool {
	return strings.EqualFold(name, sub.id) || strings.EqualFold(name, sub.name)
}

// above returns a management group and those above it, nearest first.
func (t *tree) above(name string) []*group {
	var out []*group
	for g := t.groups[strings.ToLower(name)]; g != nil && !slices.Contains(out, g); g = t.groups[strings.ToLower(g.parent)] {
		out = append(out, g)
		if g.parent == "" {
			break
		}
	}
	return out
}

// subscriptions returns the subscriptions in scope, by id.
func (t *tree) subscriptions() []*subscription {
	return slices.SortedFunc(maps.Values(t.subs), func(a, b *subscription) int { return cmp.Compare(a.id, b.id) })
}

func (t *tree) managementGroups() []*group {
	return slices.SortedFunc(maps.Values(t.groups), func(a, b *group) int { return cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
}

// Accounts returns the accounts in scope: the tenant, the management groups
// ("managementGroups/NAME") and the subscriptions.
func (s *Session) Accounts() []string {
	out := []string{s.Tenant}
	for _, g := range s.tree.managementGroups() {
		out = append(out, "managementGroups/"+g.name)
	}
	for _, sub := range s.tree.subscriptions() {
		out = append(out, sub.id)
	}
	return out
}

func (s *Session) tenantScope() model.Scope {
	return model.Scope{Provider: model.Azure, Partition: s.Partition, OrgPath: "tenants/" + s.Tenant, Account: s.Tenant}
}

func (s *Session) groupScope(g *group) model.Scope {
	sc := s.tenantScope()
	above := s.tree.above(g.name)
	for _, a := range slices.Backward(above) {
		sc.OrgPath += "/managementGroups/" + a.name
	}
	sc.Account = "managementGroups/" + g.name
	return sc
}

func (s *Session) subscriptionScope(id string) model.Scope {
	if known, ok := s.scopes.Load(id); ok {
		return known.(model.Scope) //nolint:forcetypeassert // nothing else is stored
	}
	sc := s.tenantScope()
	if sub := s.tree.subs[id]; sub != nil {
		for _, a := range slices.Backward(s.tree.above(sub.parent)) {
			sc.OrgPath += "/managementGroups/" + a.name
		}
	}
	sc.OrgPath += "/subscriptions/" + id
	sc.Account = id
	s.scopes.Store(id, sc)
	return sc
}

// scopeOf returns where an ARM id stands; false where that is outside of what
// is read.
func (s *Session) scopeOf(id string) (model.Scope, bool) {
	if sub := subscriptionOf(id); sub != "" {
		return s.subscriptionScope(sub), s.tree.subs[sub] != nil
	}
	if name := groupOf(id); name != "" {
		g := s.tree.groups[strings.ToLower(name)]
		if g == nil {
			return model.Scope{}, false
		}
		return s.groupScope(g), true
	}
	return s.tenantScope(), true
}

// unregistered says that a subscription has no use of a provider: then nothing
// of it exists there. It is asked about once a subscription, and only where a
// list was refused.
// https://learn.microsoft.com/rest/api/resources/providers/list
func (s *Session) unregistered(ctx context.Context, sub, provider string) bool {
	type known struct {
		done  chan struct{}
		state map[string]string
	}
	k := &known{done: make(chan struct{})}
	if prior, loaded := s.provided.LoadOrStore(sub, k); loaded {
		k = prior.(*known) //nolint:forcetypeassert // nothing else is stored
		select {
		case <-k.done:
		case <-ctx.Done():
			return false
		}
	} else {
		state := map[string]string{}
		req := request{op: opProviders, method: http.MethodGet, url: s.armURL("/subscriptions/"+sub+"/providers", providersVersion, "")}
		err := s.armPages(ctx, req, func(items []any) bool {
			for _, item := range items {
				m, _ := item.(map[string]any)
				state[strings.ToLower(text(m, "namespace"))] = text(m, "registrationState")
			}
			return true
		})
		if err == nil {
			k.state = state
		}
		close(k.done)
	}
	state, ok := k.state[strings.ToLower(provider)]
	return ok && strings.EqualFold(state, "NotRegistered")
}

// text returns a string member of a JSON object.
func text(m map[string]any, member string) string {
	t, _ := m[member].(string)
	return t
}

// groupless is the gap of management groups that could not be read.
func (s *Session) groupless() *model.Gap {
	f := classify(s.tree.noTree)
	g := &model.Gap{
		Scope: s.tenantScope(), Below: true, Type: GroupType, Reason: f.reason, Operation: opDescendants,
		Permission: "Microsoft.Management/managementGroups/descendants/read", Code: f.code, DeniedBy: f.by, Detail: f.detail, RequestID: f.request,
	}
	if errors.Is(s.tree.noTree, context.Canceled) {
		return nil
	}
	return g
}
