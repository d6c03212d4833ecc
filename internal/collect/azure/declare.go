package azure

import (
	"cmp"
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

// Collector is one provider's declaration: one file, registered in its init.
type Collector struct {
	// Name is the name by which --services selects it, and that of its
	// testdata/<name>.txtar: "storage".
	Name  string
	Types []Type
}

// Type declares one asset type. Its documents come from a table of Resource
// Graph (Table), from lists of Azure Resource Manager below a subscription or
// another asset (List), from a list in another asset's document (Within), or
// from Microsoft Graph (Graph). One of the four is set.
type Type struct {
	// Name has the vendor's spelling: "Microsoft.Storage/storageAccounts"; types of
	// the directory begin with "graph/".
	Name  string
	Class model.Class
	// Properties is a zero value of the struct whose shape config.properties has;
	// its members have JSON names. For types of the directory it is the shape of
	// the whole document.
	Properties any

	// Table is the table of Resource Graph.
	Table string
	// Where is a further condition of the query in KQL, for tables whose rows are
	// too many: "properties.complianceState =~ 'NonCompliant'".
	Where string
	// Version is the api-version with which Azure Resource Manager returns the
	// asset itself.
	Version string
	// Reread are paths of the document that Resource Graph scrubs or delivers
	// incompletely: the asset is read from Azure Resource Manager too, when a
	// selected control reads one of them.
	Reread []string
	// List discovers types that stand in no table.
	List *List
	// Within makes assets of the items of a list in another asset's document.
	Within *Within
	// Graph discovers types of the directory.
	Graph *GraphList

	// Side are further reads per asset, in order.
	Side []Read
	// Secret are paths whose values never enter a document; names, lengths,
	// hashes and what was detected in them do.
	Secret []string

	// Label is a template for the asset's name over the document; empty: name, or
	// displayName for types of the directory.
	Label string
	// Managed says that an asset belongs to Microsoft, such as a built-in role.
	Managed func(doc model.Document) bool
	// Fix adjusts a document where the vendor's answer is not its own shape.
	Fix func(a *model.Asset)
	// Shape adjusts the schema for what Fix does.
	Shape func(s *model.Schema)
}

// List is a list of Azure Resource Manager with all its pages.
type List struct {
	// Parent is the asset type below whose assets is listed, which may be that of
	// management groups or of the tenant; empty: below each subscription.
	Parent string
	// Path is the path below the parent: "blobServices/default/containers" or
	// "providers/Microsoft.Authorization/locks".
	Path    string
	Version string
	// Filter is the query's $filter, where the list needs one.
	Filter string
	// Action is the permission; empty: derived from type and path.
	Action string
	// Absent are error codes that mean that there is nothing.
	Absent []string
}

// Within says which list of another asset's document holds the assets, such as
// the subnets of a network. An item has the form of a document of Azure Resource
// Manager; the list stays in the parent's document too.
type Within struct {
	// Parent is the asset type whose documents hold the list.
	Parent string
	// Path is the list's dotted path, "properties.subnets", or the member of a side
	// read, "keys".
	Path string
}

// GraphList is a list, or a single object, of Microsoft Graph.
type GraphList struct {
	// Path is the path below the version: "users".
	Path string
	// Select are the members to ask for; empty: what the service gives by default.
	Select []string
	// Query are further query parameters: "$filter", "$expand".
	Query map[string]string
	// Permission is the application permission: "User.Read.All".
	Permission string
	// Single says that the answer is one object.
	Single bool
	// Beta says that only the beta version has it.
	Beta bool
	// Top is the page size, 999 unless set; negative: none is sent.
	Top int
	// Absent are error codes that mean that there is nothing, such as those of a
	// tenant without the licence, where that proves it.
	Absent []string
}

// Read is a further read of an asset.
type Read struct {
	// Member is where the value goes in the document: "blobServices",
	// "properties.siteConfig".
	Member string
	// Path is the path below the asset: "blobServices/default". A path that begins
	// with "/" stands below the cloud's endpoint instead, with the placeholders
	// "{subscription}" and "{tenant}".
	Path    string
	Version string
	// Items says that the answer is a list with pages; the value is the list.
	Items bool
	// Post says that the list is asked for with POST, as for settings that hold
	// secrets.
	Post bool
	// Inner says that the value is the properties of the answer, not the answer.
	Inner bool
	// Item is a zero value of the struct whose shape the properties of the answer,
	// or of each item, have.
	Item any
	// Action is the permission; empty: derived from type and path.
	Action string
	// Graph says that Path is one of Microsoft Graph, with "{id}" for the asset's
	// own id; Action is then the application permission. Without "{id}" the path is
	// a list of all objects that is read once: the item with the asset's id is
	// taken, or with Inner that item's member of the name Member.
	Graph bool
	// Beta says that only the beta version of Microsoft Graph has it.
	Beta bool
	// Absent are error codes that mean that the member is not set.
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
