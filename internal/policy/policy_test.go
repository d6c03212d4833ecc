package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func shape(fields map[string]*model.Schema) *model.Schema {
	return &model.Schema{Kind: model.Object, Fields: fields}
}

func kind(k model.Kind) *model.Schema { return &model.Schema{Kind: k} }

// testSchemas are two small types: a thing with every kind of member, and a log
// that things name.
func testSchemas() map[string]*model.Schema {
	rule := shape(map[string]*model.Schema{"Port": kind(model.Int), "Open": kind(model.Bool)})
	return map[string]*model.Schema{
		"T::Thing": shape(map[string]*model.Schema{
			"Name": kind(model.String), "On": kind(model.Bool), "Days": kind(model.Int), "Ratio": kind(model.Float), "Created": kind(model.Time),
			"Rules": {Kind: model.List, Elem: rule}, "Names": {Kind: model.List, Elem: kind(model.String)},
			"Labels": {Kind: model.Map, Elem: kind(model.String)}, "Policy": kind(model.Any),
			"Block": shape(map[string]*model.Schema{"All": kind(model.Bool), "Mode": kind(model.String), "Deep": shape(map[string]*model.Schema{"N": kind(model.Int)})}),
			"Log":   kind(model.String),
		}),
		"T::Log": shape(map[string]*model.Schema{"Name": kind(model.String), "Kept": kind(model.Bool)}),
	}
}

func engine(t testing.TB) *Engine {
	t.Helper()
	e, err := New(testSchemas())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func compile(t testing.TB, e *Engine, holds string, params map[string]any) *Program {
	t.Helper()
	p, err := e.Compile(model.Control{ID: "test", Type: "T::Thing", Holds: holds, Title: "title", Message: "wrong", Params: params})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func thing(config model.Document, gaps ...string) *model.Asset {
	a := &model.Asset{ID: "thing/1", Name: "one", Type: "T::Thing", Config: config, Scope: model.Scope{Provider: "aws", Account: "1", Region: "r1"}}
	for _, g := range gaps {
		a.Gaps = append(a.Gaps, model.Gap{Type: a.Type, Asset: a.ID, Path: g, Reason: model.Denied, Operation: "t:Get" + g, Permission: "t:Get" + g})
	}
	return a
}

func TestVerdicts(t *testing.T) {
	full := model.Document{
		"Name": "one", "On": true, "Days": int64(90), "Ratio": 0.5, "Created": "2026-01-01T00:00:00Z",
		"Rules":  []any{map[string]any{"Port": int64(22), "Open": true}, map[string]any{"Port": int64(443), "Open": false}},
		"Names":  []any{"a", "b"},
		"Labels": map[string]any{"env": "prod"}, "Block": map[string]any{"All": true, "Mode": "strict"}, "Log": "log-1",
	}
	tests := []struct {
		name, holds string
		config      model.Document
		gaps        []string
		want        model.Verdict
	}{
		{"present", `config.On && config.Days >= 90 && config.Ratio < 1.0`, full, nil, model.Pass},
		{"time", `age(config.Created) > days(90)`, full, nil, model.Pass},
		{"case of a state", `same(config.Block.Mode, "STRICT") && !same(config.Block.Mode, "stric")`, full, nil, model.Pass},
		{"list of objects", `config.Rules.exists(r, r.Port == 22 && r.Open)`, full, nil, model.Pass},
		{"list of strings", `"b" in config.Names && config.Names.size() == 2`, full, nil, model.Pass},
		{"map", `config.Labels["env"] == "prod" && !("x" in config.Labels)`, full, nil, model.Pass},
		{"absent string is empty", `config.Name == ""`, model.Document{}, nil, model.Pass},
		{"absent list is empty", `config.Rules.all(r, r.Open)`, model.Document{}, nil, model.Pass},
		{"absent object has zero members", `!config.Block.All && config.Block.Deep.N == 0`, model.Document{}, nil, model.Pass},
		{"absent boolean of a present object is no value", `!config.On`, model.Document{}, nil, model.Unknown},
		{"absent boolean below a present object is no value", `!config.Block.All`, model.Document{"Block": map[string]any{"Mode": "x"}}, nil, model.Unknown},
		{"absent boolean after has", `has(config.On) && config.On`, model.Document{}, nil, model.Fail},
		{"absent integer is no value", `config.Days < 100`, model.Document{}, nil, model.Unknown},
		{"null is absent", `has(config.On)`, model.Document{"On": nil}, nil, model.Fail},
		{"wrong kind is no value", `config.On`, model.Document{"On": "yes"}, nil, model.Unknown},
		{"gap is unknown", `config.Block.All`, full, []string{"Block"}, model.Unknown},
		{"gap inside", `config.Block.All`, full, []string{"Block.All"}, model.Unknown},
		{"gap beside does not matter", `config.Block.All`, full, []string{"Block.Mode"}, model.Pass},
		{"gap of the whole document", `config.On`, full, []string{""}, model.Unknown},
		{"false decides over unknown", `config.Block.All && config.Days > 100`, full, []string{"Block"}, model.Fail},
		{"true decides over unknown", `config.Block.All || config.On`, full, []string{"Block"}, model.Pass},
		{"has of a gap is unknown", `has(config.Block)`, full, []string{"Block"}, model.Unknown},
		{"not has of a gap is unknown", `!has(config.Policy)`, full, []string{"Policy"}, model.Unknown},
		{"size of a gap is unknown", `config.Rules.size() == 0`, full, []string{"Rules"}, model.Unknown},
		{"all over a gap is unknown", `config.Rules.all(r, true)`, full, []string{"Rules"}, model.Unknown},
		{"one element decides", `config.Rules.exists(r, r.Port == 22) || config.Block.All`, full, []string{"Block"}, model.Pass},
		{"error is unknown", `config.Labels["missing"] == "x"`, full, nil, model.Unknown},
		{"asset", `asset.name == "one" && id == "thing/1" && region == "r1" && asset.config.On`, full, nil, model.Pass},
		{"tags of nothing", `!("env" in tags)`, full, nil, model.Pass},
	}
	e := engine(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := NewEvaluator(NewInventory(), now).Evaluate(compile(t, e, tt.holds, nil), thing(tt.config, tt.gaps...))
			if got.Verdict != tt.want {
				t.Errorf("%s = %s, want %s (%s, %v)", tt.holds, got.Verdict, tt.want, got.Message, got.Evidence)
			}
			if got.Verdict == model.Unknown && len(got.Gaps) == 0 && !strings.Contains(got.Message, ":") {
				t.Errorf("unknown without a reason: %q", got.Message)
			}
		})
	}
}

