package policy

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// forms are ways to write an expression of a kind, in which B, S, I, L, T, D and X
// stand for another one: boolean, string, integer, list of strings, time, duration
// and what may be anything. v is the variable of a comprehension.
var forms = map[byte][]string{
	'B': {
		`true`, `false`, `config.On`, `config.Block.All`, `has(config.On)`, `has(config.Block.Deep)`, `undecided("whether")`,
		`(B && B)`, `(B || B)`, `(B && B && B)`, `(B || B || B)`, `!B`, `(B ? B : B)`, `(B == B)`, `(B != B)`,
		`(S == S)`, `(S != S)`, `(S < S)`, `(I == I)`, `(I != I)`, `(I <= I)`, `(I > I)`, `(config.Ratio >= 0.5)`, `(config.Ratio == 0.5)`,
		`(T < T)`, `(D >= D)`, `(D == D)`, `(T == T)`, `(L == L)`,
		`(S in L)`, `(S in ["a", "b"])`, `(S in [])`, `(I in [1, 2, 3])`, `(S in params.list)`, `(S in config.Labels)`, `(S in tags)`,
		`S.startsWith(S)`, `S.contains("a")`, `S.endsWith("e")`, `S.matches("^[a-c]+$")`, `S.matches(S)`, `same(S, S)`, `wildcard("a*", S)`,
		`L.exists(v, B)`, `L.all(v, B)`, `L.exists_one(v, B)`, `L.exists(v, v == S)`, `L.all(v, v in L)`,
		`config.Rules.exists(r, r.Open || B)`, `config.Rules.all(r, r.Port > I)`, `config.Rules.exists_one(r, r.Open && B)`,
		`config.Rules.filter(r, r.Open).exists(r, r.Port == I)`, `config.Rules[I].Open`, `config.Rules.map(r, r.Port).exists(p, p == I)`,
		`assets("T::Log").exists(l, l.config.Kept && B)`, `assets("T::Log").all(l, l.name != S)`, `region_assets("T::Log").exists(l, l.config.Name == S)`,
		`assets("T::Log").named(S).config.Kept`, `assets("T::Log").has_named(S)`, `(assets("T::Log").size() > I)`, `assets("T::Log").exists(l, has(l.config.Name))`,
		`config.Labels.exists(v, v == S)`, `(X == S)`, `(X == I)`, `(X in L)`, `(X > 1)`, `has(asset.config.Days)`, `X.exists(v, v == S)`,
	},
	'S': {
		`"a"`, `"one"`, `config.Name`, `config.Block.Mode`, `name`, `region`, `asset.name`, `asset.config.Name`, `params.text`, `config.Log`,
		`(S + S)`, `(B ? S : S)`, `config.Names[I]`, `config.Labels["env"]`, `config.Labels.env`, `{"a": S}["a"]`, `string(I)`, `[S][0]`, `assets("T::Log").named(S).name`,
	},
	'I': {
		`0`, `1`, `22`, `config.Days`, `config.Block.Deep.N`, `config.Rules.size()`, `size(L)`, `size(S)`, `params.number`, `(I + I)`, `(I - I)`, `(I * 2)`, `(B ? I : I)`,
		`int(S)`, `config.Labels.size()`, `config.Rules[0].Port`,
	},
	'L': {
		`config.Names`, `["a", "b"]`, `[]`, `[S, S]`, `params.list`, `(L + L)`, `L.filter(v, B)`, `L.map(v, S)`, `L.map(v, B, v + "x")`, `(B ? L : L)`,
		`config.Rules.map(r, r.Open ? "a" : S)`, `assets("T::Log").map(l, l.name)`,
	},
	'T': {`now`, `config.Created`, `timestamp("2026-01-01T00:00:00Z")`, `(now - D)`},
	'D': {`days(I)`, `duration("24h")`, `age(config.Created)`, `(T - T)`},
	'X': {`config.Extra["text"]`, `config.Extra.number`, `config.Extra["list"]`, `config.Extra[S]`, `dyn(S)`, `config.Extra.deep.deeper`, `config.Extra.nothing`},
}

// writer writes expressions at random.
type writer struct{ *rand.Rand }

func (w writer) write(kind byte, depth int, variable bool) string {
	choice := forms[kind]
	if depth == 0 {
		choice = choice[:3] // those that hold no others
	}
	form := choice[w.IntN(len(choice))]
	if kind == 'S' && variable && w.IntN(3) == 0 {
		return "v"
	}
	var b strings.Builder
	loop := strings.Index(form, "(v,")
	for i := range len(form) {
		if c := form[i]; forms[c] == nil || inWord(form, i-1) || inWord(form, i+1) {
			b.WriteByte(c)
		} else {
			b.WriteString(w.write(c, max(depth-1, 0), variable || loop >= 0 && i > loop))
		}
	}
	return b.String()
}

