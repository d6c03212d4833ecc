package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"github.com/stance-sec/stance/internal/model"
)

// engineVersion is what is kept of an engine version: all of it fills pages.
type engineVersion struct {
	Engine, EngineVersion, Status, MajorEngineVersion *string
}

// versionListing lists what RDS says of a version of an engine, those that it
// no longer offers among them; without arguments it is of all.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBEngineVersions.html
func versionListing(engine, version *string) *List {
	return list(rds.NewFromConfig, (*rds.Client).DescribeDBEngineVersions,
		all(rds.DescribeDBEngineVersionsInput{
			Engine: engine, EngineVersion: version, IncludeAll: aws.Bool(true), MaxRecords: rdsPage,
		}),
		func(o *rds.DescribeDBEngineVersionsOutput) []engineVersion {
			if o.DBEngineVersions == nil {
				return nil
			}
			out := make([]engineVersion, 0, len(o.DBEngineVersions))
			for i := range o.DBEngineVersions {
				v := &o.DBEngineVersions[i]
				out = append(out, engineVersion{v.Engine, v.EngineVersion, v.Status, v.MajorEngineVersion})
			}
			return out
		}).sends()
}

var engineVersions = versionListing(nil, nil)

// versionOf finds what RDS says of the engine version of an instance, asked once
// for all instances of the region with that version. One that RDS no longer
// knows has no status; one that is missing among others was not asked for.
func versionOf(ctx context.Context, s *Session, region string, i *model.Asset) (any, error) {
	engine, version := str(i, "Engine"), str(i, "EngineVersion")
	docs, err := shared(s, "engine version "+*engine+" "+*version+" "+region, func() ([]model.Document, error) {
		return versionListing(engine, version).all(ctx, s, region)
	})
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		if d["Engine"] == *engine && d["EngineVersion"] == *version && d["Status"] != nil {
			return map[string]any(d), nil
		}
	}
	if len(docs) > 0 {
		return nil, &opError{engineVersions.op, lacks("version " + *version + " of " + *engine)}
	}
	return map[string]any{"Engine": *engine, "EngineVersion": *version}, nil
}
