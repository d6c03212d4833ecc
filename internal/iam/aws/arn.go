package aws

import "strings"

// arn is the six parts of an ARN; the resource part may hold colons.
type arn struct {
	partition, service, region, account, resource string
}

// splitARN splits at the first five colons.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func splitARN(s string) (arn, bool) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" {
		return arn{}, false
	}
	return arn{p[1], p[2], p[3], p[4], p[5]}, true
}

// Account is the account of an ARN, "" where the ARN carries none (S3) or is
// no ARN.
func Account(resource string) string {
	a, _ := splitARN(resource)
	return a.account
}

// arnGlob compiles a pattern of six parts. In the first five parts a star does
// not cross a colon. In the resource part a star before a colon or at the end
// may; another may not.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func arnGlob(pattern string) glob {
	if plainRunes(pattern) {
		toks := make([]token, 0, len(pattern))
		colons := 0
		for i, r := range pattern {
			star := tokSegStar
			if colons == 5 && (i+1 == len(pattern) || pattern[i+1] == ':' || pattern[i+1] == '*') {
				star = tokStar
			}
			if r == ':' && colons < 5 {
				colons++
			}
			toks = append(toks, wildToken(r, star))
		}
		return globOf(toks, pattern)
	}
	parts := strings.SplitN(pattern, ":", 6)
	toks := make([]token, 0, len(pattern))
	for i, part := range parts {
		if i > 0 {
			toks = append(toks, token{tokLit, ':'})
		}
		runes := []rune(part)
		toks = appendTokens(toks, runes, func(j int) tokenKind {
			if i == 5 && (j+1 == len(runes) || runes[j+1] == ':' || runes[j+1] == '*') {
				return tokStar
			}
			return tokSegStar
		})
	}
	return globOf(toks, "")
}

// resourceGlob compiles an entry of Resource or NotResource; the second result
// is false for an entry that can never match. What happens to an ARN of fewer
// than six parts depends on the kind of policy.
func resourceGlob(entry string, kind Kind) (glob, bool) {
	if entry == "*" {
		return newGlob("*"), true
	}
	n := strings.Count(entry, ":") + 1
	if n >= 6 {
		return arnGlob(entry), true
	}
	switch kind {
	case KindIdentity, KindBoundary, KindSession:
	case KindSCP:
		if !strings.HasSuffix(entry, "*") {
			return glob{}, false
		}
	case KindRCP:
		return glob{}, false
	default:
		if !strings.Contains(entry, "*") {
			return glob{}, false
		}
	}
	return arnGlob(entry + strings.Repeat(":*", 6-n)), true
}

// conditionARNGlob compiles a value of ArnEquals or ArnLike: six parts compared
// one by one. The second result is false for a value that is no ARN.
func conditionARNGlob(pattern string) (glob, bool) {
	if pattern == "*" {
		return newGlob("arn:*:*:*:*:*"), true
	}
	parts := strings.SplitN(pattern, ":", 6)
	if len(parts) < 6 {
		return glob{}, false
	}
	toks := make([]token, 0, len(pattern))
	for i, part := range parts {
		star := tokSegStar
		if i == 5 {
			star = tokStar
		}
		if i > 0 {
			toks = append(toks, token{tokLit, ':'})
		}
		toks = appendTokens(toks, []rune(part), func(int) tokenKind { return star })
	}
	return globOf(toks, ""), true
}
