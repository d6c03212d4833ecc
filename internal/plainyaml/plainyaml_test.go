package plainyaml

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// target has a member of every shape.
type target struct {
	ID      string              `yaml:"id"`
	Level   level               `yaml:"level,omitempty"`
	On      bool                `yaml:"on"`
	Any     any                 `yaml:"any"`
	Params  map[string]any      `yaml:"params"`
	Words   []string            `yaml:"words"`
	Names   map[string]string   `yaml:"names"`
	Lists   map[string][]string `yaml:"lists"`
	Next    *target             `yaml:"next"`
	Parts   []target            `yaml:"parts"`
	Base    base                `yaml:",inline"`
	Own     facts               `yaml:"own"`
	Raw     json.Number         `yaml:"raw"`
	Count   int                 `yaml:"count"`
	Reads   reads               `yaml:"reads"`
	Skipped map[int]string      `yaml:"-"`
}

type (
	level string
	facts map[string]any
	base  struct {
		Title string          `yaml:"title"`
		Of    map[string]base `yaml:"of"`
	}
	reads struct{ text string }
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *reads) UnmarshalText(text []byte) error {
	r.text = "read " + string(text)
	return nil
}

func byYAML(data []byte, v any) error {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	return d.Decode(v)
}

// TestDecode holds what documents are refused for, and that plain ones are not.
func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		name, doc string
		want      bool
	}{
		{"scalars", "id: a\nlevel: high\non: true\nany: 3\nraw: 4\n", true},
		{"strings that are none elsewhere", "id: 1\nlevel: 2026-01-01\ntitle: yes\n", true},
		{"number in another form", "any: 1e3\n", false},
		{"time", "any: 2026-01-01\n", false},
		{"address", "any: [10.0.0.0/8, \"::\"]\n", true},
		{"identifier", "any: 8e3af657-a8ff-443c-a75c-2fe8c4bcb635\n", true},
		{"folded", "id: >-\n  a\n  b\n\n  c\n    d\n", true},
		{"literal", "id: |\n  a\n    b\n\n  c\n", true},
		{"kept line ends", "id: |+\n  a\n\n", false},
		{"quotes", "id: \"a \\\"b\\\" \\\\\n  c\"\ntitle: 'it''s'\n", true},
		{"escape by number", "id: \"\\x41\"\n", false},
		{"words over lines", "id: a b\n  c # d\ntitle: e\n", true},
		{"lists", "words: [a, \"b\",\n  c]\nlists: {a: [b], c: []}\n", true},
		{"items", "words:\n- a\n- b\nparts:\n  - id: c\n    on: false\n  -   id: d\n", true},
		{"comments", "# a\nid: b # c\n\n# d\n", true},
		{"named scalar", "names:\n  a: &x >-\n    b\n  c: *x\n", true},
		{"named mapping", "next: &x {id: a}\nparts: [*x]\n", false},
		{"nested", "next:\n  next: {id: a, params: {b: {c: [d]}}}\nof: {a: {title: b}}\n", true},
		{"unknown key", "id: a\nidd: b\n", false},
		{"key twice", "id: a\nid: b\n", false},
		{"key twice in a map", "names: {a: b, a: c}\n", false},
		{"wrong type", "words: a\n", false},
		{"null", "id: null\n", false},
		{"nothing", "id:\n", false},
		{"tab", "id: a\tb\n", false},
		{"tag", "id: !!str a\n", false},
		{"two documents", "id: a\n---\nid: b\n", false},
		{"key in words", "id: a: b\n", false},
		{"bad indentation", "next:\n    id: a\n  on: true\n", false},
		{"no end", "words: [a\n", false},
		{"no mapping", "- a\n", false},
		{"map of a type of its own", "own: {a: b}\n", false},
		{"type that reads by itself", "reads: a\n", false},
		{"number wanted", "count: 1\n", false},
		{"line separator", "id: a\u2028b\n", false},
		{"byte order mark", "id: a\ufeffb\n", false},
		{"named too often", "words:\n  - &x a\n" + strings.Repeat("  - *x\n", maxNames), false},
		{"no UTF-8", "id: \xff\n", false},
		{"too deep", "any: " + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + "\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Decode([]byte(tt.doc), new(target)); got != tt.want {
				t.Errorf("accepted is %v, want %v:\n%s", got, tt.want, tt.doc)
			}
			compare(t, []byte(tt.doc))
		})
	}
}

// compare reads a document as several types by this package and by the YAML
// package, and says whether this one accepted one.
func compare(t *testing.T, data []byte) bool {
	t.Helper()
	accepted := false
	for _, pair := range [][2]any{
		{new(target), new(target)},
		{new(map[string]any), new(map[string]any)},
		{new(map[string]string), new(map[string]string)},
	} {
		got, want := pair[0], pair[1]
		if !Decode(data, got) {
			if !reflect.ValueOf(got).Elem().IsZero() {
				t.Errorf("%q was refused, but is decoded to %v", data, got)
			}
			continue
		}
		accepted = true
		if err := byYAML(data, want); err != nil {
			t.Errorf("%q was accepted as %v: %v", data, got, err)
		} else if diff := cmp.Diff(want, got, cmp.AllowUnexported(target{}, reads{})); diff != "" {
			t.Errorf("%q (-yaml +plain)\n%s", data, diff)
		}
	}
	return accepted
}

