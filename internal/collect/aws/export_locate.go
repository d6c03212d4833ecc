package aws

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

var (
	arnPattern  = regexp.MustCompile(`^arn:(aws[a-z-]*):[a-z0-9-]+:([a-z0-9-]*):([0-9]{12}):`)
	zonePattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+`)
	digits      = regexp.MustCompile(`^[0-9]{12}$`)
)

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "us-gov-"), strings.HasPrefix(region, "us-iso"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	}
	return "aws"
}

// traces are what a document tells of where it was read.
type traces struct {
	accounts, partitions, regions map[string]bool
}

func newTraces() *traces {
	return &traces{accounts: map[string]bool{}, partitions: map[string]bool{}, regions: map[string]bool{}}
}

func (t *traces) arn(v any) {
	text, _ := v.(string)
	if m := arnPattern.FindStringSubmatch(text); m != nil {
		t.partitions[m[1]], t.accounts[m[3]] = true, true
		if m[2] != "" {
			t.regions[m[2]] = true
		}
	}
}

// the returns the only name of a set.
func the(set map[string]bool) string {
	if len(set) == 1 {
		return slices.Collect(maps.Keys(set))[0]
	}
	return ""
}

// locate finds out of which account and region the output is, by the identifiers
// of its assets or else by what else names an account, a region or a zone.
func (o *output) locate() error {
	own := map[string]bool{}
	for _, t := range o.op.types {
		if member, ok := strings.CutPrefix(t.ID, "{"); ok && strings.HasSuffix(member, "}") && !strings.ContainsAny(member[:len(member)-1], "{}|. ") {
			own[strings.ToLower(member[:len(member)-1])] = true
		}
	}
	ids, owners, others := newTraces(), newTraces(), newTraces()
	var walk func(v any, depth int)
	walk = func(v any, depth int) {
		switch t := v.(type) {
		case []any:
			for _, e := range t {
				walk(e, depth)
			}
		case map[string]any:
			for name, e := range t {
				text, _ := e.(string)
				switch lower := strings.ToLower(name); {
				case own[lower]:
					ids.arn(e)
				case o.op.homes && lower == "homeregion" && text != "":
					o.homes = append(o.homes, text)
				case lower == "ownerid" && digits.MatchString(text):
					owners.accounts[text] = true
				case lower == "availabilityzone" && zonePattern.MatchString(text):
					owners.regions[zonePattern.FindString(text)] = true
				case strings.HasSuffix(lower, "arn"):
					others.arn(e)
				case depth < 3:
					walk(e, depth+1)
				}
			}
		}
	}
	walk(o.doc, 0)
	if len(ids.accounts) > 1 && len(ids.accounts) > len(owners.accounts) && len(owners.accounts) != 1 {
		return fmt.Errorf("%s: %w: the output holds assets of the accounts %s: one output is of one account", o.file, model.ErrInvalid, strings.Join(slices.Sorted(maps.Keys(ids.accounts)), ", "))
	}
	o.account = cmp.Or(the(ids.accounts), the(owners.accounts), the(others.accounts))
	o.partition = cmp.Or(the(ids.partitions), the(others.partitions))
	if !o.op.global && !o.op.homes {
		o.region = cmp.Or(the(ids.regions), the(owners.regions), o.named.region, the(others.regions))
	}
	return nil
}

// locateAbout finds the place of an output about one asset, by the asset's ARN or
// by the name of the file: what it holds may speak of any other asset.
func (o *output) locateAbout() {
	place := newTraces()
	for _, name := range aboutNames(o.named.about) {
		place.arn(name)
	}
	o.account, o.partition = the(place.accounts), the(place.partitions)
	if !o.op.global {
		o.region = cmp.Or(the(place.regions), o.named.region)
	}
}
