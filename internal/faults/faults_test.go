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
	"regexp"
	"slices"
	"strings"
	"sync"
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
	a := newApp(t)
	base := scanWith(t, a, nil, &recorded{})
	if base == nil {
		t.FailNow()
	}
	operations := slices.Sorted(maps.Keys(base.asked))
	if len(operations) < 20 {
		t.Fatalf("the recorded account is read with %d operations only: %v", len(operations), operations)
	}
	t.Logf("%d assets, %d findings, %d operations", len(base.assets), len(base.verdicts), len(operations))
	var tally tally
	group := make(chan struct{}, 8) // scans mostly wait for their time-outs
	var all sync.WaitGroup
	for i, op := range operations {
		if op == "sts:GetCallerIdentity" {
			continue // without it there is no scan
		}
		kinds := faultNames()
		if !*full {
			n := len(kinds)
			kinds = []string{kinds[(2*i)%n], kinds[(2*i+1)%n]}
		}
		for _, kind := range kinds {
			if noFault[op] == kind {
				continue
			}
			group <- struct{}{}
			all.Go(func() {
				defer func() { <-group }()
				tally.add(t, op, kind, base, scanWith(t, a, base, &recorded{op: op, fault: faults[kind]}))
			})
		}
	}
	all.Wait()
	if *full {
		for _, op := range slices.Sorted(maps.Keys(tally.met)) {
			fmt.Printf("%-55s %d faults\n", op, tally.met[op])
		}
	}
	fmt.Printf("faults: %d operations, %d runs, %d findings each, %d false passes, %d vanished assets\n", len(tally.met), tally.runs, len(base.verdicts), tally.falsePasses, tally.vanished)
}

// newApp returns the application in an environment that reaches no cloud.
func newApp(t *testing.T) *app.App {
	t.Helper()
	a, err := app.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_ENDPOINT_URL", "http://recorded.invalid")
	return a
}

// tally counts what faults led to.
type tally struct {
	mu                          sync.Mutex
	met                         map[string]int // faults by operation
	runs, falsePasses, vanished int
}

// add compares a scan that met a fault with the one that met none. The recorded
// account has assets that are gone when they are read; a fault hides that, so
// what passes on those is no false pass.
func (c *tally) add(t *testing.T, op, kind string, base, got *outcome) {
	t.Helper()
	if got == nil || !got.met {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.met == nil {
		c.met = map[string]int{}
	}
	c.met[op]++
	c.runs++
	for id, v := range got.verdicts {
		if v == model.Pass && base.verdicts[id] != model.Pass && base.assets[got.about[id]] {
			c.falsePasses++
			t.Errorf("%s with %s: %s passes, was %q", op, kind, got.names[id], base.verdicts[id])
		}
	}
	for id := range base.assets {
		if !got.assets[id] {
			c.vanished++
			t.Errorf("%s with %s: %s vanished", op, kind, id)
		}
	}
}

// outcome is what a scan left behind.
type outcome struct {
	verdicts map[string]model.Verdict
	names    map[string]string
	about    map[string]string // asset by finding
	control  map[string]string // control by finding
	// unrecorded are findings that lack an answer which nobody recorded.
	unrecorded map[string]bool
	assets     map[string]bool
	types      map[string]int // assets by type
	asked      map[string]bool
	met        bool
	store      string
}

// scanWith scans the recorded account; with a base it scans it again over the
// store that the base left, as a scan of the next day would. It returns nil when
// that fails, which it reports.
func scanWith(t *testing.T, a *app.App, base *outcome, transport *recorded, controls ...string) *outcome {
	t.Helper()
	out, err := scanned(t.Context(), a, base, transport, filepath.Join(t.TempDir(), "stance.db"), controls)
	if err != nil {
		t.Errorf("scan with a fault on %s: %v", transport.op, err)
		return nil
	}
	return out
}

func scanned(ctx context.Context, a *app.App, base *outcome, transport *recorded, path string, controls []string) (*outcome, error) {
	if base != nil {
		data, err := os.ReadFile(base.store)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return nil, err
		}
	}
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if err := transport.load(); err != nil {
		return nil, err
	}
	_, _, err = a.ScanAWS(ctx, store, aws.Options{
		Transport: transport, Regions: []string{"us-east-1"}, Timeout: 250 * time.Millisecond, Attempts: 2,
	}, app.ScanOptions{Selection: app.Selection{Controls: controls}})
	if err != nil {
		return nil, err
	}
	out := &outcome{
		verdicts: map[string]model.Verdict{}, names: map[string]string{}, about: map[string]string{}, control: map[string]string{}, unrecorded: map[string]bool{}, assets: map[string]bool{},
		asked: transport.asked, met: transport.met, store: path,
	}
	for f, err := range store.Findings(ctx, model.FindingQuery{}) {
		if err != nil {
			return nil, err
		}
		out.verdicts[f.ID] = f.Verdict
		out.unrecorded[f.ID] = slices.ContainsFunc(f.Gaps, func(g model.Gap) bool { return transport.missing[g.Operation] })
		out.names[f.ID], out.about[f.ID], out.control[f.ID] = f.Control+" on "+f.Asset.ID, f.Asset.ID, f.Control
	}
	for asset, err := range store.Assets(ctx, model.AssetQuery{}) {
		if err != nil {
			return nil, err
		}
		out.assets[asset.ID] = true
	}
	return out, store.Close()
}

