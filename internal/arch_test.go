package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/stance-sec/stance/"

// lines is the import order: a package imports only what stands on an earlier
// line, or before it on its own line. A trailing * covers the packages below.
var lines = [][]string{
	{"internal/model", "internal/truth"},
	{"internal/iam", "internal/iam/*", "internal/network", "internal/logpattern", "internal/logfilter", "internal/logalert", "internal/graph", "internal/normalize", "internal/policy", "internal/plainyaml", "internal/catalog", "internal/risk", "internal/drift"},
	{"internal/report"},
	{"internal/scan"},
	{
		"internal/collect", "internal/collect/*", "internal/iac/*", "internal/feed", "internal/fix",
		"internal/store/sqlite", "internal/store/postgres", "internal/queue/mem", "internal/queue/jetstream", "internal/sink", "internal/auth",
	},
	{"content", "internal/api", "internal/web", "internal/estate"},
	{"internal/app"},
	{"cmd/stance"},
}

// suites hold tests that several packages share; only tests import them.
var suites = []string{"internal/store/storetest", "internal/queue/queuetest", "internal/standin", "internal/standin/google", "internal/standin/azure", "internal/faults"}

// pure packages decide and describe; the same input gives the same output, so
// they may not reach for what changes by itself.
var pure = map[string]string{
	"os":           "files and environment come as arguments",
	"net":          "nothing is read from the network; addresses are net/netip",
	"net/http":     "nothing is read from the network",
	"os/exec":      "nothing is run",
	"database/sql": "nothing is stored here",
}

// everywhere bans what would hurt wherever it is used.
var everywhere = map[string]string{
	"text/template": "it calls methods by name, so the linker would keep every operation of every SDK",
	"html/template": "it calls methods by name, so the linker would keep every operation of every SDK",
	"log":           "log/slog is passed in",
}

func TestImportOrder(t *testing.T) {
	for pkg, imports := range importsOf(t) {
		row, col := place(pkg)
		if row < 0 && !slices.Contains(suites, pkg) {
			t.Errorf("%s stands on no line of the import order: give it a place in arch_test.go", pkg)
			continue
		}
		for _, imp := range imports {
			if why, banned := everywhere[imp]; banned {
				t.Errorf("%s imports %s: %s", pkg, imp, why)
			}
			if why, banned := pure[imp]; banned && row >= 0 && row <= 2 && row != 0 {
				t.Errorf("%s imports %s, but is pure: %s", pkg, imp, why)
			}
			own, ok := strings.CutPrefix(imp, module)
			if !ok {
				if row == 0 && strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") {
					t.Errorf("%s imports %s: the nouns use the standard library only", pkg, imp)
				}
				continue
			}
			if slices.Contains(suites, own) && pkg != "internal/standin" { // which starts the stand-ins by hand
				t.Errorf("%s imports %s, which is for tests only", pkg, own)
				continue
			}
			toRow, toCol := place(own)
			switch {
			case slices.Contains(suites, pkg):
			case toRow > row:
				t.Errorf("%s imports %s, which stands on a later line", pkg, own)
			case toRow == row && toCol > col:
				t.Errorf("%s imports %s, which stands after it on its line", pkg, own)
			case row == 4 && toRow == 4 && toCol != 0:
				t.Errorf("%s imports %s: adapters do not know each other", pkg, own)
			case row == 4 && own == "internal/scan":
				t.Errorf("%s imports the pipeline: adapters satisfy its seams without knowing it", pkg)
			}
		}
	}
}

// TestSeams holds the rule that adapters never import the pipeline.
func TestSeams(t *testing.T) {
	for pkg, imports := range importsOf(t) {
		if row, _ := place(pkg); row == 4 && slices.Contains(imports, module+"internal/scan") {
			t.Errorf("%s imports internal/scan", pkg)
		}
	}
}

func place(pkg string) (row, col int) {
	for i, line := range lines {
		for j, name := range line {
			prefix, wild := strings.CutSuffix(name, "*")
			if name == pkg || wild && strings.HasPrefix(pkg, prefix) {
				return i, j
			}
		}
	}
	return -1, -1
}

// importsOf returns the imports of every package of the module, tests left out.
func importsOf(t *testing.T) map[string][]string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || name == "tools" || name == "scripts") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		out[pkg] = append(out[pkg], []string{}...)
		for _, imp := range file.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			if !slices.Contains(out[pkg], name) {
				out[pkg] = append(out[pkg], name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
