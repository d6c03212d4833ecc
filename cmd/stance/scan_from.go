package main

import (
	"context"
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

const fromLong = `Read an account, evaluate it and store the outcome. With --from, files are
evaluated instead, without any access to the cloud: saved snapshots, and what the
vendors' own tools export. A file's form is recognized by its contents; files and
directories of several clouds may be given at once.

An export tells what it holds, and not what it lacks: what is not in it is a gap.
--complete says that the exports were made of everything, without a filter, so that
a type of which they hold nothing does not exist. docs/exports.md has the commands
that make exports, and what each leaves out.`

const fromExample = `  stance scan aws
  stance scan --from snapshot.stance
  stance scan --from resources.ndjson --from policies.ndjson
  stance scan --from exports/ --complete --format html
  stance scan --from instances.json volumes.json --account 111122223333 --region eu-west-1`

// fromFlags are the options of scans of files.
type fromFlags struct {
	paths  []string
	export app.ExportOptions
}

func (f *fromFlags) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringArrayVar(&f.paths, "from", nil, "snapshots, exports or directories of them to evaluate offline (repeatable; more may follow)")
	fs.BoolVar(&f.export.Complete, "complete", false, "the exports hold everything: what they lack does not exist")
	fs.StringVar(&f.export.Account, "account", "", "account of AWS outputs that name none")
	fs.StringVar(&f.export.Region, "region", "", "region of AWS outputs that name none")
	must(cmd.MarkFlagFilename("from"))
}

// args takes further paths after --from, as a shell's pattern gives them.
func (f *fromFlags) args(_ *cobra.Command, args []string) error {
	if len(f.paths) == 0 && len(args) > 0 {
		return usage("scan %q: use stance scan aws, azure, gcp or all, or stance scan --from PATH", args[0])
	}
	return nil
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

func (f *fromFlags) run(ctx context.Context, t *terminal, flags *scanFlags, args []string) error {
	if len(f.paths) == 0 {
		return usage("name what to scan: stance scan aws, azure, gcp or all, or stance scan --from PATH")
	}
	if f.export.Account != "" && !accountID.MatchString(f.export.Account) {
		return usage("--account %q: an account has twelve digits", f.export.Account)
	}
	found, err := app.FindExports(append(f.paths[:len(f.paths):len(f.paths)], args...))
	if err != nil {
		return err
	}
	for _, s := range found.Skipped {
		fmt.Fprintf(t.err, "Skipped %s: not recognized: %s\n", s.Path, s.Why)
	}
	return runScan(ctx, t, flags, "", func(ctx context.Context, a *app.App, store *sqlite.Store, opts app.ScanOptions) []app.CloudScan {
		return a.ScanFrom(ctx, store, found, f.export, opts)
	})
}
