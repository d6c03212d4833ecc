package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

func newSnapshot(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Save what was read to a file, and evaluate such a file",
		RunE:  needSub,
	}
	cmd.AddCommand(newSnapshotSave(t), newSnapshotLoad(t))
	return cmd
}

func newSnapshotSave(t *terminal) *cobra.Command {
	var account string
	cmd := &cobra.Command{
		Use:   "save FILE",
		Short: "Save the assets and gaps of the last scan to a compressed file",
		Long: `Save the assets and gaps of the last scan to one compressed file with a manifest and
hashes. stance scan --from FILE evaluates it anywhere and gives the same findings.`,
		Example: "  stance snapshot save account.stance",
		Args:    oneArg("FILE", "for example account.stance"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.withStore(cmd.Context(), func(e *env) error {
				s, err := e.app.SaveSnapshot(cmd.Context(), e.store, args[0], account)
				if err != nil {
					return err
				}
				fmt.Fprintf(t.err, "Wrote %s: %d assets of %v\n", args[0], s.Counts.Assets, s.Accounts)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&account, "account", "", "which account, when several are stored")
	return cmd
}

func newSnapshotLoad(t *terminal) *cobra.Command {
	var flags scanFlags
	cmd := &cobra.Command{
		Use:     "load FILE",
		Short:   "Evaluate a saved file and store the outcome, as stance scan --from does",
		Example: "  stance snapshot load account.stance",
		Args:    oneArg("FILE", "for example account.stance"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runScan(cmd.Context(), t, &flags, "", func(ctx context.Context, a *app.App, store *sqlite.Store, opts app.ScanOptions) []app.CloudScan {
				s, err := a.ScanFile(ctx, store, args[0], opts)
				return []app.CloudScan{{Provider: s.Provider, Scan: s, Err: err}}
			})
		},
	}
	flags.add(cmd)
	return cmd
}
