package report

import (
	"fmt"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// benchEstate holds n findings whose controls answer as many requirements as
// those of the catalogue do.
func benchEstate(n int) Input {
	in := bigEstate(n)
	lists := map[string][]model.RequirementRef{}
	var findings []model.Finding
	for f := range in.Findings() {
		if lists[f.Control] == nil {
			for i := range 60 {
				lists[f.Control] = append(lists[f.Control], model.RequirementRef{
					Framework: fmt.Sprintf("framework-%d", i/6), Requirement: fmt.Sprintf("AC-%d(%d)", len(lists)+i%6, i),
				})
			}
		}
		f.Frameworks = lists[f.Control]
		f.KnownAs = map[string][]string{"prowler": {f.Control}, "securityhub": {"S3.5", "S3.17"}, "trivy": {"AVD-AWS-0086"}}
		f.Fix.Terraform = "resource \"aws_thing\" \"this\" {\n  name      = \"" + f.Asset.Name + "\"\n  encrypted = true\n}\n"
		f.Fix.Steps = []string{"Open the asset's settings in the console.", "Turn the protection on, and look at who used it before."}
		findings = append(findings, f)
	}
	in.Findings = each(findings)
	return in
}

// BenchmarkFormats writes 4,000 findings.
func BenchmarkFormats(b *testing.B) {
	in := benchEstate(4000)
	for _, f := range Formats() {
		b.Run(f.Name, func(b *testing.B) {
			written := 0
			b.ReportAllocs()
			for b.Loop() {
				written = 0
				if err := f.Write(writerFunc(func(p []byte) (int, error) { written += len(p); return len(p), nil }), in); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(written))
		})
	}
}
