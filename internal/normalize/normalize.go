// Package normalize derives from vendors' documents what all clouds have in
// common: the class of an asset, facts about it, and its relations to other
// assets. One file holds one group of asset types. It is pure.
package normalize

import "github.com/stance-sec/stance/internal/model"

// derive maps an asset type to what derives its facts and relations.
var derive = map[string]func(*model.Asset){}

// Asset fills Class, Facts and Relations of an asset from its document. A type
// that no file knows keeps what it has.
func Asset(a *model.Asset) {
	if c, ok := classes[a.Type]; ok {
		a.Class = c
	}
	if d := derive[a.Type]; d != nil {
		d(a)
	}
}
