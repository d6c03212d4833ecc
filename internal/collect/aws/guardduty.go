package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	"github.com/aws/aws-sdk-go-v2/service/guardduty/types"

	"github.com/stance-sec/stance/internal/model"
)

// detectorID is what the listing gives of a detector.
type detectorID struct{ DetectorId *string }

func init() {
	register(Collector{Name: "guardduty", Types: []Type{{
		Name:  "AWS::GuardDuty::Detector",
		Class: "threat detector",
		ID:    "arn:{partition}:guardduty:{region}:{account}:detector/{DetectorId}",
		Label: "{DetectorId}",
		List: list(guardduty.NewFromConfig, (*guardduty.Client).ListDetectors,
			all(guardduty.ListDetectorsInput{MaxResults: aws.Int32(50)}),
			func(o *guardduty.ListDetectorsOutput) []detectorID {
				if o.DetectorIds == nil {
					return nil
				}
				out := make([]detectorID, len(o.DetectorIds))
				for i := range o.DetectorIds {
					out[i] = detectorID{&o.DetectorIds[i]}
				}
				return out
			}).sends(),
		Root: new(read("", guardduty.NewFromConfig, (*guardduty.Client).GetDetector, func(d *model.Asset) *guardduty.GetDetectorInput {
			return &guardduty.GetDetectorInput{DetectorId: str(d, "DetectorId")}
		}).sends("Status", "ServiceRole", "FindingPublishingFrequency", "Features")),
		Side: []Read{
			read("Administrator", guardduty.NewFromConfig, (*guardduty.Client).GetAdministratorAccount, func(d *model.Asset) *guardduty.GetAdministratorAccountInput {
				return &guardduty.GetAdministratorAccountInput{DetectorId: str(d, "DetectorId")}
			}).maybe(),
			readAll("Members", guardduty.NewFromConfig, (*guardduty.Client).ListMembers, func(d *model.Asset) *guardduty.ListMembersInput {
				return &guardduty.ListMembersInput{DetectorId: str(d, "DetectorId"), OnlyAssociated: aws.String("true"), MaxResults: aws.Int32(50)}
			}).sends("Members").only(noAdministrator),
			read("OrganizationConfiguration", guardduty.NewFromConfig, (*guardduty.Client).DescribeOrganizationConfiguration, func(d *model.Asset) *guardduty.DescribeOrganizationConfigurationInput {
				return &guardduty.DescribeOrganizationConfigurationInput{DetectorId: str(d, "DetectorId")}
			}).sends("AutoEnableOrganizationMembers").only(hasMembers),
			administered("OrganizationAdminAccounts", guardDutyAdmins),
			readAll("SevereFindings", guardduty.NewFromConfig, (*guardduty.Client).ListFindings, severeFindings).
				from("FindingIds").sends("SevereFindings"),
		},
		Shape: func(s *model.Schema) { s.Fields["DetectorId"] = &model.Schema{Kind: model.String} },
	}}})
}

// severeFindings asks for the ids of the findings that nobody has archived and
// whose severity is high or critical, which begins at 7.
// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
func severeFindings(d *model.Asset) *guardduty.ListFindingsInput {
	return &guardduty.ListFindingsInput{
		DetectorId: str(d, "DetectorId"), MaxResults: aws.Int32(50),
		FindingCriteria: &types.FindingCriteria{Criterion: map[string]types.Condition{
			"severity":         {GreaterThanOrEqual: aws.Int64(7)},
			"service.archived": {Equals: []string{"false"}},
		}},
	}
}

// noAdministrator leaves out the detectors that another account administers:
// they have no members.
func noAdministrator(d *model.Asset) bool { return d.Config["Administrator"] == nil }

// hasMembers leaves out the detectors that administer no others: who does not
// administer an organization may not ask for its settings.
func hasMembers(d *model.Asset) bool {
	members, _ := d.Config["Members"].([]any)
	return len(members) > 0
}

var guardDutyAdmins = list(guardduty.NewFromConfig, (*guardduty.Client).ListOrganizationAdminAccounts,
	all(guardduty.ListOrganizationAdminAccountsInput{MaxResults: aws.Int32(50)}),
	func(o *guardduty.ListOrganizationAdminAccountsOutput) []types.AdminAccount { return o.AdminAccounts },
).sends()
