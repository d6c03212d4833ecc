package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cloud answers the first calls of a scan in the wire form of STS and EC2. An
// action without an answer gets a 501.
type cloud map[string]func() (status int, body string)

// ServeHTTP implements http.Handler.
func (c cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	form, parseErr := url.ParseQuery(string(body))
	if err != nil || parseErr != nil || c[form.Get("Action")] == nil {
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	status, text := c[form.Get("Action")]()
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// refused is an error in the form of STS.
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
func refused(status int, code, message string) func() (int, string) {
	return func() (int, string) {
		return status, fmt.Sprintf(`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ErrorResponse>`, code, message)
	}
}

// answered is a result in the form of STS and EC2.
func answered(body string) func() (int, string) {
	return func() (int, string) { return http.StatusOK, body }
}

var (
	identity = answered(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/reader</Arn><UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	regions  = answered(`<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><regionInfo>` +
		`<item><regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>` +
		`<item><regionName>eu-west-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>` +
		`<item><regionName>af-south-1</regionName><optInStatus>not-opted-in</optInStatus></item></regionInfo></DescribeRegionsResponse>`)
)

// TestSignIn runs scans that cannot begin. Each says what is wrong and what to
// do about it, in one line, and stores nothing.
func TestSignIn(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/StanceReader"
	for _, test := range []struct {
		name  string
		cloud cloud
		args  []string
		code  int
		want  []string
	}{
		{
			name:  "expired session",
			cloud: cloud{"GetCallerIdentity": refused(403, "ExpiredToken", "The security token included in the request is expired")},
			args:  []string{"--regions", "eu-west-1"},
			code:  exitError,
			want:  []string{"credentials have expired (ExpiredToken)", "sign in again", "aws sso login"},
		},
		{
			name:  "key that does not exist",
			cloud: cloud{"GetCallerIdentity": refused(403, "InvalidClientTokenId", "The security token included in the request is invalid.")},
			code:  exitError,
			want:  []string{"credentials are not valid (InvalidClientTokenId)", "check the access key"},
		},
		{
			name:  "wrong secret",
			cloud: cloud{"GetCallerIdentity": refused(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")},
			code:  exitError,
			want:  []string{"credentials are not valid (SignatureDoesNotMatch)"},
		},
		{
			name: "role that may not be assumed",
			cloud: cloud{
				"GetCallerIdentity": identity,
				"AssumeRole":        refused(403, "AccessDenied", "User: arn:aws:iam::111122223333:user/reader is not authorized to perform: sts:AssumeRole on resource: "+role),
			},
			args: []string{"--role-arn", role},
			code: exitError,
			want: []string{role + " may not be assumed (AccessDenied)", "trust policy names the caller", "--external-id", "sts:AssumeRole"},
		},
		{
			name:  "role with the wrong external id",
			cloud: cloud{"AssumeRole": refused(403, "AccessDenied", "refused")},
			args:  []string{"--role-arn", role, "--external-id", "7f3c"},
			code:  exitError,
			want:  []string{role + " may not be assumed (AccessDenied)", "and the external id"},
		},
		{
			name:  "role, with an expired session",
			cloud: cloud{"AssumeRole": refused(403, "ExpiredToken", "The security token included in the request is expired")},
			args:  []string{"--role-arn", role},
			code:  exitError,
			want:  []string{"credentials have expired (ExpiredToken)"},
		},
		{
			name:  "region that does not exist",
			cloud: cloud{"GetCallerIdentity": identity, "DescribeRegions": regions},
			args:  []string{"--regions", "eu-west-1,eu-west-9"},
			code:  exitUsage,
			want:  []string{`invalid region "eu-west-9"`, "account 111122223333 has eu-west-1, us-east-1"},
		},
		{
			name:  "region that is not enabled",
			cloud: cloud{"GetCallerIdentity": identity, "DescribeRegions": regions},
			args:  []string{"--regions", "af-south-1"},
			code:  exitUsage,
			want:  []string{"region af-south-1: it is not enabled in account 111122223333", "enable it or leave it out of --regions"},
		},
		{
			name:  "regions that may not be listed",
			cloud: cloud{"GetCallerIdentity": identity, "DescribeRegions": refused(403, "UnauthorizedOperation", "You are not authorized to perform this operation.")},
			code:  exitError,
			want:  []string{"list the account's regions", "name them with --regions, or grant ec2:DescribeRegions"},
		},
		{
			name:  "server that is no AWS",
			cloud: cloud{},
			code:  exitError,
			want:  []string{"unreachable", "HTTP status 501", "AWS_ENDPOINT_URL"},
		},
		{
			name:  "role that is no ARN",
			cloud: cloud{"AssumeRole": refused(400, "ValidationError", "1 validation error detected: Value 'reader' at 'roleArn' failed to satisfy constraint")},
			args:  []string{"--role-arn", "reader"},
			code:  exitUsage,
			want:  []string{`invalid role "reader"`, "arn:aws:iam::ACCOUNT:role/NAME"},
		},
		{
			name:  "list of regions that is empty",
			cloud: cloud{"GetCallerIdentity": identity, "DescribeRegions": answered(`<DescribeRegionsResponse></DescribeRegionsResponse>`)},
			code:  exitError,
			want:  []string{"the answer lacks Regions", "name them with --regions"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.cloud)
			t.Cleanup(server.Close)
			p := newProgram(t, signedIn(server.URL)...)
			code, stdout, stderr := p.run(append([]string{"scan", "aws"}, test.args...)...)
			checkRefusal(t, code, test.code, stdout, stderr, test.want)
			if code, _, stderr := p.run("findings"); code != exitError || !strings.Contains(stderr, "stance scan aws") {
				t.Errorf("findings afterwards: exit code %d, %s", code, stderr)
			}
		})
	}
}

// TestDatabasePlace names databases where none can be.
func TestDatabasePlace(t *testing.T) {
	server := httptest.NewServer(cloud{"GetCallerIdentity": identity, "DescribeRegions": regions})
	t.Cleanup(server.Close)
	for _, test := range []struct {
		name     string
		env      string // where the user's data lies
		database string
		want     string
	}{
		{name: "below a file", database: "file/stance.db", want: "file/stance.db"},
		{name: "in a directory that is not there", database: "nowhere/stance.db", want: "nowhere"},
		{name: "a directory", database: ".", want: "directory"},
		{name: "a file that is no database", database: "file", want: "file"},
		{name: "the data directory is a file", env: "file", want: "--database"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newProgram(t, signedIn(server.URL)...)
			if err := os.WriteFile(filepath.Join(p.dir, "file"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"scan", "aws", "--regions", "eu-west-1"}
			if test.database != "" {
				args = append(args, "--database", test.database)
			}
			if test.env != "" {
				p.env = append(p.env, "XDG_DATA_HOME="+filepath.Join(p.dir, test.env))
			}
			code, stdout, stderr := p.run(args...)
			checkRefusal(t, code, exitError, stdout, stderr, []string{test.want})
		})
	}
}

// checkRefusal compares what a command that could not do its work left behind.
func checkRefusal(t *testing.T, code, wantCode int, stdout, stderr string, want []string) {
	t.Helper()
	if code != wantCode {
		t.Errorf("exit code %d, want %d", code, wantCode)
	}
	if stdout != "" {
		t.Errorf("standard output: %q, want nothing", stdout)
	}
	if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "stance: ") {
		t.Errorf("standard error: %q, want one line", stderr)
	}
	for _, part := range want {
		if !strings.Contains(stderr, part) {
			t.Errorf("standard error: %q, want %q in it", stderr, part)
		}
	}
}
