package ask

import "strings"

// DeniesPlainHTTP says whether every request for the bucket or its objects that
// comes without TLS is denied, by whomever it is made: no caller, no action and
// no value of any condition key may be left for which no Deny matches.
func DeniesPlainHTTP(p Policy, t Target) Answer {
	service := serviceOf(t.ID)
	sep := "/"
	if service != "s3" {
		sep = ":"
	}
	resources := []string{t.ID}
	if service == "s3" {
		resources = append(resources, t.ID+sep+"zz/zz")
		for i := range p.Statements {
			for _, r := range append(p.Statements[i].Resources, "") {
				if strings.HasPrefix(r, t.ID+sep) {
					resources = append(resources, instances(r)...)
				}
			}
		}
	}
	actions := []string{service + ":ZzStanceUnnamed"}
	for _, c := range capabilities[service] {
		actions = append(actions, c.action)
	}
	for i := range p.Statements {
		for _, a := range p.Statements[i].Actions {
			if strings.HasPrefix(strings.ToLower(a), service+":") {
				actions = append(actions, instances(a)...)
			}
		}
	}
	callers := []outsider{
		{Caller{Kind: Anonymous}, Everybody},
		{Caller{Kind: User, Account: strangerAccount, Arn: "arn:aws:iam::" + strangerAccount + ":user/zz"}, AnyAuthenticated},
		{Caller{Kind: User, Account: t.Account, Arn: "arn:aws:iam::" + t.Account + ":user/zz"}, Private},
		{Caller{Kind: RoleSession, Account: t.Account, Arn: "arn:aws:iam::" + t.Account + ":role/zz", Session: "zz"}, Private},
	}
	// Callers whom a statement names by themselves may be the exception.
	for i := range p.Statements {
		for _, pr := range p.Statements[i].Principals {
			parts := strings.SplitN(pr.Value, ":", 6)
			if pr.Type != "AWS" || len(parts) < 6 {
				continue
			}
			switch {
			case strings.HasPrefix(parts[5], "role/"):
				callers = append(callers, outsider{Caller{Kind: RoleSession, Account: parts[4], Arn: pr.Value, Session: "zz"}, Private})
			case strings.HasPrefix(parts[5], "user/"):
				callers = append(callers, outsider{Caller{Kind: User, Account: parts[4], Arn: pr.Value}, Private})
			}
		}
	}
	ans := Answer{Known: true}
	ps := []Policy{p}
	for _, who := range callers {
		for _, resource := range resources {
			for _, action := range actions {
				if object := strings.Contains(strings.TrimPrefix(resource, t.ID), sep); service == "s3" && isObjectAction(action) != object && !strings.HasSuffix(action, "Unnamed") {
					continue
				}
				r := Request{Caller: who.Caller, Action: action, Resource: resource, Owner: t.Account}
				sp := newSpace(ps, func(key string) ([][]string, bool) {
					if key == "aws:securetransport" {
						return [][]string{{"false"}}, true
					}
					if who.level == Private {
						return ownKnow(key, &who)
					}
					return who.know(key, t)
				})
				open := false
				if !sp.each(func(ctx Context) bool {
					r.Context = ctx
					if d, _ := p.denies(&r); d != yes {
						open = true
					}
					return !open
				}) {
					ans.Known = false
				}
				if open {
					return Answer{Known: true, Because: []string{"no Deny covers " + action + " on " + resource + " without TLS by " + callerText(&who)}}
				}
			}
		}
	}
	if ans.Known {
		ans.Level = Everybody
	}
	return ans
}

// Denied says whether the answer is that everything is denied.
func (a Answer) Denied() bool { return a.Known && a.Level == Everybody }

func callerText(o *outsider) string {
	if o.level == Private {
		return o.Arn
	}
	return o.text()
}

func isObjectAction(action string) bool {
	for _, c := range capabilities["s3"] {
		if strings.EqualFold(c.action, action) {
			return c.child
		}
	}
	return strings.Contains(action, "Object")
}

// ownKnow is what is known of condition keys for a caller of the own account.
func ownKnow(key string, o *outsider) ([][]string, bool) {
	switch key {
	case "aws:principalarn":
		return [][]string{{o.Arn}}, true
	case "aws:principalaccount", "kms:calleraccount":
		return [][]string{{o.Account}}, true
	case "aws:principalisawsservice", "aws:viaawsservice":
		return [][]string{{"false"}}, true
	case "aws:principalservicename", "aws:sourcearn", "aws:sourceaccount", "aws:calledvia":
		return [][]string{nil}, true
	}
	return nil, false
}
