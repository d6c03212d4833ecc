package gcp

import (
	"cmp"
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

// Collector is one service's declaration: one file, registered in its init.
type Collector struct {
	// Name is the name by which --services selects it, and that of its
	// testdata/<name>.txtar.
	Name  string
	Types []Type
}

// Type declares one asset type. Unless List is set, Cloud Asset Inventory
// delivers it: config is its resource.data.
type Type struct {
	// Name is the type's name in Cloud Asset Inventory:
	// "storage.googleapis.com/Bucket".
	Name  string
	Class model.Class
	// Item is a zero value of the REST client's struct whose shape the document
	// has: storage.Bucket{}. Where the inventory delivers two versions of an API,
	// Items holds both, and the document has the members of either.
	Item  any
	Items []any

	// Policy says that the type has an allow policy of its own; it stands at
	// config.iamPolicy. One that the inventory does not hold is absent, if the
	// listing of policies succeeded.
	Policy bool
	// AccessPolicy says that the document comes with the content type
	// ACCESS_POLICY, which is read from organizations only.
	AccessPolicy bool
	// Redacted are members that the inventory never delivers though the service
	// has them. They are gaps (unsupported) unless a read gives them.
	Redacted []string
	// Secret are paths whose values never enter a document; names, lengths,
	// hashes and what was detected in them do: "metadata.items[].value".
	Secret []string

	// List discovers types that the inventory does not deliver.
	List *List
	// Side are further reads per asset, in order.
	Side []Read

	// Label is a template for the asset's name over the document: "{email}".
	// Empty: displayName-like members do not count, the last segment of the id
	// does.
	Label string
	// Created is the member that holds the time of creation; empty: one of
	// createTime, creationTimestamp, timeCreated, creationTime.
	Created string
	// Managed says that an asset belongs to Google.
	Managed func(doc model.Document) bool
	// Fix adjusts a document where two versions of an API differ. It runs before
	// the document gets its shape and before secrets are taken out.
	Fix func(a *model.Asset)
	// Shape adjusts the schema for what Fix does.
	Shape func(s *model.Schema)
}

// Level says for what a listing is made.
type Level string

// The levels of listings.
const (
	PerProject      Level = "project"
	PerOrganization Level = "organization"
	// PerScope lists for every project, folder and organization of the scan.
	PerScope Level = "scope"
)

// Call is one read of a service's REST API.
type Call struct {
	// API is the service's name, by which its base URL is configured: "sqladmin".
	API string
	// Method is the method's id in the service's discovery document without the
	// API's name: "projects.instances.list"; Permission what IAM asks for.
	Method     string
	Permission string
	// Path is the path below the base URL, with placeholders: "{project}" (its id),
	// "{organization}" (its number), "{scope}" (projects/p, folders/1,
	// organizations/2), "{name}" (the asset's full name without its host; after
	// another placeholder its last segment only) and "{a.b}" for members of the
	// document, of which URLs give their last segment: "v1/{name}/users",
	// "compute/v1/projects/{project}/zones/{zone}/instances/{name}".
	Path string
	// Query are further query parameters, with the same placeholders.
	Query map[string]string
	// Items is the member of the answer that holds the items of a page; dots go
	// through objects and "*" through all members of one ("items.*.instances").
	// Empty: the answer as a whole is the value.
	Items string
	// Token is the query parameter of the next page (default pageToken); the
	// answer's member is nextPageToken.
	Token string
	// Item is a zero value of the struct of one item, or of the answer.
	Item any
}

// List is a listing with all its pages.
type List struct {
	Call
	Per Level
	// ID is the template of the asset's id, of members of the item:
	// "//iam.googleapis.com/{name}".
	ID string
	// Post says that pages are asked for with POST and the query as a body.
	Post bool
}

// Read is a further read of an asset.
type Read struct {
	Call
	// Member is where its value goes in the document: "users".
	Member string
	// Absent are reasons or HTTP statuses (as "404") that mean that the member is
	// not set; anything else that fails is a gap.
	Absent []string
	// When limits the read to some assets.
	When func(doc model.Document) bool
}

// registry holds the collectors of the package, filled by init functions.
var registry []Collector

func register(c Collector) { registry = append(registry, c) }

// Collectors returns the declared collectors, sorted by name.
func Collectors() []Collector {
	out := slices.Clone(registry)
	slices.SortFunc(out, func(a, b Collector) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
