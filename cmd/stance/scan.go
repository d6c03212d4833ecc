package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/collect/aws"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// scanFlags are what scans of all providers take.
type scanFlags struct {
	controls, services, tags []string
	framework, severity      string
	failOn                   string
	formats                  []string
	out                      string
	concurrency              int
	stats                    bool
	config                   string
	quiet                    bool
}

func (f *scanFlags) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringSliceVar(&f.controls, "controls", nil, "only these controls: our ids, or those of other tools")
	fs.StringVar(&f.framework, "framework", "", "only the controls of this framework")
	fs.StringVar(&f.severity, "severity", "", "only controls of this severity or worse")
	fs.StringSliceVar(&f.tags, "tag", nil, "report only assets with this tag: key or key=value (repeatable)")
	fs.StringVar(&f.failOn, "fail-on", "", "exit with 3 when a finding of this severity or worse fails")
	fs.StringSliceVar(&f.formats, "format", []string{"table"}, formatNames()+"; several with commas")
	fs.StringVar(&f.out, "out", "", "directory or file for the reports (default: standard output)")
	fs.IntVar(&f.concurrency, "concurrency", 0, "calls under way at once (default 32)")
	fs.BoolVar(&f.stats, "stats", false, "print time, calls and memory at the end")
	fs.StringVar(&f.config, "config", "", "configuration file (default: stance/config.yaml in the user's configuration directory)")
	fs.BoolVar(&f.quiet, "quiet", false, "print no progress")
	must(cmd.RegisterFlagCompletionFunc("severity", severityCompletion))
	must(cmd.RegisterFlagCompletionFunc("fail-on", severityCompletion))
}

var severityCompletion = cobra.FixedCompletions([]string{"critical", "high", "medium", "low", "info"}, cobra.ShellCompDirectiveNoFileComp)

func (f *scanFlags) selection() (app.Selection, error) {
	sel := app.Selection{Controls: f.controls, Framework: f.framework, Services: f.services}
	for _, s := range []string{f.severity, f.failOn} {
		if s != "" {
			if _, err := model.ParseSeverity(s); err != nil {
				return sel, err
			}
		}
	}
	sel.Severity = model.Severity(f.severity)
	return sel, nil
}

func newScan(t *terminal) *cobra.Command {
	var from fromFlags
	var flags scanFlags
	cmd := &cobra.Command{
		Use:     "scan",
		Short:   "Read an account, evaluate it and store the outcome",
		Long:    fromLong,
		Example: fromExample,
		Args:    from.args,
		RunE: func(cmd *cobra.Command, args []string) error {
			return from.run(cmd.Context(), t, &flags, args)
		},
	}
	from.add(cmd)
	flags.add(cmd)
	cmd.AddCommand(newScanAWS(t), newScanAzure(t), newScanGCP(t), newScanAll(t))
	return cmd
}

func newScanAWS(t *terminal) *cobra.Command {
	var flags scanFlags
	var conn aws.Options
	cmd := &cobra.Command{
		Use:   "aws",
		Short: "Scan one AWS account with read-only credentials",
		Long: `Scan one AWS account with read-only credentials.

Credentials, profiles, roles, identity center, proxies and endpoints are those of
the AWS SDK: AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, HTTPS_PROXY and the
shared files all work. "stance permissions aws" prints the least policy that the
scan needs; what it may not read becomes a gap, and never a pass.`,
		Example: `  stance scan aws
  stance scan aws --profile audit --regions eu-west-1,eu-central-1
  stance scan aws --role-arn arn:aws:iam::111122223333:role/StanceReader --external-id 7f3c
  stance scan aws --framework cis-aws-7.0 --fail-on high
  stance scan aws --format table,json,html --out reports`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn.Concurrency = flags.concurrency
			conn.MFAToken = t.mfaToken
			return runScan(cmd.Context(), t, &flags, model.AWS, func(ctx context.Context, a *app.App, store *sqlite.Store, opts app.ScanOptions) []app.CloudScan {
				return a.ScanAll(ctx, store, app.Connections{AWS: &conn}, opts)
			})
		},
	}
	awsFlags(cmd.Flags(), &conn)
	cmd.Flags().StringSliceVar(&flags.services, "services", nil, "only the controls of these services: "+serviceNames(model.AWS))
	flags.add(cmd)
	return cmd
}

func awsFlags(fs *pflag.FlagSet, conn *aws.Options) {
	fs.StringVar(&conn.Profile, "profile", "", "profile of the shared AWS files")
	fs.StringVar(&conn.RoleARN, "role-arn", "", "role to assume before reading")
	fs.StringVar(&conn.ExternalID, "external-id", "", "external id that the role's trust policy asks for")
	fs.StringSliceVar(&conn.Regions, "regions", nil, "regions to read (default: all that are enabled)")
	fs.StringSliceVar(&conn.ExcludeRegions, "exclude-regions", nil, "regions to leave out")
}

func serviceNames(provider string) string {
	return strings.Join(slices.Sorted(maps.Keys(app.Services(provider))), ", ")
}

