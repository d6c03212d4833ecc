package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
	"github.com/stance-sec/stance/internal/risk"
)

func newFrameworks(t *terminal) *cobra.Command {
	cmd := &cobra.Command{Use: "frameworks", Short: "List and show frameworks, and attest what no data can decide", RunE: needSub}
	cmd.AddCommand(newFrameworksList(t), newFrameworksShow(t), newAttest(t), newAttestations(t), newRevoke(t))
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
				return t.json(frameworkJSON(f, states))
			}
			showFramework(printer{t}, f, states)
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// frameworkJSON is the framework with the state of its requirements in short,
// and in full with what was attested.
func frameworkJSON(f model.Framework, states []risk.RequirementStatus) map[string]any {
	status := map[string]model.Verdict{}
	for i := range states {
		status[states[i].Requirement.ID] = states[i].Status
	}
	return map[string]any{"framework": f, "status": status, "standing": risk.Sum(states), "requirements": states}
}

func showFramework(p printer, f model.Framework, states []risk.RequirementStatus) {
	byID := make(map[string]*risk.RequirementStatus, len(states))
	for i := range states {
		byID[states[i].Requirement.ID] = &states[i]
	}
	p.title(f.Title + " " + f.Version)
	if len(states) == len(f.Requirements) {
		p.text(standing(risk.Sum(states)))
	}
	section := ""
	for _, r := range f.Requirements {
		if r.Section != section {
			section = r.Section
			p.section(section)
		}
		s, line := byID[r.ID], r.ID+"  "+r.Title
		if s != nil {
			line += "  [" + requirementState(s) + "]"
		}
		p.item(line)
		if len(r.Controls) > 0 {
			p.under(strings.Join(r.Controls, ", "))
		}
		if r.Manual != "" {
			p.under("Manual: " + r.Manual)
		}
		if s == nil {
			continue
		}
		if said := s.Said(); said != "" {
			p.under(strings.ToUpper(said[:1]) + said[1:] + ".")
		}
		for _, e := range s.Attestations {
			p.under(e.ID + ": " + e.Note)
		}
	}
}

// requirementState names where a requirement stands.
func requirementState(s *risk.RequirementStatus) string {
	switch {
	case s.Status == model.Pass && s.Partial:
		return "pass in part, the rest is manual"
	case len(s.Attestations) > 0 && !s.Mapped && s.Status != model.Manual:
		return string(s.Status) + ", attested"
	}
	return string(s.Status)
}

// standing sums up a framework in one line.
func standing(s risk.Standing) string {
	text := fmt.Sprintf("%d requirements: %d passed, %d failed, %d unknown, %d not applicable, %d manual", s.Requirements, s.Passed, s.Failed, s.Unknown, s.NotApplicable, s.Manual)
	if s.Attested > 0 {
		text += fmt.Sprintf("; %d of the decided ones by attestation", s.Attested)
	}
	if s.Score != nil {
		text += fmt.Sprintf(". Score %g%% of what is decided", *s.Score)
		if s.Unknown > 0 {
			text += fmt.Sprintf(", %g%% if all that is unknown failed", *s.Floor)
		}
	}
	return text + "."
}

// under prints text below an item.
func (p printer) under(s string) {
	for _, line := range wrap(s, p.t.width-6) {
		fmt.Fprintln(p.t.out, p.faint("      "+line))
	}
}

// frameworkStates returns where each requirement stands in the stored scans,
// nothing when no scan is stored.
func (t *terminal) frameworkStates(cmd *cobra.Command, a *app.App, f model.Framework) ([]risk.RequirementStatus, error) {
	store, err := t.openExisting(cmd.Context(), a)
	if err != nil {
		return []risk.RequirementStatus{}, nil //nolint:nilerr // a framework can be read without a scan
	}
	states, err := a.RequirementStates(cmd.Context(), store, f)
	if closeErr := store.Close(); err == nil {
		err = closeErr
	}
	return states, err
}
