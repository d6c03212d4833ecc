package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/standin/azure"
)

func TestAzureCommand(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"tenant": {"id": "t"}, "subscriptions": [{"id": "s", "state": "Off"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
		want string // of the error
	}{
		{"a seed", []string{"--seed", "azure/testdata/estate.json", "--check"}, ""},
		{"generated subscriptions", []string{"--synthetic", "3", "--check"}, ""},
		{"both", []string{"--seed", "azure/testdata/estate.json", "--synthetic", "3", "--check"}, ""},
		{"a seed that does not fit", []string{"--seed", bad, "--check"}, "subscriptions[0].state"},
		{"no seed", nil, "--seed"},
		{"a file that is not there", []string{"--seed", "nosuch.json"}, "nosuch.json"},
		{"an argument too many", []string{"--synthetic", "3", "x"}, "x"},
		{"an address that is none", []string{"--synthetic", "3", "--listen", "nowhere:x"}, "nowhere:x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := run(append([]string{"azure"}, tc.args...))
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("want %q, got %v", tc.want, err)
			}
		})
	}
}

// What the command prints names files that are there.
func TestAzureCredentials(t *testing.T) {
	seed, err := azure.ReadSeedFile("azure/testdata/estate.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := azure.New(seed, azure.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dir := t.TempDir()
	if err := describeAzure(s, seed, dir); err != nil {
		t.Fatal(err)
	}
	client := seed.Principals[0].ClientID
	for _, name := range []string{"ca.pem", filepath.Join(client, "client.pem"), filepath.Join(client, "federated.jwt")} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}
