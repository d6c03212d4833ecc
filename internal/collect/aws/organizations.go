package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "organizations", Types: []Type{organization, organizationAccounts, organizationUnits, organizationPolicies}})
}

// orgPage is the largest page of the service's listings.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
var orgPage = aws.Int32(20)

// An account outside of any organization has one asset of this type, with
// Enabled false. Only the management account and delegated administrators may
// read what is beside the root of the document.
var organization = Type{
	Name:   "AWS::Organizations::Organization",
	Class:  "organization",
	Global: true,
	ID:     "{Arn} | arn:{partition}:organizations::{account}:settings/organization",
	Label:  "{Id}",
	Item:   types.Organization{},
	Custom: &Custom{Ops: []operation{operationOf[organizations.DescribeOrganizationInput]()}, Run: describeOrganization},
	Side: []Read{
		listed("Roots", orgRoots).only(inOrganization),
		readAll("EnabledServicePrincipals", organizations.NewFromConfig, (*organizations.Client).ListAWSServiceAccessForOrganization,
			func(*model.Asset) *organizations.ListAWSServiceAccessForOrganizationInput {
				return &organizations.ListAWSServiceAccessForOrganizationInput{MaxResults: orgPage}
			}).sends("EnabledServicePrincipals").only(inOrganization),
		listed("DelegatedAdministrators", orgAdmins).only(inOrganization),
		compute("DelegatedServices", delegatedServicesSchema, []operation{
			operationOf[organizations.ListDelegatedServicesForAccountInput](), orgAdmins.op,
		}, delegatedServices).only(inOrganization),
		read("ResourcePolicy", organizations.NewFromConfig, (*organizations.Client).DescribeResourcePolicy,
			func(*model.Asset) *organizations.DescribeResourcePolicyInput {
				return &organizations.DescribeResourcePolicyInput{}
			}).missing("ResourcePolicyNotFoundException").sends("Content").only(inOrganization),
	},
	JSON:  []string{"ResourcePolicy.Content"},
	Shape: func(s *model.Schema) { s.Fields["Enabled"] = &model.Schema{Kind: model.Bool} },
}

func inOrganization(o *model.Asset) bool { return o.Config["Enabled"] == true }

func describeOrganization(ctx context.Context, s *Session, region string, yield Yield) error {
	c := clientFor(s, region, organizations.NewFromConfig)
	out, err := hooked(ctx, s, region, operationOf[organizations.DescribeOrganizationInput](), func(ctx context.Context) (*organizations.DescribeOrganizationOutput, error) {
		return c.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	})
	switch {
	case err != nil && classify(err).state == model.UnitNotEnabled:
		yield("AWS::Organizations::Organization", model.Document{"Enabled": false})
		return nil
	case err != nil:
		return err
	case out.Organization == nil:
		return lacks("Organization")
	}
	doc := answerOf(out).document(out.Organization)
	doc["Enabled"] = true
	yield("AWS::Organizations::Organization", doc)
	return nil
}

// administered runs a listing of the accounts that administer a service for the
// organization. Only its management account may ask, and what another account
// is told would say nothing of the organization: there the member is absent.
func administered(member string, l *List) Read {
	shape := &model.Schema{Kind: model.List, Elem: schemaOf(l.item)}
	ops := []operation{l.op, operationOf[organizations.DescribeOrganizationInput]()}
	return compute(member, shape, ops, func(ctx context.Context, s *Session, region string, _ *model.Asset) (any, error) {
		managing, err := shared(s, "manages the organization", func() (bool, error) { return managesOrganization(ctx, s) })
		if err != nil || !managing {
			return nil, err
		}
		docs, err := l.all(ctx, s, region)
		out := make([]any, len(docs))
		for i := range docs {
			out[i] = map[string]any(docs[i])
		}
		return out, err
	})
}

// managesOrganization says whether the account is the management account of an
// organization.
func managesOrganization(ctx context.Context, s *Session) (bool, error) {
	managing := false
	err := describeOrganization(ctx, s, s.home, func(_ string, doc model.Document, _ ...Unread) bool {
		managing = doc["MasterAccountId"] == s.Account
		return true
	})
	return managing, err
}

