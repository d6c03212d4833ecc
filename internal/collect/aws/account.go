package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() { register(Collector{Name: "account", Types: []Type{accountSettings}}) }

// Each alternate contact is a member of its own below AlternateContacts; one
// that nobody has named is not there.
// https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html
var accountSettings = Type{
	Name:   "AWS::Account::Settings",
	Class:  "account settings",
	Global: true,
	ID:     "arn:{partition}:account::{account}:settings/account",
	List:   one(),
	Side: []Read{
		read("ContactInformation", account.NewFromConfig, (*account.Client).GetContactInformation, func(*model.Asset) *account.GetContactInformationInput {
			return &account.GetContactInformationInput{}
		}).missing("ResourceNotFoundException").sends("FullName", "PhoneNumber"),
		alternateContact(types.AlternateContactTypeBilling),
		alternateContact(types.AlternateContactTypeOperations),
		alternateContact(types.AlternateContactTypeSecurity),
		readAll("Regions", account.NewFromConfig, (*account.Client).ListRegions, func(*model.Asset) *account.ListRegionsInput {
			return &account.ListRegionsInput{MaxResults: aws.Int32(50)}
		}).sends("Regions"),
	},
}

func alternateContact(kind types.AlternateContactType) Read {
	return read("AlternateContacts."+string(kind), account.NewFromConfig, (*account.Client).GetAlternateContact, func(*model.Asset) *account.GetAlternateContactInput {
		return &account.GetAlternateContactInput{AlternateContactType: kind}
	}).from("AlternateContact").missing("ResourceNotFoundException").sends("EmailAddress", "PhoneNumber")
}
