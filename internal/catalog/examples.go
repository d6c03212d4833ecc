package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// ExampleNow is the time at which the examples of controls are evaluated, so
// that their dates stay as old as they were written.
var ExampleNow = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// exampleScopes are where examples live, by provider.
var exampleScopes = map[string]model.Scope{
	model.AWS: {Provider: model.AWS, Partition: "aws", Account: "111122223333", Region: "eu-west-1"},
	model.Azure: {
		Provider: model.Azure, Partition: "azure", Account: "11111111-2222-3333-4444-555555555555", Region: "westeurope",
		OrgPath: "tenants/99999999-8888-7777-6666-555555555555/managementGroups/shop/subscriptions/11111111-2222-3333-4444-555555555555",
	},
	model.GCP: {
		Provider: model.GCP, Partition: "gcp", Account: "shop-prod", Region: "europe-west1",
		OrgPath: "organizations/1/folders/2/projects/shop-prod",
	},
}

// ExampleScope returns where an asset of an example lives: in the account and the
// region that it names, or those that all examples of its provider have in common.
// Accounts above the common one have the beginning of its path; of others the
// place is not known.
func ExampleScope(typ, account, region string) model.Scope {
	s := exampleScopes[model.ProviderOf(typ)]
	if region != "" {
		s.Region = region
	}
	if account == "" || account == s.Account {
		return s
	}
	s.Account = account
	path := s.OrgPath + "/"
	s.OrgPath = ""
	for _, segment := range []string{account, "tenants/" + account} {
		if i := strings.Index(path, segment+"/"); i >= 0 {
			s.OrgPath = path[:i+len(segment)]
		}
	}
	return s
}

// CheckExamples evaluates the examples of a control and returns what came out
// differently, all together. A member that documents of the type do not have is
// an error too, so that an example cannot pass by a misspelling.
func CheckExamples(engine *policy.Engine, schemas map[string]*model.Schema, c model.Control) error {
	problems := coverage(engine, c)
	for _, e := range c.Examples {
		if err := CheckExample(engine, schemas, c, e); err != nil {
			problems = append(problems, fmt.Errorf("%s: example %q: %w", c.ID, e.Name, err))
		}
	}
	return errors.Join(problems...)
}

// coverage says which asset types of a control on a class have no example that
// passes, or none that fails.
func coverage(engine *policy.Engine, c model.Control) []error {
	if c.Class == "" {
		return nil
	}
	types, err := engine.TypesOf(c)
	if err != nil {
		return []error{fmt.Errorf("%s: %w", c.ID, err)}
	}
	var problems []error
	for _, typ := range types {
		for _, v := range []model.Verdict{model.Pass, model.Fail} {
			if !slices.ContainsFunc(c.Examples, func(e model.Example) bool { return e.Type == typ && e.Verdict == v }) {
				problems = append(problems, fmt.Errorf("%s: needs an example of type %s with verdict %s", c.ID, typ, v))
			}
		}
		if _, ok := c.Fixes[model.ProviderOf(typ)]; !ok {
			problems = append(problems, fmt.Errorf("%s: needs a fix for %s", c.ID, model.ProviderOf(typ)))
		}
	}
	return problems
}

// CheckExample evaluates one example of a control and returns what came out
// differently.
func CheckExample(engine *policy.Engine, schemas map[string]*model.Schema, c model.Control, e model.Example) error {
	if len(e.Params) > 0 {
		merged := maps.Clone(c.Params)
		maps.Copy(merged, e.Params)
		c.Params = merged
	}
	if c.Class != "" {
		if e.Type == "" {
			return fmt.Errorf("%w example: name its type", model.ErrInvalid)
		}
	} else if e.Type != "" {
		return fmt.Errorf("%w example: only examples of a control on a class have a type", model.ErrInvalid)
	}
	program, err := engine.CompileFor(c, e.Type)
	if err != nil {
		return err
	}
	c = program.Control
	subject, inv, err := Example(schemas, c, e)
	if err != nil {
		return err
	}
	ev := policy.NewEvaluator(inv.View(subject.Scope), ExampleNow)
	got := ev.Evaluate(program, subject)
	if got.Verdict != e.Verdict {
		return fmt.Errorf("verdict is %s, want %s: %s\n%s", got.Verdict, e.Verdict, got.Message, evidenceText(got))
	}
	if got.Verdict == model.Fail && strings.Contains(got.Message, "?") && strings.Contains(c.Message, "{{") && !strings.Contains(c.Message, "?") {
		return fmt.Errorf("message %q has a placeholder without a value", got.Message)
	}
	if e.Because != "" && !strings.Contains(got.Message+evidenceText(got), e.Because) {
		return fmt.Errorf("neither message nor evidence mentions %q: %s\n%s", e.Because, got.Message, evidenceText(got))
	}
	return nil
}

