package aws

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() { register(Collector{Name: "kms", Types: []Type{kmsKeys, kmsAliases}}) }

var kmsKeys = Type{
	Name:    "AWS::KMS::Key",
	Class:   "key",
	ID:      "{KeyArn}",
	Label:   "{KeyId}",
	Created: "{CreationDate}",
	List: list(kms.NewFromConfig, (*kms.Client).ListKeys,
		all(kms.ListKeysInput{Limit: aws.Int32(1000)}),
		func(o *kms.ListKeysOutput) []types.KeyListEntry { return o.Keys },
	).sends(),
	Root: new(read("KeyMetadata", kms.NewFromConfig, (*kms.Client).DescribeKey, func(k *model.Asset) *kms.DescribeKeyInput {
		return &kms.DescribeKeyInput{KeyId: str(k, "KeyId")}
	}).sends("Arn", "CreationDate", "Enabled", "KeyManager", "KeyState", "KeySpec", "KeyUsage", "Origin", "MultiRegion")),
	Side: []Read{
		read("Policy", kms.NewFromConfig, (*kms.Client).GetKeyPolicy, func(k *model.Asset) *kms.GetKeyPolicyInput {
			return &kms.GetKeyPolicyInput{KeyId: str(k, "KeyId"), PolicyName: aws.String("default")}
		}),
		read("KeyRotationStatus", kms.NewFromConfig, (*kms.Client).GetKeyRotationStatus, func(k *model.Asset) *kms.GetKeyRotationStatusInput {
			return &kms.GetKeyRotationStatusInput{KeyId: str(k, "KeyId")}
		}).missing("UnsupportedOperationException").sends("KeyRotationEnabled").only(mayRotate),
		readAll("Grants", kms.NewFromConfig, (*kms.Client).ListGrants, func(k *model.Asset) *kms.ListGrantsInput {
			return &kms.ListGrantsInput{KeyId: str(k, "KeyId"), Limit: aws.Int32(100)}
		}).sends("Grants"),
		readAll("Tags", kms.NewFromConfig, (*kms.Client).ListResourceTags, func(k *model.Asset) *kms.ListResourceTagsInput {
			return &kms.ListResourceTagsInput{KeyId: str(k, "KeyId"), Limit: aws.Int32(50)}
		}).sends("Tags").only(notOfAWS),
		compute("Aliases", &model.Schema{Kind: model.List, Elem: &model.Schema{Kind: model.String}}, []operation{kmsAliasList.op}, aliasesOfKey),
	},
	JSON:    []string{"Policy"},
	Always:  []string{"KeyArn", "KeyId"},
	Managed: func(doc model.Document) bool { return doc["KeyManager"] == string(types.KeyManagerTypeAws) },
}

var kmsAliasList = list(kms.NewFromConfig, (*kms.Client).ListAliases,
	all(kms.ListAliasesInput{Limit: aws.Int32(100)}),
	func(o *kms.ListAliasesOutput) []types.AliasListEntry { return o.Aliases },
).sends().kept()

// An alias of AWS has no TargetKeyId until its service needs the key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
var kmsAliases = Type{
	Name:    "AWS::KMS::Alias",
	Class:   "key alias",
	ID:      "{AliasArn}",
	Label:   "{AliasName}",
	Created: "{CreationDate}",
	List:    kmsAliasList,
	Always:  []string{"AliasArn", "AliasName"},
	Managed: func(doc model.Document) bool {
		name, _ := doc["AliasName"].(string)
		return strings.HasPrefix(name, "alias/aws/")
	},
}

// mayRotate says whether KMS can rotate a key by itself: a symmetric key of the
// customer whose material KMS made, as long as it is in use or can be again.
// When the metadata could not be read, asking is what tells.
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
func mayRotate(k *model.Asset) bool {
	is := func(member string, values ...string) bool {
		v, _ := k.Config[member].(string)
		return v == "" || slices.Contains(values, v)
	}
	return notOfAWS(k) && is("KeySpec", string(types.KeySpecSymmetricDefault)) && is("Origin", string(types.OriginTypeAwsKms)) &&
		is("KeyState", string(types.KeyStateEnabled), string(types.KeyStateDisabled))
}

// notOfAWS leaves out the keys of AWS's own services, which nobody can tag.
func notOfAWS(k *model.Asset) bool { return k.Config["KeyManager"] != string(types.KeyManagerTypeAws) }

// aliasesOfKey names the aliases that point to a key.
func aliasesOfKey(ctx context.Context, s *Session, region string, k *model.Asset) (any, error) {
	names, err := shared(s, "kms aliases by key "+region, func() (map[any][]any, error) {
		aliases, err := kmsAliasList.all(ctx, s, region)
		names := map[any][]any{}
		for _, a := range aliases {
			if id := a["TargetKeyId"]; id != nil {
				names[id] = append(names[id], a["AliasName"])
			}
		}
		return names, err
	})
	if err != nil {
		return nil, err
	}
	return append([]any{}, names[k.Config["KeyId"]]...), nil
}
