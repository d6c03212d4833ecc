package report

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitDocument struct {
	junitCounts
	XMLName xml.Name `xml:"testsuites"`
	Suites  []struct {
		junitCounts
		Name  string `xml:"name,attr"`
		Cases []struct {
			Class   string    `xml:"classname,attr"`
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
			Error   *struct{} `xml:"error"`
			Skipped *struct{} `xml:"skipped"`
		} `xml:"testcase"`
		Properties []struct {
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
	} `xml:"testsuite"`
}

// junit writes and reads a report and checks that counters equal children.
func junit(t *testing.T, in Input) junitDocument {
	t.Helper()
	got, err := render(writeJUnit, in)
	if err != nil {
		t.Fatal(err)
	}
	var doc junitDocument
	if err := xml.Unmarshal([]byte(got), &doc); err != nil {
		t.Fatal(err)
	}
	var all junitCounts
	for _, s := range doc.Suites {
		var c junitCounts
		for _, k := range s.Cases {
			c.Tests++
			switch {
			case k.Failure != nil:
				c.Failures++
			case k.Error != nil:
				c.Errors++
			case k.Skipped != nil:
				c.Skipped++
			}
			if k.Class == "" || k.Name == "" {
				t.Errorf("case without a name in %s", s.Name)
			}
		}
		if c != s.junitCounts {
			t.Errorf("%s counts %+v, holds %+v", s.Name, s.junitCounts, c)
		}
		all = junitCounts{all.Tests + c.Tests, all.Failures + c.Failures, all.Errors + c.Errors, all.Skipped + c.Skipped}
	}
	if all != doc.junitCounts {
		t.Errorf("document counts %+v, holds %+v", doc.junitCounts, all)
	}
	return doc
}

func TestJUnit(t *testing.T) {
	doc := junit(t, estate())
	if want := (junitCounts{Tests: 8, Failures: 2, Errors: 1, Skipped: 3}); doc.junitCounts != want {
		t.Errorf("got %+v, want %+v", doc.junitCounts, want)
	}
	in := estate()
	in.JUnitUnknown = "skip"
	if doc := junit(t, in); doc.Errors != 0 || doc.Skipped != 4 {
		t.Errorf("with skip: %+v", doc.junitCounts)
	}
	in.JUnitUnknown = "ignore"
	if _, err := render(writeJUnit, in); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestJUnitCap(t *testing.T) {
	for _, most := range []int{10, 200, 600, 1000} {
		in := bigEstate(1000)
		in.JUnitMost = most
		doc := junit(t, in)
		if doc.Tests > most {
			t.Errorf("cap %d: %d cases", most, doc.Tests)
		}
		left := len(doc.Suites[0].Properties) == 1
		if left != (most < 1000) {
			t.Errorf("cap %d: says that some are left out: %v", most, left)
		}
		if most == 600 && doc.Failures != 220 {
			t.Errorf("a cap that holds all failures shows %d of 220", doc.Failures)
		}
	}
}

func TestXMLText(t *testing.T) {
	got := xmlText("a\x00\x1b[31m<&>\"'\u202e\ufffe\xff")
	var s string
	if err := xml.Unmarshal([]byte("<a>"+got+"</a>"), &s); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(s, "\x00\x1b\ufffe") || !strings.Contains(s, "<&>\"'") {
		t.Errorf("got %q", s)
	}
}
