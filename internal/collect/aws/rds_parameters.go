package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/stance-sec/stance/internal/model"
)

// The parameters of a group are those that a user set, and those that controls
// need, whoever set them: a family has several hundred, five pages of a group.
var (
	dbParameterGroups = Type{
		Name:  "AWS::RDS::DBParameterGroup",
		Class: "parameter group",
		ID:    "{DBParameterGroupArn}",
		Label: "{DBParameterGroupName}",
		List: list(rds.NewFromConfig, (*rds.Client).DescribeDBParameterGroups,
			all(rds.DescribeDBParameterGroupsInput{MaxRecords: rdsPage}),
			func(o *rds.DescribeDBParameterGroupsOutput) []types.DBParameterGroup {
				return keep(o.DBParameterGroups, func(g *types.DBParameterGroup) bool { return familyOfRDS(g.DBParameterGroupFamily) })
			}).sends(),
		Side: []Read{
			parametersOf("DBParameterGroupName", dbParameters(aws.String("user"), nil), dbParameters(nil, neededParameters)),
		},
		Always: []string{"DBParameterGroupArn", "DBParameterGroupName", "DBParameterGroupFamily"},
	}
	dbClusterParameterGroups = Type{
		Name:  "AWS::RDS::DBClusterParameterGroup",
		Class: "parameter group",
		ID:    "{DBClusterParameterGroupArn}",
		Label: "{DBClusterParameterGroupName}",
		List: list(rds.NewFromConfig, (*rds.Client).DescribeDBClusterParameterGroups,
			all(rds.DescribeDBClusterParameterGroupsInput{MaxRecords: rdsPage}),
			func(o *rds.DescribeDBClusterParameterGroupsOutput) []types.DBClusterParameterGroup {
				return keep(o.DBClusterParameterGroups, func(g *types.DBClusterParameterGroup) bool { return familyOfRDS(g.DBParameterGroupFamily) })
			}).sends(),
		Side: []Read{
			parametersOf("DBClusterParameterGroupName", dbClusterParameters(aws.String("user"), nil), dbClusterParameters(nil, neededParameters)),
		},
		Always: []string{"DBClusterParameterGroupArn", "DBClusterParameterGroupName", "DBParameterGroupFamily"},
	}
)

// neededParameters are what controls ask for, of PostgreSQL and SQL
// Server, and of MySQL and MariaDB. The filter by name is the only one that the
// service supports.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBParameters.html
var neededParameters = []types.Filter{{
	Name: aws.String("parameter-name"),
	Values: []string{
		"rds.force_ssl", "log_connections", "log_disconnections", "log_min_duration_statement", "log_statement", "pgaudit.log",
		"shared_preload_libraries",
		"require_secure_transport", "general_log", "local_infile", "server_audit_events", "server_audit_logging", "slow_query_log",
	},
}}

// familyOfRDS is ofRDS for families, such as docdb5.0.
func familyOfRDS(family *string) bool {
	name := aws.ToString(family)
	return !strings.HasPrefix(name, "docdb") && !strings.HasPrefix(name, "neptune")
}

func dbParameters(source *string, named []types.Filter) *List {
	return list(rds.NewFromConfig, (*rds.Client).DescribeDBParameters,
		func(g *model.Asset) *rds.DescribeDBParametersInput {
			return &rds.DescribeDBParametersInput{
				DBParameterGroupName: str(g, "DBParameterGroupName"), Source: source, Filters: named, MaxRecords: rdsPage,
			}
		},
		func(o *rds.DescribeDBParametersOutput) []types.Parameter { return o.Parameters },
	).sends()
}

func dbClusterParameters(source *string, named []types.Filter) *List {
	return list(rds.NewFromConfig, (*rds.Client).DescribeDBClusterParameters,
		func(g *model.Asset) *rds.DescribeDBClusterParametersInput {
			return &rds.DescribeDBClusterParametersInput{
				DBClusterParameterGroupName: str(g, "DBClusterParameterGroupName"), Source: source, Filters: named, MaxRecords: rdsPage,
			}
		},
		func(o *rds.DescribeDBClusterParametersOutput) []types.Parameter { return o.Parameters },
	).sends()
}

// parametersOf declares the parameters of a group, each of them once. Nobody can
// set any in a default group.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html
func parametersOf(name string, user, needed *List) Read {
	run := func(ctx context.Context, s *Session, region string, g *model.Asset) (any, error) {
		lists := []*List{user, needed}
		if strings.HasPrefix(*str(g, name), "default.") {
			lists = lists[1:]
		}
		out, seen := []any{}, map[any]bool{}
		for _, l := range lists {
			parameters, err := collected(ctx, s, region, l, g)
			if err != nil {
				return nil, err
			}
			for _, p := range parameters {
				m, _ := p.(map[string]any)
				if parameter := m["ParameterName"]; !seen[parameter] {
					seen[parameter] = true
					out = append(out, p)
				}
			}
		}
		return out, nil
	}
	return compute("Parameters", listOf[types.Parameter](), []operation{user.op}, run)
}
