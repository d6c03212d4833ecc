package app

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestSelectOfProvider holds that the controls of a provider are those that judge
// something there, also of the ones on a class.
func TestSelectOfProvider(t *testing.T) {
	a, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	everywhere := map[string]int{}
	for _, provider := range []string{model.AWS, model.Azure, model.GCP} {
		controls, err := a.Select(Selection{Provider: provider})
		if err != nil {
			t.Fatal(err)
		}
		for i := range controls {
			c := &controls[i]
			everywhere[c.ID]++
			of, err := a.Engine.TypesOf(*c)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(of, func(typ string) bool { return model.ProviderOf(typ) == provider }) {
				t.Errorf("%s is listed for %s, but judges %v only", c.ID, provider, of)
			}
		}
	}
	for i := range a.Catalog.Controls {
		if c := &a.Catalog.Controls[i]; everywhere[c.ID] == 0 {
			t.Errorf("%s is listed for no provider", c.ID)
		}
	}
}

// TestSelectOfService holds that a service's controls are all there: those about
// types that come with the listing of another, those about types within another,
// and those about the account or the region as a whole.
func TestSelectOfService(t *testing.T) {
	a, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		service    string
		has, lacks []string
	}{
		{"iam", []string{
			"aws-iam-user-has-mfa", "aws-iam-group-inline-policy-is-not-admin", "aws-iam-policy-attached-is-not-admin",
			"aws-iam-access-key-unused-is-disabled", "aws-iam-support-role-exists", "user-has-mfa",
		}, []string{"aws-cloudtrail-trail-is-logging", "storage-is-not-public"}},
		{"cloudtrail", []string{"aws-cloudtrail-trail-is-logging", "aws-cloudtrail-trail-validates-files"}, []string{"aws-iam-support-role-exists"}},
		{"cloudwatch", []string{"aws-cloudwatch-alarm-on-root-activity", "aws-cloudwatch-alarm-has-actions"}, nil},
		{"config", []string{"aws-config-recorder-is-on"}, []string{"aws-guardduty-is-on"}},
		{"s3", []string{"storage-is-not-public"}, []string{"aws-s3-account-blocks-public-access"}},
		{"s3control", []string{"aws-s3-account-blocks-public-access"}, []string{"storage-is-not-public"}},
	} {
		t.Run(test.service, func(t *testing.T) {
			controls, err := a.Select(Selection{Provider: model.AWS, Services: []string{test.service}})
			if err != nil {
				t.Fatal(err)
			}
			has := func(id string) bool {
				return slices.ContainsFunc(controls, func(c model.Control) bool { return c.ID == id })
			}
			for _, id := range test.has {
				if !has(id) {
					t.Errorf("%s is missing", id)
				}
			}
			for _, id := range test.lacks {
				if has(id) {
					t.Errorf("%s is selected", id)
				}
			}
		})
	}
}
