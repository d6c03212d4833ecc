package logpattern

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// drawn is one filter of testdata/requirements.txt.
type drawn struct {
	line              int
	name              string
	requirement, text string
	answer            Answer
	missing           []string
}

func readRequirements(tb testing.TB) (required map[string]Pattern, filters []drawn) {
	tb.Helper()
	data, err := os.ReadFile("testdata/requirements.txt")
	if err != nil {
		tb.Fatal(err)
	}
	required = map[string]Pattern{}
	var verb, rest, name string
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		if verb == "" {
			verb, rest, _ = strings.Cut(line, " ")
			continue
		}
		d := drawn{line: i + 1, name: name, requirement: required[name].String(), text: line}
		switch verb {
		case "require":
			name = rest
			required[name] = mustParse(tb, line)
		case "covers":
			d.answer = True
		case "misses":
			d.answer, d.missing = False, strings.Split(rest, ", ")
		case "unknown":
			d.answer, d.missing = Unknown, strings.Split(rest, ", ")
		default:
			tb.Fatalf("line %d: %q is not a verb", i+1, verb)
		}
		if verb != "require" {
			filters = append(filters, d)
		}
		verb = ""
	}
	return required, filters
}

func mustParse(tb testing.TB, s string) Pattern {
	tb.Helper()
	p, err := Parse(s)
	if err != nil {
		tb.Fatalf("Parse(%q): %v", s, err)
	}
	return p
}

func TestRequirements(t *testing.T) {
	required, filters := readRequirements(t)
	if len(required) != 15 {
		t.Errorf("%d requirements, want 15", len(required))
	}
	for _, d := range filters {
		t.Run(fmt.Sprintf("%s/line %d", d.name, d.line), func(t *testing.T) {
			filter, want := mustParse(t, d.text), required[d.name]
			answer, missing := Covers(filter, want)
			if answer != d.answer {
				t.Errorf("Covers is %s, want %s", answer, d.answer)
			}
			if diff := cmp.Diff(d.missing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			checkWitnesses(t, filter, want)
		})
	}
}

// checkWitnesses replays every event that Explain returns.
func checkWitnesses(t *testing.T, filter, want Pattern) {
	t.Helper()
	c := Explain(filter, want)
	for _, m := range c.Missing {
		if m.Event == nil {
			continue
		}
		if !want.Match(m.Event) || filter.Match(m.Event) {
			t.Errorf("%v is no witness for %s", m.Event, m.Requirement)
		}
	}
	if c.Answer == False && !slices.ContainsFunc(c.Missing, func(m Miss) bool { return m.Event != nil }) {
		t.Error("false without a witness")
	}
}

// TestRequirementVariants rewrites each requirement without changing what it
// means, and then so that it lacks something.
func TestRequirementVariants(t *testing.T) {
	required, _ := readRequirements(t)
	for name, want := range required {
		t.Run(name, func(t *testing.T) {
			for variant, s := range sameMeaning(want.root) {
				if got, missing := Covers(mustParse(t, s), want); got != True {
					t.Errorf("%s: Covers is %s (missing %v):\n%s", variant, got, missing, s)
				}
			}
			narrow := "{ (" + want.root.String() + ") && ($.awsRegion = us-east-1) }"
			if got, missing := Covers(mustParse(t, narrow), want); got != False || len(missing) == 0 {
				t.Errorf("narrowed to a region: Covers is %s, missing %v", got, missing)
			}
			dropEach(want.root, func(lost string, rest node) {
				got, missing := Covers(Pattern{form: formJSON, root: rest}, want)
				if got != False || !slices.Equal(missing, []string{lost}) {
					t.Errorf("without %s: Covers is %s, missing %v", lost, got, missing)
				}
			})
		})
	}
}

func sameMeaning(n node) map[string]string {
	plain := n.String()
	wide := strings.NewReplacer(" && ", "\n &&\t", " || ", "   ||  ", "(", " ( ").Replace(plain)
	return map[string]string{
		"unchanged":       "{" + plain + "}",
		"reversed":        "{" + reversed(n).String() + "}",
		"nested":          "{((" + nest(n).String() + "))}",
		"spaces":          "\t{" + wide + " } \n",
		"fewer quotes":    "{" + unquote(plain) + "}",
		"another event":   "{ (" + plain + ") || ($.eventName = \"Other\") }",
		"bracketed names": "{" + strings.ReplaceAll(plain, "$.eventName", `$['eventName']`) + "}",
	}
}

func reversed(n node) node {
	n.kids = slices.Clone(n.kids)
	slices.Reverse(n.kids)
	for i := range n.kids {
		n.kids[i] = reversed(n.kids[i])
	}
	return n
}

// nest makes a b c d into a (b (c d)).
func nest(n node) node {
	if len(n.kids) < 3 {
		return n
	}
	rest := nest(node{kind: n.kind, kids: n.kids[1:]})
	return node{kind: n.kind, kids: []node{n.kids[0], rest}}
}

// unquote drops the quotation marks of values that need none.
func unquote(s string) string {
	parts := strings.Split(s, `"`)
	for i := 1; i < len(parts); i += 2 {
		if strings.ContainsAny(parts[i], " ") {
			parts[i] = `"` + parts[i] + `"`
		}
	}
	return strings.Join(parts, "")
}

// dropEach removes each kid of each list of alternatives in turn.
func dropEach(n node, f func(lost string, rest node)) {
	for i, k := range n.kids {
		if n.kind == isAny {
			rest := slices.Delete(slices.Clone(n.kids), i, i+1)
			f(alternative{k.atom}.name(), node{kind: isAny, kids: rest})
			continue
		}
		dropEach(k, func(lost string, inner node) {
			kids := slices.Clone(n.kids)
			kids[i] = inner
			f(lost, node{kind: isAll, kids: kids})
		})
	}
}
