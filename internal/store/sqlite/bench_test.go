package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

var (
	benchScan = model.Scan{ID: "bench", Provider: model.AWS, StartedAt: time.Unix(1.7e9, 0)}
	benchSize = 500 // per call, as the pipeline does
)

// benchAsset is a bucket with a document of about 1.5 KB, like real ones.
func benchAsset(n, rev int) model.Asset {
	name := fmt.Sprintf("team-%03d-data-%x", n%997, n*2654435761)
	a := model.Asset{
		ID: "arn:aws:s3:::" + name, Type: fmt.Sprintf("AWS::S3::Bucket%d", n/50_000%4), Class: "bucket", Name: name,
		Scope: model.Scope{
			Provider: model.AWS, Partition: "aws", OrgPath: "o-abc123/r-1/ou-2",
			Account: fmt.Sprintf("%012d", 111111111111+n/50_000), Region: "eu-west-1",
		},
		Tags:       map[string]string{"team": fmt.Sprintf("team-%03d", n%997), "env": "prod", "cost-center": "4711"},
		CreatedAt:  time.Unix(1.6e9+int64(n), 0),
		ObservedAt: time.Unix(1.7e9, 0),
		Config: model.Document{
			"Name": name, "Arn": "arn:aws:s3:::" + name, "CreationDate": "2021-03-04T05:06:07Z", "Revision": int64(rev),
			"PublicAccessBlockConfiguration": map[string]any{
				"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": n%3 == 0, "RestrictPublicBuckets": true,
			},
			"ServerSideEncryptionConfiguration": map[string]any{"Rules": []any{map[string]any{
				"ApplyServerSideEncryptionByDefault": map[string]any{
					"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": fmt.Sprintf("arn:aws:kms:eu-west-1:111111111111:key/%032x", n),
				}, "BucketKeyEnabled": true,
			}}},
			"Versioning": map[string]any{"Status": "Enabled", "MFADelete": "Disabled"},
			"Logging":    map[string]any{"TargetBucket": "central-logs-111111111111", "TargetPrefix": name + "/"},
			"Policy": map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
				"Sid": "DenyInsecureTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
				"Resource":  []any{"arn:aws:s3:::" + name, "arn:aws:s3:::" + name + "/*"},
				"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
			}}},
			"Ownership": map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}},
			"Lifecycle": map[string]any{"Rules": []any{map[string]any{
				"ID": "expire", "Status": "Enabled", "Expiration": map[string]any{"Days": int64(365)},
			}}},
		},
		Facts: model.Facts{
			"exposure":   map[string]any{"public": false},
			"encryption": map[string]any{"at_rest": true, "customer_key": true}, "logging": map[string]any{"enabled": true},
		},
		Relations: []model.Relation{
			{Kind: model.LogsTo, To: "arn:aws:s3:::central-logs-111111111111"},
			{Kind: model.EncryptsWith, To: fmt.Sprintf("arn:aws:kms:eu-west-1:111111111111:key/%032x", n)},
		},
	}
	a.Version = a.Config.Hash()
	return a
}

// benchFindings are three findings on each of n assets from first.
func benchFindings(first, n int) []model.Finding {
	at := time.Unix(1.7e9, 0)
	var out []model.Finding
	for i := first; i < first+n; i++ {
		a := benchAsset(i, 1)
		ref := a.Ref()
		for j, control := range []string{"aws-s3-bucket-blocks-public-access", "aws-s3-bucket-encrypted", "aws-s3-bucket-requires-tls"} {
			f := model.Finding{
				ID: model.FindingID(control, a.ID), Control: control, Verdict: model.Pass, Severity: model.High, Asset: ref,
				Message:  "Bucket " + a.Name + " blocks all public access.",
				Evidence: []model.Evidence{{Path: "PublicAccessBlockConfiguration.BlockPublicAcls", Value: true}},
				State:    model.Passing, FirstSeen: at, LastSeen: at, ChangedAt: at, ControlVersion: "0123456789abcdef", Scan: "bench",
			}
			if (i+j)%4 == 0 {
				f.Verdict, f.State = model.Fail, model.Open
				f.Message = "Bucket " + a.Name + " allows public policies because BlockPublicPolicy is false."
				f.Evidence = append(f.Evidence, model.Evidence{Path: "PublicAccessBlockConfiguration.BlockPublicPolicy", Value: false})
				f.Risk = model.Risk{Score: 61, Reasons: []string{"reachable from the internet", "holds data"}}
			}
			out = append(out, f)
		}
	}
	return out
}

func benchOpen(b *testing.B) (*sqlite.Store, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench.db")
	s, err := sqlite.Open(b.Context(), path, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s, path
}

// rate reports things a second over the time that the loop and Finish took,
// and the size of the file for each thing.
func rate(b *testing.B, s *sqlite.Store, path string, n int, what string) {
	b.Helper()
	if err := s.Finish(context.Background(), benchScan); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), what+"/s")
	size := int64(0)
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(path + suffix); err == nil {
			size += info.Size()
		}
	}
	b.ReportMetric(float64(size)/float64(n), "file-B/"+what)
}

// each calls save on pieces of the size that the pipeline uses, from one
// goroutine or from several.
func each[T any](b *testing.B, list []T, callers int, save func([]T) error) {
	b.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for {
				i := int(next.Add(1)-1) * benchSize
				if i >= len(list) {
					return
				}
				if err := save(list[i:min(i+benchSize, len(list))]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func BenchmarkSaveFindings(b *testing.B) {
	for _, callers := range []int{1, 2} {
		b.Run(fmt.Sprintf("callers-%d", callers), func(b *testing.B) { benchSaveFindings(b, callers) })
	}
}

func benchSaveFindings(b *testing.B, callers int) {
	s, path := benchOpen(b)
	if err := s.Begin(b.Context(), benchScan); err != nil {
		b.Fatal(err)
	}
	const size = 30_000
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		list := benchFindings(n/3, size/3)
		b.StartTimer()
		each(b, list, callers, func(l []model.Finding) error { return s.SaveFindings(b.Context(), "bench", l) })
		n += len(list)
	}
	rate(b, s, path, n, "findings")
}

func BenchmarkSaveAssets(b *testing.B) {
	for _, mode := range []string{"new", "unchanged"} {
		for _, callers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/callers-%d", mode, callers), func(b *testing.B) { benchSaveAssets(b, mode == "unchanged", callers) })
		}
	}
}

func benchSaveAssets(b *testing.B, unchanged bool, callers int) {
	s, path := benchOpen(b)
	const size, most = 10_000, 100_000
	if unchanged {
		first := benchScan
		first.ID = "first"
		if err := s.Begin(b.Context(), first); err != nil {
			b.Fatal(err)
		}
		for i := 0; i < most; i += size {
			if err := s.SaveAssets(b.Context(), "first", benchAssets(i, size)); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Finish(b.Context(), first); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Begin(b.Context(), benchScan); err != nil {
		b.Fatal(err)
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		first := n
		if unchanged {
			first %= most
		}
		list := benchAssets(first, size)
		b.StartTimer()
		each(b, list, callers, func(l []model.Asset) error { return s.SaveAssets(b.Context(), "bench", l) })
		n += size
	}
	rate(b, s, path, n, "assets")
}

func benchAssets(first, n int) []model.Asset {
	out := make([]model.Asset, n)
	for i := range out {
		out[i] = benchAsset(first+i, 1)
	}
	return out
}
