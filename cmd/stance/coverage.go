package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
)

func newCoverage(t *terminal) *cobra.Command {
	var l listFlags
	var all bool
	cmd := &cobra.Command{
		Use:   "coverage",
		Short: "Say what the last scan could not read, and what would close the gap",
		Example: `  stance coverage
  stance coverage --all --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := l.check(); err != nil {
				return err
			}
			return t.withStore(cmd.Context(), func(e *env) error {
				scans, err := e.latest(l.provider)
				if err != nil {
					return err
				}
				if all {
					return ledger(t, l, e, scans)
				}
				var gaps []model.Gap
				for _, s := range scans {
					in, err := e.app.ReportInput(cmd.Context(), e.store, s, app.ReportOptions{})
					if err != nil {
						return err
					}
					gaps = append(gaps, in.Gaps...)
				}
				if len(gaps) == 0 && l.format == "table" {
					fmt.Fprintln(t.out, "Everything that was asked for could be read.")
					return nil
				}
				columns := []report.Column{{Title: "Reason"}, {Title: "Grant, or operation", Wrap: true, Min: 24}, {Title: "Asset or type", Wrap: true, Min: 18}, {Title: "Region", Wrap: true, Min: 14}}
				return list(t, l, gaps, columns, func(g model.Gap) []string {
					what, grant := shortID(g.Asset), g.Operation
					if what == "" {
						what = strings.TrimPrefix(g.Type, "AWS::")
					}
					if g.Reason == model.Denied && g.Permission != "" {
						grant = g.Permission
					}
					return []string{string(g.Reason), grant, what, g.Scope.Region}
				})
			})
		},
	}
	l.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "the whole ledger, with what was read")
	return cmd
}

// shortID leaves out of an ARN what the other columns say: partition, service,
// region and account. JSON has it whole.
func shortID(id string) string {
	if parts := strings.SplitN(id, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[5]
	}
	return id
}

func ledger(t *terminal, l listFlags, e *env, scans []model.Scan) error {
	var lines []model.Coverage
	for _, s := range scans {
		for _, account := range s.Accounts {
			c, err := e.store.Coverage(e.ctx, model.AssetQuery{Provider: s.Provider, Account: account})
			if err != nil {
				return err
			}
			lines = append(lines, c...)
		}
	}
	columns := []report.Column{{Title: "Type", Wrap: true, Min: 24}, {Title: "Region", Wrap: true, Min: 14}, {Title: "State"}, {Title: "Assets", Right: true}, {Title: "Gaps", Right: true}}
	return list(t, l, lines, columns, func(c model.Coverage) []string {
		return []string{c.Type, c.Scope.Region, string(c.State), fmt.Sprint(c.Assets), fmt.Sprint(c.Gaps)}
	})
}
