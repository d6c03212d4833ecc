package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
)

func newFrameworks(t *terminal) *cobra.Command {
	cmd := &cobra.Command{Use: "frameworks", Short: "List and show frameworks and their requirements", RunE: needSub}
	cmd.AddCommand(newFrameworksList(t), newFrameworksShow(t))
	return cmd
}

type frameworkLine struct {
	ID           string `json:"id"`
	Title        string `json:"title"`
	Version      string `json:"version"`
	Provider     string `json:"provider"`
	Requirements int    `json:"requirements"`
	Automated    int    `json:"automated"`
	Manual       int    `json:"manual"`
}

func newFrameworksList(t *terminal) *cobra.Command {
	var l listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the frameworks and how much of each data can decide",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := l.check(); err != nil {
				return err
			}
			a, err := t.app()
			if err != nil {
				return err
			}
			var lines []frameworkLine
			for _, f := range a.Catalog.Frameworks {
				if l.provider != "" && f.Provider != "" && f.Provider != l.provider {
					continue
				}
				line := frameworkLine{ID: f.ID, Title: f.Title, Version: f.Version, Provider: f.Provider, Requirements: len(f.Requirements)}
				for _, r := range f.Requirements {
					if len(r.Controls) > 0 {
						line.Automated++
					} else {
						line.Manual++
					}
				}
				lines = append(lines, line)
			}
			columns := []report.Column{{Title: "Framework"}, {Title: "Title", Min: 20}, {Title: "Requirements", Right: true}, {Title: "Automated", Right: true}, {Title: "Manual", Right: true}}
			return list(t, l, lines, columns, func(f frameworkLine) []string {
				return []string{f.ID, f.Title + " " + f.Version, fmt.Sprint(f.Requirements), fmt.Sprint(f.Automated), fmt.Sprint(f.Manual)}
			})
		},
	}
	l.add(cmd)
	return cmd
}

func newFrameworksShow(t *terminal) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show FRAMEWORK",
		Short: "Show the requirements of a framework, with their state in the last scan",
		Args:  oneArg("FRAMEWORK", "stance frameworks list shows them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := t.app()
			if err != nil {
				return err
			}
			f, err := a.Catalog.Framework(args[0])
			if err != nil {
				return fmt.Errorf("%w; stance frameworks list shows those that are", err)
			}
			states, err := t.frameworkStates(cmd, a, f)
			if err != nil {
				return err
			}
			if format == "json" {
				return t.json(map[string]any{"framework": f, "status": states})
			}
			p := printer{t}
			p.title(f.Title + " " + f.Version)
			section := ""
			for _, r := range f.Requirements {
				if r.Section != section {
					section = r.Section
					p.section(section)
				}
				line := r.ID + "  " + r.Title
				if s, ok := states[r.ID]; ok {
					line += "  [" + string(s) + "]"
				}
				p.item(line)
				if len(r.Controls) > 0 {
					p.under(strings.Join(r.Controls, ", "))
				}
				if r.Manual != "" {
					p.under("Manual: " + r.Manual)
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// under prints text below an item.
func (p printer) under(s string) {
	for _, line := range wrap(s, p.t.width-6) {
		fmt.Fprintln(p.t.out, p.faint("      "+line))
	}
}

// frameworkStates returns the state of each requirement in the stored scans,
// nothing when no scan is stored.
func (t *terminal) frameworkStates(cmd *cobra.Command, a *app.App, f model.Framework) (map[string]model.Verdict, error) {
	store, err := t.openExisting(cmd.Context(), a)
	if err != nil {
		return nil, nil //nolint:nilerr // a framework can be read without a scan
	}
	states, err := a.RequirementStates(cmd.Context(), store, f)
	if closeErr := store.Close(); err == nil {
		err = closeErr
	}
	return states, err
}
