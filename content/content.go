// Package content embeds what Stance knows as data: controls, the facts that
// those on classes are made of, and frameworks.
// It holds no logic.
package content

import (
	"embed"
	"io/fs"
)

//go:embed controls facts frameworks
var files embed.FS

// FS returns the embedded catalogue, with controls/, facts/ and
// frameworks/ at its root.
func FS() fs.FS { return files }
