package normalize

import "github.com/stance-sec/stance/internal/model"

// classes is the kind of each asset type in the vocabulary of all clouds.
var classes = map[string]model.Class{
	"AWS::::Account": "account",
	"AWS::::Region":  "region",
}
