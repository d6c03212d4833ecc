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
				if l.format == "table" {
					return gapTable(t, l, gaps)
				}
				return list(t, l, gaps, nil, nil)
			})
		},
	}
	l.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "the whole ledger, with what was read")
	return cmd
}

// gapRow is one line of the table of gaps: what would close them, and where.
type gapRow struct {
	reason, grant, typ, region string
	asset                      string // of a single one
	assets                     int
}

// gapTable prints gaps by what would close them: one grant for a thousand users
// is one line.
func gapTable(t *terminal, l listFlags, gaps []model.Gap) error {
	var rows []*gapRow
	known := map[gapRow]*gapRow{}
	for _, g := range gaps {
		key := gapRow{reason: string(g.Reason), grant: g.Operation, typ: g.Type, region: g.Scope.Region}
		if g.Reason == model.Denied && g.Permission != "" {
			key.grant = g.Permission
		}
		row := known[key]
		if row == nil {
			row = &gapRow{reason: key.reason, grant: key.grant, typ: key.typ, region: key.region}
			known[key] = row
			rows = append(rows, row)
		}
		if g.Asset != "" {
			row.asset = g.Asset
			row.assets++
		}
	}
	columns := []report.Column{{Title: "Reason"}, {Title: "Grant, or operation", Wrap: true, Min: 24}, {Title: "Asset or type", Wrap: true, Min: 18}, {Title: "Region", Wrap: true, Min: 14}}
	return list(t, l, rows, columns, func(r *gapRow) []string {
		what := strings.TrimPrefix(r.typ, "AWS::")
		switch r.assets {
		case 0:
		case 1:
			what = shortID(r.asset)
		default:
			what = fmt.Sprintf("%d of %s", r.assets, what)
		}
		return []string{r.reason, r.grant, what, r.region}
	})
}

// shortID leaves out of an id what the other columns say: of an ARN partition,
// service, region and account, of other clouds' ids all but the name or path. JSON
// has it whole.
func shortID(id string) string {
	if parts := strings.SplitN(id, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[5]
	}
	if strings.HasPrefix(id, "/subscriptions/") {
		return id[strings.LastIndexByte(id, '/')+1:]
	}
	if _, path, ok := strings.Cut(strings.TrimPrefix(id, "//"), ".googleapis.com/"); ok {
		return path
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