// inWord reports whether the character is one of a word.
func inWord(s string, i int) bool {
	return i >= 0 && i < len(s) && (s[i] == '"' || s[i] == ':' || 'a' <= s[i] && s[i] <= 'z' || 'A' <= s[i] && s[i] <= 'Z')
}

// TestFormsAsInterpreted holds that every form of an expression gives what CEL's
// interpreter gives, in whatever it is nested and whatever its parts are: true,
// false, unknown or an error.
func TestFormsAsInterpreted(t *testing.T) {
	schemas := testSchemas()
	schemas["T::Thing"].Fields["Extra"] = &model.Schema{Kind: model.Map}
	planner, err := New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	interpreter, err := New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	interpreter.Interpret()
	full := model.Document{
		"Name": "one", "On": true, "Days": int64(2), "Ratio": 0.5, "Created": "2026-01-01T00:00:00Z",
		"Rules": []any{map[string]any{"Port": int64(22), "Open": true}, map[string]any{"Port": int64(1), "Open": false}},
		"Names": []any{"a", "b", "one"}, "Labels": map[string]any{"env": "a", "b": "c"}, "Log": "log-1",
		"Block": map[string]any{"All": false, "Mode": "a", "Deep": map[string]any{"N": int64(1)}},
		"Extra": map[string]any{"text": "a", "number": int64(1), "list": []any{"a"}, "deep": map[string]any{"deeper": "b"}, "nothing": nil},
	}
	odd := maps.Clone(full)
	maps.Copy(odd, model.Document{
		"On": "yes", "Days": 1.5, "Name": int64(3), "Rules": []any{"x", map[string]any{"Port": int64(22)}, nil},
		"Names": []any{"a", int64(1), nil}, "Labels": map[string]any{"env": true}, "Created": "yesterday", "Extra": map[string]any{"text": []any{}},
	})
	things := []*model.Asset{
		thing(full), thing(model.Document{}), thing(odd), thing(full, "Block", "Names"), thing(full, "On", "Rules", "Labels"), thing(full, "Block.All", "Name", "Tags", "Extra"), thing(full, ""),
	}
	log := func(name string, gaps ...string) *model.Asset {
		a := thing(model.Document{"Name": name, "Kept": name == "log-1"}, gaps...)
		a.ID, a.Name, a.Type = "arn:x:log/"+name, name, "T::Log"
		return a
	}
	whole, part := NewInventory(), NewInventory()
	for _, a := range []*model.Asset{log("log-2"), log("log-1"), log("one", "Kept")} {
		whole.Add(a)
		part.Add(a)
	}
	part.AddGap(&model.Gap{Type: "T::Log", Reason: model.Denied, Operation: "t:ListLogs"})

	w := writer{rand.New(rand.NewPCG(3, 4))}
	count := map[model.Verdict]int{}
	for n := range 1500 {
		c := model.Control{
			ID: fmt.Sprintf("form-%d", n), Type: "T::Thing", Title: "right", Message: "wrong", Holds: w.write('B', 1+w.IntN(4), false),
			Params: map[string]any{"text": "a", "number": int64(2), "list": []any{"b", "one"}},
		}
		planned, err := planner.Compile(c)
		interpreted, otherErr := interpreter.Compile(c)
		if fmt.Sprint(err) != fmt.Sprint(otherErr) {
			t.Fatalf("%s: planning gives the error %v, CEL %v", c.Holds, err, otherErr)
		}
		if err != nil {
			count["refused"]++
			continue
		}
		if planned.Interpreted() {
			t.Errorf("%s is left to the interpreter", c.Holds)
		}
		for _, inv := range []*Inventory{whole, part} {
			for i, a := range things {
				got, want := NewEvaluator(inv, now).Evaluate(planned, a), NewEvaluator(inv, now).Evaluate(interpreted, a)
				count[got.Verdict]++
				for range 200 { // CEL takes the keys of a map in any order
					if reflect.DeepEqual(got, want) {
						break
					}
					want = NewEvaluator(inv, now).Evaluate(interpreted, a)
				}
				// CEL hides the error of a key behind one of its own.
				hidden := got.Verdict == want.Verdict && strings.Contains(want.Message, "invalid qualifier type")
				if !hidden && !reflect.DeepEqual(got, want) {
					t.Fatalf("%s on thing %d (-interpreted +planned):\n%s", c.Holds, i, cmp.Diff(want, got))
				}
			}
		}
	}
	t.Log(count)
	for v, least := range map[model.Verdict]int{model.Pass: 2000, model.Fail: 2000, model.Unknown: 2000} {
		if count[v] < least {
			t.Errorf("only %d evaluations gave %s, want %d for the comparison to mean something", count[v], v, least)
		}
	}
}
