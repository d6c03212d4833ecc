package aws

// FunctionURLPublic reports whether a function URL without authorization
// (AuthType NONE) can be called by anyone. The function's policy still has to
// allow it: URLs made before October 2025 need lambda:InvokeFunctionUrl, later
// ones lambda:InvokeFunction as well.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
func FunctionURLPublic(policy Policy, q PublicQuery, bothActions bool) Answer {
	ctx := Context{}
	for k, v := range q.Context {
		ctx[k] = v
	}
	ctx["lambda:FunctionUrlAuthType"] = Is("NONE")
	ctx["lambda:InvokedViaFunctionUrl"] = Is("true")
	q.Context = ctx
	url := q
	url.Actions = []string{"lambda:InvokeFunctionUrl"}
	a := Public(policy, url)
	if !bothActions {
		return a
	}
	q.Actions = []string{"lambda:InvokeFunction"}
	x := newExposure(policy, q)
	x.throughURL = true
	anyone := anonymousCaller(&x.policy, x.zone)
	x.try(&anyone)
	if x.answer.Level < AnonymousLevel && a.Level >= AnyAuthenticated {
		out := Answer{Value: False, Missing: nil}
		out.because(a.Because...)
		out.because(Cite{Policy: policy.label(), Why: "lambda:InvokeFunction is not allowed as well"})
		return out
	}
	a.because(x.answer.Because...)
	a.finish()
	return a
}
