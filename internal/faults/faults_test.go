package faults

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/collect/aws"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

var full = flag.Bool("faults.full", false, "run every fault on every operation, and print a line for each operation")

// TestFaults scans the recorded account once, then once for each operation and
// fault. Without -faults.full each operation meets two of the faults, which
// rotate over the operations so that all of them are met.
func TestFaults(t *testing.T) {
	a, err := app.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_ENDPOINT_URL", "http://recorded.invalid")
	base := scanWith(t, a, nil, &recorded{})
	operations := slices.Sorted(maps.Keys(base.asked))
	if len(operations) < 20 {
		t.Fatalf("the recorded account is read with %d operations only: %v", len(operations), operations)
	}
	t.Logf("%d assets, %d findings, %d operations", len(base.assets), len(base.verdicts), len(operations))
	runs, falsePasses, vanished := 0, 0, 0
	for i, op := range operations {
		if op == "sts:GetCallerIdentity" {
			continue // without it there is no scan
		}
		kinds := faultNames()
		if !*full {
			n := len(kinds)
			kinds = []string{kinds[(2*i)%n], kinds[(2*i+1)%n]}
		}
		met := 0
		for _, kind := range kinds {
			got := scanWith(t, a, base, &recorded{op: op, fault: faults[kind]})
			if !got.met {
				continue
			}
			met++
			runs++
			for id, v := range got.verdicts {
				if v == model.Pass && base.verdicts[id] != model.Pass {
					falsePasses++
					t.Errorf("%s with %s: %s passes, was %q", op, kind, got.names[id], base.verdicts[id])
				}
			}
			for id := range base.assets {
				if !got.assets[id] {
					vanished++
					t.Errorf("%s with %s: %s vanished", op, kind, id)
				}
			}
		}
		if *full {
			fmt.Printf("%-55s %d faults\n", op, met)
		}
	}
	fmt.Printf("faults: %d operations, %d runs, %d findings each, %d false passes, %d vanished assets\n", len(operations)-1, runs, len(base.verdicts), falsePasses, vanished)
}

// outcome is what a scan left behind.
type outcome struct {
	verdicts map[string]model.Verdict
	names    map[string]string
	assets   map[string]bool
	asked    map[string]bool
	met      bool
	store    string
}

