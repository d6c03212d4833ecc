package report

import (
	"strings"
	"testing"
)

// TestAttestedShown looks for who attested what, and until when, in each
// report in which requirements appear.
func TestAttestedShown(t *testing.T) {
	for format, want := range map[string][]string{
		"table": {"Attested  3 requirements by people", "cis-aws-7.0 2.1.4", "attested not to hold for 111122223333 by =Bob()", "attested for aws by Ann Meier until 2027-05-09", "attestation expired on 2026-11-15"},
		"html":  {"Attested for aws by Ann Meier until 2027-05-09", "&lt;b&gt;nothing&lt;/b&gt; runs there", "pass, attested", "fail, attested", "Attestation expired on 2026-11-15 for aws, by Dee", "<b>1</b> passed · <b>3</b> failed"},
		"csv":   {"cis-aws-7.0/3.1.1: attestation expired on 2026-11-15 for aws, by Dee"},
		"json":  {`{"id":"2.1.3","status":"pass","attestations":[{"id":"a-`, `"standing":{"requirements":5,"passed":1,"failed":3,"unknown":1,"not_applicable":0,"manual":0,"attested":2,"score":25,"floor":20}`},
	} {
		t.Run(format, func(t *testing.T) {
			f, err := Lookup(format)
			if err != nil {
				t.Fatal(err)
			}
			in := estate()
			in.Width = 120
			got, err := render(f.Write, in)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range want {
				if !strings.Contains(got, w) {
					t.Errorf("%q is missing in %s", w, got)
				}
			}
			if strings.Contains(got, "by Cy") || strings.Contains(got, `"by":"Cy"`) {
				t.Error("it tells of an account that it does not cover")
			}
		})
	}
}
