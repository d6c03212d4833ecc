package azure

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// resource is one ARM object.
type resource struct {
	id   string // as the seed spells it
	key  string // lower-cased id
	path []string
	doc  map[string]any
}

// typeName is the type as the id spells it, "" for an id without provider.
func (r *resource) typeName() string { return typeOfPath(r.path) }

// typeOfPath gives the ARM type of a path: of the last provider, or of the
// container that the path names.
func typeOfPath(path []string) string {
	if at := lastProviders(path); at >= 0 && at+2 < len(path) {
		return typeOf(path[at+1:])
	}
	switch len(path) {
	case 1, 2:
		if strings.EqualFold(path[0], "subscriptions") {
			return "Microsoft.Resources/subscriptions"
		}
		if strings.EqualFold(path[0], "tenants") {
			return "Microsoft.Resources/tenants"
		}
	case 3, 4:
		if strings.EqualFold(path[2], "resourceGroups") {
			return "Microsoft.Resources/subscriptions/resourceGroups"
		}
		return "Microsoft.Resources/subscriptions/" + path[2]
	}
	return ""
}

// estate is the seed, indexed, with the synthetic part beside it.
type estate struct {
	seed    *Seed
	groups  map[string]*ManagementGroup
	subs    map[string]*Subscription
	sorted  []*resource // by key
	byID    map[string]*resource
	byColl  map[string][]*resource // lower-cased collection path
	byType  map[string][]*resource // lower-cased type
	actions map[string]*Action
	answers map[string]any // by lower-cased path
	empty   []pattern
	hidden  []pattern
	synth   *synthetic
}

// newEstate checks the seed against the catalogue and indexes it.
func newEstate(seed *Seed, cat *catalogue) (*estate, error) {
	if err := checkSeed(seed); err != nil {
		return nil, fmt.Errorf("seed refused: %w", err)
	}
	e := &estate{
		seed: seed, groups: map[string]*ManagementGroup{}, subs: map[string]*Subscription{},
		byID: map[string]*resource{}, byColl: map[string][]*resource{}, byType: map[string][]*resource{}, actions: map[string]*Action{}, answers: map[string]any{},
		synth: newSynthetic(seed.Synthetic),
	}
	for i := range seed.ManagementGroups {
		e.groups[strings.ToLower(seed.ManagementGroups[i].ID)] = &seed.ManagementGroups[i]
	}
	for i := range seed.Subscriptions {
		e.subs[strings.ToLower(seed.Subscriptions[i].ID)] = &seed.Subscriptions[i]
	}
	for _, p := range seed.Empty {
		e.empty = append(e.empty, newPattern(p))
	}
	for _, p := range seed.HiddenFromGraph {
		e.hidden = append(e.hidden, newPattern(p))
	}
	var errs []error
	for i, raw := range seed.Resources {
		if err := e.addResource(fmt.Sprintf("resources[%d]", i), raw, cat); err != nil {
			errs = append(errs, err)
		}
	}
	for i := range seed.Actions {
		a := &seed.Actions[i]
		if err := checkAction(fmt.Sprintf("actions[%d]", i), a, cat, seed.Lenient); err != nil {
			errs = append(errs, err)
		}
		e.actions["/"+strings.ToLower(strings.Trim(a.Path, "/"))] = a
	}
	for _, path := range slices.Sorted(maps.Keys(seed.Answers)) {
		var body any
		err := decode(seed.Answers[path], &body)
		if err == nil {
			err = checkAnswer("answers."+path, "GET", segments(path), body, cat, seed.Lenient)
		}
		errs = append(errs, err)
		e.answers["/"+strings.ToLower(strings.Trim(path, "/"))] = body
	}
	errs = append(errs, checkTables(seed.Tables), checkGraphSeed(seed.Graph))
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("seed refused: %w", err)
	}
	e.sorted = slices.SortedFunc(maps.Values(e.byID), func(a, b *resource) int { return cmp.Compare(a.key, b.key) })
	for _, r := range e.sorted {
		coll := r.key[:strings.LastIndexByte(r.key, '/')]
		e.byColl[coll] = append(e.byColl[coll], r)
		t := strings.ToLower(r.typeName())
		e.byType[t] = append(e.byType[t], r)
	}
	return e, nil
}

