package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"

	"github.com/stance-sec/stance/internal/model"
)

// Findings are the active ones only: archived and resolved ones are history.
// https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html
func init() {
	register(Collector{Name: "accessanalyzer", Types: []Type{{
		Name:    "AWS::AccessAnalyzer::Analyzer",
		Class:   "analyzer",
		ID:      "{Arn}",
		Label:   "{Name}",
		Created: "{CreatedAt}",
		List: list(accessanalyzer.NewFromConfig, (*accessanalyzer.Client).ListAnalyzers,
			all(accessanalyzer.ListAnalyzersInput{MaxResults: aws.Int32(100)}),
			func(o *accessanalyzer.ListAnalyzersOutput) []types.AnalyzerSummary { return o.Analyzers },
		).sends(),
		Side: []Read{
			readAll("Findings", accessanalyzer.NewFromConfig, (*accessanalyzer.Client).ListFindingsV2, func(a *model.Asset) *accessanalyzer.ListFindingsV2Input {
				return &accessanalyzer.ListFindingsV2Input{
					AnalyzerArn: str(a, "Arn"), MaxResults: aws.Int32(100),
					Filter: map[string]types.Criterion{"status": {Eq: []string{string(types.FindingStatusActive)}}},
				}
			}).action("access-analyzer:ListFindings").sends("Findings"),
			readAll("ArchiveRules", accessanalyzer.NewFromConfig, (*accessanalyzer.Client).ListArchiveRules, func(a *model.Asset) *accessanalyzer.ListArchiveRulesInput {
				return &accessanalyzer.ListArchiveRulesInput{AnalyzerName: str(a, "Name"), MaxResults: aws.Int32(100)}
			}).sends("ArchiveRules"),
		},
		Always: []string{"Arn", "Name", "Type", "Status", "CreatedAt"},
	}}})
}
