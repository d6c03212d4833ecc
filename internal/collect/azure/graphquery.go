package azure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

const (
	graphQueryVersion = "2024-04-01"
	// pageRows is the largest page, maxSubscriptions how many subscriptions one
	// query names.
	pageRows         = 1000
	maxSubscriptions = 300
)

// errTruncated says that Resource Graph did not deliver every row.
var errTruncated = errors.New("rows are missing")

// columns are what every table has. The id is scalar, which paging needs.
// https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data
const columns = "id, name, type, tenantId, kind, location, resourceGroup, subscriptionId, managedBy, sku, plan, properties, tags, identity, zones, extendedLocation"

// query is one bulk query of Resource Graph, without its page.
type query struct {
	table string
	types []string
	// where is a further condition, for tables whose rows are too many.
	where string
	// subscriptions or groups are the scope; one of them is set.
	subscriptions []string
	groups        []string
}

func (q *query) op() string { return "resourcegraph:" + q.table }

// inherited says that what is assigned above a scope belongs to its rows.
func inherited(table string) bool {
	return table == "authorizationresources" || table == "policyresources"
}

// text returns the query. It has no limiting operator: with one the service
// sends no token for a next page.
// https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data#paging-results
func (q *query) text() string {
	var b strings.Builder
	b.WriteString(q.table + "\n| where type in~ (")
	for i, t := range q.types {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("'" + strings.ToLower(t) + "'")
	}
	b.WriteString(")\n")
	if q.where != "" {
		b.WriteString("| where " + q.where + "\n")
	}
	b.WriteString("| project " + columns + "\n| order by id asc")
	return b.String()
}

// body returns the request for one page.
func (q *query) body(token string) (string, error) {
	options := map[string]any{"resultFormat": "objectArray", "$top": pageRows, "allowPartialScopes": false}
	if token != "" {
		options["$skipToken"] = token
	}
	if inherited(q.table) {
		options["authorizationScopeFilter"] = "AtScopeAboveAndBelow"
	}
	body := map[string]any{"query": q.text(), "options": options}
	if len(q.groups) > 0 {
		body["managementGroups"] = q.groups
	} else {
		body["subscriptions"] = q.subscriptions
	}
	out, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("resource graph query: %w", err)
	}
	return string(out), nil
}

// rows reads all pages of a query. The token alone says whether there is a next
// page; resultTruncated without one says that rows are missing, as does a sum
// below the total of the first page.
func (s *Session) rows(ctx context.Context, q query, each func(model.Document) bool) error {
	var sum, total int64
	token := ""
	seen := map[string]bool{}
	for first := true; ; first = false {
		body, err := q.body(token)
		if err != nil {
			return err
		}
		if err := s.quota.wait(ctx, s.sleep); err != nil {
			return err
		}
		out, err := s.call(ctx, request{
			op: q.op(), method: http.MethodPost, body: body,
			url: s.env.ResourceGraph + "/providers/Microsoft.ResourceGraph/resources?api-version=" + url.QueryEscape(graphQueryVersion),
		})
		if err != nil {
			return err
		}
		s.quota.learn(out.header, time.Now())
		if strings.EqualFold(out.header.Get("X-Ms-Tenant-Subscription-Limit-Hit"), "true") {
			return fmt.Errorf("%w: the query covers more subscriptions than are answered for", errTruncated)
		}
		data, ok := out.doc["data"].([]any)
		if !ok {
			return fmt.Errorf("%w: it has no rows", errAnswer)
		}
		if n, ok := out.doc["count"].(int64); ok && n != int64(len(data)) {
			return fmt.Errorf("%w: a page of %d has %d", errTruncated, n, len(data))
		}
		if first {
			if total, ok = out.doc["totalRecords"].(int64); !ok {
				return fmt.Errorf("%w: it has no total", errAnswer)
			}
		}
		for i, row := range data {
			data[i] = nil // so that what was delivered of the page can go before its end
			m, ok := row.(map[string]any)
			if !ok || text(m, "id") == "" {
				return fmt.Errorf("%w: a row has no id", errAnswer)
			}
			if !each(m) {
				return ctx.Err()
			}
		}
		sum += int64(len(data))
		token, _ = out.doc["$skipToken"].(string)
		switch {
		case token == "" && isTruncated(out.doc["resultTruncated"]):
			return fmt.Errorf("%w: the service gave no token for the next page", errTruncated)
		case token == "" && total-sum > total/churn:
			return fmt.Errorf("%w: %d of %d came", errTruncated, sum, total)
		case token == "":
			return nil
		case seen[token]:
			return fmt.Errorf("%w: the token for the next page repeats", errAnswer)
		}
		seen[token] = true
	}
}

