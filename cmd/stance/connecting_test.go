package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stance-sec/stance/internal/app"
)

// TestDocsConnecting reads the configurations that the documentation shows.
func TestDocsConnecting(t *testing.T) {
	text, err := os.ReadFile("../../docs/connecting.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) < 3 {
		t.Fatalf("%d configurations", len(blocks))
	}
	var all app.Config
	for _, b := range blocks {
		path := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(path, b[1], 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := app.LoadConfig(path)
		if err != nil {
			t.Errorf("%v in\n%s", err, b[1])
		}
		if c.Azure.Endpoints.Authority != "" || c.Azure.Cloud != "" {
			all.Azure = c.Azure
		}
		if len(c.GCP.Endpoints) > 0 {
			all.GCP = c.GCP
		}
	}
	e := all.Azure.Endpoints
	for name, v := range map[string]string{
		"authority": e.Authority, "resource_manager": e.ResourceManager, "resource_manager_audience": e.ResourceManagerAudience, "resource_graph": e.ResourceGraph,
		"graph": e.Graph, "graph_audience": e.GraphAudience, "logs": e.Logs, "ca_file": all.Azure.CAFile, "proxy": all.Azure.Proxy,
		"universe_domain": all.GCP.UniverseDomain, "quota_project": all.GCP.QuotaProject, "credentials": all.GCP.Credentials, "ca_file of Google Cloud": all.GCP.CAFile,
	} {
		if v == "" {
			t.Errorf("no configuration shows %s", name)
		}
	}
}
