package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
)

func newReport(t *terminal) *cobra.Command {
	var formats, tags []string
	var out, framework, severity string
	cmd := &cobra.Command{
		Use:     "report",
		Short:   "Write reports of the last scan without scanning again",
		Example: "  stance report --format html,csv --out reports",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if severity != "" {
				if _, err := model.ParseSeverity(severity); err != nil {
					return err
				}
			}
			writers, err := planReports(formats, out)
			if err != nil {
				return err
			}
			return t.withStore(cmd.Context(), func(e *env) error {
				scans, err := e.latest("")
				if err != nil {
					return err
				}
				s := app.Merge(scans)
				in, err := e.app.ReportInput(cmd.Context(), e.store, s, app.ReportOptions{
					Selection: app.Selection{Framework: framework, Severity: model.Severity(severity)}, Tags: tags,
				})
				if err != nil {
					return err
				}
				in.Color, in.Width, in.Program = t.color && !t.noColor, t.width, t.command()
				return writers.write(t, in)
			})
		},
	}
	fs := cmd.Flags()
	fs.StringSliceVar(&formats, "format", []string{"table"}, formatNames()+"; several with commas")
	fs.StringVar(&out, "out", "", "directory or file for the reports (default: standard output)")
	fs.StringVar(&framework, "framework", "", "only the controls of this framework")
	fs.StringVar(&severity, "severity", "", "only controls of this severity or worse")
	fs.StringSliceVar(&tags, "tag", nil, "report only assets with this tag: key or key=value (repeatable)")
	return cmd
}

// formatNames lists the formats of reports as --help shows them.
func formatNames() string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