// churn is the share of rows that may go while the pages are read: one of 200.
const churn = 200

// isTruncated reads a member that the service sends as text.
func isTruncated(v any) bool {
	switch t := v.(type) {
	case bool:
		return t
	case string:
		return strings.EqualFold(t, "true")
	}
	return false
}

// quota follows what is left of the caller's queries in the window of the
// service: five seconds for most. It slows down when 30 % are left.
// https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
type quota struct {
	mu    sync.Mutex
	most  int // seen left over
	until time.Time
	step  time.Duration
}

func (q *quota) learn(h http.Header, now time.Time) {
	left, err := strconv.Atoi(h.Get("X-Ms-User-Quota-Remaining"))
	resets := clock(h.Get("X-Ms-User-Quota-Resets-After"))
	if err != nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.most = max(q.most, left)
	q.step = 0
	if left*10 <= q.most*3 {
		q.until = now.Add(resets)
		q.step = resets / time.Duration(left+1)
	}
}

// wait waits for a query's share of what is left of the window.
func (q *quota) wait(ctx context.Context, sleep func(context.Context, time.Duration) error) error {
	q.mu.Lock()
	d := q.step
	if rest := time.Until(q.until); rest < d {
		d = rest
	}
	q.mu.Unlock()
	if d <= 0 {
		return ctx.Err()
	}
	return sleep(ctx, d)
}

// bulk reads the rows of a query over everything in scope. A scope or a set of
// types that is too large for one answer is asked for in parts. lost is called
// with what could not be read: types, and the subscriptions, or nil for all.
func (s *Session) bulk(ctx context.Context, q query, each func(model.Document) bool, lost func(types, subscriptions []string, err error)) {
	var listed []string
	for _, sub := range s.tree.subscriptions() {
		if sub.listed {
			listed = append(listed, sub.id)
		}
	}
	if len(listed) == 0 {
		return
	}
	if s.tree.whole && len(listed) > maxSubscriptions {
		whole := q
		whole.groups = []string{s.Tenant}
		err := s.rows(ctx, whole, each)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			return
		}
		// Read it in parts; rows that came already come again.
	}
	chunks := slices.Collect(slices.Chunk(listed, maxSubscriptions))
	for _, chunk := range chunks {
		part := q
		part.subscriptions = chunk
		s.parts(ctx, part, each, func(types, subs []string, err error) {
			if len(chunks) == 1 && len(subs) == len(listed) {
				subs = nil
			}
			lost(types, subs, err)
		})
		if ctx.Err() != nil {
			return
		}
	}
}

// parts reads a query, and its halves where its answer is too large.
func (s *Session) parts(ctx context.Context, q query, each func(model.Document) bool, lost func(types, subscriptions []string, err error)) {
	err := s.rows(ctx, q, each)
	if err == nil || ctx.Err() != nil {
		return
	}
	var halves []query
	switch {
	case !isTooLarge(err):
	case len(q.types) > 1:
		halves = []query{q, q}
		halves[0].types, halves[1].types = q.types[:len(q.types)/2], q.types[len(q.types)/2:]
	case len(q.subscriptions) > 1:
		halves = []query{q, q}
		halves[0].subscriptions, halves[1].subscriptions = q.subscriptions[:len(q.subscriptions)/2], q.subscriptions[len(q.subscriptions)/2:]
	}
	if halves == nil {
		lost(q.types, q.subscriptions, err)
		return
	}
	for _, h := range halves {
		s.parts(ctx, h, each, lost)
	}
}

// isTooLarge says whether asking for less may help.
func isTooLarge(err error) bool {
	var api *apiError
	return hasCode(err, splitCodes) || errors.As(err, &api) && api.status == http.StatusGatewayTimeout
}
