package aws

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/stance-sec/stance/internal/model"
)

// inRegions names the region of each bucket of a listing. S3 names it; a server
// that does not is asked for the buckets of one region after the other, which takes
// fewer calls than asking where each bucket lies. Those that this does not tell are
// left for GetBucketLocation.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
func inRegions(l *List) *List {
	page := l.page
	l.page = func(ctx context.Context, s *Session, region string, parent *model.Asset, yield func([]model.Document) bool) error {
		return page(ctx, s, region, parent, func(docs []model.Document) bool {
			var nameless []model.Document
			for _, doc := range docs {
				if doc["BucketRegion"] == nil {
					nameless = append(nameless, doc)
				}
			}
			if regions := askedForBuckets(s); len(nameless) > len(regions) {
				regionOf := regionsOfBuckets(ctx, s, regions)
				for _, doc := range nameless {
					if name, _ := doc["Name"].(string); regionOf[name] != "" {
						doc["BucketRegion"] = regionOf[name]
					}
				}
			}
			return yield(docs)
		})
	}
	return l
}

// askedForBuckets are the scanned regions and, where that is only one, another: a
// server that lists the same buckets in both does not look at the region.
func askedForBuckets(s *Session) []string {
	regions := slices.Clone(s.scanned)
	if len(regions) == 1 {
		other := s.home
		if regions[0] == other {
			other = "eu-west-1"
		}
		regions = append(regions, other)
	}
	return regions
}

// regionsOfBuckets lists the buckets of each region; nothing when a call fails, or
// when a bucket is in two regions.
func regionsOfBuckets(ctx context.Context, s *Session, regions []string) map[string]string {
	out := map[string]string{}
	for _, region := range regions {
		docs, err := list(s3.NewFromConfig, (*s3.Client).ListBuckets,
			all(s3.ListBucketsInput{BucketRegion: aws.String(region), MaxBuckets: aws.Int32(10000)}),
			func(o *s3.ListBucketsOutput) []types.Bucket { return o.Buckets },
		).all(ctx, s, region)
		if err != nil {
			return nil
		}
		for _, doc := range docs {
			name, _ := doc["Name"].(string)
			if out[name] != "" {
				return nil
			}
			out[name] = region
		}
	}
	return out
}
