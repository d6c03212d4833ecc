package azure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Seed is the estate that the stand-in answers from; docs/standins.md describes
// the file. What it does not hold is denied, not empty.
type Seed struct {
	Tenant           Tenant            `json:"tenant"`
	Principals       []Principal       `json:"principals"`
	ManagementGroups []ManagementGroup `json:"managementGroups"`
	Subscriptions    []Subscription    `json:"subscriptions"`
	// Resources are ARM objects with their full ids: tracked resources, child
	// resources, singletons and extension resources alike.
	Resources []json.RawMessage `json:"resources"`
	// Tables are rows of Resource Graph tables that no resource gives, by
	// table name.
	Tables map[string][]json.RawMessage `json:"tables"`
	// Actions are the answers to POST calls.
	Actions []Action `json:"actions"`
	// Answers are what a GET of a path gives that is neither a resource nor a
	// list of resources, such as the instance view of a machine.
	Answers map[string]json.RawMessage `json:"answers"`
	// Graph holds Microsoft Graph by path: a list or a single object.
	Graph map[string]json.RawMessage `json:"graph"`
	// Logs are the answers of the log query API by workspace id.
	Logs map[string]json.RawMessage `json:"logs"`
	// Empty names what is known to be empty or absent: ARM and Graph paths, in
	// which * stands for one segment and ** for any number.
	Empty []string `json:"empty"`
	// HiddenFromGraph names resources that Resource Graph does not show
	// although ARM does, as the index may lag.
	HiddenFromGraph []string `json:"hiddenFromGraph"`
	Faults          []Fault  `json:"faults"`
	// Lenient lets enum values pass that the modules do not know.
	Lenient bool `json:"lenient"`
	// PageSize is the number of items on a page of ARM and Microsoft Graph
	// lists; 100 when it is 0.
	PageSize int `json:"pageSize"`
	// Limits turn the vendor's quotas on.
	Limits Limits `json:"limits"`
	// Synthetic adds subscriptions that are made up on the fly.
	Synthetic Synthetic `json:"synthetic"`
}

// Tenant is the directory behind the subscriptions.
type Tenant struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Domains     []string `json:"domains"`
	// Licence is "free", "P1" or "P2"; empty means P2. Without it Microsoft
	// Graph refuses what needs it.
	Licence string `json:"licence"`
}

// Principal is an application or managed identity that may sign in.
type Principal struct {
	ClientID string `json:"clientId"`
	ObjectID string `json:"objectId"`
	Secret   string `json:"secret"`
	// Certificate and Federated accept what the stand-in issued for the client.
	Certificate bool `json:"certificate"`
	Federated   bool `json:"federated"`
	// ManagedIdentity is served by the identity endpoint.
	ManagedIdentity bool `json:"managedIdentity"`
	// TokenSeconds is the life of its tokens; 3600 when it is 0.
	TokenSeconds int `json:"tokenSeconds"`
}

// ManagementGroup is a node of the tree; the one without parent is the root.
type ManagementGroup struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	Parent      string `json:"parent"`
}

// Subscription lies below a management group.
type Subscription struct {
	ID              string            `json:"id"`
	Name            string            `json:"name"`
	State           string            `json:"state"` // Enabled when empty
	ManagementGroup string            `json:"managementGroup"`
	Tags            map[string]string `json:"tags"`
	// Providers are registered; all others are reported as NotRegistered, and
	// their lists are empty. Nil registers all.
	Providers []string `json:"providers"`
	Locations []string `json:"locations"`
	// Denied hides the subscription from GET /subscriptions and from Resource
	// Graph, and refuses what lies in it; the group's descendants still name it.
	Denied bool `json:"denied"`
}

// Action is the answer to a POST.
type Action struct {
	Path string          `json:"path"`
	Body json.RawMessage `json:"body"`
	// Async answers 202 first; the result is had after Polls requests.
	Async bool `json:"async"`
	Polls int  `json:"polls"`
}

