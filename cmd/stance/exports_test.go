package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// printedBy writes what commands of the AWS CLI print about the account of a moto
// server, see scripts/moto/printed.py.
func printedBy(t *testing.T, server, dir string, operations []string) map[string]string {
	t.Helper()
	python := os.Getenv("STANCE_MOTO_PYTHON")
	if python == "" {
		python = "python3"
	}
	cmd := exec.CommandContext(t.Context(), python, filepath.Join("..", "..", "scripts", "moto", "printed.py"), server, dir, "us-east-1,eu-west-1")
	cmd.Stdin = strings.NewReader(strings.Join(operations, "\n"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filesIn(t, dir)
}

func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(text)
	}
	return out
}

func writeFiles(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// scanFiles scans exports that were made of everything.
func scanFiles(t *testing.T, files map[string]string, args ...string) (*wireScan, string) {
	t.Helper()
	p := newProgram(t)
	var scan wireScan
	stderr := p.json(exitIncomplete, &scan, append([]string{"scan", "--from", writeFiles(t, files), "--complete", "--format", "json", "--quiet"}, args...)...)
	return &scan, stderr
}

// utf16Text is what Windows PowerShell makes of a text that is redirected into a
// file.
func utf16Text(text string) string {
	text = strings.ReplaceAll(text, "\n", "\r\n")
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func zippedText(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// asShells writes files as different shells and tools do, each in another way.
func asShells(t *testing.T, files map[string]string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		switch i % 5 {
		case 0:
			text = utf16Text(text)
		case 1:
			text = "\xef\xbb\xbf" + text
		case 2:
			text = strings.ReplaceAll(text, "\n", "\r\n")
		case 3:
			name, text = name+".gz", zippedText(t, text)
		}
		out[name] = text
	}
	return out
}

// printable are the verdicts without those on endpoints of client VPN: moto's answer
// to their listing is none that the AWS CLI could print.
func printable(scan *wireScan) map[string]string {
	out := scan.verdicts()
	maps.DeleteFunc(out, func(key, _ string) bool {
		return strings.HasPrefix(key, "aws-ec2-client-vpn-endpoint-logs-connections on ")
	})
	return out
}

// TestAWSExports holds that what the AWS CLI prints about an estate gives the
// findings that the live scan of it gives, and what is unknown for want of a file.
func TestAWSExports(t *testing.T) {
	server := serveMoto(t, "estate")
	p := newProgram(t, signedIn(server)...)
	var live wireScan
	calls := callsOf(t, p.json(exitIncomplete, &live, "scan", "aws", "--regions", "us-east-1,eu-west-1", "--format", "json", "--stats", "--quiet"))
	files := printedBy(t, server, t.TempDir(), slices.Sorted(maps.Keys(calls)))

	t.Run("everything", func(t *testing.T) {
		scan, stderr := scanFiles(t, files)
		if diff := cmp.Diff(printable(&live), printable(scan)); diff != "" {
			t.Errorf("verdicts (-live +exports):\n%s\n%s", diff, stderr)
		}
		if n := scan.Scan.Counts; n.Pass < 150 || n.Fail < 200 {
			t.Errorf("counts %+v", n)
		}
	})
	t.Run("in folders of regions, as shells write them", func(t *testing.T) {
		named := map[string]string{}
		for name, text := range asShells(t, files) {
			if i := strings.LastIndexByte(name, '@'); i >= 0 {
				region, ext, _ := strings.Cut(name[i+1:], ".")
				name = region + "/" + name[:i] + "." + ext
			}
			named[name] = text
		}
		scan, stderr := scanFiles(t, named)
		if diff := cmp.Diff(printable(&live), printable(scan)); diff != "" {
			t.Errorf("verdicts (-live +exports):\n%s\n%s", diff, stderr)
		}
	})
	t.Run("lists alone", func(t *testing.T) {
		lists := maps.Clone(files)
		maps.DeleteFunc(lists, func(name, _ string) bool { return strings.Count(name, ".") > 1 })
		scan, _ := scanFiles(t, lists)
		checkWanting(t, &live, scan, "lists.txt", 250)
	})
	t.Run("authorization details alone", func(t *testing.T) {
		scan, _ := scanFiles(t, map[string]string{"iam.json": files["get-account-authorization-details.json"]})
		checkWanting(t, &live, scan, "iam.txt", 20)
	})
	t.Run("refused and silent commands", func(t *testing.T) { checkRefused(t, &live, files) })
	t.Run("AWS Config", func(t *testing.T) { checkConfig(t, p, server, &live) })
}

// checkRefused holds that a command which was refused or printed nothing leaves
// open what it would have told, and that what the service said of it is passed on.
func checkRefused(t *testing.T, live *wireScan, files map[string]string) {
	files = maps.Clone(files)
	files["s3.get-bucket-policy.public-read.json"] = "\nAn error occurred (AccessDenied) when calling the GetBucketPolicy operation: User: u is not authorized to perform: s3:GetBucketPolicy with an explicit deny in a service control policy\n"
	files["describe-security-groups@us-east-1.json"] = "\naws: [ERROR]: An error occurred (UnauthorizedOperation) when calling the DescribeSecurityGroups operation: You are not authorized.\n"
	files["s3.get-bucket-versioning.plain.json"] = ""
	scan, stderr := scanFiles(t, files)
	if !strings.Contains(stderr, "s3.get-bucket-versioning.plain.json: not recognized: it is empty") {
		t.Errorf("nothing is said of the empty file:\n%s", stderr)
	}
	before, after := live.verdicts(), scan.verdicts()
	for key, want := range map[string]string{
		"aws-s3-bucket-requires-tls on arn:aws:s3:::public-read": "unknown",
		"storage-is-not-public on arn:aws:s3:::public-read":      "unknown",
		"storage-keeps-versions on arn:aws:s3:::public-read":     "fail",
		"storage-keeps-versions on arn:aws:s3:::plain":           "unknown",
		"aws-s3-bucket-requires-tls on arn:aws:s3:::plain":       "fail",
	} {
		if before[key] == "" || before[key] == "unknown" || after[key] != want {
			t.Errorf("%s: %q live and %q now, want %q", key, before[key], after[key], want)
		}
	}
	var denied []string
	for _, g := range scan.Gaps {
		if g.Reason == "denied" {
			denied = append(denied, g.Type+" "+g.Asset+" "+g.Scope.Region+" "+g.Permission)
		}
	}
	for _, f := range scan.Findings {
		if f.Asset.ID == "arn:aws:s3:::public-read" && f.Control == "aws-s3-bucket-requires-tls" && (len(f.Gaps) != 1 || f.Gaps[0].Reason != "denied" || f.Gaps[0].Permission != "s3:GetBucketPolicy") {
			t.Errorf("gaps %+v", f.Gaps)
		}
		if f.Asset.Type == "AWS::EC2::SecurityGroup" && f.Asset.Region == "us-east-1" {
			t.Errorf("%s is %s of a group that could not be listed", f.Control, f.Verdict)
		}
	}
	if !slices.Contains(denied, "AWS::EC2::SecurityGroup  us-east-1 ec2:DescribeSecurityGroups") {
		t.Errorf("the refused listing is no gap: %q", denied)
	}
	checkUnlisted(t, newProgram(t), scan)
}

// checkWanting holds that a finding of an export is that of the live scan or
// unknown, because of what the export lacks; and that exactly the controls of a
// file in testdata/exports are unknown for want of exactly what it says.
func checkWanting(t *testing.T, live, scan *wireScan, golden string, least int) {
	t.Helper()
	before := live.verdicts()
	decided := 0
	wanting := map[string]map[string]bool{}
	for _, f := range scan.Findings {
		key := f.Control + " on " + f.Asset.ID
		want := before[key]
		if f.Verdict != "unknown" {
			decided++
			if want != f.Verdict {
				t.Errorf("%s: %s, and live %q", key, f.Verdict, want)
			}
			continue
		}
		if want == "unknown" || want == "" {
			continue
		}
		for _, g := range f.Gaps {
			if g.Reason != "unsupported" {
				t.Errorf("%s: unknown because of the gap %+v", key, g)
			}
			if wanting[f.Control] == nil {
				wanting[f.Control] = map[string]bool{}
			}
			wanting[f.Control][strings.TrimSpace(g.Operation+" "+g.Path)] = true
		}
		if len(f.Gaps) == 0 {
			t.Errorf("%s: unknown without a gap", key)
		}
	}
	if decided < least {
		t.Errorf("%d findings are decided, want at least %d", decided, least)
	}
	var text strings.Builder
	for _, control := range slices.Sorted(maps.Keys(wanting)) {
		fmt.Fprintf(&text, "%s: %s\n", control, strings.Join(slices.Sorted(maps.Keys(wanting[control])), ", "))
	}
	path := filepath.Join("testdata", "exports", golden)
	if *update {
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("controls that are unknown for want of something (-want +got), -update writes it:\n%s", diff)
	}
}

var capital = regexp.MustCompile(`^[A-Z]`)

// smallLetters writes members as AWS Config does, and policies as it does: encoded
// as in an URL.
func smallLetters(v any) any {
	switch t := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, e := range t {
			if policy, err := json.Marshal(e); err == nil && strings.HasSuffix(name, "PolicyDocument") {
				out[capital.ReplaceAllStringFunc(name, strings.ToLower)] = url.PathEscape(string(policy))
				continue
			}
			out[capital.ReplaceAllStringFunc(name, strings.ToLower)] = smallLetters(e)
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i, e := range t {
			out[i] = smallLetters(e)
		}
		return out
	}
	return v
}