var orgRoots = list(organizations.NewFromConfig, (*organizations.Client).ListRoots,
	all(organizations.ListRootsInput{MaxResults: orgPage}),
	func(o *organizations.ListRootsOutput) []types.Root { return o.Roots },
).sends().kept()

var orgAdmins = list(organizations.NewFromConfig, (*organizations.Client).ListDelegatedAdministrators,
	all(organizations.ListDelegatedAdministratorsInput{MaxResults: orgPage}),
	func(o *organizations.ListDelegatedAdministratorsOutput) []types.DelegatedAdministrator {
		return o.DelegatedAdministrators
	},
).sends().kept()

var delegatedServicesSchema = &model.Schema{Kind: model.List, Elem: &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{
	"AccountId": {Kind: model.String}, "ServicePrincipal": {Kind: model.String}, "DelegationEnabledDate": {Kind: model.Time},
}}}

// delegatedServices lists what each delegated administrator administers, with
// the account's id beside each service.
func delegatedServices(ctx context.Context, s *Session, region string, _ *model.Asset) (any, error) {
	admins, err := orgAdmins.all(ctx, s, region)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, admin := range admins {
		id, _ := admin["Id"].(string)
		services, err := list(organizations.NewFromConfig, (*organizations.Client).ListDelegatedServicesForAccount,
			all(organizations.ListDelegatedServicesForAccountInput{AccountId: &id, MaxResults: orgPage}),
			func(o *organizations.ListDelegatedServicesForAccountOutput) []types.DelegatedService {
				return o.DelegatedServices
			},
		).sends().all(ctx, s, region)
		if err != nil {
			return nil, err
		}
		for _, d := range services {
			d["AccountId"] = id
			out = append(out, map[string]any(d))
		}
	}
	return out, nil
}

// Paths say where an account stands, from the organization down, as policy
// conditions on aws:PrincipalOrgPaths do: "o-abc/r-def/ou-def-1/111111111111/".
// An answer without them is completed by the parent.
var organizationAccounts = Type{
	Name:    "AWS::Organizations::Account",
	Class:   "account",
	Global:  true,
	ID:      "{Arn}",
	Label:   "{Name}",
	Created: "{JoinedTimestamp}",
	List: list(organizations.NewFromConfig, (*organizations.Client).ListAccounts,
		all(organizations.ListAccountsInput{MaxResults: orgPage}),
		func(o *organizations.ListAccountsOutput) []types.Account { return o.Accounts },
	).sends(),
	Side: []Read{
		read("Parents", organizations.NewFromConfig, (*organizations.Client).ListParents, func(a *model.Asset) *organizations.ListParentsInput {
			return &organizations.ListParentsInput{ChildId: str(a, "Id")}
		}).only(func(a *model.Asset) bool { return a.Config["Paths"] == nil }),
		orgTags(),
	},
	Always: []string{"Arn", "Id", "Name", "Email", "JoinedMethod"},
}

func orgTags() Read {
	return readAll("Tags", organizations.NewFromConfig, (*organizations.Client).ListTagsForResource, func(a *model.Asset) *organizations.ListTagsForResourceInput {
		return &organizations.ListTagsForResourceInput{ResourceId: str(a, "Id")}
	}).sends("Tags")
}

var orgUnitsOp = operationOf[organizations.ListOrganizationalUnitsForParentInput]()

// ParentId is a member of Stance's own: the root or unit that a unit is in.
var organizationUnits = Type{
	Name:   "AWS::Organizations::OrganizationalUnit",
	Class:  "organization unit",
	Global: true,
	ID:     "{Arn}",
	Label:  "{Name}",
	Item:   types.OrganizationalUnit{},
	Custom: &Custom{Ops: []operation{orgUnitsOp, orgRoots.op}, Run: func(ctx context.Context, s *Session, region string, yield Yield) error {
		roots, err := orgRoots.all(ctx, s, region)
		if err != nil {
			return err
		}
		for _, r := range roots {
			if id, ok := r["Id"].(string); ok {
				if err := walkUnits(ctx, s, region, id, yield); err != nil {
					return err
				}
			}
		}
		return nil
	}},
	Side:   []Read{orgTags()},
	Shape:  func(s *model.Schema) { s.Fields["ParentId"] = &model.Schema{Kind: model.String} },
	Always: []string{"Arn", "Id", "Name"},
}

