package estate_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/collect/aws"
	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/estate"
	"github.com/stance-sec/stance/internal/model"
)

var now = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

func TestSameTimeSameEstate(t *testing.T) {
	if diff := cmp.Diff(estate.Accounts(now), estate.Accounts(now)); diff != "" {
		t.Errorf("two estates of one time differ:\n%s", diff)
	}
}

func TestSize(t *testing.T) {
	total := 0
	for _, a := range estate.Accounts(now) {
		t.Logf("%s %s %s: %d assets, %d listings with a gap", a.Provider, a.ID, a.Name, len(a.Assets), len(a.Gaps))
		total += len(a.Assets)
	}
	if total < 850 || total > 1100 {
		t.Errorf("the estate has %d assets, want about 970", total)
	}
}

// TestShapes holds every asset to what the collectors would have made of it: the
// members and kinds of its document, its id, name and date, and the members that
// the vendor always sends.
func TestShapes(t *testing.T) {
	schemas := aws.Schemas()
	maps.Copy(schemas, azure.Schemas())
	maps.Copy(schemas, gcp.Schemas())
	types, ofAzure, ofGoogle := declared(), declaredOfAzure(), declaredOfGoogle()
	for _, account := range estate.Accounts(now) {
		seen := map[string]bool{}
		for i := range account.Assets {
			a := &account.Assets[i]
			if seen[a.ID] {
				t.Errorf("%s is there twice", a.ID)
			}
			seen[a.ID] = true
			schema := schemas[a.Type]
			if schema == nil {
				t.Errorf("%s: no collector yields type %s", a.ID, a.Type)
				continue
			}
			if err := conforms(schema, map[string]any(a.Config), ""); err != nil {
				t.Errorf("%s %s: %v", a.Type, a.Name, err)
			}
			if a.Scope.Provider != account.Provider {
				t.Errorf("%s is of %q, its account of %s", a.ID, a.Scope.Provider, account.Provider)
			}
			switch account.Provider {
			case model.AWS:
				if d := types[a.Type]; d != nil {
					checkDeclared(t, d, a)
				}
			case model.Azure:
				ofAzure.check(t, a)
			case model.GCP:
				ofGoogle.check(t, a)
			}
		}
	}
}

// TestGapsNameOperations holds gaps to calls that a scan makes.
func TestGapsNameOperations(t *testing.T) {
	known := map[string]bool{}
	for _, op := range slices.Concat(aws.Operations(), azure.Operations(), gcp.Operations()) {
		known[op.Type+" "+op.Operation+" "+op.Action] = true
	}
	check := func(g *model.Gap) {
		if call := g.Type + " " + g.Operation + " " + g.Permission; !known[call] {
			t.Errorf("gap of %s: no scan makes that call with that permission", call)
		}
	}
	for _, account := range estate.Accounts(now) {
		for i := range account.Gaps {
			check(&account.Gaps[i])
		}
		for _, a := range account.Assets {
			for i := range a.Gaps {
				check(&a.Gaps[i])
				if a.Config[a.Gaps[i].Path] != nil {
					t.Errorf("%s: %s is both there and a gap", a.ID, a.Gaps[i].Path)
				}
			}
		}
	}
}

// TestNoSecrets holds the estate to the rule that no secret enters a document.
func TestNoSecrets(t *testing.T) {
	secret := regexp.MustCompile(`change-me|ask-the-erp|SecretAccessKey|BEGIN .*PRIVATE|A[KS]IA[A-Z0-9]{16}"?,?"?(secret|value)|AIza`)
	for _, account := range estate.Accounts(now) {
		for _, a := range account.Assets {
			if found := secret.Find(a.Config.Canonical()); found != nil {
				t.Errorf("%s holds %q", a.ID, found)
			}
		}
	}
}

func declared() map[string]*aws.Type {
	out := map[string]*aws.Type{}
	var add func(ts []aws.Type, global bool)
	add = func(ts []aws.Type, global bool) {
		for _, t := range ts {
			t.Global = t.Global || global // children are where their parent is
			out[t.Name] = &t
			add(t.Children, t.Global)
		}
	}
	for _, c := range aws.Collectors() {
		add(c.Types, false)
	}
	return out
}

