package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// buildDir holds what built makes; TestMain removes it.
var buildDir string

// built is the program as people run it, linked once for all tests that run it
// as a process of its own.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "stance")
	if err != nil {
		return "", err
	}
	buildDir = dir
	path := filepath.Join(dir, "stance")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build stance: %w\n%s", err, out)
	}
	return path, nil
})

// program runs stance in a home of its own.
type program struct {
	t   *testing.T
	dir string
	env []string
}

// newProgram returns the program with an empty database, and nothing of the
// machine's own configuration but the given variables.
func newProgram(t *testing.T, env ...string) *program {
	t.Helper()
	dir := t.TempDir()
	return &program{t: t, dir: dir, env: append([]string{
		"HOME=" + dir, "XDG_DATA_HOME=" + filepath.Join(dir, "data"), "PATH=" + os.Getenv("PATH"),
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + filepath.Join(dir, "config"), "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(dir, "credentials"),
	}, env...)}
}

// signedIn are the variables with which the program asks a local server.
func signedIn(url string) []string {
	return []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=example", "AWS_ENDPOINT_URL=" + url}
}

// command prepares a run of stance.
func (p *program) command(args ...string) *exec.Cmd {
	p.t.Helper()
	path, err := built()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.CommandContext(p.t.Context(), path, args...)
	cmd.Env, cmd.Dir = p.env, p.dir
	return cmd
}

// run runs stance to its end.
func (p *program) run(args ...string) (code int, stdout, stderr string) {
	p.t.Helper()
	cmd := p.command(args...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		p.t.Fatalf("stance %s: %v", strings.Join(args, " "), err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

// json runs stance, which must exit with the given code, and decodes what it
// prints into v.
func (p *program) json(code int, v any, args ...string) (stderr string) {
	p.t.Helper()
	got, stdout, stderr := p.run(args...)
	if got != code {
		p.t.Fatalf("stance %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), v); err != nil {
		p.t.Fatalf("stance %s: %v in %.500s", strings.Join(args, " "), err, stdout)
	}
	return stderr
}

// serveMoto starts a moto server with an estate of scripts/moto and returns its
// address. Without moto the test is skipped, except in CI, where it fails.
func serveMoto(t *testing.T, estate ...string) string {
	t.Helper()
	python := os.Getenv("STANCE_MOTO_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import moto.server, boto3").CombinedOutput(); err != nil {
		lacking := fmt.Sprintf("%s has no moto server (%v): make test brings one in, or set STANCE_MOTO_PYTHON\n%s", python, err, out)
		if os.Getenv("CI") == "true" {
			t.Fatal(lacking)
		}
		t.Skip(lacking)
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{filepath.Join("..", "..", "scripts", "moto", "serve.py")}, estate...)...)
	// The server ends with its standard input, whatever becomes of the test.
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		t.Fatalf("start moto: %v\n%s", err, &stderr)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // killed by the test's context
	return strings.TrimSpace(url)
}
