package aws

import (
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// exportName is what the name of an output's file says: the command, what it was
// asked about and in which region, as get-queue-attributes.orders@eu-west-1.json
// or eu-west-1/s3api.get-bucket-policy.shop-books.json. An output is often
// silent about all of them.
type exportName struct {
	ops    []*readable // of which one is the command; none where the name holds no command
	about  string
	region string
}

var regionPattern = regexp.MustCompile(`^(af|ap|ca|cn|eu|eusc|il|me|mx|sa|us)(-gov|-isof?|-iso[be]|-de)?-(north|south|central|east|west|northeast|northwest|southeast|southwest)-[0-9]$`)

// serviceNames are the names that the command line has for services, by those of
// the SDK, where they differ.
var serviceNames = map[string][]string{
	"s3": {"s3api"}, "cloudwatchlogs": {"logs"}, "configservice": {"config"}, "elasticloadbalancingv2": {"elbv2"},
	"elasticloadbalancing": {"elb"}, "networkfirewall": {"network-firewall"},
}

// commands are the operations by the command's name in small letters, without
// dashes: whatever the output is of.
var commands = sync.OnceValue(func() map[string][]*readable {
	out := map[string][]*readable{}
	for _, all := range []map[string]*readable{readables(), abouts()} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			_, command, _ := strings.Cut(name, ":")
			command = strings.ToLower(command)
			out[command] = append(out[command], all[name])
		}
	}
	return out
})

// plainName takes away what tells the spellings of commands apart.
func plainName(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "") }

// nameOf reads the name of an output's file.
func nameOf(path string) exportName {
	var n exportName
	base := filepath.Base(path)
	for cut := true; cut; { // .json.gz
		cut = false
		for _, ext := range []string{".gz", ".json", ".jsonl", ".ndjson", ".txt"} {
			if short, ok := strings.CutSuffix(base, ext); ok {
				base, cut = short, true
			}
		}
	}
	if i := strings.LastIndexByte(base, '@'); i >= 0 && regionPattern.MatchString(base[i+1:]) {
		base, n.region = base[:i], base[i+1:]
	}
	first, rest := cutName(base)
	n.ops = commands()[plainName(first)]
	if n.ops == nil && rest != "" { // after the service's name
		second, about := cutName(rest)
		n.ops = slices.DeleteFunc(slices.Clone(commands()[plainName(second)]), func(r *readable) bool {
			service, _, _ := strings.Cut(r.name, ":")
			return service != strings.ToLower(first) && !slices.Contains(serviceNames[service], strings.ToLower(first))
		})
		rest = about
	}
	if len(n.ops) > 0 && !regionPattern.MatchString(rest) {
		n.about = rest
	}
	if n.region == "" {
		n.region = regionIn(base, path)
	}
	return n
}

func cutName(s string) (first, rest string) {
	i := strings.IndexAny(s, ". _=")
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i+1:]
}

// regionIn finds a region among the parts of a file's name, or as the name of one
// of the two folders above it.
func regionIn(base, path string) string {
	parts := strings.FieldsFunc(base, func(r rune) bool { return strings.ContainsRune(". _=", r) })
	above := filepath.Dir(path)
	for _, p := range append(parts, filepath.Base(above), filepath.Base(filepath.Dir(above))) {
		if regionPattern.MatchString(p) {
			return p
		}
	}
	return ""
}

// aboutKey is the form by which names of assets are compared: several of them in
// any order.
func aboutKey(names []string) string {
	return strings.Join(slices.Sorted(slices.Values(names)), "\x00")
}

// aboutNames returns what a file's name says that the command was asked about. What
// a file's name cannot hold is written as in an URL, as is a comma: several names
// are set apart by one.
func aboutNames(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			plain = part
		}
		out = append(out, plain)
	}
	return out
}

// shortName returns the name in an ARN or in the address of a queue, "" where a
// name is neither.
func shortName(name string) string {
	if arnPattern.MatchString(name) {
		rest := strings.SplitN(name, ":", 6)[5]
		if i := strings.IndexAny(rest, ":/"); i >= 0 {
			rest = rest[i+1:]
		}
		return rest
	}
	if u, err := url.Parse(name); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		return u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	}
	return ""
}
