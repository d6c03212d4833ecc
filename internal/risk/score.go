package risk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// Context is what is known about the asset of a finding beyond its document.
// The zero value claims nothing and raises nothing.
type Context struct {
	// Exposed says that the asset can be reached from the internet or by
	// anybody; ExposedBy names how, such as "bucket policy" or "port 22".
	Exposed   bool
	ExposedBy string
	// HoldsData says that the asset keeps or guards data although its class
	// does not say so, as a disk or a snapshot may.
	HoldsData bool
	// Privileged says that who controls the asset gains strong rights.
	Privileged bool
	// Production is set when something other than the asset's tags says so,
	// such as the account or the organizational unit.
	Production bool
	// Related counts the other failing findings on the same asset.
	Related int
}

// What each severity starts from, and what each fact of the context adds.
const (
	exposedPoints    = 15
	dataPoints       = 8
	privilegedPoints = 10
	productionPoints = 5
	relatedPoints    = 2 // for each further failing finding …
	relatedMost      = 6 // … up to this

	// An unknown finding counts for this share of a failing one: somebody has
	// to look, but most reads that are refused hide nothing bad.
	unknownNumerator, unknownDenominator = 2, 5
)

func base(s model.Severity) int {
	switch s {
	case model.Critical:
		return 70
	case model.High:
		return 50
	case model.Medium:
		return 30
	case model.Low:
		return 15
	case model.Info:
		return 5
	}
	return 0
}

// Score returns the finding's risk from 0 to 100 and the reasons that made it,
// in the order in which they were added. Only failing and unknown findings
// carry risk; an unknown one never scores as high as the same finding failing.
// The control may be nil; it adds its categories.
func Score(f *model.Finding, c *model.Control, a Context) model.Risk {
	if f.Verdict != model.Fail && f.Verdict != model.Unknown {
		return model.Risk{}
	}
	severity := f.Severity
	if severity == "" && c != nil {
		severity = c.Severity
	}
	r := model.Risk{Score: base(severity), Reasons: []string{fmt.Sprintf("%s severity", severity)}}
	add := func(points int, reason string) {
		r.Score += points
		r.Reasons = append(r.Reasons, reason)
	}
	if a.Exposed {
		reason := "exposed to the internet"
		if a.ExposedBy != "" {
			reason += " by " + a.ExposedBy
		}
		add(exposedPoints, reason)
	}
	if a.Privileged || privilegedCategory(c) {
		add(privilegedPoints, "gives strong privileges")
	}
	if what := dataClass(f.Asset.Class); what != "" {
		add(dataPoints, what)
	} else if a.HoldsData {
		add(dataPoints, "holds data")
	}
	if tag := productionTag(f.Asset.Tags); tag != "" {
		add(productionPoints, "production ("+tag+")")
	} else if a.Production {
		add(productionPoints, "production")
	}
	if a.Related > 0 {
		noun := "findings"
		if a.Related == 1 {
			noun = "finding"
		}
		add(min(a.Related*relatedPoints, relatedMost), fmt.Sprintf("%d more failing %s on the same asset", a.Related, noun))
	}
	r.Score = min(r.Score, 100)
	if f.Verdict == model.Unknown {
		r.Score = r.Score * unknownNumerator / unknownDenominator
		r.Reasons = append(r.Reasons, "undecided: it could not be read, so it may fail")
	}
	return r
}

// privilegedCategory says whether the control is about escalation or
// administration, whose failing asset gives rights whatever else is known.
func privilegedCategory(c *model.Control) bool {
	return c != nil && slices.ContainsFunc(c.Categories, func(s string) bool {
		return s == "privilege" || s == "privileges" || s == "escalation"
	})
}

func dataClass(c model.Class) string {
	switch c {
	case "bucket", "database":
		return "holds data"
	case "secret":
		return "holds a secret"
	case "key":
		return "guards encrypted data"
	}
	return ""
}

// productionTag returns "key=value" of the first tag, in order of keys, that
// says that the asset is in production.
func productionTag(tags map[string]string) string {
	found := ""
	for k, v := range tags {
		switch strings.ToLower(k) {
		case "env", "environment", "stage", "tier":
		default:
			continue
		}
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "prod", "prd", "production", "live":
			if tag := k + "=" + v; found == "" || tag < found {
				found = tag
			}
		}
	}
	return found
}
