package gcp

import (
	"strings"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// settings are the keys of instance metadata by which Google's own agents and
// the platform are switched. Their values are no secrets and decide controls; all
// others may hold anything that a customer writes there, such as startup scripts.
// https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys
// https://cloud.google.com/kubernetes-engine/docs/how-to/protecting-cluster-metadata
var settings = map[string]bool{
	"block-project-ssh-keys":         true,
	"cluster-location":               true,
	"cluster-name":                   true,
	"disable-account-manager":        true,
	"disable-guest-telemetry":        true,
	"disable-legacy-endpoints":       true,
	"enable-guest-attributes":        true,
	"enable-os-inventory":            true,
	"enable-osconfig":                true,
	"enable-oslogin":                 true,
	"enable-oslogin-2fa":             true,
	"enable-oslogin-certificates":    true,
	"enable-oslogin-sk":              true,
	"enable-windows-ssh":             true,
	"google-compute-enable-pcid":     true,
	"google-logging-enabled":         true,
	"google-monitoring-enabled":      true,
	"osconfig-log-level":             true,
	"serial-port-enable":             true,
	"serial-port-logging-enable":     true,
	"ssh-legacy-key-allowed":         true,
	"vmdnssetting":                   true,
	"windows-startup-script-enabled": true,
}

// redacted is the member beside an item's key that stands for a value which may
// be secret.
const redacted = "redacted"

// fixMetadata takes the values out of the metadata at a path that may be secret.
// A setting whose value was left out is not known to be off: the items are a gap.
func fixMetadata(path string) func(*model.Asset) {
	return func(a *model.Asset) {
		at := map[string]any(a.Config)
		for _, step := range strings.Split(path, ".") {
			at, _ = at[step].(map[string]any)
		}
		items, _ := at["items"].([]any)
		for _, i := range items {
			item, _ := i.(map[string]any)
			key, _ := item["key"].(string)
			value, ok := item["value"].(string)
			switch setting := settings[strings.ToLower(key)]; {
			case ok && !setting:
				delete(item, "value")
				item[redacted] = collect.Redact(key, value)
			case !ok && setting:
				a.Gaps = append(a.Gaps, assetGap(a, path+".items", &listResources, failure{
					reason: model.Unsupported, detail: "Cloud Asset Inventory leaves out the value of " + key,
				}))
			}
		}
	}
}

// shapeMetadata declares what fixMetadata does.
func shapeMetadata(path string) func(*model.Schema) {
	return func(s *model.Schema) { collect.PutShape(s, path+".items[]."+redacted, collect.RedactedSchema()) }
}
