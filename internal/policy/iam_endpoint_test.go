package policy

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

const endpointType = "AWS::EC2::VPCEndpoint"

func endpointEngine(t *testing.T) *Engine {
	t.Helper()
	schemas := vpcSchemas()
	schemas[endpointType] = shape(map[string]*model.Schema{"VpcEndpointId": kind(model.String), "VpcId": kind(model.String), "PolicyDocument": kind(model.Any)})
	schemas[organizationType] = shape(map[string]*model.Schema{"Id": kind(model.String)})
	schemas[memberType] = shape(map[string]*model.Schema{"Id": kind(model.String)})
	e, err := New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEndpointExternal(t *testing.T) {
	const question = `asset.endpoint_external(config.PolicyDocument, ["444455556666"])`
	statement := func(principal, rest string) string {
		return `{"Statement": [{"Effect": "Allow", "Principal": ` + principal + `, "Action": "*", "Resource": "*"` + rest + `}]}`
	}
	when := func(operator, key, value string) string {
		return statement(`"*"`, `, "Condition": {"`+operator+`": {"`+key+`": `+value+`}}`)
	}
	for _, tt := range []struct {
		name, doc string
		want      model.Verdict // pass: outsiders come through
	}{
		{"full access, as it is made", statement(`"*"`, ""), model.Pass},
		{"another spelling", statement(`{"AWS": ["*"]}`, ""), model.Pass},
		{"the own account", statement(`{"AWS": "111122223333"}`, ""), model.Fail},
		{"another account of the organization", statement(`{"AWS": "arn:aws:iam::222233334444:root"}`, ""), model.Fail},
		{"a trusted account", statement(`{"AWS": "arn:aws:iam::444455556666:role/partner"}`, ""), model.Fail},
		{"a stranger", statement(`{"AWS": "arn:aws:iam::555566667777:root"}`, ""), model.Pass},
		{"anybody of the organization", when("StringEquals", "aws:PrincipalOrgID", `"o-own"`), model.Fail},
		{"the key in capitals, a list", when("StringEquals", "AWS:PRINCIPALORGID", `["o-own"]`), model.Fail},
		{"anybody of another organization", when("StringEquals", "aws:PrincipalOrgID", `"o-other"`), model.Pass},
		{"any organization", when("StringLike", "aws:PrincipalOrgID", `"o-*"`), model.Pass},
		{"the own account by a condition", when("StringEquals", "aws:PrincipalAccount", `"111122223333"`), model.Fail},
		{"anybody, to resources of the organization", when("StringEquals", "aws:ResourceOrgID", `"o-own"`), model.Fail},
		{"anybody, to resources of the account", when("StringEquals", "aws:ResourceAccount", `["111122223333"]`), model.Fail},
		{"anybody, to resources of anybody", when("StringLike", "aws:ResourceAccount", `"*"`), model.Pass},
		{"the endpoint itself bounds nobody", when("StringEquals", "aws:SourceVpce", `"vpce-1"`), model.Pass},
		{"the network itself bounds nobody", when("StringEquals", "aws:SourceVpc", `"vpc-1"`), model.Pass},
		{"another endpoint never comes", when("StringEquals", "aws:SourceVpce", `"vpce-2"`), model.Fail},
		{"one bucket", `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::updates/*"}}`, model.Pass},
		{"all but some actions", `{"Statement": [{"Effect": "Allow", "Principal": "*", "NotAction": "s3:DeleteBucket", "Resource": "*"}]}`, model.Pass},
		{"a denial for strangers", `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}}}]}`, model.Fail},
		{"a denial for strangers of one action only", `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}}}]}`, model.Pass},
		{"everybody but one", `{"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "555566667777"}, "Action": "*", "Resource": "*"}]}`, model.Pass},
		{"nothing", `{"Statement": []}`, model.Fail},
		{"a statement that makes no sense", `{"Statement": [{"Effect": "Perhaps"}]}`, model.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, c := endpointEngine(t), vpcCloud(t)
			c.add(organizationType, "o-own", `{"Id": "o-own"}`)
			c.add(memberType, "222233334444", `{"Id": "222233334444"}`)
			endpoint := c.add(endpointType, vpcARN+"vpc-endpoint/vpce-1", `{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "PolicyDocument": `+tt.doc+`}`)
			c.want(e, endpoint, question, tt.want)
		})
	}
	t.Run("the members of the organization were not listed", func(t *testing.T) {
		e, c := endpointEngine(t), vpcCloud(t)
		c.unlisted(memberType)
		endpoint := c.add(endpointType, vpcARN+"vpc-endpoint/vpce-1", `{"PolicyDocument": `+statement(`{"AWS": "555566667777"}`, "")+`}`)
		c.want(e, endpoint, question, model.Unknown)
	})
}

func TestPrincipalsExternal(t *testing.T) {
	for _, tt := range []struct {
		name, principals string
		want             model.Verdict
	}{
		{"none", `[]`, model.Fail},
		{"anybody", `["*"]`, model.Pass},
		{"the own account", `["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/a"]`, model.Fail},
		{"an account of the organization", `["arn:aws:iam::222233334444:root"]`, model.Fail},
		{"a trusted one", `["arn:aws:iam::444455556666:user/partner"]`, model.Fail},
		{"a stranger among others", `["arn:aws:iam::111122223333:root", "arn:aws:iam::555566667777:root"]`, model.Pass},
		{"a stranger's bare account", `["555566667777"]`, model.Pass},
		{"a unit of an organization", `["arn:aws:organizations::555566667777:ou/o-other/ou-1"]`, model.Unknown},
		{"a stranger beside what is no principal", `["nonsense", "555566667777"]`, model.Pass},
		{"what is no principal", `["nonsense"]`, model.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, c := endpointEngine(t), vpcCloud(t)
			c.add(organizationType, "o-own", `{"Id": "o-own"}`)
			c.add(memberType, "222233334444", `{"Id": "222233334444"}`)
			thing := c.add("T::Thing", "thing/1", `{}`)
			c.want(e, thing, `asset.principals_external(`+tt.principals+`, ["444455556666"])`, tt.want)
		})
	}
}
