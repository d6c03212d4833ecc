package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
)

func newDemo(t *terminal) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Scan the accounts of an invented company, without any cloud",
		Long: `Scan the accounts of an invented company, without any cloud. Its two accounts of
AWS, its tenant of Azure and its organization of Google Cloud are written as
snapshots and scanned by the same pipeline as real ones, into a database of their
own, so that every other command can be tried on them.`,
		Example: `  stance demo
  stance demo --out /tmp/demo
  stance --database /tmp/demo/stance.db findings --severity high`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if t.database != "" {
				return usage("--database: the demo keeps its database in the directory that --out names")
			}
			return runDemo(cmd.Context(), t, out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "stance-demo", "directory for the snapshots, the database and the report")
	must(cmd.MarkFlagDirname("out"))
	return cmd
}

func runDemo(ctx context.Context, t *terminal, out string) (err error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make the directory of the demo: %w", err)
	}
	a, err := t.app()
	if err != nil {
		return err
	}
	accounts, err := a.WriteDemo(out)
	if err != nil {
		return err
	}
	t.introduceDemo(accounts)
	database := filepath.Join(out, "stance.db")
	store, err := a.OpenStore(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	meter := startMeter(t, false)
	scans, err := a.ScanDemo(ctx, store, accounts, app.ScanOptions{Progress: meter.progress})
	meter.stop()
	if err != nil {
		return fmt.Errorf("demo in %s: %w", out, err)
	}
	in, err := a.ReportInput(ctx, store, app.Merge(scans), app.ReportOptions{})
	if err != nil {
		return err
	}
	in.Color, in.Width = t.color && !t.noColor, t.width
	in.AccountNames = map[string]string{}
	for _, acc := range accounts {
		in.AccountNames[acc.ID] = acc.Name
		for _, b := range acc.Below {
			in.AccountNames[b.ID] = b.Name
		}
	}
	html := filepath.Join(out, "stance.html")
	if err := (reports{{format: "table"}}).write(t, in); err != nil {
		return err
	}
	f, err := app.Format("html")
	if err != nil {
		return err
	}
	if err := app.WriteFile(html, f, in); err != nil {
		return err
	}
	return t.leaveDemo(in, html, database)
}

// introduceDemo says what is scanned.
func (t *terminal) introduceDemo(accounts []app.DemoAccount) {
	p := printer{t}
	p.title("Lindenbrook, a company that does not exist")
	p.text("It sells furniture from two accounts of AWS. The ERP of a company that it bought runs in Azure, and its search and its data in Google Cloud. " +
		"What their APIs would answer is scanned here as it would be in yours; nothing is read from any cloud.")
	provider := ""
	for _, acc := range accounts {
		if acc.Provider != provider {
			provider = acc.Provider
			fmt.Fprintln(t.out)
		}
		if len(acc.Below) == 0 {
			demoLine(t, acc.ID, acc.Name, acc.Assets, "in "+strings.Join(acc.Regions, ", "))
			continue
		}
		demoLine(t, demoKinds[provider], acc.Name, acc.Assets, "in all")
		for _, b := range acc.Below {
			if b.Kind == "subscription" || b.Kind == "project" {
				demoLine(t, b.Kind, b.Name, b.Assets, "")
			}
		}
	}
	fmt.Fprintln(t.out)
}

// demoKinds is what the root of a provider's accounts is called.
var demoKinds = map[string]string{model.Azure: "Azure tenant", model.GCP: "Google Cloud"}

func demoLine(t *terminal, id, name string, assets int, where string) {
	fmt.Fprintln(t.out, strings.TrimRight(fmt.Sprintf("  %-12s  %-25s %3d assets %s", id, name, assets, where), " "))
}

// leaveDemo says where the report lies and what to try next, with the worst
// finding as an example.
func (t *terminal) leaveDemo(in app.Report, html, database string) error {
	var worst model.Finding
	for f, err := range in.Findings() {
		if err != nil {
			return err
		}
		if f.Verdict == model.Fail && f.Risk.Score > worst.Risk.Score {
			worst = f
		}
	}
	if abs, err := filepath.Abs(html); err == nil {
		html = abs
	}
	p := printer{t}
	p.section("Report")
	fmt.Fprintln(t.out, "  "+html)
	p.section("Try next")
	stance := t.program() + " --database " + quoted(database)
	next := []string{"findings --severity high", "coverage", "inventory"}
	if worst.ID != "" {
		next = append([]string{"explain " + worst.ID}, next...)
	}
	if len(in.Frameworks) > 0 {
		next = append(next, "frameworks show "+in.Frameworks[0].ID)
	}
	for _, args := range next {
		fmt.Fprintln(t.out, "  "+stance+" "+args)
	}
	return nil
}

// program is how the user called Stance, for commands to copy.
func (t *terminal) program() string {
	if name := os.Args[0]; strings.ContainsRune(name, filepath.Separator) && !filepath.IsAbs(name) {
		return name
	}
	return "stance"
}

// command is program with the database that the user chose.
func (t *terminal) command() string {
	if t.database == "" {
		return t.program()
	}
	return t.program() + " --database " + quoted(t.database)
}

// quoted returns a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t\"'$&;()<>|*?\\`!#~") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
