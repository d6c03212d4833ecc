package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// terminal is what commands print to and the flags that all of them share.
type terminal struct {
	out, err io.Writer
	// live says that err is a terminal, on which progress can be redrawn.
	live    bool
	color   bool
	width   int
	noColor bool

	database string
	content  []string
}

func newTerminal() *terminal {
	t := &terminal{out: os.Stdout, err: os.Stderr, width: 80}
	t.live = isTerminal(os.Stderr)
	if isTerminal(os.Stdout) {
		t.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w >= 40 {
			t.width = w
		}
	}
	return t
}

// fail prints an error as "stance: <what happened>".
func (t *terminal) fail(err error) {
	text := err.Error()
	prefix := "stance: "
	if t.live && t.color && !t.noColor {
		prefix = "\x1b[31mstance:\x1b[0m "
	}
	fmt.Fprintln(t.err, prefix+strings.ReplaceAll(text, "\n", "\n        "))
}

func (t *terminal) app() (*app.App, error) { return t.appFor("") }

// appFor loads what work on one provider needs, or everything.
func (t *terminal) appFor(provider string) (*app.App, error) {
	return app.NewFor(slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn})), provider, t.content...)
}

// openExisting opens the database that earlier scans filled.
func (t *terminal) openExisting(ctx context.Context, a *app.App) (*sqlite.Store, error) {
	path, err := t.databasePath()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, t.noScan()
	}
	return a.OpenStore(ctx, t.database)
}

func (t *terminal) databasePath() (string, error) {
	if t.database != "" {
		return t.database, nil
	}
	return app.DefaultDatabase()
}

// noScan is the error of commands that need a scan when there is none.
func (t *terminal) noScan() error {
	path, err := t.databasePath()
	if err != nil {
		return err
	}
	return fmt.Errorf("no scan is stored in %s: run stance scan aws first, or name the database with --database", path)
}

// listFlags are shared by every command that prints a list.
type listFlags struct {
	format   string
	provider string
}

func (l *listFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&l.format, "format", "table", "table or json (an array)")
	cmd.Flags().StringVar(&l.provider, "provider", "", "only of aws, azure or gcp")
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("provider", cobra.FixedCompletions([]string{"aws", "azure", "gcp"}, cobra.ShellCompDirectiveNoFileComp)))
}

func (l *listFlags) check() error { return l.checkAs("table", "json") }

// checkAs is check for commands with other formats.
func (l *listFlags) checkAs(formats ...string) error {
	if !slices.Contains(formats, l.format) {
		return usage("--format %q: use %s", l.format, strings.Join(formats, " or "))
	}
	switch l.provider {
	case "", model.AWS, model.Azure, model.GCP:
		return nil
	}
	return usage("--provider %q: use aws, azure or gcp", l.provider)
}

// list prints rows as a table, or values as a JSON array.
func list[T any](t *terminal, l listFlags, values []T, columns []report.Column, row func(T) []string) error {
	if l.format == "json" {
		if values == nil {
			values = []T{}
		}
		return t.json(values)
	}
	if len(values) == 0 {
		fmt.Fprintln(t.err, "Nothing to show.")
		return nil
	}
	rows := make([][]string, 0, len(values))
	for _, v := range values {
		rows = append(rows, row(v))
	}
	return report.Table(t.out, columns, rows, t.width, t.color && !t.noColor)
}

func (t *terminal) json(v any) error {
	enc := json.NewEncoder(t.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// must is for registrations that can only fail by a mistake in the program.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
