package aws

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// TestAdministered holds that only the management account asks who administers a
// service for the organization, that a member account and one on its own have
// the member absent, and that who could not find out has a gap.
func TestAdministered(t *testing.T) {
	const organization = `-- DescribeOrganization --
200
Content-Type: application/x-amz-json-1.1

{"Organization": {"Id": "o-exampleorg", "Arn": "arn:aws:organizations::MASTER:organization/o-exampleorg", "MasterAccountId": "MASTER"}}
`
	const alone = `-- DescribeOrganization --
400
Content-Type: application/x-amz-json-1.1
X-Amzn-Errortype: AWSOrganizationsNotInUseException

{"__type":"AWSOrganizationsNotInUseException","Message":"Your account is not a member of an organization."}
`
	const denied = `-- DescribeOrganization --
400
Content-Type: application/x-amz-json-1.1
X-Amzn-Errortype: AccessDeniedException

{"__type":"AccessDeniedException","Message":"not authorized"}
`
	const admins = `-- ListOrganizationAdminAccounts --
200
Content-Type: application/json

{"AdminAccounts": [{"AccountId": "210987654321", "Status": "ENABLED"}]}
`
	for _, tt := range []struct {
		name, answers string
		items         int // -1 for absent
		gap           string
	}{
		{"the management account", strings.ReplaceAll(organization, "MASTER", "123456789012") + admins, 1, ""},
		{"a member", strings.ReplaceAll(organization, "MASTER", "210987654321"), -1, ""},
		{"no organization", alone, -1, ""},
		{"the organization was not read", denied, -1, "organizations:DescribeOrganization"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			replay := collect.NewReplay(txtar.Parse([]byte(tt.answers)), operationName)
			s := testSession(replay)
			read := administered("OrganizationAdminAccounts", hubAdmins)
			got, err := read.run(t.Context(), s, "us-east-1", &read, &model.Asset{})
			for _, p := range replay.Problems() {
				t.Error(p)
			}
			var failed *opError
			switch {
			case errors.As(err, &failed) != (tt.gap != "") || failed != nil && failed.op.String() != tt.gap:
				t.Errorf("error %v, want one of %q", err, tt.gap)
			case tt.items < 0 && got != nil:
				t.Errorf("got %v, want nothing", got)
			case tt.items >= 0:
				if items, _ := got.([]any); len(items) != tt.items {
					t.Errorf("got %v, want %d", got, tt.items)
				}
			}
		})
	}
}
