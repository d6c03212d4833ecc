package logpattern

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMatch(t *testing.T) {
	data, err := os.ReadFile("testdata/match.txt")
	if err != nil {
		t.Fatal(err)
	}
	var event any
	for i, line := range strings.Split(string(data), "\n") {
		switch verb, rest, _ := strings.Cut(line, " "); verb {
		case "event":
			event = decode(t, rest)
		case "+", "-":
			p, err := Parse(rest)
			if err != nil {
				t.Errorf("line %d: %v", i+1, err)
			} else if p.Match(event) != (verb == "+") {
				t.Errorf("line %d: %s: match is %t", i+1, rest, p.Match(event))
			}
		}
	}
}

// decode reads numbers as the decoders of documents do.
func decode(tb testing.TB, s string) any {
	tb.Helper()
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestParseErrors(t *testing.T) {
	for _, s := range []string{
		"{", "{}", "{ }", "{ $ = 1 }", "{ $. = 1 }", "{ a = 1 }", "{ $.a }", "{ $.a = }", "{ $.a == }",
		"{ $.a = 1", "{ $.a = 1 } x", "{ ($.a = 1 }", "{ $.a = 1) }", "{ $.a = 1 && }", "{ || $.a = 1 }",
		"{ $.a IS }", "{ $.a IS NOT NULL }", "{ $.a EXISTS }", "{ $.a NOT }", "{ $.a NOT NULL }",
		"{ $.a > abc }", `{ $.a > "1" }`, `{ $.a = "x }`, "{ $.a = %x }", "{ $.a = %[% }", "{ $.a[x] = 1 }",
		"{ $.a[0 = 1 }", "{ $.a IN (1, 2) }", "{ $.a = 1 $.b = 2 }", "{ $.a & $.b }",
		"{ " + strings.Repeat("(", 200) + "$.a = 1" + strings.Repeat(")", 200) + " }",
	} {
		if p, err := Parse(s); !errors.Is(err, ErrSyntax) {
			t.Errorf("Parse(%q) = %v, %v; want a syntax error", s, p, err)
		}
	}
}

func TestCoversOtherForms(t *testing.T) {
	const want = "{ $.eventName = CreateTrail }"
	tests := []struct {
		name, filter, want string
		answer             Answer
	}{
		{"everything covers", "", want, True},
		{"everything covers everything", " ", "", True},
		{"one event is not everything", want, "", False},
		{"every value of a property is not every event", "{ $.eventName = * }", "", False},
		{"text covers no event", "CreateTrail", want, False},
		{"fields cover no event", "[event = CreateTrail]", want, False},
		{"text covers itself", "CreateTrail", "CreateTrail", True},
		{"text is not compared", want, "CreateTrail", Unknown},
		{"a requirement of nothing", want, "{ $.a = 1 && $.a = 2 }", True},
		{"null and text", want, "{ $.a IS NULL && $.a = x }", True},
		{"numbers by value", "{ $.n = 5e2 }", "{ $.n = 500 && $.n > 1 }", True},
		{"order", "{ $.n > 1 }", "{ $.n >= 2 }", True},
		{"order, bound", "{ $.n > 2 }", "{ $.n >= 2 }", False},
		{"order, split", "{ $.n <= 2 || $.n > 2 }", "{ $.n > -1e300 }", True},
		{"order, hole", "{ $.n < 2 || $.n > 2 }", "{ $.n > 1 }", False},
		{"not equal", "{ $.a != x }", "{ $.a != x && $.a != y }", True},
		{"not equal, less", "{ $.a != x && $.a != y }", "{ $.a != x }", False},
		{"not equal is not absent", "{ $.a != x }", "{ $.a NOT EXISTS }", False},
		{"both sides of a text", "{ $.a = x || $.a != x }", "{ $.a = * }", True},
		{"both sides of an expression", "{ $.a = %x% || $.a != %x% }", "{ $.a = * }", True},
		{"same expression", "{ $.a = %x% }", "{ $.b = y && $.a = %x% }", True},
		{"another expression", "{ $.a = %x% }", "{ $.a = %xx% }", Unknown},
		{"expression refuted", "{ $.a = %z% }", "{ $.a = %^$% }", Unknown},
		{"intersection of wildcards", "{ $.a = a*b }", "{ $.a = a* && $.a = *b && $.a != ab* }", True},
		{"intersection with a border", "{ $.a = aXa*aXa }", "{ $.a = aXa* && $.a = *aXa }", False},
		{"middle", "{ $.a = *b* }", "{ $.a = a*b*c }", True},
		{"digits and order", "{ $.n = 4* || $.n < 400 || $.n > 499 }", "{ $.n > 1 }", Unknown},
		{"same wildcard selector", "{ $.a[*] = x* }", "{ $.a[*] = xy }", True},
		{"any element", "{ $.a[*] = x }", "{ $.a[0] = x }", Unknown},
		{"parent and child", "{ $.a NOT EXISTS }", "{ $.a.b NOT EXISTS }", False},
		{"child needs parent", "{ $.a NOT EXISTS || $.a = x }", "{ $.a.b = x && $.c = y }", False},
		{"array index", "{ $.a[1] = x }", "{ $.a[1] = x && $.a[0] = y }", True},
		{"quoted name", `{ $['a'] = x }`, `{ $.a = "x" }`, True},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, w := mustParse(t, tt.filter), mustParse(t, tt.want)
			if got, missing := Covers(f, w); got != tt.answer {
				t.Errorf("Covers(%s, %s) is %s (missing %v), want %s", tt.filter, tt.want, got, missing, tt.answer)
			}
			checkWitnesses(t, f, w)
		})
	}
}

