package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// withRecord opens the catalogue and the database for a command that writes to
// the record of attestations; it can begin before the first scan.
func (t *terminal) withRecord(ctx context.Context, do func(*app.App, *sqlite.Store) error) (err error) {
	a, err := t.app()
	if err != nil {
		return err
	}
	store, err := a.OpenStore(ctx, t.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(a, store)
}

// nArgs returns a check of the arguments of a command that needs all of names.
func nArgs(hint string, names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usage("%s needs %s: %s", cmd.CommandPath(), names[len(args)], hint)
		}
		if len(args) > len(names) {
			return usage("%s takes %d arguments, not %d: quote a text with blanks", cmd.CommandPath(), len(names), len(args))
		}
		return nil
	}
}

func newAttest(t *terminal) *cobra.Command {
	var in app.Statement
	var format string
	cmd := &cobra.Command{
		Use:   "attest FRAMEWORK REQUIREMENT",
		Short: "Put on record that a manual requirement holds, or that it does not",
		Long: `Put on record that a requirement which no data can decide holds, or with --fails that
it does not: who says so, what was looked at, and until when it counts. It then counts
as passed or failed, in every report, until it expires. Nothing on the record is ever
changed: the newest valid statement counts, and stance frameworks revoke takes one back.

A requirement that has controls and a part for a person is attested for that part only:
an attestation never outweighs a control.`,
		Example: `  stance frameworks attest cis-aws-7.0 2.1.4 --by "Ann Meier" --note "Compared with the account register, ticket 4711" --expires 90d
  stance frameworks attest cis-aws-7.0 2.1.4 --by "Ann Meier" --note "Test runs beside production" --expires 2027-05-01 --account 111122223333 --fails`,
		Args: nArgs("for example cis-aws-7.0 2.1.4; stance frameworks show FRAMEWORK lists the requirements", "FRAMEWORK", "REQUIREMENT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Framework, in.Requirement = args[0], args[1]
			switch {
			case in.By == "":
				return usage("who answers for it? Name a person with --by")
			case in.Note == "":
				return usage("what was looked at? Say it with --note")
			}
			if err := (&listFlags{format: format, provider: in.Provider}).checkAs("text", "json"); err != nil {
				return err
			}
			return t.withRecord(cmd.Context(), func(a *app.App, store *sqlite.Store) error {
				e, err := a.Attest(cmd.Context(), store, in)
				if err != nil {
					return err
				}
				if format == "json" {
					return t.json(e)
				}
				where := "for all accounts"
				if e.Scope.Account != "" {
					where = "for account " + e.Scope.Account
				} else if e.Scope.Provider != "" {
					where = "for all accounts of " + e.Scope.Provider
				}
				fmt.Fprintf(t.out, "%s  %s %s %s %s, by %s, until %s\n", e.ID, e.Framework, e.Requirement, says(e.Status), where, e.By, e.Expires.Format(time.DateOnly))
				return nil
			})
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&in.By, "by", "", "who answers for it (required)")
	fs.StringVar(&in.Note, "note", "", "what was looked at, and where that can be seen (required)")
	fs.StringVar(&in.Expires, "expires", "", "from when it counts no more: a date, or 90d, 12w, 6m (default and most: a year)")
	fs.StringVar(&in.Provider, "provider", "", "only for accounts of aws, azure or gcp")
	fs.StringVar(&in.Account, "account", "", "only for this account")
	fs.BoolVar(&in.Fails, "fails", false, "the requirement does not hold")
	fs.StringVar(&format, "format", "text", "text or json")
	return cmd
}

func newAttestations(t *terminal) *cobra.Command {
	var l listFlags
	cmd := &cobra.Command{
		Use:   "attestations [FRAMEWORK]",
		Short: "List what was attested: what counts, expired or was revoked, newest first",
		Example: `  stance frameworks attestations
  stance frameworks attestations cis-aws-7.0 --format json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%s takes one FRAMEWORK at most; stance frameworks list shows them", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := l.check(); err != nil {
				return err
			}
			framework := ""
			if len(args) > 0 {
				framework = args[0]
			}
			path, err := t.databasePath()
			if err != nil {
				return err
			}
			if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
				return list[app.RecordLine](t, l, nil, nil, nil)
			}
			return t.withRecord(cmd.Context(), func(a *app.App, store *sqlite.Store) error {
				lines, err := a.Record(cmd.Context(), store, framework)
				if err != nil {
					return err
				}
				if l.provider != "" {
					kept := lines[:0]
					for _, e := range lines {
						if e.Scope.Provider == "" || e.Scope.Provider == l.provider {
							kept = append(kept, e)
						}
					}
					lines = kept
				}
				columns := []report.Column{
					{Title: "ID", Min: 18},
					{Title: "Requirement", Min: 16},
					{Title: "State", Min: 10},
					{Title: "Says", Min: 13},
					{Title: "Account", Min: 12, Optional: true},
					{Title: "By", Min: 8},
					{Title: "Until", Min: 10},
					{Title: "Note", Optional: true, Min: 20},
				}
				return list(t, l, lines, columns, func(e app.RecordLine) []string {
					what, until := says(e.Status), e.Expires.Format(time.DateOnly)
					if e.Status == model.Revoked {
						what, until = e.Revokes, ""
					}
					account := e.Scope.Account
					if account == "" {
						account = "all"
					}
					return []string{e.ID, e.Framework + " " + e.Requirement, e.State, what, account, e.By, until, e.Note}
				})
			})
		},
	}
	l.add(cmd)
	return cmd
}

func newRevoke(t *terminal) *cobra.Command {
	var by, note, format string
	cmd := &cobra.Command{
		Use:   "revoke ID",
		Short: "Take an attestation back; the record shows both",
		Long: `Take an attestation back. From then on it does not count; the record shows it and who
took it back. An older statement that is still valid counts again.`,
		Example: `  stance frameworks revoke a-0123456789abcdef --by "Ann Meier" --note "It was the list of another team"`,
		Args:    oneArg("ID", "stance frameworks attestations lists them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case by == "":
				return usage("who takes it back? Name a person with --by")
			case note == "":
				return usage("why is it taken back? Say it with --note")
			}
			if err := (&listFlags{format: format}).checkAs("text", "json"); err != nil {
				return err
			}
			return t.withRecord(cmd.Context(), func(a *app.App, store *sqlite.Store) error {
				e, err := a.Revoke(cmd.Context(), store, args[0], by, note)
				if err != nil {
					return err
				}
				if format == "json" {
					return t.json(e)
				}
				fmt.Fprintf(t.out, "%s  %s %s: %s is revoked, by %s\n", e.ID, e.Framework, e.Requirement, e.Revokes, e.By)
				return nil
			})
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&by, "by", "", "who takes it back (required)")
	fs.StringVar(&note, "note", "", "why (required)")
	fs.StringVar(&format, "format", "text", "text or json")
	return cmd
}

// says is the status of a statement in words.
func says(s model.AttestationStatus) string {
	switch s {
	case model.Holds:
		return "holds"
	case model.DoesNotHold:
		return "does not hold"
	}
	return string(s)
}