func checkDeclared(t *testing.T, d *aws.Type, a *model.Asset) {
	t.Helper()
	var ids []string
	for id := range strings.SplitSeq(d.ID, " | ") {
		if text, complete := fill(id, a); complete {
			ids = append(ids, text)
		}
	}
	if len(ids) == 0 || ids[0] != a.ID {
		t.Errorf("%s: id is %s, a scan would make it %v", a.Type, a.ID, ids)
	}
	name, _ := fill(d.Label, a)
	if name = strings.TrimSpace(name); name == "" {
		name = a.Tags["Name"]
	}
	if name == "" {
		name = a.ID[strings.LastIndexAny(a.ID, "/:")+1:]
	}
	if name != a.Name {
		t.Errorf("%s: name is %q, a scan would make it %q", a.ID, a.Name, name)
	}
	if text, _ := fill(d.Created, a); text != "" {
		if at, err := time.Parse(time.RFC3339, text); err != nil || !at.Equal(a.CreatedAt) {
			t.Errorf("%s: created at %s, a scan would make it %s", a.ID, a.CreatedAt, text)
		}
	} else if !a.CreatedAt.IsZero() {
		t.Errorf("%s: created at %s, a scan would not know", a.ID, a.CreatedAt)
	}
	for _, path := range d.Always {
		top, _, _ := strings.Cut(strings.TrimSuffix(path, "[]"), ".")
		gap := slices.ContainsFunc(a.Gaps, func(g model.Gap) bool { return g.Path == top })
		if lacks(map[string]any(a.Config), path) && !gap && a.Config["Enabled"] != false {
			t.Errorf("%s: lacks %s, which AWS always sends", a.ID, path)
		}
	}
	if managed := d.Managed != nil && d.Managed(a.Config); managed != (a.ManagedBy == "aws") {
		t.Errorf("%s: managed by %q, a scan would say %t", a.ID, a.ManagedBy, managed)
	}
	if region := a.Scope.Region; d.Global && d.Region == "" && region != "" || !d.Global && region == "" {
		t.Errorf("%s: region is %q, global is %t", a.ID, region, d.Global)
	}
}

// fill expands a template of a declaration over an asset.
func fill(template string, a *model.Asset) (string, bool) {
	complete := true
	text := regexp.MustCompile(`\{[^}]+\}`).ReplaceAllStringFunc(template, func(name string) string {
		switch name = strings.Trim(name, "{}"); name {
		case "partition":
			return a.Scope.Partition
		case "account":
			return a.Scope.Account
		case "region":
			return a.Scope.Region
		}
		var v any = map[string]any(a.Config)
		for member := range strings.SplitSeq(name, ".") {
			m, _ := v.(map[string]any)
			v = m[member]
		}
		if v == nil {
			complete = false
			return ""
		}
		return fmt.Sprint(v)
	})
	return text, complete
}

func lacks(in any, path string) bool {
	m, ok := in.(map[string]any)
	if !ok {
		return false
	}
	head, rest, more := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(head, "[]")
	switch {
	case !more:
		return m[name] == nil
	case isList:
		items, _ := m[name].([]any)
		return slices.ContainsFunc(items, func(e any) bool { return lacks(e, rest) })
	}
	return lacks(m[name], rest)
}

// conforms checks a value against the shape that the SDK's types give.
func conforms(s *model.Schema, v any, path string) error {
	if s == nil || v == nil {
		return nil
	}
	ok := true
	switch s.Kind {
	case model.Object, model.Map:
		m, isMap := v.(map[string]any)
		if !isMap {
			return fmt.Errorf("config%s is %T, want an object", path, v)
		}
		for k, e := range m {
			shape := s.Elem
			if s.Kind == model.Object {
				if shape = s.Field(k); shape == nil {
					return fmt.Errorf("config%s has no member %q", path, k)
				}
			}
			if err := conforms(shape, e, path+"."+k); err != nil {
				return err
			}
		}
	case model.List:
		l, isList := v.([]any)
		if !isList {
			return fmt.Errorf("config%s is %T, want a list", path, v)
		}
		for i, e := range l {
			if err := conforms(s.Elem, e, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case model.Bool:
		_, ok = v.(bool)
	case model.Int:
		_, ok = v.(int64)
	case model.Float:
		_, ok = v.(float64)
	case model.String:
		_, ok = v.(string)
	case model.Time:
		text, _ := v.(string)
		_, err := time.Parse(time.RFC3339, text)
		ok = err == nil
	}
	if !ok {
		return fmt.Errorf("config%s is %T %v, which is of another kind", path, v, v)
	}
	return nil
}