// scanWith scans the recorded account; with a base it scans it again over the
// store that the base left, as a scan of the next day would.
func scanWith(t *testing.T, a *app.App, base *outcome, transport *recorded) *outcome {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "stance.db")
	if base != nil {
		copyFile(t, base.store, path)
	}
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	transport.load(t)
	_, _, err = a.ScanAWS(ctx, store, aws.Options{
		Transport: transport, Regions: []string{"us-east-1"}, Timeout: 250 * time.Millisecond, Attempts: 2,
	}, app.ScanOptions{})
	if err != nil {
		t.Fatalf("scan with a fault on %s: %v", transport.op, err)
	}
	out := &outcome{verdicts: map[string]model.Verdict{}, names: map[string]string{}, assets: map[string]bool{}, asked: transport.asked, met: transport.met, store: path}
	for f, err := range store.Findings(ctx, model.FindingQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		out.verdicts[f.ID] = f.Verdict
		out.names[f.ID] = f.Control + " on " + f.Asset.ID
	}
	for asset, err := range store.Assets(ctx, model.AssetQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		out.assets[asset.ID] = true
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// recorded answers from the recorded answers of all collectors, with a fault on
// one operation.
type recorded struct {
	op    string
	fault func(*http.Request, *http.Response) (*http.Response, error)

	replays map[string][]*collect.Replay // by operation
	mu      chan struct{}
	asked   map[string]bool
	met     bool
}

func (r *recorded) load(t *testing.T) {
	t.Helper()
	r.mu = make(chan struct{}, 1)
	r.asked = map[string]bool{}
	r.replays = map[string][]*collect.Replay{}
	byCollector := map[string]*collect.Replay{}
	for _, c := range aws.Collectors() {
		data, err := os.ReadFile(filepath.Join("..", "collect", "aws", "testdata", c.Name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		byCollector[c.Name] = collect.NewReplay(txtar.Parse(data), func(req *http.Request) string { return awsmiddleware.GetOperationName(req.Context()) })
	}
	for _, op := range aws.Operations() {
		if replay := byCollector[op.Collector]; replay != nil && !slices.Contains(r.replays[op.Operation], replay) {
			r.replays[op.Operation] = append(r.replays[op.Operation], replay)
		}
	}
}

// RoundTrip implements http.RoundTripper.
func (r *recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	op := operationOf(req)
	r.mu <- struct{}{}
	r.asked[op] = true
	faulty := op == r.op
	if faulty {
		r.met = true
	}
	<-r.mu
	resp, err := r.answer(req, op)
	if err != nil || !faulty {
		return resp, err
	}
	return r.fault(req, resp)
}

func (r *recorded) answer(req *http.Request, op string) (*http.Response, error) {
	switch op {
	case "sts:GetCallerIdentity":
		return text(req, 200, "text/xml", `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/reader</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`), nil
	case "ec2:DescribeRegions":
		return text(req, 200, "text/xml", `<DescribeRegionsResponse><regionInfo><item><regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus></item></regionInfo></DescribeRegionsResponse>`), nil
	}
	for _, replay := range r.replays[op] {
		if resp, err := replay.RoundTrip(req); err != nil || resp.Header.Get("X-Amzn-Errortype") != "NotRecorded" {
			return resp, err
		}
	}
	return text(req, 501, "text/plain", "not recorded"), nil
}

// services maps the SDK's service ids to the names of operations.
var services = map[string]string{
	"Elastic Load Balancing v2": "elasticloadbalancingv2", "CloudWatch Logs": "cloudwatchlogs", "Config Service": "configservice",
	"S3 Control": "s3control", "Secrets Manager": "secretsmanager",
}

func operationOf(req *http.Request) string {
	id := awsmiddleware.GetServiceID(req.Context())
	service, ok := services[id]
	if !ok {
		service = strings.ToLower(strings.ReplaceAll(id, " ", ""))
	}
	return service + ":" + awsmiddleware.GetOperationName(req.Context())
}

func text(req *http.Request, status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}

// faults are the ways in which a read fails.
var faults = map[string]func(*http.Request, *http.Response) (*http.Response, error){
	"403": func(req *http.Request, _ *http.Response) (*http.Response, error) {
		return refuse(req, 403, "AccessDenied"), nil
	},
	"throttle": func(req *http.Request, _ *http.Response) (*http.Response, error) {
		return refuse(req, 400, "ThrottlingException"), nil
	},
	"500": func(req *http.Request, _ *http.Response) (*http.Response, error) {
		return text(req, 500, "text/html", "<html>internal error</html>"), nil
	},
	"404 page": func(req *http.Request, _ *http.Response) (*http.Response, error) {
		return text(req, 404, "text/html", "<html>no such page</html>"), nil
	},
	"reset": func(*http.Request, *http.Response) (*http.Response, error) {
		return nil, errors.New("connection reset by peer")
	},
	"time-out": func(req *http.Request, _ *http.Response) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	},
	"truncated": func(req *http.Request, resp *http.Response) (*http.Response, error) {
		return mutate(req, resp, func(b string) string { return b[:len(b)/2] })
	},
	"garbage": func(req *http.Request, resp *http.Response) (*http.Response, error) {
		return mutate(req, resp, func(string) string { return "\x00\xffgarbage" })
	},
	"empty body": func(req *http.Request, resp *http.Response) (*http.Response, error) {
		return mutate(req, resp, func(string) string { return "" })
	},
	"empty object": func(req *http.Request, resp *http.Response) (*http.Response, error) {
		return mutate(req, resp, func(b string) string {
			if strings.HasPrefix(strings.TrimSpace(b), "<") {
				return "<Response></Response>"
			}
			return "{}"
		})
	},
	"repeated token": func(req *http.Request, resp *http.Response) (*http.Response, error) {
		return mutate(req, resp, func(b string) string { return withToken(b, false) })
	},
	"empty page": func(req *http.Request, resp *http.Response) (*http.Response, error) {
		return mutate(req, resp, func(b string) string { return withToken(b, true) })
	},
}

func faultNames() []string { return slices.Sorted(maps.Keys(faults)) }

// refuse is an error in a form that every protocol of the SDK reads.
func refuse(req *http.Request, status int, code string) *http.Response {
	if t := req.Header.Get("Content-Type"); strings.Contains(t, "json") || req.Method == http.MethodGet && awsmiddleware.GetServiceID(req.Context()) != "S3" && awsmiddleware.GetServiceID(req.Context()) != "S3 Control" {
		resp := text(req, status, "application/x-amz-json-1.1", `{"__type":"`+code+`","message":"refused"}`)
		resp.Header.Set("X-Amzn-Errortype", code)
		return resp
	}
	inner := "<Error><Code>" + code + "</Code><Message>refused</Message></Error>"
	switch awsmiddleware.GetServiceID(req.Context()) {
	case "S3":
		return text(req, status, "application/xml", inner)
	case "EC2":
		return text(req, status, "text/xml", "<Response><Errors>"+inner+"</Errors></Response>")
	}
	return text(req, status, "text/xml", "<ErrorResponse>"+inner+"</ErrorResponse>")
}

// mutate changes the body of a good answer; a refusal stays what it is.
func mutate(req *http.Request, resp *http.Response, do func(string) string) (*http.Response, error) {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != 200 {
		return text(req, 502, "text/html", "<html>bad gateway</html>"), nil
	}
	return text(req, 200, resp.Header.Get("Content-Type"), do(string(body))), nil
}

// withToken adds a token that always comes back, to a page that is empty or
// whole.
func withToken(b string, empty bool) string {
	const names = "NextToken nextToken Marker NextMarker ContinuationToken LastEvaluatedTableName"
	t := strings.TrimSpace(b)
	if strings.HasPrefix(t, "{") {
		var add strings.Builder
		for name := range strings.SplitSeq(names, " ") {
			fmt.Fprintf(&add, "%q:%q,", name, "again")
		}
		if empty || t == "{}" {
			return "{" + strings.TrimSuffix(add.String(), ",") + "}"
		}
		return "{" + add.String() + t[1:]
	}
	i := strings.LastIndex(t, "</")
	if i < 0 {
		return b
	}
	if j := strings.LastIndex(t[:i], "Result>"); j >= 0 && strings.Contains(t[strings.LastIndex(t[:j], "<"):j], "</") {
		i = strings.LastIndex(t[:j], "</")
	}
	var add strings.Builder
	for name := range strings.SplitSeq(names, " ") {
		fmt.Fprintf(&add, "<%s>again</%s>", name, name)
	}
	add.WriteString("<IsTruncated>true</IsTruncated>")
	if empty {
		open := t[:strings.Index(t, ">")+1]
		if strings.HasPrefix(open, "<?") {
			rest := t[len(open):]
			open += rest[:strings.Index(rest, ">")+1]
		}
		return open + add.String() + t[i:]
	}
	return t[:i] + add.String() + t[i:]
}
