package gcp

import (
	"google.golang.org/api/cloudkms/v1"
)

func init() {
	register(Collector{Name: "kms", Types: []Type{
		// https://cloud.google.com/kms/docs/reference/rest
		{Name: "cloudkms.googleapis.com/KeyRing", Class: "key ring", Item: cloudkms.KeyRing{}, Policy: true},
		{Name: "cloudkms.googleapis.com/CryptoKey", Class: "key", Item: cloudkms.CryptoKey{}, Policy: true},
		{Name: "cloudkms.googleapis.com/CryptoKeyVersion", Class: "key version", Item: cloudkms.CryptoKeyVersion{}},
		{Name: "cloudkms.googleapis.com/ImportJob", Class: "key import", Item: cloudkms.ImportJob{}, Policy: true},
	}})
}
