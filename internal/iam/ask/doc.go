// Package ask decides what AWS policies allow. It parses policy documents into
// values, evaluates requests against sets of policies after the rules of IAM,
// and answers the questions that controls ask about all requests at once: can
// anybody outside do something here, is every request without TLS denied, does
// this make an administrator.
//
// The package is pure: it reads nothing and keeps nothing. Rules come from
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
// and the pages that it links.
package ask
