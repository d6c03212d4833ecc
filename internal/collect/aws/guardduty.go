package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"

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
		},
		Shape: func(s *model.Schema) { s.Fields["DetectorId"] = &model.Schema{Kind: model.String} },
	}}})
}
