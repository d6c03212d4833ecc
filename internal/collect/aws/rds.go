package aws

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "rds", Types: []Type{
		dbInstances, dbClusters, dbSnapshots, dbClusterSnapshots, dbParameterGroups, dbClusterParameterGroups, dbEventSubscriptions,
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
	Always: []string{
		"DBInstanceArn", "DBInstanceIdentifier", "Engine", "StorageEncrypted", "PubliclyAccessible", "MultiAZ", "BackupRetentionPeriod",
		"AutoMinorVersionUpgrade", "DeletionProtection", "IAMDatabaseAuthenticationEnabled",
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
	Always: []string{"DBClusterArn", "DBClusterIdentifier", "Engine", "StorageEncrypted", "DeletionProtection", "BackupRetentionPeriod", "MultiAZ"},
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

// The parameters of a group are those that a user set, with those that the
// family sets where a control needs them; all values are read in one listing.
var dbParameterGroups = Type{
	Name:  "AWS::RDS::DBParameterGroup",
	Class: "parameter group",
	ID:    "{DBParameterGroupArn}",
	Label: "{DBParameterGroupName}",
	List: list(rds.NewFromConfig, (*rds.Client).DescribeDBParameterGroups,
		all(rds.DescribeDBParameterGroupsInput{MaxRecords: rdsPage}),
		func(o *rds.DescribeDBParameterGroupsOutput) []types.DBParameterGroup { return o.DBParameterGroups },
	).sends(),
	Side: []Read{
		readAll("Parameters", rds.NewFromConfig, (*rds.Client).DescribeDBParameters, func(g *model.Asset) *rds.DescribeDBParametersInput {
			return &rds.DescribeDBParametersInput{DBParameterGroupName: str(g, "DBParameterGroupName"), MaxRecords: rdsPage}
		}).sends("Parameters"),
	},
	Always: []string{"DBParameterGroupArn", "DBParameterGroupName"},
}

var dbClusterParameterGroups = Type{
	Name:  "AWS::RDS::DBClusterParameterGroup",
	Class: "parameter group",
	ID:    "{DBClusterParameterGroupArn}",
	Label: "{DBClusterParameterGroupName}",
	List: list(rds.NewFromConfig, (*rds.Client).DescribeDBClusterParameterGroups,
		all(rds.DescribeDBClusterParameterGroupsInput{MaxRecords: rdsPage}),
		func(o *rds.DescribeDBClusterParameterGroupsOutput) []types.DBClusterParameterGroup {
			return o.DBClusterParameterGroups
		}).sends(),
	Side: []Read{
		readAll("Parameters", rds.NewFromConfig, (*rds.Client).DescribeDBClusterParameters, func(g *model.Asset) *rds.DescribeDBClusterParametersInput {
			return &rds.DescribeDBClusterParametersInput{DBClusterParameterGroupName: str(g, "DBClusterParameterGroupName"), MaxRecords: rdsPage}
		}).sends("Parameters"),
	},
	Always: []string{"DBClusterParameterGroupArn", "DBClusterParameterGroupName"},
}

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
	Always: []string{"CustSubscriptionId", "Enabled"},
}
