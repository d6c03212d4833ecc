package aws

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"

	"github.com/stance-sec/stance/internal/model"
)

// signInError says what to do about an error of the first call.
func signInError(err error, opts Options) error {
	var profile config.SharedConfigProfileNotExistError
	if errors.As(err, &profile) {
		return fmt.Errorf("%w: profile %q is not in the shared AWS files; aws configure list-profiles shows those that are", model.ErrCredentials, profile.Profile)
	}
	var op *smithy.OperationError
	isAssume := errors.As(err, &op) && op.OperationName == "AssumeRole" || strings.Contains(err.Error(), "AssumeRole")
	var api smithy.APIError
	if errors.As(err, &api) {
		code := api.ErrorCode()
		switch {
		case slices.Contains(expiredCodes, code):
			return fmt.Errorf("%w have expired (%s): sign in again, for example with aws sso login%s", model.ErrCredentials, code, profileFlag(opts))
		case isAssume && slices.Contains(deniedCodes, code):
			hint := "check that its trust policy names the caller"
			if opts.ExternalID == "" {
				hint += ", and give --external-id if the policy asks for one"
			} else {
				hint += " and the external id"
			}
			return fmt.Errorf("%w: the role %s may not be assumed (%s): %s, and that the caller is allowed sts:AssumeRole on it", model.ErrCredentials, opts.RoleARN, code, hint)
		case slices.Contains(disabledCodes, code):
			return fmt.Errorf("%w are not valid (%s): check the access key, or that the token belongs to this partition", model.ErrCredentials, code)
		case isAssume && code == "ValidationError":
			return fmt.Errorf("%w role %q: name it by its ARN, arn:aws:iam::ACCOUNT:role/NAME, and its external id as the role's owner gave it", model.ErrInvalid, opts.RoleARN)
		case slices.Contains(deniedCodes, code):
			return fmt.Errorf("%w: the caller was refused (%s)", model.ErrCredentials, code)
		}
		return fmt.Errorf("%w: the sign-in service answered %s", model.ErrUnreachable, code)
	}
	var dns *net.DNSError
	var netOp *net.OpError
	var certificate *tls.CertificateVerificationError
	var answer *awshttp.ResponseError
	var lack *model.Gap
	switch {
	case errors.As(err, &lack):
		return fmt.Errorf("%w: %s", model.ErrUnreachable, lack.Detail)
	case errors.As(err, &certificate):
		return fmt.Errorf("%w: %w: where a proxy signs with its own authority, name that in AWS_CA_BUNDLE", model.ErrUnreachable, certificate)
	case errors.As(err, &answer) && answer.HTTPStatusCode() != 0:
		return fmt.Errorf("%w: what answered is not the sign-in service of AWS (HTTP status %d, no code): check AWS_ENDPOINT_URL and HTTPS_PROXY", model.ErrUnreachable, answer.HTTPStatusCode())
	case errors.As(err, &dns):
		return fmt.Errorf("%w: no address for %s: check the region's name, the network and HTTPS_PROXY", model.ErrUnreachable, dns.Name)
	case errors.As(err, &netOp):
		if netOp.Op == "proxyconnect" {
			return fmt.Errorf("%w: the proxy of HTTPS_PROXY does not answer (%w): correct it or unset it", model.ErrUnreachable, netOp.Err)
		}
		return fmt.Errorf("%w: no connection to %v (%w): check the network, HTTPS_PROXY and AWS_ENDPOINT_URL", model.ErrUnreachable, netOp.Addr, netOp.Err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: the sign-in service did not answer in time: check the network, HTTPS_PROXY and AWS_ENDPOINT_URL", model.ErrUnreachable)
	}
	text := err.Error()
	if strings.Contains(text, "get credentials") || strings.Contains(text, "failed to refresh cached credentials") || strings.Contains(text, "credential") {
		return fmt.Errorf("%w: none found: run aws configure or aws sso login, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or name a profile with --profile", model.ErrCredentials)
	}
	return fmt.Errorf("%w: %w: check the network, HTTPS_PROXY and AWS_ENDPOINT_URL", model.ErrUnreachable, err)
}

func profileFlag(opts Options) string {
	if opts.Profile == "" {
		return ""
	}
	return " --profile " + opts.Profile
}
