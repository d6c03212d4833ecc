package azure

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// armGet asks Azure Resource Manager for one object. The path begins with "/".
func (s *Session) armGet(ctx context.Context, op, path, version string) (model.Document, error) {
	out, err := s.callARM(ctx, request{op: op, method: http.MethodGet, url: s.armURL(path, version, "")})
	return out.doc, err
}

func (s *Session) armURL(path, version, filter string) string {
	path, extra, _ := strings.Cut(path, "?")
	u := s.env.ARM + (&url.URL{Path: path}).EscapedPath() + "?api-version=" + url.QueryEscape(version)
	if extra != "" {
		u += "&" + extra
	}
	if filter != "" {
		u += "&$filter=" + url.QueryEscape(filter)
	}
	return u
}

// What is left of a bucket of 250 reads when calls slow down (30 %), and when
// they no longer need to.
const (
	lowReads    = 75
	enoughReads = 125
)

// callARM makes a call at the rates of its subscription and provider. While
// little is left of the caller's bucket, whoever used it up, calls come more
// slowly than it fills again, so that the service need not refuse.
func (s *Session) callARM(ctx context.Context, req request) (answer, error) {
	u, err := url.Parse(req.url)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", req.op, err)
	}
	sub := subscriptionOf(strings.TrimPrefix(u.Path, s.armPrefix))
	req.lanes = s.lanesFor(sub, providerOf(u.Path))
	if _, low := s.low.Load(sub); low {
		s.busy.Add(-1)
		err := s.lane(sub+"/low", readsPerSecond, 1).Wait(ctx)
		s.busy.Add(1)
		if err != nil {
			return answer{}, err //nolint:wrapcheck // the context's
		}
	}
	out, err := s.call(ctx, req)
	if err != nil {
		return out, err
	}
	for _, name := range []string{"X-Ms-Ratelimit-Remaining-Subscription-Reads", "X-Ms-Ratelimit-Remaining-Tenant-Reads"} {
		switch left, convErr := strconv.Atoi(out.header.Get(name)); {
		case convErr != nil:
		case left <= lowReads:
			s.low.Store(sub, true)
		case left >= enoughReads:
			s.low.Delete(sub)
		}
	}
	return out, nil
}

// armPages reads a list with all its pages and hands over each page's items. It
// ends early without an error when each returns false. A page that cannot be
// read, a link to another host and one that repeats make the list fail.
func (s *Session) armPages(ctx context.Context, req request, each func([]any) bool) error {
	return followPages(ctx, s.env.ARM, req, "nextLink", s.callARM, each)
}

// followPages is the paging of Azure Resource Manager (nextLink) and of
// Microsoft Graph (@odata.nextLink).
func followPages(ctx context.Context, base string, req request, link string, call func(context.Context, request) (answer, error), each func([]any) bool) error {
	seen := map[string]bool{}
	for {
		out, err := call(ctx, req)
		if err != nil {
			return err
		}
		items, ok := out.doc["value"].([]any)
		if !ok {
			return fmt.Errorf("%w: it has no list of values", errAnswer)
		}
		if len(items) > 0 && !each(items) {
			return ctx.Err()
		}
		next, _ := out.doc[link].(string)
		if next == "" {
			return nil
		}
		if seen[next] || next == req.url {
			return fmt.Errorf("%w: the link to the next page repeats", errAnswer)
		}
		seen[next] = true
		u, err := url.Parse(next)
		if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Host, hostOf(base)) {
			return fmt.Errorf("%w: the link to the next page leads to another host", errAnswer)
		}
		req.url, req.method, req.body = next, http.MethodGet, ""
	}
}

// subscriptionOf returns the subscription's id in a path or an ARM id, in lower
// case; empty where there is none.
func subscriptionOf(id string) string {
	rest, ok := cutPrefixFold(id, "/subscriptions/")
	if !ok {
		return ""
	}
	sub, _, _ := strings.Cut(rest, "/")
	return strings.ToLower(sub)
}

// groupOf returns the management group's name in an ARM id.
func groupOf(id string) string {
	rest, ok := cutPrefixFold(id, "/providers/Microsoft.Management/managementGroups/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// providerOf returns the provider of a path: the last one, as extensions stand
// below what they extend.
func providerOf(path string) string {
	rest, ok := afterLast(strings.ToLower(path), "/providers/")
	if !ok {
		return "microsoft.resources"
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}

// actionOf derives the permission of a read from the type that it stands below
// and its path: segments are a type and a name by turns, and a list that is
// asked for with POST is an action.
// https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
func actionOf(parent, path string, post bool) string {
	path, _, _ = strings.Cut(path, "?")
	if strings.HasPrefix(path, "/") {
		parent = ""
	}
	path = strings.Trim(path, "/")
	if below, ok := afterLast("/"+path, "/providers/"); ok {
		provider, rest, _ := strings.Cut(below, "/")
		parent, path = provider, rest
	} else if parent == "" {
		parent = "Microsoft.Resources"
	}
	parts := []string{parent}
	segments := strings.Split(path, "/")
	for i := 0; i < len(segments); i += 2 {
		if segments[i] != "" {
			parts = append(parts, segments[i])
		}
	}
	if post {
		return strings.Join(append(parts, "action"), "/")
	}
	return strings.Join(append(parts, "read"), "/")
}