// Example builds the subject of an example and the inventories around it.
func Example(schemas map[string]*model.Schema, c model.Control, e model.Example) (*model.Asset, *policy.Inventories, error) {
	inv := policy.NewInventories()
	subject, err := exampleAsset(schemas, c, model.ExampleAsset{Type: c.Type, ID: e.ID, Region: e.Region, Config: e.Config, Gaps: e.Gaps})
	if err != nil {
		return nil, nil, err
	}
	subject.Tags = e.Tags
	subject.Facts = e.Facts
	inv.Of(subject.Scope).Add(subject)
	above := subject.Scope.Above()
	// Listings fail in the account of the example and in others that it names.
	listed := []model.Scope{subject.Scope}
	for _, w := range e.With {
		a, err := exampleAsset(schemas, c, w)
		if err != nil {
			return nil, nil, err
		}
		inv.Of(a.Scope).Add(a)
		inv.Of(a.Scope).MarkRead()
		if a.Scope.Account != subject.Scope.Account && !slices.Contains(above, a.Scope.Account) {
			listed = append(listed, a.Scope)
		}
	}
	for _, account := range above {
		inv.Of(ExampleScope(c.Type, account, "")).MarkRead()
	}
	unlisted := func(s model.Scope, typ string) {
		inv.Of(s).AddGap(&model.Gap{Scope: s, Type: typ, Reason: model.Denied, Operation: "List " + typ, Permission: "List " + typ})
	}
	for _, typ := range e.GapTypes {
		for _, s := range listed {
			unlisted(s, typ)
		}
	}
	for _, typ := range e.GapTypesAbove {
		for _, account := range above {
			unlisted(ExampleScope(c.Type, account, ""), typ)
		}
	}
	return subject, inv, nil
}

func exampleAsset(schemas map[string]*model.Schema, c model.Control, e model.ExampleAsset) (*model.Asset, error) {
	id := e.ID
	if id == "" {
		id = "example/" + e.Type
	}
	config, _ := substitute(e.Config, c).(map[string]any)
	schema, ok := schemas[e.Type]
	if !ok {
		return nil, fmt.Errorf("%w type %q: no source yields it", model.ErrInvalid, e.Type)
	}
	if err := conforms(schema, config, ""); err != nil {
		return nil, err
	}
	name := id[strings.LastIndexAny(id, "/:")+1:]
	a := &model.Asset{
		ID: id, Name: name, Type: e.Type, Config: config,
		Scope: ExampleScope(e.Type, e.Account, e.Region),
	}
	for _, path := range e.Gaps {
		a.Gaps = append(a.Gaps, model.Gap{
			Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: path, Reason: model.Denied,
			Operation: "Read " + path, Permission: "Read " + path,
		})
	}
	return a, nil
}

// substitute copies a value and replaces {{params.x}} in its strings, so that a
// family's examples serve every instance. A string that is nothing but one
// placeholder takes the parameter's own type.
func substitute(v any, c model.Control) any {
	switch t := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(t))
		for k, e := range t {
			out[k] = substitute(e, c)
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i, e := range t {
			out[i] = substitute(e, c)
		}
		return out
	case string:
		if p, ok := strings.CutPrefix(t, "{{params."); ok {
			if name, ok := strings.CutSuffix(p, "}}"); ok {
				if value, known := c.Params[name]; known {
					return value
				}
			}
		}
		return policy.Render(t, &model.Asset{}, c.Params)
	}
	return v
}

// conforms checks an example's document against the vendor's shape.
func conforms(s *model.Schema, v any, path string) error {
	if s == nil || v == nil {
		return nil
	}
	wrong := func(want string) error {
		return fmt.Errorf("%w example: config%s is %T, want %s", model.ErrInvalid, path, v, want)
	}
	switch s.Kind {
	case model.Object:
		m, ok := v.(map[string]any)
		if !ok {
			return wrong("an object")
		}
		for k, e := range m {
			f := s.Field(k)
			if f == nil {
				return fmt.Errorf("%w example: config%s has no member %q", model.ErrInvalid, path, k)
			}
			if err := conforms(f, e, path+"."+k); err != nil {
				return err
			}
		}
	case model.List:
		l, ok := v.([]any)
		if !ok {
			return wrong("a list")
		}
		for i, e := range l {
			if err := conforms(s.Elem, e, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case model.Map:
		if _, ok := v.(map[string]any); !ok {
			return wrong("a map")
		}
	case model.Bool:
		if _, ok := v.(bool); !ok {
			return wrong("a boolean")
		}
	case model.Int:
		if _, ok := v.(int64); !ok {
			return wrong("an integer")
		}
	case model.Float:
		switch v.(type) {
		case int64, float64:
		default:
			return wrong("a number")
		}
	case model.String:
		if _, ok := v.(string); !ok {
			return wrong("a string")
		}
	case model.Time:
		s, ok := v.(string)
		if !ok {
			return wrong("a time in quotes")
		}
		if _, err := time.Parse(time.RFC3339, s); err != nil {
			return wrong("an RFC 3339 time")
		}
	}
	return nil
}

func evidenceText(r policy.Result) string {
	var b strings.Builder
	for _, e := range r.Evidence {
		value, err := json.Marshal(e.Value)
		if err != nil {
			value = []byte(fmt.Sprint(e.Value))
		}
		fmt.Fprintf(&b, "  %s %s = %s", e.Asset, e.Path, value)
		if e.Note != "" {
			fmt.Fprintf(&b, " (%s)", e.Note)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