func (e *estate) addResource(at string, raw []byte, cat *catalogue) error {
	var doc map[string]any
	if err := decode(raw, &doc); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	id, _ := doc["id"].(string)
	if !strings.HasPrefix(id, "/") {
		return fmt.Errorf("%s.id: is %q, want a full ARM id", at, id)
	}
	path := segments(id)
	r := &resource{id: id, key: strings.ToLower(id), path: path, doc: doc}
	if e.byID[r.key] != nil {
		return fmt.Errorf("%s.id: %s occurs twice", at, id)
	}
	typ := r.typeName()
	if typ == "" {
		return fmt.Errorf("%s.id: %s is not the id of a resource", at, id)
	}
	if p := lastProviders(path); p >= 0 && (len(path)-p)%2 != 0 {
		return fmt.Errorf("%s.id: %s ends in a type, want a name after it", at, id)
	}
	if strings.EqualFold(path[0], "subscriptions") && e.subs[strings.ToLower(path[1])] == nil {
		return fmt.Errorf("%s.id: subscription %s is not in the seed", at, path[1])
	}
	// A seed may leave out what the id already says.
	if doc["name"] == nil {
		doc["name"] = path[len(path)-1]
	}
	if doc["type"] == nil {
		doc["type"] = typ
	}
	if t, _ := doc["type"].(string); !strings.EqualFold(t, typ) {
		return fmt.Errorf("%s.type: is %q, but the id is of %q", at, doc["type"], typ)
	}
	if err := checkResource(at, r, cat, e.seed.Lenient); err != nil {
		return err
	}
	e.byID[r.key] = r
	return nil
}

// checkResource checks a document against the model that a GET of it answers
// with, or that its list answers with.
func checkResource(at string, r *resource, cat *catalogue, lenient bool) error {
	c := &checker{lenient: lenient}
	_, known := cat.routes.versions("GET", r.path)
	var model *modelType
	for _, m := range cat.modelsOf(r.path) {
		if m.err != nil {
			return fmt.Errorf("%s: %w", at, m.err)
		}
		c.mod = m.mod
		if u := m.mod.unions[m.typ]; u != nil {
			c.named(at, m.typ, withoutRoot(r.doc, m.mod, u))
			return errors.Join(c.errs...)
		}
		if model = m.mod.models[m.typ]; model != nil {
			break
		}
	}
	if model == nil && !known {
		if cat.routes.actionOnly(r.path) {
			known = true
		}
	}
	if model == nil && !known && strings.EqualFold(typeOfPath(r.path), "Microsoft.Resources/subscriptions/resourceGroups") {
		known = true
	}
	if !known {
		return fmt.Errorf("%s.id: type %s is neither in the vendor's modules nor in the table of routes", at, r.typeName())
	}
	c.checkRoot(at, r.doc, model)
	return errors.Join(c.errs...)
}

// withoutRoot drops the members that ARM adds to any object and that a
// polymorphic model may not list.
func withoutRoot(doc map[string]any, mod *module, u *unionType) map[string]any {
	name := u.fallback
	if key, _ := doc[u.member].(string); u.cases[key] != "" {
		name = u.cases[key]
	}
	out := maps.Clone(doc)
	if m := mod.models[name]; m != nil {
		for k := range rootMembers {
			if _, ok := m.members[k]; !ok && k != "properties" {
				delete(out, k)
			}
		}
	}
	return out
}

// candidate is a model that a path may have.
type candidate struct {
	mod *module
	typ string
	err error
}

func (c *catalogue) modelsOf(path []string) []candidate {
	var out []candidate
	for _, r := range c.routes.match("GET", path) {
		body, item, _, err := r.mod.response(r.response)
		if item != "" {
			continue // the path is a list of another call
		}
		if err != nil || body != "" {
			out = append(out, candidate{r.mod, body, err})
		}
	}
	if len(out) > 0 || len(path) == 0 {
		return out
	}
	for _, r := range c.routes.match("GET", path[:len(path)-1]) {
		if _, item, _, err := r.mod.response(r.response); err != nil || item != "" {
			out = append(out, candidate{r.mod, item, err})
		}
	}
	return out
}

// actionOnly says whether the path is answered by a POST …/list, such as the
// application settings of a site.
func (t *routeTree) actionOnly(path []string) bool {
	_, known := t.versions("POST", append(slices.Clone(path), "list"))
	return known
}

