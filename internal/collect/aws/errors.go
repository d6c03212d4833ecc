package aws

import (
	"context"
	"errors"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/stance-sec/stance/internal/model"
)

// The codes by which services say the same thing, after the collection
// specification 1.3. A code in none of them is a failure.
var (
	deniedCodes = []string{
		"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError",
		"AuthorizationErrorException", "ForbiddenException", "Client.UnauthorizedOperation", "AllAccessDisabled",
		"Forbidden", "AuthorizationException", "UnauthorizedException", "NotAuthorized",
	}
	notEnabledCodes = []string{
		"OptInRequired", "SubscriptionRequiredException", "InvalidAccessException", "AWSOrganizationsNotInUseException",
	}
	unsupportedCodes = []string{
		"UnknownOperationException", "UnknownOperation", "InvalidAction", "NotImplemented", "NotImplementedException",
		"UnsupportedOperation", "UnsupportedOperationException", "InvalidOperation",
		// Only an organization's management account may ask.
		"AccountNotManagementOrDelegatedAdministratorException",
	}
	disabledCodes = []string{"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "SignatureDoesNotMatch", "InvalidAccessKeyId"}
	expiredCodes  = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "ExpiredTokenErr", "TokenRefreshRequired"}
)

// failure is what an error of a call means.
type failure struct {
	state   model.UnitState
	reason  model.GapReason
	code    string
	by      string // class of policy that denied
	detail  string
	request string
}

// classify says what an error means. The error's text never leaves: it may
// quote resources and principals; only its class does.
func classify(err error) failure {
	f := failure{state: model.UnitFailed, reason: model.Failed, detail: "no usable answer"}
	var known *model.Gap
	if errors.As(err, &known) {
		return failure{state: model.UnitFailed, reason: known.Reason, code: known.Code, by: known.DeniedBy, detail: known.Detail, request: known.RequestID}
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		f.code = api.ErrorCode()
		f.detail = ""
	}
	var re *awshttp.ResponseError
	status := 0
	if errors.As(err, &re) {
		f.request = re.RequestID
		status = re.HTTPStatusCode()
	}
	is := func(codes []string) bool { return slices.Contains(codes, f.code) }
	switch {
	case errors.Is(err, errCircuit):
		f.detail = "the endpoint failed three times before"
	case errors.Is(err, context.DeadlineExceeded):
		f.detail = "timed out"
	case is(deniedCodes):
		f.state, f.reason = model.UnitDenied, model.Denied
		f.by = deniedBy(api.ErrorMessage())
	case isThrottle(err):
		f.state, f.reason = model.UnitThrottled, model.Throttled
	case is(notEnabledCodes):
		f.state, f.reason = model.UnitNotEnabled, ""
	case f.code == "KMSInvalidStateException":
		f.reason, f.detail = model.Unsupported, "the state of the key"
	case is(unsupportedCodes) || status == http.StatusNotImplemented || notServed(err, f.code, status) || isPage(re):
		f.state, f.reason = model.UnitUnsupported, model.Unsupported
	case status == http.StatusForbidden:
		f.state, f.reason = model.UnitDenied, model.Denied
	default:
		var dns *net.DNSError
		var op *net.OpError
		switch {
		case errors.As(err, &dns) && dns.IsNotFound:
			f.state, f.reason, f.detail = model.UnitUnsupported, model.Unsupported, "no endpoint of that name"
		case errors.As(err, &op):
			f.detail = "connection failed: " + op.Op
		case f.code == "" && strings.Contains(err.Error(), "deserialization"):
			f.detail = "malformed answer"
		}
	}
	return f
}

// isPage recognizes a web page in place of an answer from a server that is not
// AWS's own: an emulator or a middlebox that does not know the operation. AWS's
// load balancers answer with pages too when they are overloaded.
func isPage(re *awshttp.ResponseError) bool {
	if re == nil || re.Response == nil || re.Response.Response == nil || !strings.HasPrefix(re.Response.Header.Get("Content-Type"), "text/html") {
		return false
	}
	req := re.Response.Request
	if req == nil || req.URL == nil {
		return false
	}
	host := req.URL.Hostname()
	return !slices.ContainsFunc([]string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu"}, func(suffix string) bool {
		return strings.HasSuffix(host, suffix)
	})
}

// notServed recognizes the answers of emulators and middleboxes that do not
// know an operation: a page or an empty body with 404, or a generic code.
func notServed(err error, code string, status int) bool {
	if status == http.StatusNotFound || status == http.StatusMethodNotAllowed {
		return code == "" || code == "404" || code == "NotFound" || code == "UnknownError"
	}
	if status != http.StatusBadRequest && status != http.StatusInternalServerError {
		return false
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	m := strings.ToLower(api.ErrorMessage())
	return strings.Contains(m, "not been implemented") || strings.Contains(m, "not implemented") || strings.Contains(m, "not yet implemented")
}

func isThrottle(err error) bool {
	if retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool() {
		return true
	}
	var re *awshttp.ResponseError
	return errors.As(err, &re) && re.HTTPStatusCode() == http.StatusTooManyRequests
}

// isTransient says whether the same call may work a moment later.
func isTransient(err error) bool {
	var re *awshttp.ResponseError
	if errors.As(err, &re) && re.HTTPStatusCode() >= 500 && re.HTTPStatusCode() != http.StatusNotImplemented {
		return true
	}
	var netErr net.Error
	return errors.As(err, &netErr) || errors.Is(err, errShort)
}

func hasCode(err error, codes []string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}

var policyClasses = []struct {
	pattern *regexp.Regexp
	class   string
}{
	{regexp.MustCompile(`(?i)service control policy`), "scp"},
	{regexp.MustCompile(`(?i)resource control policy`), "rcp"},
	{regexp.MustCompile(`(?i)permissions boundary`), "boundary"},
	{regexp.MustCompile(`(?i)session policy`), "session"},
	{regexp.MustCompile(`(?i)VPC endpoint policy`), "vpc_endpoint"},
	{regexp.MustCompile(`(?i)resource-based policy`), "resource_policy"},
	{regexp.MustCompile(`(?i)identity-based policy`), "identity"},
}

// deniedBy reads from a refusal which kind of policy refused. Services name it
// in words: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func deniedBy(message string) string {
	for _, c := range policyClasses {
		if c.pattern.MatchString(message) {
			return c.class
		}
	}
	return ""
}