func TestLargePatternsStayUndecided(t *testing.T) {
	var any8 []string
	for _, c := range "abcdefgh" {
		any8 = append(any8, "$."+string(c)+" = 1 || $."+string(c)+" = 2 || $."+string(c)+" = 3 || $."+string(c)+" = 4")
	}
	w := mustParse(t, "{ ("+strings.Join(any8, ") && (")+") }")
	if got, _ := Covers(mustParse(t, "{ $.a != 5 }"), w); got != Unknown {
		t.Errorf("Covers is %s, want unknown", got)
	}
}

// Generators draw from few names and values, so that patterns and events meet.
var (
	genSelector = rapid.SampledFrom([]string{"$.a", "$.b", "$.c.d", "$.a[0]", "$.a[*]", "$.c", "$.*"})
	genValue    = rapid.SampledFrom([]string{
		"x", "xy", `"x"`, "x*", "*y", "*", "x*y", "1", "2", `"1"`, "1.5", "1*", "%x%", "%^y%", "yx", "*x*", "10",
	})
	genNumber = rapid.SampledFrom([]string{"0", "1", "1.5", "2", "10"})
)

func genCondition(t *rapid.T) string {
	sel := genSelector.Draw(t, "selector")
	switch rapid.IntRange(0, 9).Draw(t, "condition") {
	case 0:
		return sel + " NOT EXISTS"
	case 1:
		return sel + rapid.SampledFrom([]string{" IS NULL", " IS TRUE", " IS FALSE"}).Draw(t, "is")
	case 2, 3:
		return sel + rapid.SampledFrom([]string{"<", "<=", ">", ">="}).Draw(t, "order") + genNumber.Draw(t, "number")
	case 4, 5, 6:
		return sel + "!=" + genValue.Draw(t, "value")
	}
	return sel + "=" + genValue.Draw(t, "value")
}

func genExpr(t *rapid.T, depth int) string {
	if depth == 0 || rapid.IntRange(0, 2).Draw(t, "leaf") == 0 {
		return genCondition(t)
	}
	op := rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "op")
	n := rapid.IntRange(2, 3).Draw(t, "kids")
	parts := make([]string, n)
	for i := range parts {
		parts[i] = "(" + genExpr(t, depth-1) + ")"
	}
	return strings.Join(parts, op)
}

func genPattern(t *rapid.T) Pattern {
	s := "{" + genExpr(t, 2) + "}"
	p, err := Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return p
}

