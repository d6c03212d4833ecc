package content_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/stance-sec/stance/content"
	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// parityCase is a situation in an account with the verdicts that are right for
// it. Documents have the vendor's shape; the assets stand where examples of their
// provider do unless they say otherwise.
type parityCase struct {
	Case string `yaml:"case"`
	// Controls are the verdicts by control. Because must occur in message,
	// evidence or gaps of every result.
	Controls map[string]model.Verdict `yaml:"controls"`
	Because  []string                 `yaml:"because"`

	parityAsset `yaml:",inline"`
	// Params are thresholds that differ from the controls' own.
	Params map[string]any `yaml:"params"`
	// With are other assets; Denied are types whose listing was denied, in the
	// asset's account or in those above it.
	With        []parityAsset `yaml:"with"`
	Denied      []string      `yaml:"denied"`
	DeniedAbove []string      `yaml:"denied_above"`
	// Reason is why listings failed, if they were not denied.
	Reason model.GapReason `yaml:"reason"`
	// Unscanned are accounts that the scan does not reach, by name; of all others
	// everything was read.
	Unscanned []string `yaml:"unscanned"`
	// Stage names assets of testdata/parity/stages.yaml that stand around.
	Stage string `yaml:"stage"`
}

type parityAsset struct {
	Type      string         `yaml:"type"`
	ID        string         `yaml:"id"`
	Account   string         `yaml:"account"`
	Partition string         `yaml:"partition"`
	Region    string         `yaml:"region"`
	Stale     bool           `yaml:"stale"`
	Config    map[string]any `yaml:"config"`
	// Unread are members that could not be read: the path, or "path: call".
	Unread []map[string]string `yaml:"unread"`
}

func (p *parityAsset) asset(t *testing.T, schemas map[string]*model.Schema, typ string) *model.Asset {
	t.Helper()
	schema := schemas[typ]
	if schema == nil {
		t.Fatalf("no source yields %s", typ)
	}
	config, _ := model.Plain(p.Config).(map[string]any)
	if wrong := strangers(schema, config, typ); len(wrong) > 0 {
		t.Fatalf("not in the vendor's shape: %s", strings.Join(wrong, ", "))
	}
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	a := &model.Asset{ID: or(p.ID, "example/"+typ), Type: typ, Config: config, Stale: p.Stale}
	a.Name = a.ID[strings.LastIndexAny(a.ID, "/:")+1:]
	a.Scope = catalog.ExampleScope(typ, p.Account, p.Region)
	a.Scope.Partition = or(p.Partition, a.Scope.Partition)
	for _, unread := range p.Unread {
		for path, call := range unread {
			a.Gaps = append(a.Gaps, model.Gap{
				Scope: a.Scope, Type: typ, Asset: a.ID, Path: path, Reason: model.Denied, Operation: call, Permission: call,
			})
		}
	}
	return a
}

// strangers returns the paths of a document that its type does not have.
func strangers(s *model.Schema, v any, path string) []string {
	var out []string
	switch t := v.(type) {
	case map[string]any:
		if s.Kind != model.Object {
			return nil
		}
		for k, e := range t {
			f := s.Field(k)
			if f == nil {
				out = append(out, path+"."+k)
				continue
			}
			out = append(out, strangers(f, e, path+"."+k)...)
		}
	case []any:
		for _, e := range t {
			if s.Kind == model.List && s.Elem != nil {
				out = append(out, strangers(s.Elem, e, path+"[]")...)
			}
		}
	}
	return out
}

// TestParity evaluates situations whose verdict a customer who comes from
// another product will check first. Each stands for itself: what must never
// happen is that something unread or oddly written passes.
func TestParity(t *testing.T) {
	cat, err := catalog.Load(content.FS())
	if err != nil {
		t.Fatal(err)
	}
	schemas := app.Schemas()
	engine, err := policy.New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	engine.Know(cat.Facts...)
	controls := map[string]model.Control{}
	for _, c := range cat.Controls {
		controls[c.ID] = c
	}
	stages := map[string][]parityAsset{}
	readYAML(t, "testdata/parity/stages.yaml", &stages)
	for _, file := range []string{"aws", "adversarial", "hostile", "azure", "gcp"} {
		var cases []parityCase
		readYAML(t, "testdata/parity/"+file+".yaml", &cases)
		for _, pc := range cases {
			for _, id := range slices.Sorted(maps.Keys(pc.Controls)) {
				t.Run(pc.Case+"/"+id, func(t *testing.T) {
					c, ok := controls[id]
					if !ok {
						t.Fatalf("no control %s", id)
					}
					c.Params = maps.Clone(c.Params)
					for name, v := range pc.Params {
						if _, ok := c.Params[name]; !ok {
							t.Fatalf("%s has no parameter %s", id, name)
						}
						c.Params[name] = model.Plain(v)
					}
					program, err := engine.CompileFor(c, pc.Type)
					if err != nil {
						t.Fatal(err)
					}
					if pc.Type != "" && pc.Type != program.Control.Type {
						t.Fatalf("the control is about %s, not %s", program.Control.Type, pc.Type)
					}
					subject, inv := pc.inventory(t, schemas, program.Control.Type, stages[pc.Stage])
					got := policy.NewEvaluator(inv, catalog.ExampleNow).Evaluate(program, subject)
					text := resultText(t, got)
					if want := pc.Controls[id]; got.Verdict != want {
						t.Fatalf("verdict is %s, want %s:\n%s", got.Verdict, want, text)
					}
					for _, b := range pc.Because {
						if !strings.Contains(text, b) {
							t.Errorf("%q is not among the reasons:\n%s", b, text)
						}
					}
					if got.Verdict == model.Unknown && len(got.Gaps) == 0 && !strings.Contains(text, "error ") {
						t.Errorf("unknown without a gap: %s", text)
					}
				})
			}
		}
	}
}