// documents are what FuzzDecode begins with.
var documents = []string{
	"id: a\ntitle: some words\n",
	"a: 1\nb: 0\nc: 12345678901234567890\nd: 01\ne: 1.5\nf: -1\ng: 2026-01-01\nh: 10.0.0.0/8\ni: 0x1f\nj: 1e3\nk: 1_000\n",
	"a: true\nb: False\nc: yes\nd: null\ne: ~\nf: Null\ng: on\nh: .inf\ni: <<\n",
	"a: 8e3af657-a8ff-443c-a75c-2fe8c4bcb635\nb: 1234-5-6\nc: 1.2.3\nd: /x\ne: 2001-1-1-1\nf: 1-1-1\n",
	"a: >-\n  folded\n  words\n\n  more\n    indented\n\n  end\nb: |\n  one\n    two\n\n  three\nc: >\n  x\n",
	"a: |-\n  x\n\n\nb: |\n\n  y\nc: |+\n  z\n\nd: |2\n   u\ne: >\n  v\n \n",
	"a: \"double\n  folded\n\n  \\n \\\"x\\\" \\\\ \\t \"\nb: 'sin''gle\n\n   x '\nc: \"a\\x41\"\n",
	"a: [b, c, \"d, e\", 'f', [g], {h: i, j: [k]}]\nb: {}\nc: []\nd: [a,\n  b,\n  c]\ne: {a: b,\n  c: d}\n",
	"a: [b, ]\nb: [a b, c: d, e:f, ::, AWS::S3, 1.2.3.4, -x, a#b, a #b]\nc: {a, b: c, \"d\": e, 'f':g}\n",
	"a:\n  b: c # comment\n  # comment\n  d: e#f\n\n# comment\ng:\n- h\n- i: j\n  k: l\n-   m\n",
	"a:\n  - b\n  - c: d\n    e:\n      - f\n      - g\n  - >-\n    h\n    i\n  - [j, k]\n  -\n  - - l\n",
	"a: some words\n  that go on\n\n  and on # until here\nb: words: more\nc: word:\nd: x\n  - y\n",
	"a: b\na: c\n", "a: b\n  c: d\n", "a: b\n c\n", "\"a\": b\n'c': d\ntrue: e\n1: f\n\"1\": g\n",
	"--- # document\na: b\n", "a: b\n---\nc: d\n", "a: b\n...\n", "%YAML 1.1\n", "a: &x b\nc: *x\n", "a: !!str 1\n", "<<: {a: b}\n",
	"a: b\u00e4\u2026\nc: \u2028d\n", "a: b\tc\n", "a: b\r\n", "a: b", "? a\n: b\n", "a: 'b\n", "a: [b\n", "", "\n", "a:\n", "- a\n",
	"a:\n    b: c\n  d: e\n", "a:\n  - b\n c: d\n", "a: |\n  b\n c: d\n", "a: [b] c\n", "a: \"b\" c\n", "a: [b]: c\n", "a: >- x\n  y\n",
	"id: x\nmanaged: true\nparams: {days: 90, names: [a, b], deep: {on: true}}\nknown_as: {prowler: [a], checkov: []}\nreferences:\n  - https://example.com/x#y\n",
	"id: x\nfix:\n  steps: [do it]\n  cli: |\n    a \\\n      b\ninstances:\n  - id: y\n    fix: {cli: z}\n    examples:\n      - {name: n, verdict: pass, facts: {a: {b: c}}}\n",
}

// FuzzDecode looks for a document that is accepted and means something else to the
// YAML package.
func FuzzDecode(f *testing.F) {
	for _, d := range documents {
		f.Add([]byte(d))
	}
	f.Fuzz(func(t *testing.T, data []byte) { compare(t, data) })
}

// pieces are what TestDecodePieces builds documents of.
var pieces = []string{
	"a", "b", "id", "words", "some words", "(x", "1", "0", "12", "1.5", "1.2.3", "-1", "2026-01-01", "1-2-3", "1e5", "true", "null", "yes", "~", ".5", "/x", "ä",
	`"`, `'`, `''`, `"q"`, `'q'`, `\"`, `\n`, `\`, "::", "://", ":", ": ", ": ", "a: ", "b: ", "c: ", "d: ",
	"\n", "\n", "\n\n", "\n \n", "\n  ", "\n  ", "\n    ", "\n  a: ", "\n  b: ", "\nb: ", "\nc: ", "\nd: ", "\n- ", "\n  - ", "\n    - ", " ", "  ", "- ",
	",", ", ", ", a: ", ",\n  ", "[", "]", "{", "}", "[a, ", "{a: ", "#", " #", " # c", "\n# c\n", "\n  # c\n",
	">-", ">-\n  ", ">\n  ", "|\n  ", "|-\n    ", ">", "|", "\n---\n", "\n...\n", "&x ", "*x", "!", "?", "@", "`", "<<", "=", "%", "\t",
}

// TestDecodePieces compares the packages on documents that are put together at
// random, most of them by a hair no YAML.
func TestDecodePieces(t *testing.T) {
	const rounds = 30_000
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range rounds {
		doc := []byte("any: ")
		for range 1 + random.IntN(12) {
			doc = append(doc, pieces[random.IntN(len(pieces))]...)
		}
		if compare(t, append(doc, '\n')) {
			accepted++
		}
		if t.Failed() {
			return
		}
	}
	if accepted < rounds/20 {
		t.Errorf("only %d of %d documents were accepted", accepted, rounds)
	}
}