func genScalar(t *rapid.T) any {
	return rapid.SampledFrom([]any{
		nil, true, false, "x", "xy", "y", "yx", "xzy", "1", "10", "z", "", int64(1), int64(2), 1.5, int64(10), int64(100), 0.5, int64(-1),
		map[string]any{},
		[]any{},
	}).Draw(t, "scalar")
}

func genEvent(t *rapid.T) any {
	m := map[string]any{}
	for _, k := range []string{"a", "b", "c"} {
		switch rapid.IntRange(0, 4).Draw(t, k) {
		case 0, 1:
			m[k] = genScalar(t)
		case 2:
			m[k] = map[string]any{"d": genScalar(t)}
		case 3:
			m[k] = []any{genScalar(t), genScalar(t)}
		}
	}
	return m
}

// Whatever is answered must hold for events: true for all of them, false with
// one that shows it.
func TestCoversIsSound(t *testing.T) {
	counts := map[Answer]int{}
	rapid.Check(t, func(t *rapid.T) {
		f, w := genPattern(t), genPattern(t)
		if rapid.Bool().Draw(t, "wider") { // else few are covered
			f = mustParseIn(t, "{("+w.root.String()+") || ("+f.root.String()+")}")
			if rapid.Bool().Draw(t, "narrower") {
				w = mustParseIn(t, "{("+w.root.String()+") && ("+genExpr(t, 1)+")}")
			}
		}
		c := Explain(f, w)
		counts[c.Answer]++
		for _, m := range c.Missing {
			if m.Event != nil && (!w.Match(m.Event) || f.Match(m.Event)) {
				t.Fatalf("%v is no witness", m.Event)
			}
		}
		if c.Answer != True {
			return
		}
		for range 20 {
			if e := genEvent(t); w.Match(e) && !f.Match(e) {
				t.Fatalf("%s is said to cover %s, but not on %v", f, w, e)
			}
		}
	})
	t.Logf("answers: %v", counts)
	for _, a := range []Answer{True, False} {
		if counts[a] == 0 {
			t.Errorf("no answer was %s", a)
		}
	}
}

func mustParseIn(t *rapid.T, s string) Pattern {
	p, err := Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return p
}

// One spelling: what String returns parses to itself and matches the same.
func TestStringRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := genPattern(t)
		q := mustParseIn(t, p.String())
		if q.String() != p.String() {
			t.Fatalf("%s became %s", p, q)
		}
		if e := genEvent(t); p.Match(e) != q.Match(e) {
			t.Fatalf("%s and its own spelling differ on %v", p, e)
		}
		if got, _ := Covers(p, q); got == False {
			t.Fatalf("%s does not cover itself", p)
		}
	})
}

func FuzzParse(f *testing.F) {
	required, filters := readRequirements(f)
	for _, p := range required {
		f.Add(p.String())
	}
	for _, d := range filters {
		f.Add(d.text)
	}
	f.Add(`{ $['a\'b'].*[0] != %x\%y% && $.n >= -1.5e3 }`)
	event := decode(f, `{"eventName":"CreateTrail","a":[1,"x",null,{"b":true}]}`)
	want := required["cloudtrail-changes"]
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Parse(s)
		if err != nil {
			return
		}
		p.Match(event)
		q, err := Parse(p.String())
		if err != nil || q.String() != p.String() {
			t.Fatalf("%q is not stable: %v, %v", p.String(), q, err)
		}
		if c := Explain(p, want); c.Answer == True && want.Match(event) && !p.Match(event) {
			t.Fatalf("%q is said to cover %s", s, want)
		}
	})
}

func BenchmarkCovers(b *testing.B) {
	required, _ := readRequirements(b)
	for _, bench := range []struct{ name, filter string }{
		{"equal", required["iam-policy-changes"].String()},
		{"wildcards", `{ $.eventName = "*Policy" || $.eventName = "*PolicyVersion" }`},
	} {
		filter, want := mustParse(b, bench.filter), required["iam-policy-changes"]
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Covers(filter, want)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	required, _ := readRequirements(b)
	s := required["organizations-changes"].String()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(s); err != nil {
			b.Fatal(err)
		}
	}
}
