package policy

import (
	"regexp"
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/model"
)

// googleProjectType is the frame of a project, whose document tells its number.
const googleProjectType = "cloudresourcemanager.googleapis.com/Project"

func init() {
	families = append(families, projectFunctions)
	uses("by_project_id", googleProjectType)
	usesMembers("by_project_id", googleProjectType, "projectNumber")
}

// projectFunctions are the questions about names of Google Cloud:
//
//	asset.by_project_id(name)   the name with the id of a project in the place of its
//	    number, where the scan knows the project
//
// Vendors' documents name a project by either, such as in the destination of a sink.
// https://cloud.google.com/resource-manager/docs/creating-managing-projects#identifying_projects
func projectFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("by_project_id", cel.MemberOverload("asset_by_project_id", []*cel.Type{cel.DynType, cel.StringType}, cel.StringType,
			cel.BinaryBinding(func(self, name ref.Val) ref.Val {
				a, ok := self.(*assetRef)
				if !ok {
					return types.NewErr("by_project_id() is a question about an asset of Google Cloud")
				}
				return types.String(a.st.view.inv.byProjectID(string(name.(types.String))))
			}))),
	}
}

var numbered = regexp.MustCompile(`(^|/)projects/([0-9]+)(/|$)`)

func (inv *Inventory) byProjectID(name string) string {
	at := numbered.FindStringSubmatchIndex(name)
	if at == nil {
		return name
	}
	if other := inv.elsewhere(name[at[4]:at[5]]); other != nil && other.account != "" {
		return name[:at[4]] + other.account + name[at[5]:]
	}
	return name
}

// numberOf returns the number of a project by its frame, "" of anything else.
func numberOf(a *model.Asset) string {
	if a.Type != googleProjectType {
		return ""
	}
	switch n := a.Config["projectNumber"].(type) {
	case int64:
		return strconv.FormatInt(n, 10)
	case float64:
		return strconv.FormatInt(int64(n), 10)
	case string:
		return n
	}
	return ""
}
