package aws

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/stance-sec/stance/internal/model"
)

// Regions returns the regions to scan, sorted: those asked for, else those that
// the account has enabled. A region that is not enabled is an error that lists
// the ones that are.
func (s *Session) Regions(ctx context.Context) ([]string, error) {
	op := operationOf[ec2.DescribeRegionsInput]()
	c := clientFor(s, s.cfg.Region, ec2.NewFromConfig)
	out, err := invoke(ctx, s, s.cfg.Region, op, func(ctx context.Context) (*ec2.DescribeRegionsOutput, error) {
		return c.DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
	})
	if err == nil && len(out.Regions) == 0 {
		err = lacks("Regions") // every account has some
	}
	if err != nil {
		if len(s.opts.Regions) > 0 {
			// The list is only a check then; reading will tell.
			return s.without(s.opts.Regions), nil
		}
		return nil, fmt.Errorf("list the account's regions: %w; name them with --regions, or grant ec2:DescribeRegions", signInError(err, s.opts))
	}
	var enabled, disabled []string
	for _, r := range out.Regions {
		name := aws.ToString(r.RegionName)
		if aws.ToString(r.OptInStatus) == "not-opted-in" {
			disabled = append(disabled, name)
			continue
		}
		enabled = append(enabled, name)
	}
	if len(s.opts.Regions) == 0 {
		return s.without(enabled), nil
	}
	for _, want := range s.opts.Regions {
		if slices.Contains(disabled, want) {
			return nil, fmt.Errorf("%w region %s: it is not enabled in account %s; enable it or leave it out of --regions", model.ErrInvalid, want, s.Account)
		}
		if !slices.Contains(enabled, want) {
			slices.Sort(enabled)
			return nil, fmt.Errorf("%w region %q: account %s has %s", model.ErrInvalid, want, s.Account, strings.Join(enabled, ", "))
		}
	}
	return s.without(s.opts.Regions), nil
}

func (s *Session) without(regions []string) []string {
	out := slices.DeleteFunc(slices.Clone(regions), func(r string) bool { return slices.Contains(s.opts.ExcludeRegions, r) })
	slices.Sort(out)
	return slices.Compact(out)
}

// Frame yields the assets that stand for the account and its scanned regions.
func (s *Session) Frame(regions []string) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		account := model.Asset{
			ID: fmt.Sprintf("arn:%s:iam::%s:root", s.Partition, s.Account), Type: AccountType, Class: "account", Name: s.Account,
			Scope:  model.Scope{Provider: model.AWS, Partition: s.Partition, Account: s.Account},
			Origin: model.Origin{Kind: model.OriginLive},
			Config: model.Document{"Account": s.Account, "Arn": s.Arn, "UserId": s.UserID},
		}
		if !yield(account, nil) {
			return
		}
		for _, r := range regions {
			a := model.Asset{
				ID: fmt.Sprintf("arn:%s:account:%s:%s:region", s.Partition, r, s.Account), Type: RegionType, Class: "region", Name: r,
				Scope: s.scope(r), Origin: model.Origin{Kind: model.OriginLive}, Config: model.Document{"RegionName": r},
			}
			if !yield(a, nil) {
				return
			}
		}
	}
}

// opError ties an error of a hook to the call that failed.
type opError struct {
	op  operation
	err error
}

// Error implements error.
func (e *opError) Error() string { return e.op.String() + ": " + e.err.Error() }

// Unwrap implements the convention of package errors.
func (e *opError) Unwrap() error { return e.err }

func asOpError(err error, target **opError) bool { return errors.As(err, target) }

// hooked makes a call inside a Custom hook; its error names the operation.
func hooked[Out any](ctx context.Context, s *Session, region string, op operation, call func(context.Context) (*Out, error)) (*Out, error) {
	out, err := invoke(ctx, s, region, op, call)
	if err != nil {
		return nil, &opError{op, err}
	}
	return out, nil
}
