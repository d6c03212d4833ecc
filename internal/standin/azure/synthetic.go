package azure

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// synthetic makes subscriptions and resources from their numbers, so that a
// tenant of any size costs no memory. Ids are written with leading zeros: the
// order of numbers is the order of ids.
type synthetic struct {
	subs, per int
}

// syntheticSub begins every made-up subscription id.
const syntheticSub = "5a000000-0000-4000-8000-"

const syntheticGroup = "rg-synthetic"

// syntheticKinds are sorted by type, as resources of one group sort by id.
var syntheticKinds = []struct {
	typ string
	doc func(n int) map[string]any
}{
	{"Microsoft.Compute/disks", func(n int) map[string]any {
		return map[string]any{"sku": obj("name", "Premium_LRS"), "properties": obj("diskState", "Attached", "diskSizeGB", 128,
			"networkAccessPolicy", pick(n, "DenyAll", "AllowAll"), "publicNetworkAccess", pick(n, "Disabled", "Enabled"),
			"encryption", obj("type", "EncryptionAtRestWithPlatformKey"))}
	}},
	{"Microsoft.KeyVault/vaults", func(n int) map[string]any {
		return map[string]any{"properties": obj("enableSoftDelete", true, "enablePurgeProtection", n%3 != 0, "enableRbacAuthorization", n%2 == 0,
			"sku", obj("family", "A", "name", "standard"), "publicNetworkAccess", pick(n, "Disabled", "Enabled"))}
	}},
	{"Microsoft.Network/networkSecurityGroups", func(n int) map[string]any {
		return map[string]any{"properties": obj("securityRules", []any{obj("name", "in", "properties", obj("priority", 100, "direction", "Inbound",
			"access", "Allow", "protocol", "Tcp", "sourceAddressPrefix", pick(n, "10.0.0.0/8", "*"), "sourcePortRange", "*",
			"destinationAddressPrefix", "*", "destinationPortRange", pick(n, "443", "22")))}, "defaultSecurityRules", []any{})}
	}},
	{"Microsoft.Network/publicIPAddresses", func(int) map[string]any {
		return map[string]any{"sku": obj("name", "Standard"), "properties": obj("publicIPAllocationMethod", "Static", "publicIPAddressVersion", "IPv4")}
	}},
	{"Microsoft.Storage/storageAccounts", func(n int) map[string]any {
		return map[string]any{"kind": "StorageV2", "sku": obj("name", "Standard_LRS", "tier", "Standard"), "properties": obj(
			"supportsHttpsTrafficOnly", n%5 != 0, "minimumTlsVersion", pick(n, "TLS1_2", "TLS1_0"), "allowBlobPublicAccess", n%4 == 0,
			"publicNetworkAccess", "Enabled", "networkAcls", obj("defaultAction", pick(n, "Deny", "Allow"), "bypass", "AzureServices"))}
	}},
}

func newSynthetic(s Synthetic) *synthetic {
	if s.PerSubscription == 0 {
		s.PerSubscription = 200
	}
	return &synthetic{subs: s.Subscriptions, per: s.PerSubscription}
}

func obj(kv ...any) map[string]any {
	m := make(map[string]any, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		m[kv[i].(string)] = kv[i+1]
	}
	return m
}

// pick chooses the second of two values for every fourth number.
func pick(n int, usual, seldom string) string {
	if n%4 == 3 {
		return seldom
	}
	return usual
}

func (s *synthetic) sub(i int, group string) *Subscription {
	return &Subscription{ID: fmt.Sprintf("%s%012d", syntheticSub, i), Name: fmt.Sprintf("synthetic-%04d", i), ManagementGroup: group}
}

// number reads the subscription's number, -1 when it is none of ours.
func (s *synthetic) number(id string) int {
	tail, ok := strings.CutPrefix(strings.ToLower(id), syntheticSub)
	n, err := strconv.Atoi(tail)
	if !ok || err != nil || n < 0 || n >= s.subs || len(tail) != 12 {
		return -1
	}
	return n
}

func (s *synthetic) subscription(id, group string) *Subscription {
	if n := s.number(id); n >= 0 {
		return s.sub(n, group)
	}
	return nil
}

// share is how many resources of a kind a subscription has.
func (s *synthetic) share(kind int) int {
	n := s.per / len(syntheticKinds)
	if kind < s.per%len(syntheticKinds) {
		n++
	}
	return n
}

func (s *synthetic) prefix(sub int) string {
	return fmt.Sprintf("/subscriptions/%s%012d/resourceGroups/%s", syntheticSub, sub, syntheticGroup)
}

// make builds a resource; kind -1 is the resource group.
func (s *synthetic) make(sub, kind, n int) *resource {
	id, doc, name, typ := s.prefix(sub), obj("properties", obj("provisioningState", "Succeeded")), syntheticGroup, "Microsoft.Resources/subscriptions/resourceGroups"
	if kind >= 0 {
		k := syntheticKinds[kind]
		typ, name = k.typ, fmt.Sprintf("s%05dx%06d", sub, n)
		id += "/providers/" + typ + "/" + name
		doc = k.doc(sub*7 + n)
	}
	doc["id"], doc["name"], doc["type"], doc["location"], doc["tags"] = id, name, typ, "westeurope", obj("synthetic", "true")
	return &resource{id: id, key: strings.ToLower(id), path: segments(id), doc: doc}
}

