package gcp

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// universe is the suffix of the hosts of Google's public cloud.
const universe = "googleapis.com"

// servicePaths are the paths below the host that a discovery document keeps
// apart from those of its methods. A call's path may begin with them or not.
var servicePaths = map[string]string{
	"compute":  "compute/v1/",
	"bigquery": "bigquery/v2/",
	"storage":  "storage/v1/",
}

// checkEndpoints says what is wrong with configured base URLs.
func checkEndpoints(endpoints map[string]string) error {
	for api, base := range endpoints {
		u, err := url.Parse(strings.ReplaceAll(base, "{api}", "api"))
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return fmt.Errorf("%w endpoint of %q: %q is no URL like https://host/", model.ErrInvalid, api, base)
		}
		if api == "*" && !strings.Contains(base, "{api}") {
			return fmt.Errorf("%w endpoint of \"*\": %q lacks the placeholder {api}", model.ErrInvalid, base)
		}
	}
	return nil
}

// base returns the base URL of an API, with a slash at its end. The hosts of
// Google's APIs are called like their discovery documents.
func (c *connection) base(api string) string {
	base := cmp.Or(c.endpoints[api], c.endpoints["*"])
	if base == "" {
		return "https://" + api + "." + c.universe + "/"
	}
	return strings.TrimSuffix(strings.ReplaceAll(base, "{api}", api), "/") + "/"
}

// url returns the URL of a path of an API.
func (c *connection) url(api, path string) string {
	path = strings.TrimPrefix(path, "/")
	if prefix := servicePaths[api]; prefix != "" && !strings.HasPrefix(path, api+"/") {
		path = prefix + path
	}
	return c.base(api) + path
}

// custom says whether an API answers somewhere else than at Google.
func (c *connection) custom(api string) bool {
	return c.endpoints[api] != "" || c.endpoints["*"] != ""
}
