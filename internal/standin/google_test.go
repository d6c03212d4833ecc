package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGoogleCommand(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"organizations":[{"name":"organizations/1","displayname":"x"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
		want string // of the error
	}{
		{"a seed", []string{"--seed", "google/testdata/estate.json", "--check"}, ""},
		{"generated projects", []string{"--synthetic", "3", "--check"}, ""},
		{"both", []string{"--seed", "google/testdata/estate.json", "--synthetic", "3", "--check"}, ""},
		{"a seed that does not fit", []string{"--seed", bad, "--check"}, "organizations[0].displayname"},
		{"no seed", nil, "--seed"},
		{"a file that is not there", []string{"--seed", "nosuch.json"}, "nosuch.json"},
		{"an argument too many", []string{"--synthetic", "3", "x"}, "x"},
		{"an address that is none", []string{"--synthetic", "3", "--listen", "nowhere:x"}, "nowhere:x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := run(append([]string{"google"}, tc.args...))
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("want %q, got %v", tc.want, err)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	for _, args := range [][]string{nil, {"nosuch"}} {
		if err := run(args); err == nil || !strings.Contains(err.Error(), "google") {
			t.Errorf("%v: want the list of stand-ins, got %v", args, err)
		}
	}
}
