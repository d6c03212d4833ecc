package normalize

import (
	"strings"

	"github.com/stance-sec/stance/internal/iam/gcp"
	"github.com/stance-sec/stance/internal/model"
)

// The types of Google Cloud that documents of others name.
const (
	gcpKey     = "cloudkms.googleapis.com/CryptoKey"
	gcpAccount = "iam.googleapis.com/ServiceAccount"
	gcpNetwork = "compute.googleapis.com/Network"
	gcpSubnet  = "compute.googleapis.com/Subnetwork"
	gcpBucket  = "storage.googleapis.com/Bucket"
	gcpTopic   = "pubsub.googleapis.com/Topic"
)

// key relates the asset to the KMS key that a member names; the version is no
// asset of its own there.
func (s shape) key(paths ...string) {
	for _, p := range paths {
		s.keyNamed(s.text(p))
	}
}

func (s shape) keyNamed(name string) {
	name, _, _ = strings.Cut(name, "/cryptoKeyVersions/")
	if name != "" {
		s.to(model.EncryptsWith, gcpKey, fullName("cloudkms.googleapis.com", name))
	}
}

// runsAs relates the asset to a service account by its address.
func (s shape) runsAs(address string) {
	if address != "" && address != "default" {
		s.to(model.RunsAs, gcpAccount, address)
	}
}

// compute relates the asset to one of Compute Engine by its URL or relative name.
func (s shape) compute(kind model.RelationKind, typ, link string) {
	if link != "" {
		s.to(kind, typ, fullName("compute.googleapis.com", link))
	}
}

// fullName returns the id of an asset of a service that a URL or a relative name
// stands for: what follows the version of the API is the same in both.
// https://cloud.google.com/asset-inventory/docs/asset-names
func fullName(service, link string) string {
	if i := strings.Index(link, "projects/"); i >= 0 {
		return "//" + service + "/" + link[i:]
	}
	return link
}

// open marks the asset as exposed when its allow policy gives something to
// everybody. A condition that only the time of a scan decides does not count.
func (s shape) open() {
	doc := s.Config["iamPolicy"]
	if doc == nil || s.text("iamConfiguration.publicAccessPrevention") == "enforced" {
		return
	}
	if gcp.Public(gcp.Parse(doc), gcp.Context{}).Value == gcp.True {
		s.exposed("its allow policy")
	}
}
