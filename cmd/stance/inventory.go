package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
)

func newInventory(t *terminal) *cobra.Command {
	var l listFlags
	var q model.AssetQuery
	var summary bool
	cmd := &cobra.Command{
		Use:   "inventory",
		Short: "List the assets of the last scan",
		Example: `  stance inventory --summary
  stance inventory --type AWS::S3::Bucket --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := l.check(); err != nil {
				return err
			}
			q.Provider = l.provider
			q.Bare = summary || l.format == "table"
			return t.withStore(cmd.Context(), func(e *env) error {
				var assets []model.Asset
				counts := map[string]int{}
				for a, err := range e.store.Assets(cmd.Context(), q) {
					if err != nil {
						return err
					}
					counts[a.Type]++
					if !summary {
						assets = append(assets, a)
					}
				}
				if summary {
					return printSummary(t, l, counts)
				}
				columns := []report.Column{{Title: "Type", Min: 26}, {Title: "Name", Middle: true, Min: 16}, {Title: "Region"}, {Title: "Account", Optional: true}, {Title: "ID", Middle: true, Kind: "faint", Optional: true, Min: 20}}
				return list(t, l, assets, columns, func(a model.Asset) []string {
					return []string{a.Type, a.Name, a.Scope.Region, a.Scope.Account, a.ID}
				})
			})
		},
	}
	l.add(cmd)
	cmd.Flags().StringSliceVar(&q.Types, "type", nil, "only of this type (repeatable)")
	cmd.Flags().StringVar(&q.Account, "account", "", "only of this account")
	cmd.Flags().StringVar(&q.Region, "region", "", "only of this region")
	cmd.Flags().BoolVar(&summary, "summary", false, "only how many there are of each type")
	return cmd
}

type typeCount struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
}

func printSummary(t *terminal, l listFlags, counts map[string]int) error {
	var rows []typeCount
	for typ, n := range counts {
		rows = append(rows, typeCount{typ, n})
	}
	slices.SortFunc(rows, func(a, b typeCount) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Type, b.Type)) })
	return list(t, l, rows, []report.Column{{Title: "Type"}, {Title: "Assets", Right: true}}, func(c typeCount) []string {
		return []string{c.Type, fmt.Sprint(c.Count)}
	})
}

func newShow(t *terminal) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show ASSET",
		Short: "Show one asset: its document, gaps, relations and findings",
		Example: `  stance show arn:aws:s3:::my-bucket
  stance show arn:aws:s3:::my-bucket --format json`,
		Args: oneArg("ASSET", "stance inventory lists them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withStore(cmd.Context(), func(e *env) error {
				a, err := e.store.Asset(cmd.Context(), args[0])
				if err != nil {
					return fmt.Errorf("asset %s: %w; stance inventory lists the ids", args[0], err)
				}
				found, err := e.findings(app.Selection{}, app.ReportOptions{Query: model.FindingQuery{Asset: a.ID}})
				if err != nil {
					return err
				}
				if format == "json" {
					return t.json(map[string]any{"asset": a, "findings": found})
				}
				p := printer{t}
				p.title(a.Name)
				p.field("ID", a.ID)
				p.field("Type", a.Type)
				p.field("Where", fmt.Sprint(a.Scope))
				if a.Stale {
					p.field("Stale", "carried over: its listing failed in the last scan")
				}
				p.section("Findings")
				for _, f := range found {
					p.item(fmt.Sprintf("%s, %s: %s (%s)", f.Verdict, f.Severity, f.Message, f.ID))
				}
				p.section("Document")
				if err := t.json(a.Config); err != nil {
					return err
				}
				var unread []model.Gap
				for _, g := range a.Gaps {
					if g.Reason != model.Skipped {
						unread = append(unread, g)
					}
				}
				if len(unread) > 0 {
					p.section("What could not be read")
					for i := range unread {
						p.item(unread[i].Path + ": " + unread[i].Error())
					}
				}
				if len(a.Relations) > 0 {
					p.section("Relations")
					for _, r := range a.Relations {
						p.item(string(r.Kind) + " " + r.To)
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func newQuery(t *terminal) *cobra.Command {
	var l listFlags
	var typ string
	cmd := &cobra.Command{
		Use:   "query CEL",
		Short: "List the assets of a type for which an expression is true",
		Long: `List the assets of a type for which an expression is true. The expression is the
language of controls: config is the vendor's document, and id, name, region,
account and tags are the asset's. An asset for which it cannot be decided is listed
as unknown.`,
		Example: `  stance query --type AWS::S3::Bucket 'config.Versioning.Status != "Enabled"'
  stance query --type AWS::EC2::Instance 'age(config.LaunchTime) > days(180)'`,
		Args: oneArg("expression", `for example 'name.startsWith("prod-")'`),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := l.check(); err != nil {
				return err
			}
			if typ == "" {
				return usage("--type is missing: name the asset type, for example --type AWS::S3::Bucket")
			}
			return t.withStore(cmd.Context(), func(e *env) error {
				rows, err := e.app.Query(cmd.Context(), e.store, typ, args[0], l.provider)
				if err != nil {
					return err
				}
				columns := []report.Column{{Title: "Match"}, {Title: "Name", Middle: true, Min: 16}, {Title: "Region"}, {Title: "ID", Middle: true, Kind: "faint", Min: 20}}
				return list(t, l, rows, columns, func(r app.QueryRow) []string {
					return []string{r.Match, r.Asset.Name, r.Asset.Region, r.Asset.ID}
				})
			})
		},
	}
	l.add(cmd)
	cmd.Flags().StringVar(&typ, "type", "", "asset type, such as AWS::S3::Bucket")
	return cmd
}
