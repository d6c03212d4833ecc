package report

import (
	"bufio"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/stance-sec/stance/internal/model"
)

// Column describes one column of a list on a terminal.
type Column struct {
	Title string
	// Right aligns the column to the right, for numbers.
	Right bool
	// Middle cuts long cells in the middle instead of at the end, for
	// identifiers.
	Middle bool
	// Wrap continues long cells on further lines instead of cutting them, for
	// what people must be able to read whole.
	Wrap bool
	// Min is the width below which the column is not squeezed; 0 is 8.
	Min int
	// Optional columns are dropped, the last first, when the line is too
	// narrow for all.
	Optional bool
	// Kind colours the cells: "severity", "verdict", "faint" or "bold".
	Kind string
}

const (
	defaultWidth = 80
	narrowest    = 44
	columnGap    = 2
	columnMin    = 8
)

// Table writes rows under a line of titles, aligned, at most width columns
// wide (0 is 80). Columns take what their cells need; when that is too much
// the widest give way first. Rows may be shorter than columns.
func Table(w io.Writer, columns []Column, rows [][]string, width int, color bool) error {
	return grid(w, columns, func() iter.Seq2[[]string, error] {
		return func(yield func([]string, error) bool) {
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
		}
	}, width, color)
}

// grid is Table over rows that are read twice: to measure and to write.
func grid(w io.Writer, columns []Column, rows func() iter.Seq2[[]string, error], width int, color bool) error {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = columnsOf(c.Title)
	}
	for row, err := range rows() {
		if err != nil {
			return err
		}
		for i := range min(len(row), len(columns)) {
			widths[i] = max(widths[i], columnsOf(clean(row[i])))
		}
	}
	layout(columns, widths, lineWidth(width))
	b := bufio.NewWriter(w)
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.Title
	}
	writeRow(b, columns, widths, titles, func(int, string) style { return faint }, color)
	for row, err := range rows() {
		if err != nil {
			return err
		}
		writeRow(b, columns, widths, row, func(i int, cell string) style { return cellStyle(columns[i].Kind, cell) }, color)
	}
	return b.Flush()
}

func lineWidth(width int) int {
	if width <= 0 {
		width = defaultWidth
	}
	return max(width, narrowest)
}

// layout squeezes widths until the line fits; a width of 0 drops the column.
func layout(columns []Column, widths []int, width int) {
	floor := func(i int) int {
		least := columns[i].Min
		if least == 0 {
			least = columnMin
		}
		return min(least, widths[i])
	}
	for {
		total, least := -columnGap, -columnGap
		for i, n := range widths {
			if n > 0 {
				total, least = total+n+columnGap, least+floor(i)+columnGap
			}
		}
		if total <= width {
			return
		}
		if least > width && dropLast(columns, widths) {
			continue
		}
		widest := -1
		for i, n := range widths {
			if n > floor(i) && (widest < 0 || n > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			// Nothing gives way by itself any more: squeeze whatever is widest.
			for i, n := range widths {
				if widest < 0 || n > widths[widest] {
					widest = i
				}
			}
			if widths[widest] <= 1 {
				return
			}
		}
		widths[widest]--
	}
}

func dropLast(columns []Column, widths []int) bool {
	for i := len(columns) - 1; i >= 0; i-- {
		if columns[i].Optional && widths[i] > 0 {
			widths[i] = 0
			return true
		}
	}
	return false
}

// writeRow writes a row on as many lines as its cells that wrap need.
func writeRow(b *bufio.Writer, columns []Column, widths []int, cells []string, styleOf func(i int, cell string) style, color bool) {
	parts := make([][]string, len(columns))
	lines := 1
	for i, c := range columns {
		if widths[i] == 0 || i >= len(cells) {
			continue
		}
		text := clean(cells[i])
		switch {
		case c.Wrap:
			parts[i] = breakAt(text, widths[i])
		case c.Middle:
			parts[i] = []string{fitMiddle(text, widths[i])}
		default:
			parts[i] = []string{fit(text, widths[i])}
		}
		lines = max(lines, len(parts[i]))
	}
	for n := range lines {
		writeLine(b, columns, widths, parts, n, func(i int) style { return styleOf(i, cells[i]) }, color)
	}
}

// writeLine writes the nth line of a row.
func writeLine(b *bufio.Writer, columns []Column, widths []int, parts [][]string, n int, styleOf func(i int) style, color bool) {
	var line strings.Builder
	blank := 0 // spaces owed before the next text, so that no line ends in spaces
	first := true
	for i, c := range columns {
		if widths[i] == 0 {
			continue
		}
		if !first {
			blank += columnGap
		}
		first = false
		text := ""
		if n < len(parts[i]) {
			text = parts[i][n]
		}
		space := max(0, widths[i]-columnsOf(text))
		if text == "" {
			blank += space
			continue
		}
		if c.Right {
			blank += space
			space = 0
		}
		line.WriteString(strings.Repeat(" ", blank))
		line.WriteString(paint(text, styleOf(i), color))
		blank = space
	}
	line.WriteByte('\n')
	_, _ = b.WriteString(line.String()) // the error stays in b until Flush
}

// breakAt breaks a text into lines, after a mark that parts names where there
// is one beyond the first third of the line.
func breakAt(s string, width int) []string {
	var out []string
	for columnsOf(s) > width && width > 0 {
		end, mark, used := 0, 0, 0
		for i, r := range s {
			w := columnsOf(string(r))
			if used+w > width && i > 0 {
				break
			}
			used += w
			_, size := utf8.DecodeRuneInString(s[i:])
			end = i + size
			if strings.ContainsRune(" :/.,-_", r) && used > width/3 {
				mark = end
			}
		}
		if mark > 0 {
			end = mark
		}
		out = append(out, strings.TrimRight(s[:end], " "))
		s = s[end:]
	}
	return append(out, s)
}

func cellStyle(kind, cell string) style {
	switch kind {
	case "severity":
		return severityStyle(model.Severity(cell))
	case "verdict":
		return verdictStyle(model.Verdict(cell))
	case "faint":
		return faint
	case "bold":
		return bold
	}
	return plain
}