func TestInventory(t *testing.T) {
	log := func(name string, kept bool, gaps ...string) *model.Asset {
		a := thing(model.Document{"Name": name, "Kept": kept}, gaps...)
		a.ID, a.Name, a.Type = "arn:x:log/"+name, name, "T::Log"
		return a
	}
	listGap := &model.Gap{Type: "T::Log", Reason: model.Denied, Operation: "t:ListLogs", Permission: "t:ListLogs"}
	elsewhere := &model.Gap{Type: "T::Log", Reason: model.Denied, Scope: model.Scope{Region: "r2"}, Operation: "t:ListLogs"}
	tests := []struct {
		name, holds string
		logs        []*model.Asset
		gap         *model.Gap
		want        model.Verdict
	}{
		{"none", `assets("T::Log").exists(l, l.config.Kept)`, nil, nil, model.Fail},
		{"one", `assets("T::Log").exists(l, l.config.Kept)`, []*model.Asset{log("log-1", true)}, nil, model.Pass},
		{"one among unread ones", `assets("T::Log").exists(l, l.config.Kept)`, []*model.Asset{log("log-1", true)}, listGap, model.Pass},
		{"none among unread ones", `assets("T::Log").exists(l, l.config.Kept)`, []*model.Asset{log("log-1", false)}, listGap, model.Unknown},
		{"all of read ones", `assets("T::Log").all(l, l.config.Kept)`, []*model.Asset{log("log-1", true)}, listGap, model.Unknown},
		{"not all", `assets("T::Log").all(l, l.config.Kept)`, []*model.Asset{log("log-1", false)}, listGap, model.Fail},
		{"count of unread ones", `assets("T::Log").size() == 0`, nil, listGap, model.Unknown},
		{"gap in another region", `region_assets("T::Log").size() == 0`, nil, elsewhere, model.Pass},
		{"gap in some region", `assets("T::Log").size() == 0`, nil, elsewhere, model.Unknown},
		{"named", `assets("T::Log").named(config.Log).config.Kept`, []*model.Asset{log("log-1", true)}, nil, model.Pass},
		{"named with a gap", `assets("T::Log").named(config.Log).config.Kept`, []*model.Asset{log("log-1", true, "Kept")}, nil, model.Unknown},
		{"named elsewhere", `assets("T::Log").named("other").config.Kept`, []*model.Asset{log("log-1", true)}, nil, model.Unknown},
		{"has named", `assets("T::Log").has_named("other")`, nil, nil, model.Fail},
		{"has named among unread ones", `assets("T::Log").has_named("other")`, nil, listGap, model.Unknown},
	}
	e := engine(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inv := NewInventory()
			for _, l := range tt.logs {
				inv.Add(l)
			}
			if tt.gap != nil {
				inv.AddGap(tt.gap)
			}
			p := compile(t, e, tt.holds, nil)
			got := NewEvaluator(inv, now).Evaluate(p, thing(model.Document{"Log": "log-1"}))
			if got.Verdict != tt.want {
				t.Errorf("%s = %s, want %s (%s, %v)", tt.holds, got.Verdict, tt.want, got.Message, got.Evidence)
			}
			if diff := cmp.Diff([]string{"T::Log"}, p.Uses.Inventory); diff != "" {
				t.Errorf("uses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := []struct{ name, holds, want string }{
		{"misspelt member", `config.Onn`, "undefined field 'Onn'"},
		{"misspelt member in has", `has(config.Onn)`, "undefined field 'Onn'"},
		{"misspelt member deep", `config.Rules.all(r, r.Prot == 1)`, "undefined field 'Prot'"},
		{"misspelt member of another type", `assets("T::Log").all(l, l.config.Keep)`, "undefined field 'Keep'"},
		{"unknown type", `assets("T::None").size() == 0`, "undefined field 'T::None'"},
		{"wrong type", `config.Days == "90"`, "no matching overload"},
		{"not a bool", `config.Days`, "want bool"},
		{"misspelt parameter", `config.Days < params.mox`, "undefined field 'mox'"},
		{"a look into a policy document", `config.Policy.Statement == ""`, "does not support field selection"},
		{"syntax", `config.`, "Syntax error"},
	}
	e := engine(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := e.Compile(model.Control{ID: "refused", Type: "T::Thing", Holds: tt.holds, Params: map[string]any{"max": int64(1)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestEvidence(t *testing.T) {
	e := engine(t)
	p := compile(t, e, `config.Block.All && config.Rules.all(r, !r.Open || r.Port == params.port)`, map[string]any{"port": int64(443)})
	got := NewEvaluator(NewInventory(), now).Evaluate(p, thing(model.Document{
		"Block": map[string]any{"All": true},
		"Rules": []any{map[string]any{"Port": int64(443), "Open": true}, map[string]any{"Port": int64(22), "Open": true}},
	}))
	want := []model.Evidence{
		{Path: "Block.All", Value: true},
		{Path: "Rules[0].Open", Value: true},
		{Path: "Rules[0].Port", Value: int64(443)},
		{Path: "Rules[1].Open", Value: true},
		{Path: "Rules[1].Port", Value: int64(22)},
	}
	if diff := cmp.Diff(want, got.Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if got.Verdict != model.Fail {
		t.Errorf("verdict %s, want fail", got.Verdict)
	}
	unknown := NewEvaluator(NewInventory(), now).Evaluate(p, thing(model.Document{}, "Block"))
	if len(unknown.Gaps) != 1 || unknown.Gaps[0].Permission != "t:GetBlock" {
		t.Errorf("gaps %v, want the one of Block", unknown.Gaps)
	}
	if diff := cmp.Diff(map[string][]string{"T::Thing": {"Block", "Rules"}}, p.Uses.Members); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}

// TestStale holds that an asset that is carried over decides nothing.
func TestStale(t *testing.T) {
	a := thing(model.Document{"On": true})
	a.Stale = true
	if got := NewEvaluator(NewInventory(), now).Evaluate(compile(t, engine(t), `config.On`, nil), a); got.Verdict != model.Unknown {
		t.Errorf("verdict on a stale asset is %s, want unknown", got.Verdict)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	e := engine(b)
	p := compile(b, e, `config.Block.All && config.Block.Mode == "strict" && config.Rules.all(r, r.Open || r.Port > 1000)`, nil)
	a := thing(model.Document{
		"Block": map[string]any{"All": true, "Mode": "strict"},
		"Rules": []any{map[string]any{"Port": int64(443), "Open": true}, map[string]any{"Port": int64(8080), "Open": false}},
	})
	ev := NewEvaluator(NewInventory(), now)
	b.ReportAllocs()
	for b.Loop() {
		if ev.Evaluate(p, a).Verdict != model.Pass {
			b.Fatal("did not pass")
		}
	}
}