// mfaToken asks for the code of an MFA device.
func (t *terminal) mfaToken() (string, error) {
	if !isTerminal(os.Stdin) {
		return "", fmt.Errorf("the profile asks for an MFA code, and there is no terminal to ask on: sign in first and export the session's credentials")
	}
	fmt.Fprint(t.err, "MFA code: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	return strings.TrimSpace(line), err
}

type scanner func(ctx context.Context, a *app.App, store *sqlite.Store, opts app.ScanOptions) []app.CloudScan

// runScan does what all scans share: selection, store, progress, reports, exit
// code.
func runScan(ctx context.Context, t *terminal, flags *scanFlags, provider string, do scanner) (err error) {
	sel, err := flags.selection()
	if err != nil {
		return err
	}
	writers, err := planReports(flags.formats, flags.out)
	if err != nil {
		return err
	}
	config, err := app.LoadConfig(flags.config)
	if err != nil {
		return err
	}
	a, err := t.appFor(provider)
	if err != nil {
		return err
	}
	store, err := a.OpenStore(ctx, t.database)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := store.Close(); err == nil && closeErr != nil {
			err = closeErr
		}
	}()
	meter := startMeter(t, flags.quiet)
	runs := do(ctx, a, store, app.ScanOptions{Selection: sel, Config: config, Progress: meter.progress})
	meter.stop()
	if ctx.Err() != nil {
		return fmt.Errorf("the scan was stopped; the last complete scan is unchanged")
	}
	done, failed := ended(runs)
	if done.ID == "" {
		return failed
	}
	defer func() {
		if failed != nil && (err == nil || errors.As(err, new(*exit))) {
			err = failed // the report is written; what is missing from it is said last
		}
	}()
	in, err := a.ReportInput(ctx, store, done, app.ReportOptions{Selection: sel, Tags: flags.tags, Read: true})
	if err != nil {
		return err
	}
	in.Color, in.Width, in.Program = t.color && !t.noColor, t.width, t.command()
	if err := writers.write(t, in); err != nil {
		return err
	}
	if flags.stats {
		printStats(t, done, runs, meter.took())
	}
	return outcome(in, done, flags.failOn)
}

// ended returns the scans of a run as one, and the errors of those that did not
// come to their end.
func ended(runs []app.CloudScan) (model.Scan, error) {
	var scans []model.Scan
	var failed error
	for _, r := range runs {
		switch {
		case r.Err == nil:
			scans = append(scans, r.Scan)
		case len(runs) == 1:
			failed = r.Err
		default:
			failed = errors.Join(failed, fmt.Errorf("%s: %w", r.Provider, r.Err))
		}
	}
	return app.Merge(scans), failed
}

// outcome is the exit code of a finished scan.
func outcome(in app.Report, done model.Scan, failOn string) error {
	if failOn != "" {
		worst := model.Severity(failOn).Rank()
		for f, err := range in.Findings() {
			if err != nil {
				return err
			}
			if f.Verdict == model.Fail && f.Severity.Rank() >= worst {
				return &exit{code: exitFindings}
			}
		}
	}
	if done.Counts.Gaps > 0 || done.Counts.Unknown > 0 {
		return &exit{code: exitIncomplete}
	}
	return nil
}

// reports are the formats to write and where each goes.
type reports []reportTarget

type reportTarget struct {
	format string
	path   string // empty for standard output
}

func planReports(formats []string, out string) (reports, error) {
	var rs reports
	for _, name := range formats {
		f, err := app.Format(name)
		if err != nil {
			return nil, err
		}
		target := reportTarget{format: name}
		switch {
		case name == "table":
		case out != "" && len(formats) == 1 && filepath.Ext(out) != "":
			target.path = out
		case out != "":
			target.path = filepath.Join(out, "stance."+f.Extension)
		case name == "html":
			target.path = "stance.html"
		}
		rs = append(rs, target)
	}
	onStdout := slices.DeleteFunc(slices.Clone(rs), func(r reportTarget) bool { return r.path != "" })
	if len(onStdout) > 1 {
		return nil, usage("--format %s: several formats need --out DIRECTORY", strings.Join(formats, ","))
	}
	if out != "" && filepath.Ext(out) == "" {
		if err := os.MkdirAll(out, 0o755); err != nil {
			return nil, fmt.Errorf("make the directory of the reports: %w", err)
		}
	}
	return rs, nil
}

func (rs reports) write(t *terminal, in app.Report) error {
	for _, r := range rs {
		f, err := app.Format(r.format)
		if err != nil {
			return err
		}
		if r.path == "" {
			if err := f.Write(t.out, in.Input); err != nil {
				return fmt.Errorf("write %s: %w", r.format, err)
			}
			continue
		}
		if err := app.WriteFile(r.path, f, in); err != nil {
			return err
		}
		fmt.Fprintf(t.err, "Wrote %s\n", r.path)
	}
	return nil
}

// meter shows progress: one line that is redrawn on a terminal, a line now and
// then elsewhere.
type meter struct {
	t     *terminal
	quiet bool
	start time.Time
	end   time.Time
	last  time.Time
	drawn bool
}

func startMeter(t *terminal, quiet bool) *meter {
	return &meter{t: t, quiet: quiet, start: time.Now()}
}

func (m *meter) progress(p scan.Progress) {
	every := 10 * time.Second
	if m.t.live {
		every = 100 * time.Millisecond
	}
	if m.quiet || time.Since(m.last) < every {
		return
	}
	m.last = time.Now()
	text := fmt.Sprintf("%-10s", p.Phase)
	if p.Total > 0 {
		text += fmt.Sprintf(" %d of %d", p.Done, p.Total)
	}
	text += fmt.Sprintf("  %d assets  %d gaps  %s", p.Assets, p.Gaps, time.Since(m.start).Round(100*time.Millisecond))
	if p.Task != "" {
		text += "  " + p.Task
	}
	if len(text) > m.t.width-1 {
		text = text[:m.t.width-1]
	}
	if m.t.live {
		fmt.Fprintf(m.t.err, "\r\x1b[K%s", text)
		m.drawn = true
		return
	}
	if time.Since(m.start) > every {
		fmt.Fprintln(m.t.err, text)
	}
}

func (m *meter) stop() {
	m.end = time.Now()
	if m.drawn {
		fmt.Fprint(m.t.err, "\r\x1b[K")
	}
}

func (m *meter) took() time.Duration { return m.end.Sub(m.start) }
