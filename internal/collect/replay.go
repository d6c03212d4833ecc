package collect

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"
)

// Replay answers requests from recorded answers in a txtar archive. Each file
// is one answer; its name is the operation, followed by words that must occur
// in the request's path, query or body:
//
//	-- GetBucketPolicy my-bucket --
//	404
//	Content-Type: application/xml
//
//	<Error><Code>NoSuchBucketPolicy</Code></Error>
//
// Of the answers that fit a request the first unused one is taken, so pages
// stand in the order in which they are asked for. A request that no answer fits
// gets a status of 400 with the code NotRecorded, and is reported by Problems,
// as are answers that were never asked for. Files whose names begin with a
// small letter are not answers.
type Replay struct {
	// Operation names the operation of a request.
	Operation func(*http.Request) string

	mu      sync.Mutex
	answers []answer
	missing []string
}

type answer struct {
	name  string
	op    string
	words []string
	raw   []byte
	used  bool
}

// NewReplay returns a transport that answers from the archive.
func NewReplay(archive *txtar.Archive, operation func(*http.Request) string) *Replay {
	r := &Replay{Operation: operation}
	for _, f := range archive.Files {
		words := strings.Fields(f.Name)
		if len(words) == 0 || f.Name[0] < 'A' || f.Name[0] > 'Z' {
			continue
		}
		r.answers = append(r.answers, answer{name: f.Name, op: words[0], words: words[1:], raw: f.Data})
	}
	return r
}

// RoundTrip implements http.RoundTripper.
func (r *Replay) RoundTrip(req *http.Request) (*http.Response, error) {
	op := r.Operation(req)
	text, err := requestText(req)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.answers {
		a := &r.answers[i]
		if a.used || a.op != op || !containsAll(text, a.words) {
			continue
		}
		a.used = true
		return parseAnswer(req, a.raw)
	}
	r.missing = append(r.missing, op+" "+text)
	return parseAnswer(req, []byte("400\nContent-Type: application/json\nX-Amzn-Errortype: NotRecorded\n\n{\"__type\":\"NotRecorded\"}"))
}

// Problems returns the requests without an answer and the answers without a
// request.
func (r *Replay) Problems() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, m := range r.missing {
		out = append(out, "no answer recorded for "+m)
	}
	for _, a := range r.answers {
		if !a.used {
			out = append(out, "never asked for: "+a.name)
		}
	}
	slices.Sort(out)
	return out
}

func requestText(req *http.Request) (string, error) {
	text := req.Method + " " + req.URL.Path + "?" + req.URL.RawQuery
	if q, err := url.QueryUnescape(req.URL.RawQuery); err == nil {
		text += " " + q
	}
	if req.Body == nil {
		return text, nil
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return "", fmt.Errorf("read request: %w", err)
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if plain, err := url.QueryUnescape(string(body)); err == nil {
		text += " " + plain
	}
	return text + " " + string(body), nil
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// parseAnswer reads "status, headers, empty line, body".
func parseAnswer(req *http.Request, raw []byte) (*http.Response, error) {
	status, rest, _ := bytes.Cut(raw, []byte("\n"))
	head := append([]byte("HTTP/1.1 "+strings.TrimSpace(string(status))+" .\n"), rest...)
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), req)
	if err != nil {
		return nil, fmt.Errorf("recorded answer: %w", err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("recorded answer: %w", err)
	}
	body = bytes.TrimRight(body, "\n")
	if resp.Header.Get(binaryHeader) != "" {
		if body, err = base64.StdEncoding.DecodeString(string(body)); err != nil {
			return nil, fmt.Errorf("recorded answer: %w", err)
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	return resp, nil
}

// Recorder passes requests on and writes down the answers as an archive that
// Replay reads. Words names what tells requests of one operation apart.
type Recorder struct {
	Base      http.RoundTripper
	Operation func(*http.Request) string
	// Words picks the selecting words of a request, from its text.
	Words func(op, text string) []string

	mu      sync.Mutex
	archive txtar.Archive
}

// binaryHeader marks a recorded body that is no text and stands in base64.
const binaryHeader = "Recorded-Body"

// keptHeaders are the ones that clients look at.
var keptHeaders = []string{"Content-Type", "X-Amzn-Errortype", "X-Amzn-Query-Error", "X-Amz-Bucket-Region", "Smithy-Protocol"}

// RoundTrip implements http.RoundTripper.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	op := r.Operation(req)
	text, err := requestText(req)
	if err != nil {
		return nil, err
	}
	resp, err := r.Base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if err := resp.Body.Close(); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d\n", resp.StatusCode)
	for _, h := range keptHeaders {
		if v := resp.Header.Get(h); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", h, v)
		}
	}
	if strings.Contains(resp.Header.Get("Content-Type"), "cbor") {
		fmt.Fprintf(&b, "%s: base64\n\n%s", binaryHeader, base64.StdEncoding.EncodeToString(body))
	} else {
		b.WriteByte('\n')
		b.Write(body)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	name := strings.Join(append([]string{op}, r.Words(op, text)...), " ")
	r.archive.Files = append(r.archive.Files, txtar.File{Name: name, Data: b.Bytes()})
	return resp, nil
}

// Archive returns what was recorded, sorted by name; answers of the same name
// stay in order.
func (r *Recorder) Archive() *txtar.Archive {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := txtar.Archive{Files: slices.Clone(r.archive.Files)}
	slices.SortStableFunc(out.Files, func(a, b txtar.File) int { return strings.Compare(a.Name, b.Name) })
	return &out
}
