package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// wantFinding is the JSON of a finding by declaration: the model's own, with
// members that are always there. It says what lineEncoder must write.
type wantFinding struct {
	model.Finding
	KnownAs    map[string][]string    `json:"known_as"`
	Asset      wantAsset              `json:"asset"`
	Evidence   []model.Evidence       `json:"evidence"`
	Gaps       []model.Gap            `json:"gaps"`
	Frameworks []model.RequirementRef `json:"frameworks"`
	Risk       wantRisk               `json:"risk"`
}

type wantAsset struct {
	model.AssetRef
	Class   model.Class       `json:"class"`
	Name    string            `json:"name"`
	Account string            `json:"account"`
	Region  string            `json:"region"`
	Tags    map[string]string `json:"tags"`
}

type wantRisk struct {
	Score   int      `json:"score"`
	Reasons []string `json:"reasons"`
}

// byDeclaration returns the line that encoding/json writes.
func byDeclaration(f model.Finding) ([]byte, error) {
	a := f.Asset
	out := wantFinding{
		Finding: f, KnownAs: f.KnownAs,
		Asset:    wantAsset{AssetRef: a, Class: a.Class, Name: a.Name, Account: a.Account, Region: a.Region, Tags: a.Tags},
		Evidence: nonNil(f.Evidence), Gaps: nonNil(f.Gaps), Frameworks: nonNil(f.Frameworks),
		Risk: wantRisk{f.Risk.Score, nonNil(f.Risk.Reasons)},
	}
	if out.KnownAs == nil {
		out.KnownAs = map[string][]string{}
	}
	if out.Asset.Tags == nil {
		out.Asset.Tags = map[string]string{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(out)
	return b.Bytes(), err
}

// TestFindingJSON compares the finding's own encoder with encoding/json on
// findings of which every member is drawn, those of later versions of the
// model as well.
func TestFindingJSON(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 3000 {
		var f model.Finding
		draw(t, rnd, reflect.ValueOf(&f).Elem(), 0)
		switch i {
		case 0:
			f = model.Finding{}
		case 1:
			f.Evidence = []model.Evidence{{Path: "deep", Value: nested(2 * model.MaxDepth)}}
		}
		want, err := byDeclaration(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := render(writeNDJSON, Input{Findings: each([]model.Finding{f, f})})
		if err != nil {
			t.Fatal(err)
		}
		if twice := string(want) + string(want); got != twice {
			t.Fatalf("finding %d (-want +got):\n%s", i, cmp.Diff(twice, got))
		}
		var spread, wantSpread bytes.Buffer
		for _, v := range []struct {
			b *bytes.Buffer
			v any
		}{{&spread, FindingJSON(f)}, {&wantSpread, json.RawMessage(want)}} {
			enc := json.NewEncoder(v.b)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(v.v); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(wantSpread.String(), spread.String()); diff != "" {
			t.Fatalf("finding %d, indented (-want +got):\n%s", i, diff)
		}
	}
}

// nested returns lists and objects one in the other.
func nested(levels int) (v any) {
	for i := range levels {
		if v = []any{v, "<"}; i%2 == 0 {
			v = map[string]any{"&": v}
		}
	}
	return v
}

func TestFindingJSONErrors(t *testing.T) {
	endless := map[string]any{}
	endless["again"] = []any{endless}
	for name, v := range map[string]any{"a function": func() {}, "no number": []any{math.NaN()}, "no end": endless} {
		t.Run(name, func(t *testing.T) {
			f := model.Finding{ID: "f-1", Evidence: []model.Evidence{{Path: "x", Value: v}}}
			if _, err := byDeclaration(f); err == nil {
				t.Fatal("encoding/json takes it")
			}
			err := writeNDJSON(io.Discard, Input{Findings: each([]model.Finding{f})})
			var value *json.UnsupportedValueError
			var typ *json.UnsupportedTypeError
			if !errors.As(err, &value) && !errors.As(err, &typ) || !strings.Contains(err.Error(), "f-1") {
				t.Errorf("got %v", err)
			}
			if _, err := json.Marshal(FindingJSON(f)); err == nil {
				t.Error("FindingJSON takes it")
			}
		})
	}
	f := model.Finding{ID: "f-1", LastSeen: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := byDeclaration(f); err == nil {
		t.Fatal("encoding/json takes a year of five digits")
	}
	if err := writeNDJSON(io.Discard, Input{Findings: each([]model.Finding{f})}); err == nil {
		t.Error("a year of five digits is taken")
	}
}

// FuzzText compares the encoder's strings with those of encoding/json.
func FuzzText(f *testing.F) {
	for _, s := range texts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSuffix(b.String(), "\n")
		if got := string(appendText(nil, s)); got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	})
}

var texts = []string{
	"", "logs", "a<b>&c", "\u2028 and \u2029", "\"quoted\" \\ back", "line\nbreak\r\n\ttab\b\f", "\x00\x1b\x1f\x7f\x80",
	"no \xff\xc3( UTF-8 \xed\xa0\x80", "é 日本 😀 \ufffd", "cut \xe2\x80", hostileName, strings.Repeat("long ", 50),
}

// draw fills a value by what it is; lists and maps are now nil, now empty, now
// filled.
func draw(t *testing.T, rnd *rand.Rand, v reflect.Value, depth int) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		at := []time.Time{{}, day1, day2.Add(123456789), day1.In(time.FixedZone("", -5400)), time.Unix(1.7e9, 120).UTC()}
		v.Set(reflect.ValueOf(at[rnd.IntN(len(at))]))
		return
	case v.Kind() == reflect.Interface:
		if drawn := drawValue(rnd, depth); drawn != nil {
			v.Set(reflect.ValueOf(drawn))
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(drawText(rnd))
	case reflect.Int:
		v.SetInt([]int64{0, 1, -7, 98}[rnd.IntN(4)])
	case reflect.Bool:
		v.SetBool(rnd.IntN(2) == 0)
	case reflect.Struct:
		for i := range v.NumField() {
			draw(t, rnd, v.Field(i), depth)
		}
	case reflect.Slice:
		if n := rnd.IntN(4) - 1; n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				draw(t, rnd, v.Index(i), depth)
			}
		}
	case reflect.Map:
		if n := rnd.IntN(6) - 1; n >= 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n {
				key, item := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				draw(t, rnd, key, depth)
				draw(t, rnd, item, depth)
				v.SetMapIndex(key, item)
			}
		}
	default:
		t.Fatalf("the model has a member of type %s, which the test does not draw", v.Type())
	}
}

