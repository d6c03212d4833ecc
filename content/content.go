// Package content embeds what Stance knows as data: controls and frameworks.
// It holds no logic.
package content

import (
	"embed"
	"io/fs"
)

//go:embed controls frameworks
var files embed.FS

// FS returns the embedded catalogue, with controls/ and frameworks/ at its root.
func FS() fs.FS { return files }