func checkAction(at string, a *Action, cat *catalogue, lenient bool) error {
	path := segments(a.Path)
	if len(path) < 3 {
		return fmt.Errorf("%s.path: %q is not the path of an action", at, a.Path)
	}
	var body any
	if err := decode(a.Body, &body); err != nil {
		return fmt.Errorf("%s.body: %w", at, err)
	}
	return checkAnswer(at, "POST", path, body, cat, lenient)
}

// checkAnswer checks the body with which a call answers.
func checkAnswer(at, verb string, path []string, body any, cat *catalogue, lenient bool) error {
	if _, known := cat.routes.versions(verb, path); !known {
		return fmt.Errorf("%s.path: %s /%s is not a call of the vendor", at, verb, strings.Join(path, "/"))
	}
	for _, r := range cat.routes.match(verb, path) {
		typ, _, _, err := r.mod.response(r.response)
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		if typ == "" {
			continue
		}
		c := &checker{mod: r.mod, lenient: lenient}
		c.check(at+".body", typ, "", body)
		return errors.Join(c.errs...)
	}
	return nil
}

// get finds a resource by its lower-cased id.
func (e *estate) get(key string) *resource {
	if r := e.byID[key]; r != nil {
		return r
	}
	return e.synth.get(key)
}

// children lists what lies in a collection, sorted.
func (e *estate) children(key string) []*resource {
	if l := e.byColl[key]; l != nil {
		return l
	}
	return e.synth.children(key)
}

// isEmpty says whether the seed knows that nothing is there.
func (e *estate) isEmpty(path []string) bool {
	return slices.ContainsFunc(e.empty, func(p pattern) bool { return p.fits(path) }) || e.synth.isEmpty(path)
}

// after yields every resource whose key comes after a key, in order.
func (e *estate) after(key string) iter.Seq[*resource] {
	return func(yield func(*resource) bool) {
		i, _ := slices.BinarySearchFunc(e.sorted, key, func(r *resource, k string) int { return cmp.Compare(r.key, k) })
		for i < len(e.sorted) && e.sorted[i].key <= key {
			i++
		}
		for s := range e.synth.after(key) {
			for ; i < len(e.sorted) && e.sorted[i].key < s.key; i++ {
				if !yield(e.sorted[i]) {
					return
				}
			}
			if !yield(s) {
				return
			}
		}
		for ; i < len(e.sorted); i++ {
			if !yield(e.sorted[i]) {
				return
			}
		}
	}
}

// ancestors lists the management groups above a group or subscription, the
// nearest first; first itself is included.
func (e *estate) ancestors(group string) []*ManagementGroup {
	var out []*ManagementGroup
	for g := e.groups[strings.ToLower(group)]; g != nil; g = e.groups[strings.ToLower(g.Parent)] {
		out = append(out, g)
	}
	return out
}

// under says whether a management group is, or lies below, another.
func (e *estate) under(group, top string) bool {
	return slices.ContainsFunc(e.ancestors(group), func(g *ManagementGroup) bool { return strings.EqualFold(g.ID, top) })
}

// subscription finds a seeded or synthetic subscription.
func (e *estate) subscription(id string) *Subscription {
	if s := e.subs[strings.ToLower(id)]; s != nil {
		return s
	}
	return e.synth.subscription(id, e.root())
}

// subscriptions yields all, sorted by id.
func (e *estate) subscriptions() iter.Seq[*Subscription] {
	return func(yield func(*Subscription) bool) {
		for _, k := range slices.Sorted(maps.Keys(e.subs)) {
			if !yield(e.subs[k]) {
				return
			}
		}
		for i := range e.synth.subs {
			if !yield(e.synth.sub(i, e.root())) {
				return
			}
		}
	}
}

func (e *estate) root() string {
	for _, g := range e.seed.ManagementGroups {
		if g.Parent == "" {
			return g.ID
		}
	}
	return e.seed.Tenant.ID
}

// pattern is a path in which * stands for a segment and ** for any number.
type pattern []string

func newPattern(s string) pattern { return segments(strings.ToLower(s)) }

func (p pattern) fits(path []string) bool {
	if len(p) == 0 {
		return len(path) == 0
	}
	if p[0] == "**" {
		for i := range len(path) + 1 {
			if p[1:].fits(path[i:]) {
				return true
			}
		}
		return false
	}
	return len(path) > 0 && (p[0] == "*" || strings.EqualFold(p[0], path[0])) && p[1:].fits(path[1:])
}
