package report

import (
	"bufio"
	"io"
	"iter"
	"strings"

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

func writeRow(b *bufio.Writer, columns []Column, widths []int, cells []string, styleOf func(i int, cell string) style, color bool) {
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
		raw := ""
		if i < len(cells) {
			raw = cells[i]
		}
		text := clean(raw)
		if c.Middle {
			text = fitMiddle(text, widths[i])
		} else {
			text = fit(text, widths[i])
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
		line.WriteString(paint(text, styleOf(i, raw), color))
		blank = space
	}
	line.WriteByte('\n')
	_, _ = b.WriteString(line.String()) // the error stays in b until Flush
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
