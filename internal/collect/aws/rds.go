package aws

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "rds", Types: []Type{
		dbInstances, dbClusters, dbSnapshots, dbClusterSnapshots, dbParameterGroups, dbClusterParameterGroups, dbSubnetGroups, dbProxies,
		dbEventSubscriptions,
	}})
}

// rdsPage is the largest page of the service's listings.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
var rdsPage = aws.Int32(100)

// DocumentDB and Neptune answer on the endpoint of RDS too; what is theirs is
// not of these types.
// https://docs.aws.amazon.com/documentdb/latest/developerguide/API_DescribeDBInstances.html
func ofRDS(engine *string) bool {
	return !slices.Contains([]string{"docdb", "neptune"}, aws.ToString(engine))
}

// keep returns the items for which ok is true; nil stays nil.
func keep[T any](items []T, ok func(*T) bool) []T {
	if items == nil {
		return nil
	}
	out := make([]T, 0, len(items))
	for i := range items {
		if ok(&items[i]) {
			out = append(out, items[i])
		}
	}
	return out
}

var dbInstances = Type{
	Name:    "AWS::RDS::DBInstance",
	Class:   "database",
	ID:      "{DBInstanceArn}",
	Label:   "{DBInstanceIdentifier}",
	Created: "{InstanceCreateTime}",
	List: list(rds.NewFromConfig, (*rds.Client).DescribeDBInstances,
		all(rds.DescribeDBInstancesInput{MaxRecords: rdsPage}),
		func(o *rds.DescribeDBInstancesOutput) []types.DBInstance {
			return keep(o.DBInstances, func(i *types.DBInstance) bool { return ofRDS(i.Engine) })
		}).sends(),
	Side: []Read{
		compute("DBEngineVersion", schemaOf(reflect.TypeFor[engineVersion]()), []operation{engineVersions.op}, versionOf),
	},
	Always: []string{
		"DBInstanceArn", "DBInstanceIdentifier", "Engine", "StorageEncrypted", "PubliclyAccessible", "MultiAZ", "BackupRetentionPeriod",
		"AutoMinorVersionUpgrade", "DeletionProtection", "IAMDatabaseAuthenticationEnabled", "CopyTagsToSnapshot",
	},
}

var dbClusters = Type{
	Name:    "AWS::RDS::DBCluster",
	Class:   "database cluster",
	ID:      "{DBClusterArn}",
	Label:   "{DBClusterIdentifier}",
	Created: "{ClusterCreateTime}",
	List: list(rds.NewFromConfig, (*rds.Client).DescribeDBClusters,
		all(rds.DescribeDBClustersInput{MaxRecords: rdsPage}),
		func(o *rds.DescribeDBClustersOutput) []types.DBCluster {
			return keep(o.DBClusters, func(c *types.DBCluster) bool { return ofRDS(c.Engine) })
		}).sends(),
	Always: []string{
		"DBClusterArn", "DBClusterIdentifier", "Engine", "StorageEncrypted", "MultiAZ", "BackupRetentionPeriod", "DeletionProtection",
		"IAMDatabaseAuthenticationEnabled", "CopyTagsToSnapshot",
	},
}

// Automated snapshots cannot be shared; only manual ones are listed.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html
var dbSnapshots = Type{
	Name:    "AWS::RDS::DBSnapshot",
	Class:   "snapshot",
	ID:      "{DBSnapshotArn}",
	Label:   "{DBSnapshotIdentifier}",
	Created: "{SnapshotCreateTime}",
	List: list(rds.NewFromConfig, (*rds.Client).DescribeDBSnapshots,
		all(rds.DescribeDBSnapshotsInput{MaxRecords: rdsPage, SnapshotType: aws.String("manual")}),
		func(o *rds.DescribeDBSnapshotsOutput) []types.DBSnapshot {
			return keep(o.DBSnapshots, func(s *types.DBSnapshot) bool { return ofRDS(s.Engine) })
		}).sends(),
	Side: []Read{
		read("DBSnapshotAttributesResult", rds.NewFromConfig, (*rds.Client).DescribeDBSnapshotAttributes, func(s *model.Asset) *rds.DescribeDBSnapshotAttributesInput {
			return &rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: str(s, "DBSnapshotIdentifier")}
		}).sends("DBSnapshotAttributes"),
	},
	Always: []string{"DBSnapshotArn", "DBSnapshotIdentifier", "Encrypted"},
}

