package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stance-sec/stance/internal/model"
)

// cut shortens a text to so many runes, the last of which is then "…".
func cut(s string, most int) string {
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	runes := []rune(s)
	return string(runes[:most-1]) + "…"
}

// printable says that a text is of ASCII characters that print, as most are:
// nothing in it has to be replaced.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// oneLine joins the lines of a text by spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// evidenceLine returns one piece of evidence as "path: value (note)".
func evidenceLine(e model.Evidence) string {
	s := e.Path + ": " + compact(e.Value)
	if e.Asset != "" {
		s = e.Asset + " " + s
	}
	if e.Note != "" {
		s += " (" + e.Note + ")"
	}
	return s
}

// compact returns a value as JSON on one line, not escaped for HTML.
func compact(v any) string {
	var e lineEncoder
	if e.document(v, 0); e.err != nil {
		return "(not JSON: " + e.err.Error() + ")"
	}
	return string(e.b)
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// count returns "1 finding", "1,204 findings": a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		if strings.HasSuffix(noun, "y") {
			noun = strings.TrimSuffix(noun, "y") + "ies"
		} else {
			noun += "s"
		}
	}
	return thousands(n) + " " + noun
}

// thousands returns a number with commas between groups of three digits.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// percent returns "72.5%", "100%", or "–" for no value.
func percent(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.FormatFloat(*v, 'f', -1, 64) + "%"
}

// took returns the length of the scan, "1 min 12 s", or "" when unknown.
func took(s *model.Scan) string {
	if s.StartedAt.IsZero() || !s.FinishedAt.After(s.StartedAt) {
		return ""
	}
	d := s.FinishedAt.Sub(s.StartedAt)
	switch {
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
