package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
)

func newVersion(t *terminal) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version and how large the catalogue is",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a, err := t.app()
			if err != nil {
				return err
			}
			if format == "json" {
				return t.json(map[string]any{
					"version": app.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
					"controls": len(a.Catalog.Controls), "frameworks": len(a.Catalog.Frameworks),
				})
			}
			fmt.Fprintf(t.out, "stance %s (%s, %s/%s)\n%d controls, %d frameworks, %d asset types\n", app.Version, runtime.Version(),
				runtime.GOOS, runtime.GOARCH, len(a.Catalog.Controls), len(a.Catalog.Frameworks), len(a.Schemas))
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}