var dbClusterSnapshots = Type{
	Name:    "AWS::RDS::DBClusterSnapshot",
	Class:   "snapshot",
	ID:      "{DBClusterSnapshotArn}",
	Label:   "{DBClusterSnapshotIdentifier}",
	Created: "{SnapshotCreateTime}",
	List: list(rds.NewFromConfig, (*rds.Client).DescribeDBClusterSnapshots,
		all(rds.DescribeDBClusterSnapshotsInput{MaxRecords: rdsPage, SnapshotType: aws.String("manual")}),
		func(o *rds.DescribeDBClusterSnapshotsOutput) []types.DBClusterSnapshot {
			return keep(o.DBClusterSnapshots, func(s *types.DBClusterSnapshot) bool { return ofRDS(s.Engine) })
		}).sends(),
	Side: []Read{
		read("DBClusterSnapshotAttributesResult", rds.NewFromConfig, (*rds.Client).DescribeDBClusterSnapshotAttributes, func(s *model.Asset) *rds.DescribeDBClusterSnapshotAttributesInput {
			return &rds.DescribeDBClusterSnapshotAttributesInput{DBClusterSnapshotIdentifier: str(s, "DBClusterSnapshotIdentifier")}
		}).sends("DBClusterSnapshotAttributes"),
	},
	Always: []string{"DBClusterSnapshotArn", "DBClusterSnapshotIdentifier", "StorageEncrypted"},
}

var dbSubnetGroups = Type{
	Name:  "AWS::RDS::DBSubnetGroup",
	Class: "subnet group",
	ID:    "{DBSubnetGroupArn}",
	Label: "{DBSubnetGroupName}",
	List: list(rds.NewFromConfig, (*rds.Client).DescribeDBSubnetGroups,
		all(rds.DescribeDBSubnetGroupsInput{MaxRecords: rdsPage}),
		func(o *rds.DescribeDBSubnetGroupsOutput) []types.DBSubnetGroup { return o.DBSubnetGroups },
	).sends(),
	Always: []string{"DBSubnetGroupArn", "DBSubnetGroupName", "VpcId", "Subnets"},
}

var dbProxies = Type{
	Name:    "AWS::RDS::DBProxy",
	Class:   "database proxy",
	ID:      "{DBProxyArn}",
	Label:   "{DBProxyName}",
	Created: "{CreatedDate}",
	List: list(rds.NewFromConfig, (*rds.Client).DescribeDBProxies,
		all(rds.DescribeDBProxiesInput{MaxRecords: rdsPage}),
		func(o *rds.DescribeDBProxiesOutput) []types.DBProxy { return o.DBProxies },
	).sends(),
	Always: []string{"DBProxyArn", "DBProxyName", "RequireTLS", "Auth"},
}

// A subscription without SourceType is for all sources, one without
// EventCategoriesList for all categories.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_EventSubscription.html
var dbEventSubscriptions = Type{
	Name:  "AWS::RDS::EventSubscription",
	Class: "event subscription",
	ID:    "{EventSubscriptionArn}",
	Label: "{CustSubscriptionId}",
	List: list(rds.NewFromConfig, (*rds.Client).DescribeEventSubscriptions,
		all(rds.DescribeEventSubscriptionsInput{MaxRecords: rdsPage}),
		func(o *rds.DescribeEventSubscriptionsOutput) []types.EventSubscription {
			return o.EventSubscriptionsList
		},
	).sends(),
	Always: []string{"CustSubscriptionId", "Enabled", "SnsTopicArn"},
}
