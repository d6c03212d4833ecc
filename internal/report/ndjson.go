package report

import (
	"fmt"
	"io"
)

func init() {
	register(Format{
		Name: "ndjson", Extension: "ndjson", ContentType: "application/x-ndjson",
		Summary: "one finding a line, as in json, for pipes",
		Write:   writeNDJSON,
	})
}

func writeNDJSON(w io.Writer, in Input) error {
	b := buffered(w)
	enc := &lineEncoder{w: b}
	for f, err := range in.Findings() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		enc.finding(&f)
		if enc.err != nil {
			return fmt.Errorf("write finding %s: %w", f.ID, enc.err)
		}
		if err := b.WriteByte('\n'); err != nil {
			return err
		}
	}
	return b.Flush()
}
