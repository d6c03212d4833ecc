// Package estate builds the clouds of Lindenbrook, an invented company that sells
// furniture, as the documents that the APIs of AWS, Azure and Google Cloud would
// return for them. It is what "stance demo" scans. It is pure: the same time gives
// the same estate. It reads no cloud and judges nothing; whatever is found in it,
// the controls find.
package estate

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// The company's organization and its accounts. The older account came to manage
// the organization; the production account was made later, below it.
const (
	Production = "111122223333"
	Shared     = "444455556666"

	organizationID = "o-lb7k2m9x4q"
	rootID         = "r-lb7k"
	mainRegion     = "eu-central-1"
	otherRegion    = "us-east-1"
)

// Account is what one scan reads: an account of AWS, a tenant of Azure or an
// organization of Google Cloud with all that is below it. It has its assets, and
// the gaps of listings that failed. Gaps of single assets are on the assets.
type Account struct {
	Provider string
	ID, Name string
	// Below are the accounts that are read with it: management groups and
	// subscriptions, or folders and projects.
	Below   []Below
	Regions []string
	Assets  []model.Asset
	Gaps    []model.Gap
}

// Below is an account below a tenant or an organization. Its kind is what the
// vendor calls it: "management group", "subscription", "folder", "project".
type Below struct{ ID, Name, Kind string }

// Accounts returns the accounts of the company as they are read at now. All
// that ages in them is dated from now.
func Accounts(now time.Time) []Account {
	now = now.UTC().Truncate(time.Second)
	return []Account{production(now), shared(now), tenantOf(now), organizationOf(now)}
}

// doc and list are the objects and lists of documents, written as Go literals;
// add turns their numbers and maps into the values that documents hold.
type (
	doc  = map[string]any
	list = []any
)

// seed is what the dates and identifiers of an account depend on.
type seed struct {
	id  string
	now time.Time
}

// builder collects the assets of an account of AWS.
type builder struct {
	seed
	name   string
	env    string // of assets that do not say otherwise
	assets []*model.Asset
	gaps   []model.Gap
}

func newBuilder(id, name, env string, now time.Time) *builder {
	b := &builder{seed: seed{id: id, now: now}, name: name, env: env}
	b.add("AWS::::Account", "", b.iam("root"), id, "", doc{
		"Account": id, "Arn": "arn:aws:sts::" + id + ":assumed-role/StanceReader/stance", "UserId": b.unique("AROA", "StanceReader") + ":stance",
	})
	for _, r := range []string{mainRegion, otherRegion} {
		b.add("AWS::::Region", r, "arn:aws:account:"+r+":"+id+":region", r, "", doc{"RegionName": r})
	}
	return b
}

// add adds an asset. Its tags are those of the document.
func (b *builder) add(typ, region, id, name, created string, config doc) *model.Asset {
	plain, _ := model.Plain(config).(map[string]any)
	a := &model.Asset{
		ID: id, Type: typ, Name: name, Config: plain, Tags: tagsIn(plain),
		Scope: model.Scope{Provider: model.AWS, Partition: "aws", Account: b.id, Region: region},
	}
	if t, err := time.Parse(time.RFC3339, created); err == nil {
		a.CreatedAt = t
	}
	b.assets = append(b.assets, a)
	return a
}

// done returns the account with all that was added.
func (b *builder) done() Account {
	out := Account{Provider: model.AWS, ID: b.id, Name: b.name, Regions: []string{mainRegion, otherRegion}, Gaps: b.gaps}
	for _, a := range b.assets {
		a.ObservedAt = b.now
		out.Assets = append(out.Assets, *a)
	}
	return out
}

// with returns a document with members added or replaced; nil takes one out.
func with(base doc, changes ...doc) doc {
	for _, c := range changes {
		for k, v := range c {
			if v == nil {
				delete(base, k)
			} else {
				base[k] = v
			}
		}
	}
	return base
}

// denied adds a gap to an asset: the read of a member was refused.
func denied(a *model.Asset, path, operation, permission, code, by, detail string) {
	a.Gaps = append(a.Gaps, model.Gap{
		Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: path, Reason: model.Denied,
		Operation: operation, Permission: permission, Code: code, DeniedBy: by, Detail: detail,
	})
	slices.SortFunc(a.Gaps, func(x, y model.Gap) int { return strings.Compare(x.Path, y.Path) })
}

