package normalize_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/normalize"
)

func TestAsset(t *testing.T) {
	admin := map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}}}
	tests := []struct {
		name   string
		typ    string
		id     string
		config model.Document
		class  model.Class
		facts  model.Facts
		want   []model.Relation
	}{
		{
			name: "a bucket", typ: "AWS::S3::Bucket", class: "bucket", facts: model.Facts{"holds_data": true},
			config: model.Document{
				"LoggingEnabled": map[string]any{"TargetBucket": "logs"},
				"ServerSideEncryptionConfiguration": map[string]any{"Rules": []any{
					map[string]any{"ApplyServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k-1"}},
				}},
			},
			want: []model.Relation{
				{Kind: model.LogsTo, To: "logs", Type: "AWS::S3::Bucket"},
				{Kind: model.EncryptsWith, To: "k-1", Type: "AWS::KMS::Key"},
			},
		},
		{
			name: "an instance", typ: "AWS::EC2::Instance", class: "instance",
			config: model.Document{
				"IamInstanceProfile": map[string]any{"Arn": "arn:aws:iam::111122223333:instance-profile/web"}, "SubnetId": "subnet-1",
				"SecurityGroups": []any{map[string]any{"GroupId": "sg-1"}, map[string]any{"GroupId": "sg-1"}},
			},
			want: []model.Relation{
				{Kind: model.RunsAs, To: "arn:aws:iam::111122223333:instance-profile/web", Type: "AWS::IAM::InstanceProfile"},
				{Kind: model.MemberOf, To: "subnet-1", Type: "AWS::EC2::Subnet"},
				{Kind: model.AttachedTo, To: "sg-1", Type: "AWS::EC2::SecurityGroup"},
			},
		},
		{
			name: "a role that is an administrator by its own policy", typ: "AWS::IAM::Role", class: "role", facts: model.Facts{"privileged": true},
			config: model.Document{
				"RolePolicyList": []any{map[string]any{"PolicyName": "all", "PolicyDocument": admin}},
				"AssumeRolePolicyDocument": map[string]any{"Statement": map[string]any{
					"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"AWS": "arn:aws:iam::444455556666:role/ci", "Service": "ec2.amazonaws.com"},
				}},
			},
			want: []model.Relation{{Kind: model.Trusts, To: "arn:aws:iam::444455556666:role/ci", Type: "AWS::IAM::Role"}},
		},
		{
			name: "a user with a policy of AWS", typ: "AWS::IAM::User", class: "user", facts: model.Facts{"privileged": true},
			config: model.Document{
				"GroupList":               []any{"staff"},
				"AttachedManagedPolicies": []any{map[string]any{"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
			},
			want: []model.Relation{
				{Kind: model.MemberOf, To: "staff", Type: "AWS::IAM::Group"},
				{Kind: model.HasPolicy, To: "arn:aws:iam::aws:policy/AdministratorAccess", Type: "AWS::IAM::ManagedPolicy"},
			},
		},
		{
			name: "a policy of the company's with a name of AWS's", typ: "AWS::IAM::User", class: "user",
			config: model.Document{"AttachedManagedPolicies": []any{map[string]any{"PolicyArn": "arn:aws:iam::111122223333:policy/AdministratorAccess"}}},
			want:   []model.Relation{{Kind: model.HasPolicy, To: "arn:aws:iam::111122223333:policy/AdministratorAccess", Type: "AWS::IAM::ManagedPolicy"}},
		},
		{
			name: "a queue that everybody may write to", typ: "AWS::SQS::Queue", id: "arn:aws:sqs:eu-west-1:111122223333:q", class: "queue", facts: model.Facts{"exposed_by": "its policy"},
			config: model.Document{"Attributes": map[string]any{"Policy": map[string]any{"Statement": []any{map[string]any{
				"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
			}}}}},
		},
		{
			name: "a queue that the own account may write to", typ: "AWS::SQS::Queue", id: "arn:aws:sqs:eu-west-1:111122223333:q", class: "queue",
			config: model.Document{"Attributes": map[string]any{"Policy": map[string]any{"Statement": []any{map[string]any{
				"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
				"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": "111122223333"}},
			}}}}},
		},
		{
			name: "a snapshot of a database that everybody may restore", typ: "AWS::RDS::DBSnapshot", class: "snapshot",
			facts: model.Facts{"holds_data": true, "exposed_by": "its sharing with everybody"},
			config: model.Document{"DBSnapshotAttributesResult": map[string]any{"DBSnapshotAttributes": []any{
				map[string]any{"AttributeName": "restore", "AttributeValues": []any{"all"}},
			}}},
		},
		{
			name: "a route table", typ: "AWS::EC2::RouteTable", class: "route table",
			config: model.Document{
				"VpcId": "vpc-1", "Associations": []any{map[string]any{"Main": true}, map[string]any{"SubnetId": "subnet-1"}},
				"Routes": []any{map[string]any{"GatewayId": "local"}, map[string]any{"GatewayId": "igw-1"}, map[string]any{"NatGatewayId": "nat-1"}},
			},
			want: []model.Relation{
				{Kind: model.MemberOf, To: "vpc-1", Type: "AWS::EC2::VPC"},
				{Kind: model.AttachedTo, To: "subnet-1", Type: "AWS::EC2::Subnet"},
				{Kind: model.RoutesTo, To: "igw-1"},
				{Kind: model.RoutesTo, To: "nat-1", Type: "AWS::EC2::NatGateway"},
			},
		},
		{
			name: "a classic load balancer", typ: "AWS::ElasticLoadBalancing::LoadBalancer", class: "load balancer",
			config: model.Document{
				"VPCId": "vpc-1", "Subnets": []any{"subnet-1"}, "SecurityGroups": []any{"sg-1"}, "Instances": []any{map[string]any{"InstanceId": "i-1"}},
				"LoadBalancerAttributes": map[string]any{"AccessLog": map[string]any{"Enabled": true, "S3BucketName": "logs"}},
			},
			want: []model.Relation{
				{Kind: model.MemberOf, To: "vpc-1", Type: "AWS::EC2::VPC"},
				{Kind: model.MemberOf, To: "subnet-1", Type: "AWS::EC2::Subnet"},
				{Kind: model.AttachedTo, To: "sg-1", Type: "AWS::EC2::SecurityGroup"},
				{Kind: model.RoutesTo, To: "i-1", Type: "AWS::EC2::Instance"},
				{Kind: model.LogsTo, To: "logs", Type: "AWS::S3::Bucket"},
			},
		},
		{
			name: "a client VPN endpoint whose log is off", typ: "AWS::EC2::ClientVpnEndpoint", class: "vpn",
			config: model.Document{
				"VpcId": "vpc-1", "SecurityGroupIds": []any{"sg-1"},
				"ConnectionLogOptions": map[string]any{"Enabled": false, "CloudwatchLogGroup": "vpn"},
			},
			want: []model.Relation{
				{Kind: model.MemberOf, To: "vpc-1", Type: "AWS::EC2::VPC"},
				{Kind: model.AttachedTo, To: "sg-1", Type: "AWS::EC2::SecurityGroup"},
			},
		},
		{
			name: "an account stands in the unit above it", typ: "AWS::Organizations::Account", class: "account",
			config: model.Document{"Paths": []any{"o-a/r-b/ou-c/111122223333/"}},
			want:   []model.Relation{{Kind: model.MemberOf, To: "ou-c"}},
		},
		{name: "an empty document", typ: "AWS::RDS::DBInstance", class: "database", facts: model.Facts{"holds_data": true}, config: model.Document{}},
		{name: "members of other kinds", typ: "AWS::EC2::Instance", class: "instance", config: model.Document{"SecurityGroups": "sg-1", "IamInstanceProfile": int64(1), "SubnetId": []any{}}},
		{name: "a type that nobody knows", typ: "AWS::Unheard::Of", config: model.Document{"Name": "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := model.Asset{Type: tt.typ, ID: tt.id, Config: tt.config, Scope: model.Scope{Provider: model.AWS, Account: "111122223333"}}
			for range 2 { // what is derived twice stays the same
				normalize.Asset(&a)
			}
			if a.Class != tt.class {
				t.Errorf("class is %q, want %q", a.Class, tt.class)
			}
			if diff := cmp.Diff(tt.facts, a.Facts); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, a.Relations); diff != "" {
				t.Errorf("relations (-want +got):\n%s", diff)
			}
		})
	}
}
