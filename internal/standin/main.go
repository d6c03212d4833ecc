// Command standin starts one of the stand-ins of a cloud as a server, so that
// the shipped binary can be driven by hand against a seeded estate.
//
// Each cloud is a sub-command in a file of its own. The command is test
// tooling: nothing that ships imports it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// commands holds the sub-commands by name; the file of each cloud adds its own
// in init. A command gets the arguments that follow its name.
var commands = map[string]func([]string) error{}

func main() {
	if err := run(os.Args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	names := strings.Join(slices.Sorted(maps.Keys(commands)), "|")
	if len(args) == 0 {
		return fmt.Errorf("usage: standin %s [options]", names)
	}
	command, ok := commands[args[0]]
	if !ok {
		return fmt.Errorf("unknown stand-in %q: there are %s", args[0], names)
	}
	return command(args[1:])
}
