package aws

// aclActions are the actions that a permission on a bucket or an object stands
// for.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions
var aclActions = map[bool]map[string]map[string]bool{
	false: {
		"READ":      setOf("s3:listbucket s3:listbucketversions s3:listbucketmultipartuploads"),
		"WRITE":     setOf("s3:putobject s3:deleteobject s3:deleteobjectversion"),
		"READ_ACP":  setOf("s3:getbucketacl"),
		"WRITE_ACP": setOf("s3:putbucketacl"),
	},
	true: {
		"READ":      setOf("s3:getobject s3:getobjectversion"),
		"READ_ACP":  setOf("s3:getobjectacl s3:getobjectversionacl"),
		"WRITE_ACP": setOf("s3:putobjectacl s3:putobjectversionacl"),
	},
}

func (g ACLGrant) allows(action string) bool {
	if g.Permission != "FULL_CONTROL" {
		return aclActions[g.Object][g.Permission][action]
	}
	for _, actions := range aclActions[g.Object] {
		if actions[action] {
			return true
		}
	}
	return false
}

// aclGrants adds what the access control lists grant to the caller.
func (d *decider) aclGrants() {
	if d.service != "s3" {
		return
	}
	for _, g := range d.p.ACL {
		c := classNone
		switch {
		case g.Grantee == AllUsers, g.Grantee == AuthenticatedUsers && d.hasIdentity():
			c = classAny
		case g.Grantee == d.r.Principal.CanonicalID && g.Grantee != "":
			c = classAccount
		}
		if c != classNone && g.allows(d.env.action) {
			d.grant(c, always, Cite{Policy: "access control list", Why: "allows " + g.Permission})
		}
	}
}

// unfenced are the grants of the lists that the guardrails leave in force, and
// whether there are others: what denies a request denies it whatever allows it.
func (s S3Access) unfenced() (grants []ACLGrant, fenced bool) {
	if len(s.Guardrails) == 0 {
		return s.ACL, false
	}
	for _, g := range s.ACL {
		if (g.Grantee == AllUsers || g.Grantee == AuthenticatedUsers) && s.fenced(g) {
			fenced = true
			continue
		}
		grants = append(grants, g)
	}
	return grants, fenced
}

// fenced asks about a grant as if a policy made it.
func (s S3Access) fenced(g ACLGrant) bool {
	q := s.PublicQuery
	q.Actions = nil
	var actions, resources []any
	for _, a := range actionsByService["s3"] {
		if g.allows(a.name) && a.capability != Metadata {
			q.Actions, actions = append(q.Actions, a.name), append(actions, a.name)
		}
	}
	if len(actions) == 0 {
		return false
	}
	for _, r := range q.Resources {
		resources = append(resources, r)
	}
	statement := map[string]any{"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resources}
	if g.Grantee == AuthenticatedUsers {
		statement["Condition"] = map[string]any{"Null": map[string]any{"aws:PrincipalArn": "false"}}
	}
	return Public(Parse(map[string]any{"Version": "2012-10-17", "Statement": statement}, KindResource), q).Value == False
}