// Limits turn quotas on; zero leaves them unlimited, with the headers present.
type Limits struct {
	ResourceGraphPer5s int `json:"resourceGraphPer5s"`
	ReadsPerSecond     int `json:"readsPerSecond"`
	ReadsBurst         int `json:"readsBurst"`
}

// Synthetic is a tenant made up on the fly: nothing of it is held in memory.
type Synthetic struct {
	Subscriptions int `json:"subscriptions"`
	// PerSubscription is the number of resources in each; 200 when it is 0.
	PerSubscription int `json:"perSubscription"`
}

// ReadSeed reads a seed file. Unknown members are errors.
func ReadSeed(r io.Reader) (Seed, error) {
	var s Seed
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Seed{}, fmt.Errorf("read seed: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Seed{}, errors.New("read seed: text after the end of the document")
	}
	return s, nil
}

// ReadSeedFile reads the seed of that name.
func ReadSeedFile(name string) (Seed, error) {
	f, err := os.Open(name)
	if err != nil {
		return Seed{}, fmt.Errorf("read seed: %w", err)
	}
	defer f.Close()
	return ReadSeed(f)
}

func decode(raw json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(into)
}

// checkSeed checks all that does not need the vendor's models.
func checkSeed(s *Seed) error {
	var errs []error
	bad := func(at, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
	}
	if s.Tenant.ID == "" {
		bad("tenant.id", "is missing")
	}
	switch s.Tenant.Licence {
	case "", "free", "P1", "P2":
	default:
		bad("tenant.licence", "is %q, want free, P1 or P2", s.Tenant.Licence)
	}
	groups := map[string]bool{}
	for _, g := range s.ManagementGroups {
		groups[strings.ToLower(g.ID)] = true
	}
	roots := 0
	for i, g := range s.ManagementGroups {
		at := fmt.Sprintf("managementGroups[%d]", i)
		switch {
		case g.ID == "":
			bad(at+".id", "is missing")
		case g.Parent == "":
			roots++
		case !groups[strings.ToLower(g.Parent)]:
			bad(at+".parent", "%q is not a management group of the seed", g.Parent)
		case hasCycle(s.ManagementGroups, g.ID):
			bad(at+".parent", "the groups above %q form a circle", g.ID)
		}
	}
	if roots > 1 {
		bad("managementGroups", "%d groups have no parent, want one", roots)
	}
	seen := map[string]bool{}
	for i, sub := range s.Subscriptions {
		at := fmt.Sprintf("subscriptions[%d]", i)
		id := strings.ToLower(sub.ID)
		if id == "" || seen[id] {
			bad(at+".id", "%q is missing or occurs twice", sub.ID)
		}
		seen[id] = true
		if sub.ManagementGroup != "" && !groups[strings.ToLower(sub.ManagementGroup)] {
			bad(at+".managementGroup", "%q is not a management group of the seed", sub.ManagementGroup)
		}
		switch sub.State {
		case "", "Enabled", "Disabled", "Deleted", "PastDue", "Warned":
		default:
			bad(at+".state", "is %q, want Enabled, Disabled, Deleted, PastDue or Warned", sub.State)
		}
	}
	for i, p := range s.Principals {
		if p.ClientID == "" {
			bad(fmt.Sprintf("principals[%d].clientId", i), "is missing")
		}
	}
	for i, f := range s.Faults {
		if err := f.check(); err != nil {
			bad(fmt.Sprintf("faults[%d]", i), "%v", err)
		}
	}
	return errors.Join(errs...)
}

func hasCycle(groups []ManagementGroup, id string) bool {
	parent := map[string]string{}
	for _, g := range groups {
		parent[strings.ToLower(g.ID)] = strings.ToLower(g.Parent)
	}
	at := strings.ToLower(id)
	for range len(groups) + 1 {
		if at = parent[at]; at == "" {
			return false
		}
	}
	return true
}
