package policy

import (
	"strings"
	"sync"

	"github.com/stance-sec/stance/internal/model"
)

// Inventory is what evaluations of one account may look at besides the asset
// itself: the other assets of the account, and which listings failed. Fill it
// with Add and AddGap before the first evaluation; after that it is read only
// and safe for concurrent use.
type Inventory struct {
	types map[string]*typeIndex
	// above are the inventories of the accounts above this one, nearest first:
	// of folders and the organization, or of management groups and the tenant.
	above []*Inventory
	// read says that the account is in the scope of the scan: even of one that
	// denies everything there is the asset that stands for it.
	read bool
	// whole says that everything of the account that is looked up was added.
	whole bool
	// all are the inventories of the other accounts, if there are any.
	all *Inventories
	// account is the name of the account, "" of an inventory that stands alone.
	account string
	// apart says that the inventory is not one of those of all.
	apart bool
}

type typeIndex struct {
	assets   []*model.Asset
	byRegion map[string][]*model.Asset
	byKey    map[string]*model.Asset
	alike    map[string][]*model.Asset // further assets with the same key, which is seldom
	gaps     []*model.Gap
	logs     logTargets
	held     sync.Map // *heldTexts by path
}

// NewInventory returns an empty inventory.
func NewInventory() *Inventory { return &Inventory{types: map[string]*typeIndex{}} }

func (inv *Inventory) index(typ string) *typeIndex {
	x := inv.types[typ]
	if x == nil {
		x = &typeIndex{byRegion: map[string][]*model.Asset{}, byKey: map[string]*model.Asset{}}
		inv.types[typ] = x
	}
	return x
}

// Add makes an asset visible to controls that look at its type.
func (inv *Inventory) Add(a *model.Asset) {
	inv.read = true
	if inv.all != nil && !inv.apart {
		if number := numberOf(a); number != "" {
			inv.all.numbers[number] = a.Scope.Account
		}
	}
	x := inv.index(a.Type)
	x.assets = append(x.assets, a)
	x.byRegion[a.Scope.Region] = append(x.byRegion[a.Scope.Region], a)
	for _, k := range aliases(a) {
		if _, taken := x.byKey[k]; !taken {
			x.byKey[k] = a
			continue
		}
		if x.alike == nil {
			x.alike = map[string][]*model.Asset{}
		}
		x.alike[k] = append(x.alike[k], a)
	}
}

// MarkRead says that the account is in the scope of the scan although nothing of
// it is added, and that what is not added or a gap does not exist. Of others nobody
// knows what they hold.
func (inv *Inventory) MarkRead() { inv.read, inv.whole = true, true }

// AddGap records that the listing of a type failed; gaps of single assets are
// carried by the assets and ignored here.
func (inv *Inventory) AddGap(g *model.Gap) {
	if g.Asset == "" {
		x := inv.index(g.Type)
		x.gaps = append(x.gaps, g)
	}
}

// Assets returns the assets of a type in the order in which they were added.
func (inv *Inventory) Assets(typ string) []*model.Asset {
	if x := inv.types[typ]; x != nil {
		return x.assets
	}
	return nil
}

// Find returns the asset of a type that key names, by id, name or bare id.
func (inv *Inventory) Find(typ, key string) *model.Asset {
	x := inv.types[typ]
	if x == nil || key == "" {
		return nil
	}
	if a := x.byKey[key]; a != nil {
		return a
	}
	// Documents of Azure write ids in any case; an asset's own is in lower case.
	if key[0] == '/' {
		if a := x.byKey[strings.ToLower(key)]; a != nil {
			return a
		}
	}
	// A log group's ARN comes with and without its ":*".
	return x.byKey[strings.TrimSuffix(key, ":*")]
}

// FindIn is Find for an asset that stands in a region: of several with the same
// name it returns the one there, and none of another region.
func (inv *Inventory) FindIn(typ, key, region string) *model.Asset {
	a := inv.Find(typ, key)
	if a == nil || a.Scope.Region == region {
		return a
	}
	for _, other := range inv.types[typ].alike[key] {
		if other.Scope.Region == region {
			return other
		}
	}
	return nil
}

// aliases returns the names under which other documents speak of an asset.
func aliases(a *model.Asset) []string {
	keys := []string{a.ID}
	if a.Name != "" && a.Name != a.ID {
		keys = append(keys, a.Name)
	}
	id := strings.TrimSuffix(a.ID, ":*")
	if id != a.ID {
		keys = append(keys, id)
	}
	if i := strings.LastIndexAny(id, "/:"); i >= 0 && i+1 < len(id) {
		keys = append(keys, id[i+1:])
	}
	return keys
}

// failed returns the gap of a listing of the type that concerns this account:
// its own, or one of an account above that covers all accounts below.
func (inv *Inventory) failed(typ, region string) *model.Gap {
	if x := inv.types[typ]; x != nil {
		for _, g := range x.gaps {
			if region == "" || g.Scope.Region == "" || g.Scope.Region == region {
				return g
			}
		}
	}
	for _, up := range inv.above {
		if x := up.types[typ]; x != nil {
			for _, g := range x.gaps {
				if g.Below {
					return g
				}
			}
		}
	}
	return nil
}

// Inventories are the inventories of several accounts, each with a view of those
// above it. Fill them before the first evaluation.
type Inventories struct {
	accounts map[string]*Inventory
	// fetch brings the inventory of an account that is not kept here.
	fetch func(account string) *Inventory
	// numbers are the accounts by another name that documents have for them: the
	// number of a project.
	numbers map[string]string
}

// NewInventories returns no inventories.
func NewInventories() *Inventories {
	return &Inventories{accounts: map[string]*Inventory{}, numbers: map[string]string{}}
}

// Of returns the inventory of the scope's account, which is empty when nothing
// was added. A scope that tells its place in the organization links it to those
// above.
func (all *Inventories) Of(s model.Scope) *Inventory {
	inv := all.accounts[s.Account]
	if inv == nil {
		inv = NewInventory()
		inv.all, inv.account = all, s.Account
		all.accounts[s.Account] = inv
	}
	if len(inv.above) == 0 && s.OrgPath != "" {
		for _, account := range s.Above() {
			up := all.accounts[account]
			if up == nil {
				up = NewInventory()
				up.all, up.account = all, account
				all.accounts[account] = up
			}
			inv.above = append(inv.above, up)
		}
	}
	return inv
}

// Drop forgets the inventories of accounts, which must stand above no other.
func (all *Inventories) Drop(accounts ...string) {
	for _, account := range accounts {
		delete(all.accounts, account)
	}
}

// View returns the inventory of the scope's account for evaluations. Unlike Of
// it changes nothing, so it is safe for concurrent use.
func (all *Inventories) View(s model.Scope) *Inventory {
	if inv := all.accounts[s.Account]; inv != nil {
		return inv
	}
	return nothing
}

var nothing = NewInventory()

// account is an inventory as seen from one asset.
type account struct {
	inv    *Inventory
	region string
}
