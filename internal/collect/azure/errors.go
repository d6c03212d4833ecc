package azure

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/stance-sec/stance/internal/model"
)

// apiError is an answer that is no success.
type apiError struct {
	status  int
	code    string
	message string // never shown: it may quote names
	request string
	after   time.Duration
	// directory says that Microsoft Graph answered.
	directory bool
}

// Error implements error. The service's text stays inside.
func (e *apiError) Error() string { return "the service answered " + e.name() }

func (e *apiError) name() string {
	if e.code != "" {
		return e.code
	}
	return http.StatusText(e.status)
}

// newAPIError reads the error form that Azure Resource Manager and Microsoft
// Graph share: {"error": {"code": …, "message": …, "details": […]}}. Some
// providers leave the outer object out.
// https://learn.microsoft.com/rest/api/gettingstarted
func newAPIError(resp *http.Response, body []byte) *apiError {
	e := parseAPIError(resp.StatusCode, resp.Header.Get, body)
	e.after = retryAfter(resp.Header, time.Now())
	return e
}

func parseAPIError(status int, header func(string) string, body []byte) *apiError {
	type text struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	var form struct {
		Error struct {
			text
			Details []text `json:"details"`
		} `json:"error"`
		text
	}
	e := &apiError{status: status, code: header("X-Ms-Error-Code")}
	for _, name := range []string{"X-Ms-Request-Id", "Request-Id", "X-Ms-Correlation-Request-Id"} {
		if e.request == "" {
			e.request = header(name)
		}
	}
	if json.Unmarshal(body, &form) == nil {
		e.code = orElse(orElse(form.Error.Code, form.Code), e.code)
		e.message = orElse(form.Error.Message, form.Message)
		// Resource Graph says BadRequest and what it means in the details.
		for _, d := range form.Error.Details {
			if e.code == "BadRequest" && d.Code != "" || slices.Contains(throttleCodes, d.Code) || slices.Contains(unsupportedCodes, d.Code) {
				e.code = d.Code
			}
			e.message += " " + d.Message
		}
	}
	return e
}

// The codes that say the same thing, after the collection specification 1.3. A
// code in none of them is a failure.
var (
	deniedCodes = []string{
		"AuthorizationFailed", "LinkedAuthorizationFailed", "Authorization_RequestDenied", "AccessDenied", "Forbidden",
		"AuthorizationPermissionMismatch", "RequestDisallowedByPolicy",
	}
	tenantCodes      = []string{"SubscriptionNotFound", "InvalidAuthenticationTokenTenant"}
	unsupportedCodes = []string{
		"NoRegisteredProviderFound", "InvalidResourceType", "InvalidApiVersionParameter", "MissingApiVersionParameter",
		"DisallowedLogicalTableName", // Resource Graph of this cloud lacks the table
		"InvalidResourceNamespace", "NotSupported", "FeatureNotSupportedForAccount", "OperationNotAllowedOnThisSku",
	}
	notRegisteredCodes = []string{"MissingSubscriptionRegistration"}
	licenceCodes       = []string{"Authentication_RequestFromNonPremiumTenantOrB2CTenant", "AadPremiumLicenseRequired"}
	throttleCodes      = []string{
		"SubscriptionRequestsThrottled", "TooManyRequests", "ResourceCollectionRequestsThrottled", "RetryableError",
		"RateLimiting", "ResourceRequestsThrottled", "OperationNotAllowedThrottled", "TenantRequestsThrottled",
	}
	splitCodes = []string{"ResponsePayloadTooLarge", "GatewayTimeout"}
)

// failure is what an error of a call means.
type failure struct {
	state      model.UnitState
	reason     model.GapReason
	code       string
	by         string // what refused, where it is no missing permission
	detail     string
	permission string // that the service names
	request    string
}

var actionPattern = regexp.MustCompile(`perform action '([A-Za-z0-9./]+)'`)

