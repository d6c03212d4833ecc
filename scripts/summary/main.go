// Command summary reads the output of go test -json, prints what failed and
// closes with the counts.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

func main() {
	output := map[string]*strings.Builder{}
	var passed, failed, skipped int
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			fmt.Println(in.Text())
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			if output[key] == nil {
				output[key] = &strings.Builder{}
			}
			output[key].WriteString(e.Output)
		case "pass", "skip":
			if e.Test == "" {
				fmt.Printf("ok    %-60s %6.1f s\n", strings.TrimPrefix(e.Package, "github.com/stance-sec/stance/"), e.Elapsed)
				continue
			}
			if e.Action == "pass" {
				passed++
			} else {
				skipped++
				fmt.Printf("SKIP  %s %s\n", e.Package, e.Test)
			}
			delete(output, key)
		case "fail", "build-fail":
			if e.Test != "" || output[key] != nil {
				fmt.Printf("FAIL  %s\n", key)
				if output[key] != nil {
					fmt.Print(output[key].String())
				}
			}
			if e.Test != "" || e.Action == "build-fail" {
				failed++
			}
		}
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
}