// inventory returns the asset of the case and what its account sees.
func (pc *parityCase) inventory(t *testing.T, schemas map[string]*model.Schema, typ string, stage []parityAsset) (*model.Asset, *policy.Inventory) {
	t.Helper()
	all := policy.NewInventories()
	subject := pc.asset(t, schemas, typ)
	assets := []*model.Asset{subject}
	for _, w := range slices.Concat(stage, pc.With) {
		assets = append(assets, w.asset(t, schemas, w.Type))
	}
	scopes := []model.Scope{subject.Scope}
	for _, account := range subject.Scope.Above() {
		scopes = append(scopes, catalog.ExampleScope(typ, account, ""))
	}
	for _, a := range assets {
		if !slices.Contains(pc.Unscanned, a.Scope.Account) {
			all.Of(a.Scope).Add(a)
			all.Of(a.Scope).MarkRead()
		}
	}
	deny := func(s model.Scope, types []string) {
		for _, typ := range types {
			all.Of(s).AddGap(&model.Gap{Scope: s, Type: typ, Reason: cmp.Or(pc.Reason, model.Denied), Operation: "list " + typ, Permission: "list " + typ})
		}
	}
	deny(subject.Scope, pc.Denied)
	for _, s := range scopes[1:] {
		if slices.Contains(pc.Unscanned, s.Account) {
			continue
		}
		all.Of(s).MarkRead()
		deny(s, pc.DeniedAbove)
	}
	return subject, all.View(subject.Scope)
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	f, err := os.Open(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatal(file, err)
	}
}

func resultText(t *testing.T, r policy.Result) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintln(&b, r.Message)
	for _, e := range r.Evidence {
		value, err := json.Marshal(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s = %s %s\n", e.Asset, e.Path, value, e.Note)
	}
	for i := range r.Gaps {
		fmt.Fprintln(&b, r.Gaps[i].Error(), r.Gaps[i].Detail)
	}
	return b.String()
}

// TestGapsDecideNothing takes what every example of every control has read away,
// one member and one listing at a time. The verdict must stay or become unknown:
// what could not be read never turns one into the other. The one exception is what
// the organization takes away from principals, which members are not allowed to see:
// there the verdict may become the one without it, which is never a pass.
func TestGapsDecideNothing(t *testing.T) {
	cat, err := catalog.Load(content.FS())
	if err != nil {
		t.Fatal(err)
	}
	schemas := app.Schemas()
	engine, err := policy.New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	engine.Know(cat.Facts...)
	files := map[string]bool{}
	for _, c := range cat.Controls {
		if files[c.File] {
			continue // a family asks one question: its first member stands for all
		}
		files[c.File] = true
		t.Run(c.ID, func(t *testing.T) {
			for _, e := range c.Examples {
				program, err := engine.CompileFor(c, e.Type)
				if err != nil {
					t.Fatal(err)
				}
				for what, with := range lessRead(e, program.Control.Type, program.Uses) {
					err := catalog.CheckExample(engine, schemas, c, with)
					if err == nil || strings.Contains(err.Error(), "placeholder") {
						continue
					}
					with.Verdict = model.Unknown
					if catalog.CheckExample(engine, schemas, c, with) == nil {
						continue
					}
					with.Verdict = model.Fail
					if strings.HasPrefix(c.Type, "AWS::IAM::") && strings.Contains(strings.ToLower(what), "organizations:") && catalog.CheckExample(engine, schemas, c, with) == nil {
						continue
					}
					t.Errorf("without %s: %v", what, err)
				}
			}
		})
	}
}

// lessRead returns an example with less of it read, by what was taken away.
func lessRead(e model.Example, typ string, uses policy.Uses) map[string]model.Example {
	e.Because = ""
	out := map[string]model.Example{}
	cut := func(config map[string]any, member string) map[string]any {
		config = maps.Clone(config)
		delete(config, member)
		return config
	}
	for _, m := range uses.Members[typ] {
		less := e
		less.Config, less.Gaps = cut(e.Config, m), append(slices.Clone(e.Gaps), m)
		out["member "+m] = less
	}
	for i, w := range e.With {
		for _, m := range uses.Members[w.Type] {
			less := e
			less.With = slices.Clone(e.With)
			less.With[i].Config, less.With[i].Gaps = cut(w.Config, m), append(slices.Clone(w.Gaps), m)
			out[fmt.Sprintf("member %s of %s", m, w.ID)] = less
		}
		less := e
		less.With = slices.Delete(slices.Clone(e.With), i, i+1)
		less.GapTypes = append(slices.Clone(e.GapTypes), w.Type)
		less.GapTypesAbove = append(slices.Clone(e.GapTypesAbove), w.Type)
		out["asset "+w.ID] = less
	}
	for _, u := range uses.Inventory {
		less := e
		less.With = slices.DeleteFunc(slices.Clone(e.With), func(w model.ExampleAsset) bool { return w.Type == u })
		less.GapTypes = append(slices.Clone(e.GapTypes), u)
		less.GapTypesAbove = append(slices.Clone(e.GapTypesAbove), u)
		out["listing of "+u] = less
	}
	return out
}