// unlisted adds the gap of a listing that was refused.
func (b *builder) unlisted(typ, region, operation, permission, code, by, detail string) {
	b.gaps = append(b.gaps, model.Gap{
		Scope: model.Scope{Provider: model.AWS, Partition: "aws", Account: b.id, Region: region}, Type: typ, Reason: model.Denied,
		Operation: operation, Permission: permission, Code: code, DeniedBy: by, Detail: detail,
	})
}

// ago is the time so many days before now, at an hour that depends on them.
func (b seed) ago(days int) string { return b.at(days).Format(time.RFC3339) }

func (b seed) at(days int) time.Time {
	hours := (days*7 + 3) % 11
	return b.now.Add(-time.Duration(days)*24*time.Hour - time.Duration(hours)*time.Hour - time.Duration(days*13%60)*time.Minute)
}

// hex returns digits that depend on the account and the seed.
func (b seed) hex(seed string, digits int) string {
	sum := sha256.Sum256([]byte(b.id + "/" + seed))
	return hex.EncodeToString(sum[:])[:digits]
}

// ec2ID is an identifier as EC2 makes them: "vpc-0" and 16 digits.
func (b *builder) ec2ID(kind, seed string) string { return kind + "-0" + b.hex(kind+"/"+seed, 16) }

// uuid is an identifier as KMS makes them.
func (b seed) uuid(seed string) string {
	h := b.hex("uuid/"+seed, 32)
	return strings.Join([]string{h[:8], h[8:12], "4" + h[13:16], "a" + h[17:20], h[20:32]}, "-")
}

// unique is an identifier as IAM makes them: four letters that tell the kind,
// and 16 more.
func (b *builder) unique(kind, seed string) string {
	sum := sha256.Sum256([]byte(b.id + "/" + kind + "/" + seed))
	return kind + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// arn returns an ARN of the account.
func (b *builder) arn(service, region, resource string) string {
	return strings.Join([]string{"arn", "aws", service, region, b.id, resource}, ":")
}

func (b *builder) iam(resource string) string { return b.arn("iam", "", resource) }

func (b *builder) role(name string) string { return b.iam("role/" + name) }

// pairs returns tags with keys and values in turn, in the form of most services.
func pairs(keysAndValues ...string) list {
	out := list{}
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		out = append(out, doc{"Key": keysAndValues[i], "Value": keysAndValues[i+1]})
	}
	return out
}

// tagMap returns tags in the form of the newer services.
func tagMap(keysAndValues ...string) doc {
	out := doc{}
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		out[keysAndValues[i]] = keysAndValues[i+1]
	}
	return out
}

// owned returns the tags that the company puts on everything, then more.
func (b *builder) owned(team string, more ...string) []string {
	return append([]string{"env", b.env, "team", team}, more...)
}

// named is owned with a name, which EC2 keeps in a tag.
func (b *builder) named(name, team string, more ...string) list {
	return pairs(append([]string{"Name", name}, b.owned(team, more...)...)...)
}

// tagsIn reads the tags of a document, whatever their form.
func tagsIn(d doc) map[string]string {
	for _, member := range []string{"Tags", "TagList", "TagSet"} {
		switch t := d[member].(type) {
		case []any:
			out := map[string]string{}
			for _, e := range t {
				m, _ := e.(map[string]any)
				key, ok := m["Key"].(string)
				value, _ := m["Value"].(string)
				if !ok {
					key, _ = m["TagKey"].(string)
					value, _ = m["TagValue"].(string)
				}
				out[key] = value
			}
			return out
		case map[string]any:
			out := map[string]string{}
			for k, v := range t {
				out[k], _ = v.(string)
			}
			return out
		}
	}
	return nil
}

// policy returns a policy document of statements.
func policy(statements ...doc) doc {
	out := list{}
	for _, s := range statements {
		out = append(out, s)
	}
	return doc{"Version": "2012-10-17", "Statement": out}
}

// allow returns a statement of an identity policy.
func allow(sid string, resources, actions any) doc {
	return doc{"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
}

func sortedKeys(d doc) []string { return slices.Sorted(maps.Keys(d)) }
