package aws

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go/middleware"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

func metadata(text string) middleware.Metadata {
	var m middleware.Metadata
	m.Set(textKey{}, []byte(text))
	return m
}

// TestAnswer holds that a plain member is in a document only if it was sent.
func TestAnswer(t *testing.T) {
	policies := func(text string, versions ...types.PolicyVersion) *iam.GetAccountAuthorizationDetailsOutput {
		return &iam.GetAccountAuthorizationDetailsOutput{Policies: []types.ManagedPolicyDetail{{PolicyVersionList: versions}}, ResultMetadata: metadata(text)}
	}
	v1, v2 := "v1", "v2"
	tests := []struct {
		name string
		out  any
		part func(any) any
		want model.Document
	}{
		{
			name: "JSON, one sent and one not",
			out:  &kms.DescribeKeyOutput{KeyMetadata: &kmstypes.KeyMetadata{}, ResultMetadata: metadata(`{"KeyMetadata":{"KeyId":"k"}}`)},
			want: model.Document{"KeyMetadata": map[string]any{}},
		},
		{
			name: "JSON, false",
			out:  &kms.DescribeKeyOutput{KeyMetadata: &kmstypes.KeyMetadata{}, ResultMetadata: metadata(`{"KeyMetadata":{"Enabled":false}}`)},
			want: model.Document{"KeyMetadata": map[string]any{"Enabled": false}},
		},
		{
			name: "JSON, null",
			out:  &kms.GetKeyRotationStatusOutput{ResultMetadata: metadata(`{"KeyRotationEnabled":null}`)},
			want: model.Document{},
		},
		{
			name: "no body",
			out:  &kms.GetKeyRotationStatusOutput{ResultMetadata: metadata(``)},
			want: model.Document{},
		},
		{
			name: "a text of another format says nothing",
			out:  &kms.GetKeyRotationStatusOutput{ResultMetadata: metadata("\xa0")},
			want: model.Document{"KeyRotationEnabled": false},
		},
		{
			name: "no text is kept",
			out:  &kms.GetKeyRotationStatusOutput{},
			want: model.Document{"KeyRotationEnabled": false},
		},
		{
			name: "XML, below lists",
			out: policies(`<?xml version="1.0"?><GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><Policies><member>
				<IsAttachable>false</IsAttachable>
				<PolicyVersionList><member><VersionId>v1</VersionId></member><member><VersionId>v2</VersionId><IsDefaultVersion>false</IsDefaultVersion></member></PolicyVersionList>
				</member></Policies></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`,
				types.PolicyVersion{VersionId: &v1}, types.PolicyVersion{VersionId: &v2}),
			part: func(out any) any { return &out.(*iam.GetAccountAuthorizationDetailsOutput).Policies[0] },
			want: model.Document{"IsAttachable": false, "PolicyVersionList": []any{
				map[string]any{"VersionId": "v1"}, map[string]any{"VersionId": "v2", "IsDefaultVersion": false},
			}},
		},
		{
			name: "XML, a list of one with one member",
			out: policies(`<R><GetAccountAuthorizationDetailsResult><Policies><member><PolicyVersionList><member><IsDefaultVersion>false</IsDefaultVersion></member></PolicyVersionList></member></Policies></GetAccountAuthorizationDetailsResult></R>`,
				types.PolicyVersion{VersionId: &v1}),
			part: func(out any) any { return &out.(*iam.GetAccountAuthorizationDetailsOutput).Policies[0] },
			want: model.Document{"PolicyVersionList": []any{map[string]any{"VersionId": "v1", "IsDefaultVersion": false}}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			part := test.out
			if test.part != nil {
				part = test.part(test.out)
			}
			if diff := gocmp.Diff(test.want, answerOf(test.out).document(part)); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParseText(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":1},null]}`))
	f.Add([]byte(`<R xmlns="x"><AResult><L><member/></L></AResult></R>`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		out := &iam.GetAccountAuthorizationDetailsOutput{Policies: make([]types.ManagedPolicyDetail, 1), ResultMetadata: metadata(string(text))}
		answerOf(out).document(out)
	})
}
