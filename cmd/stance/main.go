// Command stance reads the security posture of cloud accounts, explains it and
// says what to do.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/model"
)

// The exit codes, the same for every command.
const (
	exitClean      = 0
	exitError      = 1
	exitUsage      = 2
	exitFindings   = 3
	exitIncomplete = 4
)

// exit is an error that carries the exit code and may print nothing.
type exit struct {
	code int
	err  error
}

// Error implements error.
func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

// Unwrap implements the convention of package errors.
func (e *exit) Unwrap() error { return e.err }

func main() {
	paceHeap()
	paceProcessors()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	stopProfile := profile()
	code := run(ctx, os.Args[1:], newTerminal())
	stopProfile()
	stop()
	os.Exit(code)
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, t *terminal) int {
	root := newRoot(t)
	root.SetArgs(args)
	root.SetOut(t.out)
	root.SetErr(t.err)
	return finish(t, root.ExecuteContext(ctx))
}

// finish prints an error once and maps it to the exit code.
func finish(t *terminal, err error) int {
	if err == nil {
		return exitClean
	}
	var e *exit
	if errors.As(err, &e) {
		if e.err != nil {
			t.fail(e.err)
		}
		return e.code
	}
	t.fail(err)
	if errors.Is(err, model.ErrInvalid) || errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitError
}

// errUsage marks errors of the command line itself.
var errUsage = errors.New("usage")

func usage(format string, args ...any) error {
	return &exit{exitUsage, fmt.Errorf(format, args...)}
}

func newRoot(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "stance",
		Short: "See, explain and mend the security posture of your clouds",
		Long: `Stance reads cloud accounts with read-only access, evaluates every asset against
controls mapped to CIS, NIST, PCI DSS and others, and says what is wrong, why, and
how to mend it. What it could not read it says too: a gap is never a pass.`,
		Example: `  stance scan aws                      scan the account of your AWS credentials
  stance findings --severity high      what is wrong, worst first
  stance explain f-0123456789abcdef    why, with evidence and the fix
  stance coverage                      what could not be read, and what to grant`,
		Version:       app.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().StringVar(&t.database, "database", "", "database file (default: stance/stance.db in the user's data directory)")
	root.PersistentFlags().StringArrayVar(&t.content, "content", nil, "directory with further controls/ and frameworks/ (repeatable)")
	root.PersistentFlags().BoolVar(&t.noColor, "no-color", false, "print without colours")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(
		newScan(t), newDemo(t), newFindings(t), newExplain(t), newInventory(t), newShow(t), newCoverage(t),
		newControls(t), newFrameworks(t), newPermissions(t), newSnapshot(t), newQuery(t), newReport(t), newVersion(t),
	)
	for _, c := range root.Commands() {
		exitCodes(c)
	}
	return root
}

// exitCodes adds the meaning of the exit codes to a command's help.
func exitCodes(c *cobra.Command) {
	if c.Long == "" {
		c.Long = c.Short + "."
	}
	c.Long += "\n\nExit codes: 0 clean, 1 error, 2 usage, 3 findings at or above --fail-on, 4 incomplete (gaps or undecided findings)."
	for _, sub := range c.Commands() {
		exitCodes(sub)
	}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