// recorded answers from the recorded answers of all collectors, with a fault on
// one operation.
type recorded struct {
	op    string
	fault func(*http.Request, *http.Response) (*http.Response, error)

	replays map[string][]*collect.Replay // by operation
	mu      sync.Mutex
	asked   map[string]bool
	met     bool
	missing map[string]bool   // operations of which an answer was not recorded
	good    map[string]answer // of the faulty operation, by request
}

// answer is a recorded answer that can be given again: a call that is tried
// again meets the same fault.
type answer struct {
	status      int
	contentType string
	body        string
}

// archives are the parsed recordings by collector, read once.
var archives = sync.OnceValues(func() (map[string]*txtar.Archive, error) {
	out := map[string]*txtar.Archive{}
	for _, c := range aws.Collectors() {
		data, err := os.ReadFile(filepath.Join("..", "collect", "aws", "testdata", c.Name+".txtar"))
		if err != nil {
			return nil, err
		}
		out[c.Name] = txtar.Parse(data)
	}
	return out, nil
})

func (r *recorded) load() error {
	parsed, err := archives()
	if err != nil {
		return err
	}
	r.asked, r.missing, r.good, r.replays = map[string]bool{}, map[string]bool{}, map[string]answer{}, map[string][]*collect.Replay{}
	byCollector := map[string]*collect.Replay{}
	for name, archive := range parsed {
		byCollector[name] = collect.NewReplay(archive, func(req *http.Request) string { return awsmiddleware.GetOperationName(req.Context()) })
	}
	for _, op := range aws.Operations() {
		if replay := byCollector[op.Collector]; replay != nil && !slices.Contains(r.replays[op.Operation], replay) {
			r.replays[op.Operation] = append(r.replays[op.Operation], replay)
		}
	}
	return nil
}

// RoundTrip implements http.RoundTripper.
func (r *recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	op := operationOf(req)
	r.mu.Lock()
	defer r.mu.Unlock() // but not while a time-out is waited for
	r.asked[op] = true
	if op != r.op {
		return r.answer(req, op)
	}
	r.met = true
	key, err := question(req)
	if err != nil {
		return nil, err
	}
	good, ok := r.good[key]
	if !ok {
		resp, err := r.answer(req, op)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		good = answer{resp.StatusCode, resp.Header.Get("Content-Type"), string(body)}
		r.good[key] = good
	}
	r.mu.Unlock()
	defer r.mu.Lock()
	return r.fault(req, text(req, good.status, good.contentType, good.body))
}

// again finds the token that the faults with tokens give, in every protocol.
var again = regexp.MustCompile(`[A-Za-z]+=again|"[A-Za-z]+":"again"|[,&?]`)

// question is a request without the token that a fault gave: the page after a
// faulty one is the same page again.
func question(req *http.Request) (string, error) {
	body := ""
	if req.GetBody != nil {
		r, err := req.GetBody()
		if err != nil {
			return "", err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return "", err
		}
		body = string(b)
	} else if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return "", err
		}
		body = string(b)
		req.Body = io.NopCloser(strings.NewReader(body))
	}
	return again.ReplaceAllString(req.URL.RequestURI()+" "+body, ""), nil
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
	r.missing[op] = true
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
		return text(req, 500, "text/plain", "internal error"), nil
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

// noFault are the faults that are the vendor's own way to say that there is
// nothing: what comes of them is right.
var noFault = map[string]string{
	"sqs:ListQueues": "empty object", // an account without queues gets no list
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
	if resp.StatusCode != http.StatusOK {
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
