package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/model"
)

// Config says where Stance connects. It holds no secrets: credentials are the
// business of the clouds' own SDKs.
type Config struct {
	Azure AzureConfig `yaml:"azure"`
	GCP   GCPConfig   `yaml:"gcp"`
}

// AzureConfig is where Azure answers. What is empty is that of the named cloud.
type AzureConfig struct {
	// Cloud is AzureCloud (the default), AzureUSGovernment or AzureChinaCloud.
	Cloud     string `yaml:"cloud"`
	Tenant    string `yaml:"tenant"`
	Endpoints struct {
		Authority               string `yaml:"authority"`
		ResourceManager         string `yaml:"resource_manager"`
		ResourceManagerAudience string `yaml:"resource_manager_audience"`
		ResourceGraph           string `yaml:"resource_graph"`
		Graph                   string `yaml:"graph"`
		GraphAudience           string `yaml:"graph_audience"`
		Logs                    string `yaml:"logs"`
	} `yaml:"endpoints"`
	// CAFile holds further certificate authorities in PEM.
	CAFile string `yaml:"ca_file"`
	Proxy  string `yaml:"proxy"`
}

// GCPConfig is where Google Cloud answers.
type GCPConfig struct {
	UniverseDomain string `yaml:"universe_domain"`
	// Endpoints are base URLs by service ("cloudasset"); "*" stands for all others,
	// with {api} for the service's name.
	Endpoints    map[string]string `yaml:"endpoints"`
	QuotaProject string            `yaml:"quota_project"`
	// Credentials names a credential file instead of the application default.
	Credentials string `yaml:"credentials"`
	CAFile      string `yaml:"ca_file"`
	Proxy       string `yaml:"proxy"`
}

// DefaultConfig is where the configuration lies unless --config says otherwise:
// $XDG_CONFIG_HOME/stance/config.yaml. It need not exist.
func DefaultConfig() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the configuration: %w; name it with --config", err)
	}
	return filepath.Join(dir, "stance", "config.yaml"), nil
}

// LoadConfig reads a configuration, or the default one when path is empty. A key
// that does not exist is an error.
func LoadConfig(path string) (Config, error) {
	var c Config
	named := path != ""
	if !named {
		def, err := DefaultConfig()
		if err != nil {
			return c, nil //nolint:nilerr // without a home there is no default configuration
		}
		path = def
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("%w --config: %w", model.ErrInvalid, err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return c, fmt.Errorf("%w configuration %s: %s", model.ErrInvalid, path, oneLine(err))
	}
	return c, nil
}

// oneLine is the text of an error about YAML, which comes in several lines.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:")), " ")
}

// azure fills in the options of a connection what the command line left open.
func (c Config) azure(o *azure.Options) {
	set(&o.Cloud, c.Azure.Cloud)
	set(&o.Tenant, c.Azure.Tenant)
	set(&o.CAFile, c.Azure.CAFile)
	set(&o.Proxy, c.Azure.Proxy)
	e := c.Azure.Endpoints
	set(&o.Endpoints.Authority, e.Authority)
	set(&o.Endpoints.ARM, e.ResourceManager)
	set(&o.Endpoints.ARMAudience, e.ResourceManagerAudience)
	set(&o.Endpoints.ResourceGraph, e.ResourceGraph)
	set(&o.Endpoints.Graph, e.Graph)
	set(&o.Endpoints.GraphAudience, e.GraphAudience)
	set(&o.Endpoints.Logs, e.Logs)
}

func (c Config) gcp(o *gcp.Options) {
	set(&o.UniverseDomain, c.GCP.UniverseDomain)
	set(&o.QuotaProject, c.GCP.QuotaProject)
	set(&o.CredentialsFile, c.GCP.Credentials)
	set(&o.CAFile, c.GCP.CAFile)
	set(&o.Proxy, c.GCP.Proxy)
	if o.Endpoints == nil {
		o.Endpoints = c.GCP.Endpoints
	}
}

func set(into *string, value string) {
	if *into == "" {
		*into = value
	}
}
