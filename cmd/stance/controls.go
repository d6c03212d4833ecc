package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
)

func newControls(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "controls",
		Short: "List, show and test controls",
		RunE:  needSub,
	}
	cmd.AddCommand(newControlsList(t), newControlsShow(t), newControlsTest(t))
	return cmd
}

func needSub(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s has no command %q; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return cmd.Help()
}

func newControlsList(t *terminal) *cobra.Command {
	var l listFlags
	var sel app.Selection
	var severity string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the controls",
		Example: `  stance controls list --framework cis-aws-7.0
  stance controls list --severity critical --format json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := l.check(); err != nil {
				return err
			}
			if severity != "" {
				if _, err := model.ParseSeverity(severity); err != nil {
					return err
				}
			}
			a, err := t.app()
			if err != nil {
				return err
			}
			sel.Provider, sel.Severity = l.provider, model.Severity(severity)
			controls, err := a.Select(sel)
			if err != nil {
				return err
			}
			if l.format == "json" {
				return t.json(withRequirements(a, controls))
			}
			columns := []report.Column{{Title: "Control", Min: 20, Middle: true}, {Title: "Severity", Kind: "severity"}, {Title: "Type", Optional: true}, {Title: "Title", Min: 20}}
			return list(t, l, controls, columns, func(c model.Control) []string {
				return []string{c.ID, string(c.Severity), c.Type, c.Title}
			})
		},
	}
	l.add(cmd)
	cmd.Flags().StringSliceVar(&sel.Controls, "controls", nil, "only these: our ids, or those of other tools")
	cmd.Flags().StringVar(&sel.Framework, "framework", "", "only of this framework")
	cmd.Flags().StringSliceVar(&sel.Services, "services", nil, "only of these services")
	cmd.Flags().StringVar(&severity, "severity", "", "only of this severity or worse")
	return cmd
}

// controlView is a control as the command line prints it in JSON.
type controlView struct {
	model.Control
	Provider   string                 `json:"provider"`
	Frameworks []model.RequirementRef `json:"frameworks"`
}

func withRequirements(a *app.App, controls []model.Control) []controlView {
	out := make([]controlView, 0, len(controls))
	for _, c := range controls {
		c.Examples = nil
		reqs := a.Catalog.Requirements(c.ID)
		if reqs == nil {
			reqs = []model.RequirementRef{}
		}
		out = append(out, controlView{c, c.Provider(), reqs})
	}
	return out
}

func newControlsShow(t *terminal) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "show CONTROL",
		Short:   "Show one control: what must hold, why, and how to mend it",
		Example: "  stance controls show storage-keeps-versions",
		Args:    oneArg("CONTROL", "stance controls list shows them"),
		RunE: func(_ *cobra.Command, args []string) error {
			a, err := t.app()
			if err != nil {
				return err
			}
			found, err := a.Select(app.Selection{Controls: args})
			if err != nil {
				return err
			}
			if format == "json" {
				return t.json(withRequirements(a, found)[0])
			}
			for _, c := range found {
				t.control(a, c)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func (t *terminal) control(a *app.App, c model.Control) {
	p := printer{t}
	p.title(c.Title)
	p.field("Control", c.ID)
	p.field("Severity", string(c.Severity))
	p.field("Type", c.Type+string(c.Class))
	if c.When != "" {
		p.section("Applies when")
		p.code("", c.When)
	}
	p.section("Must hold")
	for line := range strings.SplitSeq(strings.TrimRight(c.Holds, "\n"), "\n") {
		fmt.Fprintln(t.out, "    "+line)
	}
	if len(c.Params) > 0 {
		p.section("Parameters")
		for _, k := range slices.Sorted(keys(c.Params)) {
			p.item(fmt.Sprintf("%s: %v", k, c.Params[k]))
		}
	}
	p.section("Why")
	p.text(c.Why)
	p.section("How to mend it")
	for i, s := range c.Fix.Steps {
		p.item(fmt.Sprintf("%d. %s", i+1, s))
	}
	p.code("Command line", c.Fix.CLI)
	p.code("Terraform", c.Fix.Terraform)
	if len(c.KnownAs) > 0 {
		p.section("Known as")
		for _, k := range slices.Sorted(keys(c.KnownAs)) {
			p.item(k + ": " + strings.Join(c.KnownAs[k], ", "))
		}
	}
	if reqs := a.Catalog.Requirements(c.ID); len(reqs) > 0 {
		p.section("Requirements")
		for _, r := range reqs {
			p.item(r.Framework + " " + r.Requirement)
		}
	}
	p.section("References")
	for _, r := range c.References {
		p.item(r)
	}
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func newControlsTest(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test [DIRECTORY…]",
		Short: "Check controls and run their examples",
		Long: `Check controls and run their examples. Without a directory the built-in ones are
tested; a directory holds controls/ and frameworks/ of your own.`,
		Example: "  stance controls test ./my-content",
		RunE: func(_ *cobra.Command, dirs []string) error {
			t.content = append(t.content, dirs...)
			a, err := t.app()
			if err != nil {
				return err
			}
			if err := a.Examples(); err != nil {
				return err
			}
			var problems []error
			examples := 0
			for _, c := range a.Catalog.Controls {
				if len(dirs) > 0 && !fromDirs(c.File, dirs) {
					continue
				}
				examples += len(c.Examples)
				if err := catalog.CheckExamples(a.Engine, a.Schemas, c); err != nil {
					problems = append(problems, fmt.Errorf("%s: %w", c.File, err))
				}
			}
			if err := errors.Join(problems...); err != nil {
				return err
			}
			fmt.Fprintf(t.out, "%d examples gave the verdicts that they name.\n", examples)
			return nil
		},
	}
	return cmd
}

// fromDirs says whether a control's file lies in one of the directories.
func fromDirs(file string, dirs []string) bool {
	for _, d := range dirs {
		if _, err := os.Stat(d + "/" + file); err == nil {
			return true
		}
	}
	return false
}