// classify says what an error means. The service's text never leaves, because
// it may quote names; only its class and the action that it names do.
func classify(err error) failure {
	f := failure{state: model.UnitFailed, reason: model.Failed, detail: "no usable answer"}
	var known *model.Gap
	if errors.As(err, &known) {
		return failure{
			state: model.UnitFailed, reason: known.Reason, code: known.Code, by: known.DeniedBy,
			detail: known.Detail, permission: known.Permission, request: known.RequestID,
		}
	}
	var api *apiError
	if !errors.As(err, &api) {
		return classifyTransport(err, f)
	}
	f.code, f.request, f.detail = api.code, api.request, ""
	is := func(codes []string) bool { return slices.Contains(codes, api.code) }
	switch {
	case api.code == "ScopeLocked":
		f.state, f.reason, f.by, f.detail = model.UnitDenied, model.Denied, "read_only_lock", "a ReadOnly lock blocks list actions"
	case is(tenantCodes):
		f.state, f.reason, f.by = model.UnitDenied, model.Denied, "wrong_tenant"
	case isThrottle(err):
		f.state, f.reason = model.UnitThrottled, model.Throttled
	case is(licenceCodes):
		f.state, f.reason, f.by, f.detail = model.UnitNotEnabled, model.Unsupported, "licence", "the tenant lacks the licence"
	case is(notRegisteredCodes):
		f.state, f.reason, f.detail = model.UnitNotEnabled, model.Unsupported, "the provider is not registered"
	case is(unsupportedCodes) || api.status == http.StatusNotImplemented || api.status == http.StatusMethodNotAllowed:
		f.state, f.reason = model.UnitUnsupported, model.Unsupported
	case is(deniedCodes) || api.status == http.StatusForbidden:
		f.state, f.reason = model.UnitDenied, model.Denied
		if m := actionPattern.FindStringSubmatch(api.message); m != nil {
			f.permission = m[1]
		}
	case api.status == http.StatusUnauthorized:
		f.state, f.reason, f.detail = model.UnitDenied, model.Denied, "the token was refused"
	case api.code == "":
		f.detail = "HTTP status " + http.StatusText(api.status) + " without a code"
	}
	return f
}

func classifyTransport(err error, f failure) failure {
	var auth *azidentity.AuthenticationFailedError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, errCircuit):
		f.detail = "nine calls in a row got no answer"
	case errors.As(err, &auth):
		f.state, f.reason, f.code, f.detail = model.UnitDenied, model.Denied, entraCode(auth), "no token was given"
	case errors.Is(err, errAnswer):
		f.detail = strings.TrimPrefix(err.Error(), errAnswer.Error()+": ")
	case errors.Is(err, context.DeadlineExceeded):
		f.detail = "timed out"
	case errors.As(err, &dns):
		f.detail = "no address for the endpoint"
	case errors.As(err, &op):
		f.detail = "connection failed: " + op.Op
	}
	return f
}

func isThrottle(err error) bool {
	var api *apiError
	return errors.As(err, &api) && (api.status == http.StatusTooManyRequests || slices.Contains(throttleCodes, api.code) ||
		api.status == http.StatusServiceUnavailable && (api.after > 0 || api.directory))
}

func hasCode(err error, codes []string) bool {
	var api *apiError
	return errors.As(err, &api) && slices.ContainsFunc(codes, func(c string) bool { return strings.EqualFold(c, api.code) })
}

// quoted is how Azure Resource Manager names what is not there:
// "The Resource 'Microsoft.Sql/servers/a/auditingSettings/default' under …".
var quoted = regexp.MustCompile(`'([A-Za-z0-9]+\.[^']+)'`)

// missing is what a ResourceNotFound says is not there.
type missing int

const (
	missingUnknown missing = iota
	missingAsset
	missingChild
)

// missingOf reads from the answer to a read below an asset whether the asset
// itself or only what was asked for is not there. The parent that is not found
// may be one between the two.
func missingOf(err error, asset string) (missing, bool) {
	var api *apiError
	if !errors.As(err, &api) {
		return missingUnknown, false
	}
	switch api.code {
	case "ResourceGroupNotFound":
		return missingAsset, true
	case "ParentResourceNotFound":
		return missingUnknown, true
	case "ResourceNotFound":
	default:
		return missingUnknown, false
	}
	own, _ := afterLast(strings.ToLower(asset), "/providers/")
	m := quoted.FindStringSubmatch(api.message)
	switch {
	case m == nil || own == "":
		return missingUnknown, true
	case strings.EqualFold(m[1], own):
		return missingAsset, true
	case strings.HasPrefix(strings.ToLower(m[1]), own+"/"):
		return missingChild, true
	}
	return missingUnknown, true
}

// afterLast returns what follows the last separator.
func afterLast(s, sep string) (string, bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[i+len(sep):], true
	}
	return "", false
}
