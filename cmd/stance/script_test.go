package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output of the scripts")

// suite removes what was built for the tests after they ran.
type suite struct{ *testing.M }

// Run implements testscript.TestingM.
func (s suite) Run() int {
	code := s.M.Run()
	if buildDir != "" {
		os.RemoveAll(buildDir)
	}
	return code
}

// TestMain lets scripts run this very program as the command "stance".
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){
		"stance": func() { os.Exit(run(context.Background(), os.Args[1:], newTerminal())) },
	})
}

// TestScripts runs testdata/*.txtar, the contract of the command line: exit
// code, output and error text of each command.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: false,
		Setup: func(env *testscript.Env) error {
			// Nothing of the machine's own configuration reaches a script.
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_DATA_HOME", env.WorkDir+"/data")
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			env.Setenv("AWS_CONFIG_FILE", env.WorkDir+"/aws/config")
			env.Setenv("AWS_SHARED_CREDENTIALS_FILE", env.WorkDir+"/aws/credentials")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exitcode": cmdExitCode,
			"revoke":   cmdRevoke,
		},
	})
}

// cmdExitCode runs "exitcode N command…" and fails unless it exits with N.
func cmdExitCode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exitcode N command [arg…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		code = -1
		if e, ok := err.(interface{ ExitCode() int }); ok {
			code = e.ExitCode()
		}
	}
	if want := args[0]; want != itoa(code) {
		ts.Fatalf("%v: exit code %d, want %s", args[1:], code, want)
	}
}

func itoa(n int) string {
	if n < 0 {
		return "-"
	}
	return string(rune('0' + n))
}

// cmdRevoke runs "revoke FILE" and revokes the attestation that the command
// before wrote to the file.
func cmdRevoke(ts *testscript.TestScript, _ bool, args []string) {
	var e struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &e); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	if err := ts.Exec("stance", "--database", "other.db", "frameworks", "revoke", e.ID, "--by", "Ann", "--note", "It is not"); err != nil {
		ts.Fatalf("revoke %s: %v", e.ID, err)
	}
}
