package estate_test

import (
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/estate"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/normalize"
	"github.com/stance-sec/stance/internal/policy"
)

// TestRelationsLead follows the relations of every asset: the estate is whole, so
// each leads to an asset of it, by the names that an inventory knows.
func TestRelationsLead(t *testing.T) {
	// What the estate refers to but does not hold.
	elsewhere := []string{
		"ami-",          // images of others
		"snap-", "vol-", // the disks that snapshots were made of
		":aws:policy/aws-service-role/", // policies of service-linked roles
		":policy/service-role/",         // of Lambda's roles, in the other account
		"999900001111",                  // the vendors' account
		":root",                         // accounts as principals
		"alias/aws/", "vpc-", "fl-",     // peers, of the other account
		"role/aws-service-role/replication",  // never made
		"log-group:/aws/rds", "/aws/lambda/", // made when somebody logs
		".vault.azure.net/keys/",                                               // keys by their address, which no inventory knows them by
		"/projects/debian-cloud/", "@gcp-sa-cloud-sql.iam.gserviceaccount.com", // Google's images and accounts
	}
	all := policy.NewInventory()
	var assets []model.Asset
	for _, account := range estate.Accounts(now) {
		for _, a := range account.Assets {
			normalize.Asset(&a)
			assets = append(assets, a)
		}
	}
	for i := range assets {
		all.Add(&assets[i])
	}
	kinds, followed := map[model.RelationKind]int{}, 0
	for i := range assets {
		a := &assets[i]
	relations:
		for _, r := range a.Relations {
			kinds[r.Kind]++
			if r.Type == "" {
				continue
			}
			if all.Find(r.Type, r.To) != nil {
				followed++
				continue
			}
			for _, e := range elsewhere {
				if strings.Contains(r.To, e) {
					continue relations
				}
			}
			t.Errorf("%s %s %s (%s): nothing of that name", a.ID, r.Kind, r.To, r.Type)
		}
	}
	t.Logf("%d relations followed: %v", followed, kinds)
	if followed < 800 {
		t.Errorf("%d relations lead to assets, want at least 800", followed)
	}
}
