package normalize

import "github.com/stance-sec/stance/internal/iam/aws"

// strong says whether a policy document makes its holder an administrator, or
// lets the holder become one.
func strong(doc any) bool {
	if doc == nil {
		return false
	}
	p := []aws.Policy{aws.Parse(doc, aws.KindIdentity)}
	return aws.Administrator(p, nil).Value == aws.True || len(aws.BroadEscalations(p, nil, 1)) > 0
}

// openPolicy marks the asset as exposed when its resource policy lets in
// everybody, or every AWS account.
func (s shape) openPolicy(path string) {
	doc, ok := at(map[string]any(s.Config), path).(map[string]any)
	if !ok || !namesEverybody(doc) {
		return
	}
	q := aws.PublicQuery{Resources: []string{s.ID, s.ID + "/*", s.ID + ":*"}, Account: s.Scope.Account}
	if aws.Public(aws.Parse(doc, aws.KindResource), q).Value == aws.True {
		s.exposed("its policy")
	}
}

// namesEverybody spares the engine the policies that cannot be public, which are
// nearly all: no statement of theirs has a principal that stands for everybody.
func namesEverybody(doc map[string]any) bool {
	for _, st := range list(doc, "Statement") {
		statement, _ := st.(map[string]any)
		if statement["NotPrincipal"] != nil || statement["Principal"] == "*" {
			return true
		}
		for _, p := range list(statement, "Principal.AWS") {
			if p == "*" {
				return true
			}
		}
	}
	return false
}