// walkUnits yields the units below a root or unit, parents first.
func walkUnits(ctx context.Context, s *Session, region, parent string, yield Yield) error {
	units, err := list(organizations.NewFromConfig, (*organizations.Client).ListOrganizationalUnitsForParent,
		all(organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent, MaxResults: orgPage}),
		func(o *organizations.ListOrganizationalUnitsForParentOutput) []types.OrganizationalUnit {
			return o.OrganizationalUnits
		},
	).sends().all(ctx, s, region)
	if err != nil {
		return err
	}
	for _, u := range units {
		id, _ := u["Id"].(string)
		u["ParentId"] = parent
		if !yield("AWS::Organizations::OrganizationalUnit", u) {
			return nil
		}
		if id == "" {
			continue
		}
		if err := walkUnits(ctx, s, region, id, yield); err != nil {
			return err
		}
	}
	return nil
}

var organizationPolicies = Type{
	Name:   "AWS::Organizations::Policy",
	Class:  "policy",
	Global: true,
	ID:     "{Arn}",
	Label:  "{Name}",
	Item:   types.PolicySummary{},
	Custom: &Custom{Ops: []operation{operationOf[organizations.ListPoliciesInput](), orgRoots.op}, Run: listOrgPolicies},
	Root: new(read("Policy", organizations.NewFromConfig, (*organizations.Client).DescribePolicy, func(p *model.Asset) *organizations.DescribePolicyInput {
		return &organizations.DescribePolicyInput{PolicyId: str(p, "Id")}
	}).sends("Content")),
	Side: []Read{
		readAll("Targets", organizations.NewFromConfig, (*organizations.Client).ListTargetsForPolicy, func(p *model.Asset) *organizations.ListTargetsForPolicyInput {
			return &organizations.ListTargetsForPolicyInput{PolicyId: str(p, "Id"), MaxResults: orgPage}
		}).sends("Targets"),
	},
	JSON:   []string{"Content"},
	Always: []string{"Arn", "Id", "Name", "Type", "AwsManaged"},
	// The summary stands in the document already: the listing has it.
	Fix:     func(_ *Session, a *model.Asset) { delete(a.Config, "PolicySummary") },
	Shape:   func(s *model.Schema) { delete(s.Fields, "PolicySummary") },
	Managed: func(doc model.Document) bool { return doc["AwsManaged"] == true },
}

// unknownPolicyType are the answers about a type of policy that a partition or
// an organization does not have.
var unknownPolicyType = []string{"InvalidInputException", "PolicyTypeNotAvailableForOrganizationException", "UnsupportedAPIEndpointException"}

// listOrgPolicies lists the policies of each type. A type that the roots have
// enabled must be readable; of the others, newer than some partitions, one that
// the service does not know has no policies.
func listOrgPolicies(ctx context.Context, s *Session, region string, yield Yield) error {
	roots, err := orgRoots.all(ctx, s, region)
	if err != nil {
		return err
	}
	enabled := enabledPolicyTypes(roots)
	for _, typ := range types.PolicyType("").Values() {
		policies, err := list(organizations.NewFromConfig, (*organizations.Client).ListPolicies,
			all(organizations.ListPoliciesInput{Filter: typ, MaxResults: orgPage}),
			func(o *organizations.ListPoliciesOutput) []types.PolicySummary { return o.Policies },
		).empty(unknownPolicyType...).sends().all(ctx, s, region)
		if hasCode(err, unknownPolicyType) && !enabled[string(typ)] {
			continue
		}
		if err != nil {
			return err
		}
		for _, p := range policies {
			if !yield("AWS::Organizations::Policy", p) {
				return nil
			}
		}
	}
	return nil
}

func enabledPolicyTypes(roots []model.Document) map[string]bool {
	enabled := map[string]bool{}
	for _, r := range roots {
		policyTypes, _ := r["PolicyTypes"].([]any)
		for _, t := range policyTypes {
			m, _ := t.(map[string]any)
			if name, ok := m["Type"].(string); ok && m["Status"] == string(types.PolicyTypeStatusEnabled) {
				enabled[name] = true
			}
		}
	}
	return enabled
}
