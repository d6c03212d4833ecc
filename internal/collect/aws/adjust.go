package aws

import (
	"context"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/aws/smithy-go/middleware"
)

// adjust sets what only single services need. Stand-ins and private endpoints
// answer on one host: buckets go into the path, and S3 Control leaves the
// account out of the host's name.
func adjust(options any, custom bool) {
	switch o := options.(type) {
	case *s3.Options:
		o.UsePathStyle = custom
		o.DisableMultiRegionAccessPoints = true
	case *s3control.Options:
		if custom {
			o.EndpointResolverV2 = plainHost{s3control.NewDefaultEndpointResolverV2()}
			o.APIOptions = append(o.APIOptions, withoutHostPrefix)
		}
	}
}

// plainHost resolves S3 Control endpoints without the account in the host.
type plainHost struct {
	inner s3control.EndpointResolverV2
}

// ResolveEndpoint implements s3control.EndpointResolverV2.
func (r plainHost) ResolveEndpoint(ctx context.Context, p s3control.EndpointParameters) (smithyendpoints.Endpoint, error) {
	e, err := r.inner.ResolveEndpoint(ctx, p)
	if err == nil && p.AccountId != nil {
		host, port, splitErr := net.SplitHostPort(e.URI.Host)
		host = strings.TrimPrefix(host, *p.AccountId+".")
		if splitErr == nil {
			e.URI.Host = net.JoinHostPort(host, port)
		} else {
			e.URI.Host = strings.TrimPrefix(e.URI.Host, *p.AccountId+".")
		}
	}
	return e, err
}

func withoutHostPrefix(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("StanceNoHostPrefix",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
}