func drawText(rnd *rand.Rand) string {
	s := texts[rnd.IntN(len(texts))]
	if rnd.IntN(3) == 0 {
		s += texts[rnd.IntN(len(texts))]
	}
	return s
}

// drawValue draws a value of evidence: of a document, and of what only programs
// put there.
func drawValue(rnd *rand.Rand, depth int) any {
	kinds := 14
	if depth > 4 {
		kinds = 9
	}
	switch rnd.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return rnd.IntN(2) == 0
	case 2:
		return []int64{0, -1, math.MaxInt64, math.MinInt64, 443}[rnd.IntN(5)]
	case 3:
		return []float64{0, 1, 0.1, -2.5e-9, 1e21, 1e20, math.MaxFloat64, 3e-7}[rnd.IntN(8)]
	case 4:
		return []any{[]any(nil), map[string]any(nil), []any{}, map[string]any{}, []string(nil), model.Document(nil)}[rnd.IntN(6)]
	case 5:
		return []any{7, uint8(200), float32(0.1), json.Number("1.50"), []byte("x<y"), day1, model.Fail, []string{"a&b"}}[rnd.IntN(8)]
	case 6:
		return model.Document{"a<b": int64(1), drawText(rnd): "x"}
	case 7, 8:
		return drawText(rnd)
	case 9, 10, 11:
		list := make([]any, rnd.IntN(5))
		for i := range list {
			list[i] = drawValue(rnd, depth+1)
		}
		return list
	}
	m := map[string]any{}
	for range rnd.IntN(24) {
		m[drawText(rnd)] = drawValue(rnd, depth+2)
	}
	return m
}