// get finds a resource of the tenant, or a singleton below a storage account.
func (s *synthetic) get(key string) *resource {
	p := segments(key)
	if len(p) < 4 || s.subs == 0 || p[0] != "subscriptions" || p[3] != syntheticGroup {
		return nil
	}
	sub := s.number(p[1])
	if sub < 0 {
		return nil
	}
	if len(p) == 4 {
		return s.make(sub, -1, 0)
	}
	if len(p) < 8 {
		return nil
	}
	kind := slices.IndexFunc(syntheticKinds, func(k struct {
		typ string
		doc func(int) map[string]any
	},
	) bool {
		return strings.EqualFold(k.typ, p[5]+"/"+p[6])
	})
	if kind < 0 {
		return nil
	}
	_, num, _ := strings.Cut(p[7], "x")
	n, err := strconv.Atoi(num)
	if err != nil || n < 0 || n >= s.share(kind) {
		return nil
	}
	r := s.make(sub, kind, n)
	switch {
	case r.key == key:
		return r
	case key == r.key+"/blobservices/default" && strings.HasSuffix(syntheticKinds[kind].typ, "storageAccounts"):
		id := r.id + "/blobServices/default"
		return &resource{id: id, key: strings.ToLower(id), path: segments(id), doc: obj("id", id, "name", "default",
			"type", "Microsoft.Storage/storageAccounts/blobServices", "properties", obj(
				"deleteRetentionPolicy", obj("enabled", n%2 == 0, "days", 7), "isVersioningEnabled", n%3 == 0))}
	}
	return nil
}

func (s *synthetic) children(key string) []*resource {
	p := segments(key)
	if len(p) < 3 || p[0] != "subscriptions" {
		return nil
	}
	sub := s.number(p[1])
	if sub < 0 {
		return nil
	}
	if len(p) == 3 && p[2] == "resourcegroups" {
		return []*resource{s.make(sub, -1, 0)}
	}
	var out []*resource
	for i, k := range syntheticKinds {
		if strings.HasPrefix(key, strings.ToLower(s.prefix(sub))) && len(p) == 7 && strings.EqualFold(k.typ, p[5]+"/"+p[6]) {
			for n := range s.share(i) {
				out = append(out, s.make(sub, i, n))
			}
		}
	}
	return out
}

// ofType lists the resources of a type in a subscription.
func (s *synthetic) ofType(sub, typ string) []*resource {
	n := s.number(sub)
	if n < 0 {
		return nil
	}
	return s.children(strings.ToLower(s.prefix(n) + "/providers/" + typ))
}

// isEmpty holds for all that is not made up inside a synthetic subscription:
// the generator is the whole truth about it.
func (s *synthetic) isEmpty(path []string) bool {
	return len(path) > 2 && strings.EqualFold(path[0], "subscriptions") && s.number(path[1]) >= 0
}

// after yields the resources whose key comes after a key, in order, and starts
// in the subscription of the key.
func (s *synthetic) after(key string) iter.Seq[*resource] {
	return func(yield func(*resource) bool) {
		first := 0
		if p := segments(key); len(p) > 1 && p[0] == "subscriptions" {
			if n := s.number(p[1]); n >= 0 {
				first = n
			} else if p[1] > fmt.Sprintf("%s%012d", syntheticSub, max(s.subs-1, 0)) {
				return
			}
		}
		for sub := first; sub < s.subs; sub++ {
			if g := s.make(sub, -1, 0); g.key > key && !yield(g) {
				return
			}
			for kind := range syntheticKinds {
				for n := range s.share(kind) {
					if r := s.make(sub, kind, n); r.key > key && !yield(r) {
						return
					}
				}
			}
		}
	}
}

// SyntheticSeed is a tenant for a run that has only made-up subscriptions: one
// application that may sign in and a directory whose lists are known to be
// empty.
func SyntheticSeed() Seed {
	s := Seed{
		Tenant:           Tenant{ID: "7e000000-0000-4000-8000-000000000000", DisplayName: "Synthetic", Domains: []string{"synthetic.example"}},
		Principals:       []Principal{{ClientID: "c1000000-0000-4000-8000-000000000000", ObjectID: "0b000000-0000-4000-8000-000000000000", Secret: "stand-in", Certificate: true, Federated: true, ManagedIdentity: true}},
		ManagementGroups: []ManagementGroup{{ID: "7e000000-0000-4000-8000-000000000000", DisplayName: "Tenant Root Group"}},
	}
	for _, p := range graphPlaces {
		s.Empty = append(s.Empty, strings.ReplaceAll(p.path, "{}", "*"))
	}
	s.Empty = append(s.Empty, "/providers/**")
	return s
}
