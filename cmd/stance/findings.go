package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
)

func newFindings(t *terminal) *cobra.Command {
	var l listFlags
	var controls, verdicts, tags []string
	var severity, framework, account, region, asset string
	var limit int
	cmd := &cobra.Command{
		Use:   "findings",
		Short: "List the findings of the last scan, worst first",
		Long: `List the findings of the last scan, worst first. Without --verdict, those that fail
and those that could not be decided are shown.`,
		Example: `  stance findings --severity high
  stance findings --verdict unknown
  stance findings --controls storage-keeps-versions --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := l.check(); err != nil {
				return err
			}
			if severity != "" {
				if _, err := model.ParseSeverity(severity); err != nil {
					return err
				}
			}
			q := model.FindingQuery{Asset: asset}
			q.Account, q.Region = account, region
			for _, v := range verdicts {
				if !slices.Contains([]string{"pass", "fail", "unknown", "not_applicable", "manual", "all"}, v) {
					return usage("--verdict %q: use pass, fail, unknown, not_applicable, manual or all", v)
				}
				if v != "all" {
					q.Verdicts = append(q.Verdicts, model.Verdict(v))
				}
			}
			if len(verdicts) == 0 {
				q.Verdicts = []model.Verdict{model.Fail, model.Unknown}
			}
			sel := app.Selection{Provider: l.provider, Controls: controls, Framework: framework, Severity: model.Severity(severity)}
			return t.withStore(cmd.Context(), func(e *env) error {
				found, err := e.findings(sel, app.ReportOptions{Query: q, Tags: tags})
				if err != nil {
					return err
				}
				if limit > 0 && len(found) > limit {
					found = found[:limit]
				}
				if l.format == "json" {
					whole := make([]any, 0, len(found))
					for _, f := range found {
						whole = append(whole, report.FindingJSON(f))
					}
					return t.json(whole)
				}
				columns := []report.Column{
					{Title: "Severity", Kind: "severity"},
					{Title: "Verdict", Kind: "verdict"},
					{Title: "Control", Min: 24},
					{Title: "Asset", Middle: true, Min: 12},
					{Title: "Region", Optional: true},
					{Title: "ID", Kind: "faint", Min: 22},
				}
				return list(t, l, found, columns, func(f model.Finding) []string {
					return []string{string(f.Severity), string(f.Verdict), strings.TrimPrefix(f.Control, f.Asset.Provider+"-"), f.Asset.Name, f.Asset.Region, f.ID}
				})
			})
		},
	}
	fs := cmd.Flags()
	l.add(cmd)
	fs.StringSliceVar(&controls, "controls", nil, "only of these controls: our ids, or those of other tools")
	fs.StringSliceVar(&verdicts, "verdict", nil, "pass, fail, unknown, not_applicable, manual or all (default fail,unknown)")
	fs.StringVar(&severity, "severity", "", "only of this severity or worse")
	fs.StringVar(&framework, "framework", "", "only of controls of this framework")
	fs.StringVar(&account, "account", "", "only of this account")
	fs.StringVar(&region, "region", "", "only of this region")
	fs.StringVar(&asset, "asset", "", "only of the asset with this id")
	fs.StringSliceVar(&tags, "tag", nil, "only of assets with this tag: key or key=value (repeatable)")
	fs.IntVar(&limit, "limit", 0, "at most so many")
	must(cmd.RegisterFlagCompletionFunc("severity", severityCompletion))
	return cmd
}

func newExplain(t *terminal) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "explain FINDING",
		Short:   "Say why a finding is what it is, and how to mend it",
		Example: "  stance explain f-0123456789abcdef0123",
		Args:    oneArg("FINDING", "stance findings lists them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withStore(cmd.Context(), func(e *env) error {
				f, err := e.store.Finding(cmd.Context(), args[0])
				if err != nil {
					return fmt.Errorf("finding %s: %w; stance findings lists the ids", args[0], err)
				}
				var asset *model.Asset
				if a, err := e.store.Asset(cmd.Context(), f.Asset.ID); err == nil {
					asset = &a
				}
				e.app.Hydrate(&f, asset)
				if format == "json" {
					return t.json(report.FindingJSON(f))
				}
				c, err := e.app.Catalog.Control(f.Control)
				if err != nil {
					return err
				}
				t.explain(f, c)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// explain prints a finding as a person reads it.
func (t *terminal) explain(f model.Finding, c model.Control) {
	p := printer{t}
	p.title(f.Title)
	p.field("Verdict", fmt.Sprintf("%s, severity %s, risk %d of 100", f.Verdict, f.Severity, f.Risk.Score))
	p.field("Asset", f.Asset.ID)
	p.field("Where", strings.Join(nonEmpty(f.Asset.Provider, f.Asset.Account, f.Asset.Region), " / "))
	p.field("Control", f.Control)
	p.field("State", stateText(f))
	p.section("What")
	p.text(f.Message)
	p.section("Why it matters")
	p.text(c.Why)
	if len(f.Evidence) > 0 {
		p.section("Evidence")
		for _, ev := range f.Evidence {
			p.evidence(ev)
		}
	}
	if len(f.Gaps) > 0 {
		p.section("What could not be read")
		for i := range f.Gaps {
			p.item(f.Gaps[i].Error())
		}
	}
	if len(f.Risk.Reasons) > 0 {
		p.section("Risk")
		for _, r := range f.Risk.Reasons {
			p.item(r)
		}
	}
	if f.Verdict == model.Fail || f.Verdict == model.Unknown {
		p.section("How to mend it")
		for i, s := range f.Fix.Steps {
			p.item(fmt.Sprintf("%d. %s", i+1, s))
		}
		p.code("Command line", f.Fix.CLI)
		p.code("Terraform", f.Fix.Terraform)
		p.code("CloudFormation", f.Fix.CloudFormation)
	}
	if len(f.Frameworks) > 0 {
		p.section("Requirements")
		by := map[string][]string{}
		var order []string
		for _, r := range f.Frameworks {
			if by[r.Framework] == nil {
				order = append(order, r.Framework)
			}
			by[r.Framework] = append(by[r.Framework], r.Requirement)
		}
		for _, fw := range order {
			p.item(fw + ": " + strings.Join(by[fw], ", "))
		}
	}
	if len(c.References) > 0 {
		p.section("References")
		for _, r := range c.References {
			p.item(r)
		}
	}
}

func stateText(f model.Finding) string {
	text := string(f.State)
	if !f.FirstSeen.IsZero() {
		text += ", first seen " + f.FirstSeen.Format("2006-01-02 15:04") + " UTC"
	}
	if f.Reopened > 0 {
		text += fmt.Sprintf(", reopened %d times", f.Reopened)
	}
	return text
}

func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}

func oneArg(name, hint string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("%s takes one %s; %s", cmd.CommandPath(), name, hint)
		}
		return nil
	}
}
