package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// printer writes running text within the terminal's width.
type printer struct {
	t *terminal
}

func (p printer) bold(s string) string {
	if p.t.color && !p.t.noColor {
		return "\x1b[1m" + s + "\x1b[0m"
	}
	return s
}

func (p printer) faint(s string) string {
	if p.t.color && !p.t.noColor {
		return "\x1b[2m" + s + "\x1b[0m"
	}
	return s
}

func (p printer) title(s string) { fmt.Fprintln(p.t.out, p.bold(s)) }

func (p printer) section(s string) { fmt.Fprintf(p.t.out, "\n%s\n", p.bold(s)) }

func (p printer) field(name, value string) {
	if value != "" {
		fmt.Fprintf(p.t.out, "  %-9s %s\n", name, value)
	}
}

func (p printer) text(s string) {
	for _, line := range wrap(s, p.t.width-2) {
		fmt.Fprintln(p.t.out, "  "+line)
	}
}

func (p printer) item(s string) {
	for i, line := range wrap(s, p.t.width-4) {
		if i == 0 {
			fmt.Fprintln(p.t.out, "  - "+line)
		} else {
			fmt.Fprintln(p.t.out, "    "+line)
		}
	}
}

func (p printer) evidence(e model.Evidence) {
	path := e.Path
	if e.Asset != "" {
		path = e.Asset + " " + path
	}
	value, err := json.Marshal(e.Value)
	if err != nil {
		value = []byte(fmt.Sprint(e.Value))
	}
	text := path + " = " + string(value)
	if e.Value == nil && e.Note != "" {
		text = path
	} else if e.Value == nil {
		text = path + " is not set"
	}
	if e.Note != "" {
		text += ": " + e.Note
	}
	p.item(text)
}

// code prints a snippet as it is: it is there to be copied.
func (p printer) code(name, s string) {
	s = strings.TrimRight(s, "\n")
	if s == "" {
		return
	}
	fmt.Fprintf(p.t.out, "\n  %s\n", p.faint(name))
	for line := range strings.SplitSeq(s, "\n") {
		fmt.Fprintln(p.t.out, "    "+line)
	}
}

// wrap breaks text at blanks; a longer word stands alone.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
