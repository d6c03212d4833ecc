package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stance-sec/stance/content"
	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/collect/file"
	"github.com/stance-sec/stance/internal/policy"
	"github.com/stance-sec/stance/internal/report"
)

// The tests of this file hold README.md and docs/ true: what they show is
// built, evaluated and run here.

const repository = "../.."

// pages returns the texts of the documentation by path in the repository.
func pages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(repository + "/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	tops, err := filepath.Glob(repository + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range append(paths, tops...) {
		rel, err := filepath.Rel(repository, p)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.ToSlash(rel)] = page(t, rel)
	}
	return out
}

func page(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// block is a fenced block. Where it shows a file, the fence names it after the
// language: "```yaml content/controls/aws/…".
type block struct {
	lang, file, text string
}

var fence = regexp.MustCompile("(?ms)^```([a-z]*)(?: +(\\S+))?\n(.*?)^```$")

func blocks(text string) []block {
	var out []block
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		out = append(out, block{lang: m[1], file: m[2], text: m[3]})
	}
	return out
}

// files returns the files that a page shows, by path.
func files(t *testing.T, name string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, b := range blocks(page(t, name)) {
		if b.file != "" {
			out[b.file] = b.text
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s shows no file", name)
	}
	return out
}

// TestDocsContent loads the controls and the framework that the docs show next
// to the built-in catalogue, compiles the controls and evaluates their examples.
func TestDocsContent(t *testing.T) {
	shown := fstest.MapFS{}
	for _, name := range []string{"docs/adding-a-control.md", "docs/frameworks.md"} {
		for path, text := range files(t, name) {
			rel, ok := strings.CutPrefix(path, "content/")
			if !ok {
				t.Fatalf("%s shows %s, which is no file of content/", name, path)
			}
			shown[rel] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	cat, err := catalog.Load(content.FS(), shown)
	if err != nil {
		t.Fatal(err)
	}
	schemas := app.Schemas()
	engine, err := policy.New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	engine.Know(cat.Facts...)
	tested := map[string]bool{}
	for _, c := range cat.Controls {
		if shown[c.File] == nil {
			continue
		}
		tested[c.File] = true
		if _, err := engine.CompileAll(c); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
		if err := catalog.CheckExamples(engine, schemas, c); err != nil {
			t.Error(err)
		}
	}
	for path := range shown {
		if strings.HasPrefix(path, "controls/") && !tested[path] {
			t.Errorf("%s gave no control", path)
		}
	}
}

// TestDocsCollector builds the collectors with the one that the docs show laid
// over the source, and replays its answers with the suite of all collectors.
func TestDocsCollector(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test program")
	}
	const pkg = "internal/collect/aws/"
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	overlay := map[string]map[string]string{"Replace": {}}
	var names []string
	for path, text := range files(t, "docs/adding-a-collector.md") {
		rel, ok := strings.CutPrefix(path, pkg)
		if !ok {
			t.Fatalf("the docs show %s, which is no file of %s", path, pkg)
		}
		to := filepath.Join(tmp, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if name, ok := strings.CutSuffix(filepath.Base(rel), ".txtar"); ok {
			names = append(names, name)
		} else {
			overlay["Replace"][filepath.Join(root, filepath.FromSlash(path))] = to
		}
	}
	if len(names) != 1 || len(overlay["Replace"]) != 1 {
		t.Fatalf("the docs show %d collectors with %d recordings, want one file of each", len(overlay["Replace"]), len(names))
	}
	plan, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tmp, "overlay.json"), plan, 0o644); err != nil {
		t.Fatal(err)
	}
	do := func(dir string, command string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), command, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", filepath.Base(command), strings.Join(args, " "), err, out)
		}
		if command != "go" && !strings.Contains(string(out), "--- PASS: TestCollectors/"+names[0]) {
			t.Fatalf("the recorded answers were not replayed:\n%s", out)
		}
	}
	// Without vet, which wants the shown file in the folder of the package.
	do(root, "go", "test", "-c", "-vet=off", "-overlay", filepath.Join(tmp, "overlay.json"), "-o", filepath.Join(tmp, "collectors.test"), "./"+pkg)
	do(tmp, filepath.Join(tmp, "collectors.test"), "-test.v", "-test.run", "^TestCollectors$/^"+regexp.QuoteMeta(names[0])+"$|^TestDeclarations$")
}

// TestDocsCommands parses every command line of the docs as the program would.
func TestDocsCommands(t *testing.T) {
	cat, err := catalog.Load(content.FS())
	if err != nil {
		t.Fatal(err)
	}
	inline := regexp.MustCompile("`stance ([^`\n]+)`")
	for name, text := range pages(t) {
		var lines []string
		for _, b := range blocks(text) {
			for line := range strings.SplitSeq(strings.ReplaceAll(b.text, "\\\n", " "), "\n") {
				line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
				if rest, ok := strings.CutPrefix(line, "stance "); ok && (b.lang == "sh" || b.lang == "console") {
					lines = append(lines, rest)
				}
			}
		}
		for _, m := range inline.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			lines = append(lines, m[1])
		}
		for _, line := range lines {
			args := words(line)
			if why := parses(args); why != "" {
				t.Errorf("%s: stance %s: %s", name, line, why)
			}
			for _, a := range args {
				if _, err := cat.Control(a); strings.HasPrefix(a, "aws-") && err != nil {
					t.Errorf("%s: stance %s: %v", name, line, err)
				}
			}
		}
	}
}

