package azure

import (
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// Endpoints are the base URLs of a cloud. Members that are empty are those of
// the named cloud; a private cloud, a private endpoint or a stand-in sets its
// own.
type Endpoints struct {
	// Authority signs in: "https://login.microsoftonline.com".
	Authority string
	// ARM is Azure Resource Manager, ResourceGraph Azure Resource Graph, which
	// answers at the same host unless it is set.
	ARM           string
	ResourceGraph string
	// Graph is Microsoft Graph without a version.
	Graph string
	// Logs answers log queries.
	Logs string
	// ARMAudience and GraphAudience are what tokens are asked for.
	ARMAudience   string
	GraphAudience string
}

// environment is the cloud that a session works with.
type environment struct {
	Endpoints
	partition string
	// custom says that Azure Resource Manager is not Microsoft's own host, whose
	// documented rates then say nothing.
	custom bool
	// ownAuthority says that the authority is not one that Entra's instance
	// discovery knows.
	ownAuthority bool
}

// clouds are the endpoints of the three clouds.
// https://learn.microsoft.com/azure/developer/identity/national-clouds
// https://learn.microsoft.com/graph/deployments
var clouds = []struct {
	names []string
	environment
}{
	{[]string{"azurepublic", "azurecloud", "azurepubliccloud", "public"}, environment{partition: "azure", Endpoints: Endpoints{
		Authority: "https://login.microsoftonline.com", ARM: "https://management.azure.com", Graph: "https://graph.microsoft.com",
		Logs: "https://api.loganalytics.io", ARMAudience: "https://management.core.windows.net/", GraphAudience: "https://graph.microsoft.com",
	}}},
	{[]string{"azureusgovernment", "azuregovernment", "azureusgovernmentcloud", "usgovernment"}, environment{partition: "azure-gov", Endpoints: Endpoints{
		Authority: "https://login.microsoftonline.us", ARM: "https://management.usgovcloudapi.net", Graph: "https://graph.microsoft.us",
		Logs: "https://api.loganalytics.us", ARMAudience: "https://management.core.usgovcloudapi.net/", GraphAudience: "https://graph.microsoft.us",
	}}},
	{[]string{"azurechinacloud", "azurechina", "china"}, environment{partition: "azure-china", Endpoints: Endpoints{
		Authority: "https://login.chinacloudapi.cn", ARM: "https://management.chinacloudapi.cn", Graph: "https://microsoftgraph.chinacloudapi.cn",
		Logs: "https://api.loganalytics.azure.cn", ARMAudience: "https://management.core.chinacloudapi.cn/", GraphAudience: "https://microsoftgraph.chinacloudapi.cn",
	}}},
}

// environmentOf resolves a cloud's name, with the endpoints that are given one
// by one. Without a name it is the cloud whose authority AZURE_AUTHORITY_HOST
// names, which the SDK reads too, or else the public one.
func environmentOf(name string, given Endpoints) (environment, error) {
	authority := given.Authority
	if authority == "" && name == "" {
		authority = os.Getenv("AZURE_AUTHORITY_HOST")
	}
	found := -1
	for i, c := range clouds {
		for _, n := range c.names {
			if strings.EqualFold(n, name) {
				found = i
			}
		}
		if name == "" && authority != "" && strings.EqualFold(strings.TrimRight(authority, "/"), c.Authority) {
			found = i
		}
	}
	if found < 0 {
		if name != "" {
			return environment{}, fmt.Errorf("%w cloud %q: there are AzurePublic, AzureUSGovernment and AzureChinaCloud; give the endpoints of others one by one", model.ErrInvalid, name)
		}
		found = 0
	}
	env := clouds[found].environment
	env.custom = given.ARM != "" && given.ARM != env.ARM
	for _, e := range []struct {
		into  *string
		given string
		what  string
	}{
		{&env.Authority, authority, "authority"},
		{&env.ARM, given.ARM, "resource manager"},
		{&env.Graph, given.Graph, "Microsoft Graph"},
		{&env.ResourceGraph, given.ResourceGraph, "Resource Graph"},
		{&env.Logs, given.Logs, "log query"},
	} {
		if e.given != "" {
			*e.into = strings.TrimRight(e.given, "/")
		}
		if *e.into == "" {
			continue
		}
		if u, err := url.Parse(*e.into); err != nil || u.Scheme != "https" || u.Host == "" {
			return environment{}, fmt.Errorf("%w %s endpoint %q: it needs https:// and a host, because tokens are sent to it", model.ErrInvalid, e.what, *e.into)
		}
	}
	if env.ResourceGraph == "" {
		env.ResourceGraph = env.ARM
	}
	if given.ARMAudience != "" {
		env.ARMAudience = given.ARMAudience
	}
	if given.GraphAudience != "" {
		env.GraphAudience = given.GraphAudience
	}
	env.ownAuthority = true
	for _, c := range clouds {
		if strings.EqualFold(c.Authority, env.Authority) {
			env.ownAuthority = false
		}
	}
	return env, nil
}
