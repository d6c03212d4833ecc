package report

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"

	"github.com/stance-sec/stance/internal/model"
)

// style is a set of SGR parameters. The basic colours are used because they
// follow the theme of the reader's terminal.
type style string

const (
	plain   style = ""
	bold    style = "1"
	faint   style = "2"
	red     style = "31"
	green   style = "32"
	yellow  style = "33"
	blue    style = "34"
	magenta style = "35"
	loud    style = "1;31"
)

func severityStyle(s model.Severity) style {
	switch s {
	case model.Critical:
		return loud
	case model.High:
		return red
	case model.Medium:
		return yellow
	case model.Low:
		return blue
	}
	return faint
}

func verdictStyle(v model.Verdict) style {
	switch v {
	case model.Fail:
		return red
	case model.Unknown:
		return magenta
	case model.Pass:
		return green
	}
	return faint
}

// paint returns the text in a style, or as it is without colour.
func paint(s string, st style, color bool) string {
	if !color || st == plain || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}

// clean makes a text safe for a terminal: line breaks become spaces; control
// characters and those that reorder text become U+FFFD. Names of assets come
// from anybody.
func clean(s string) string {
	if printable(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x2028, r == 0x2029:
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// columnsOf returns how many terminal columns the text takes.
func columnsOf(s string) int { return displaywidth.String(s) }

// fit cuts the end of a text to so many columns, marked by "…".
func fit(s string, width int) string {
	if width <= 0 {
		return ""
	}
	return displaywidth.TruncateString(s, width, "…")
}

// fitMiddle cuts the middle of a text, because the ends of an identifier tell
// most: what kind of thing it is, and which one.
func fitMiddle(s string, width int) string {
	if columnsOf(s) <= width {
		return s
	}
	if width < 5 {
		return fit(s, width)
	}
	var clusters []string
	var widths []int
	for g := displaywidth.StringGraphemes(s); g.Next(); {
		clusters, widths = append(clusters, g.Value()), append(widths, g.Width())
	}
	room := width - 1
	head, tail := 0, len(clusters)
	for used := 0; head < tail && used+widths[head] <= room/3; head++ {
		used += widths[head]
		width = room - used
	}
	for used := 0; tail > head && used+widths[tail-1] <= width; tail-- {
		used += widths[tail-1]
	}
	return strings.Join(clusters[:head], "") + "…" + strings.Join(clusters[tail:], "")
}

// padRight and padLeft fill a text with spaces to so many columns.
func padRight(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columnsOf(s)))
}

func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-columnsOf(s))) + s
}

// wrap breaks a text at spaces into lines of at most so many columns; a longer
// word is cut in its middle.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		word = fitMiddle(word, width)
		switch {
		case line == "":
			line = word
		case columnsOf(line)+1+columnsOf(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