// parses says why the program would not take a command line, or nothing.
func parses(args []string) string {
	cmd, rest, err := newRoot(&terminal{out: io.Discard, err: io.Discard}).Find(args)
	if err != nil {
		return err.Error()
	}
	if err := cmd.ParseFlags(rest); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return err.Error()
	}
	if left := cmd.Flags().Args(); len(left) > 0 && cmd.HasSubCommands() {
		return "no command " + left[0]
	}
	if !cmd.Runnable() && cmd != cmd.Root() {
		return "is no command"
	}
	return ""
}

// words splits a command line as a shell does, as far as the docs use it, and
// ends at a pipe, a redirection or a comment.
func words(line string) []string {
	var out []string
	var word strings.Builder
	quote, open := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, open = r, true
		case r == ' ':
			if word.Len() > 0 || open {
				out = append(out, word.String())
			}
			word.Reset()
			open = false
		case strings.ContainsRune("|>#;&", r) && word.Len() == 0:
			return out
		default:
			word.WriteRune(r)
		}
	}
	if word.Len() > 0 || open {
		out = append(out, word.String())
	}
	return out
}

// TestDocsNames compares the names in the docs with those that exist: functions
// of controls, asset types, formats, make targets, and files that are linked.
func TestDocsNames(t *testing.T) {
	all := pages(t)
	t.Run("functions", func(t *testing.T) {
		names := declaredFunctions(t)
		if len(names) < 20 {
			t.Errorf("found %d functions in internal/policy only: %v", len(names), names)
		}
		for _, name := range names {
			if !strings.Contains(all["docs/adding-a-control.md"], name+"(") {
				t.Errorf("docs/adding-a-control.md does not explain %s()", name)
			}
		}
	})
	t.Run("types", func(t *testing.T) {
		known := app.Schemas()
		declared := regexp.MustCompile(`Name: +"(AWS::[A-Za-z0-9:]+)"`).FindStringSubmatch(all["docs/adding-a-collector.md"])
		for name, text := range all {
			for _, typ := range regexp.MustCompile(`AWS::[A-Za-z0-9]*::[A-Za-z0-9]+\b`).FindAllString(text, -1) {
				if known[typ] == nil && !slices.Contains(declared, typ) {
					t.Errorf("%s names %s, which no collector yields", name, typ)
				}
			}
		}
	})
	t.Run("formats", func(t *testing.T) {
		for _, f := range report.Formats() {
			if !strings.Contains(all["README.md"], "`"+f.Name+"`") {
				t.Errorf("README.md does not name the format %s", f.Name)
			}
		}
		if !strings.Contains(all["docs/snapshot-format.md"], `"`+file.Format+`"`) {
			t.Errorf("docs/snapshot-format.md is not about %s", file.Format)
		}
	})
	t.Run("commands", func(t *testing.T) {
		missing := map[string]bool{}
		each(newRoot(&terminal{out: io.Discard, err: io.Discard}), func(c *cobra.Command) {
			if c.Runnable() && !c.HasSubCommands() && !c.Hidden && !strings.Contains(all["README.md"], c.CommandPath()) {
				missing[c.CommandPath()] = true
			}
		})
		if len(missing) > 0 {
			t.Errorf("README.md does not name %v", slices.Sorted(maps.Keys(missing)))
		}
	})
	t.Run("make", func(t *testing.T) {
		makefile := page(t, "Makefile")
		for name, text := range all {
			for _, m := range regexp.MustCompile("`make ([a-z]+)`|(?m)^make ([a-z]+)").FindAllStringSubmatch(text, -1) {
				if target := m[1] + m[2]; !regexp.MustCompile(`(?m)^` + target + `:`).MatchString(makefile) {
					t.Errorf("%s: make %s is no target", name, target)
				}
			}
		}
	})
	t.Run("links", func(t *testing.T) {
		code := regexp.MustCompile("`[^`\n]*`")
		for name, text := range all {
			plain := code.ReplaceAllString(fence.ReplaceAllString(text, ""), "")
			for _, m := range regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(plain, -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				if _, err := os.Stat(filepath.Join(repository, filepath.Dir(name), m[1])); err != nil {
					t.Errorf("%s links to %s, which does not exist", name, m[1])
				}
			}
		}
	})
}

// declaredFunctions returns the names of the functions and macros that the
// language of controls has beside CEL's own: what stands first in each element
// of the lists of options and macros in internal/policy.
func declaredFunctions(t *testing.T) []string {
	t.Helper()
	sources, err := filepath.Glob(repository + "/internal/policy/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, src := range sources {
		parsed, err := parser.ParseFile(token.NewFileSet(), src, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			list, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			array, ok := list.Type.(*ast.ArrayType)
			if !ok {
				return true
			}
			if elem, ok := array.Elt.(*ast.SelectorExpr); !ok || elem.Sel.Name != "EnvOption" && elem.Sel.Name != "Macro" {
				return true
			}
			for _, e := range list.Elts {
				call, ok := e.(*ast.CallExpr)
				if !ok || len(call.Args) < 2 { // a variable's name stands alone or before its type
					continue
				}
				if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Variable" {
					continue
				}
				if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					found[strings.Trim(lit.Value, `"`)] = true
				}
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(found))
}

func each(c *cobra.Command, do func(*cobra.Command)) {
	do(c)
	for _, sub := range c.Commands() {
		each(sub, do)
	}
}
