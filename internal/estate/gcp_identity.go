package estate

import "strings"

// email is the address of a service account.
func (p project) email(name string) string { return name + "@" + p.name + ".iam.gserviceaccount.com" }

// defaultEmail is that of the account which Compute Engine makes.
func (p project) defaultEmail() string { return p.number + "-compute@developer.gserviceaccount.com" }

// serviceAccount adds a service account, and when it last signed in unless that
// cannot be read. Used -1 is never.
func (p project) serviceAccount(email, display string, used int, policy doc) {
	config := doc{
		"name": p.path("serviceAccounts/" + email), "projectId": p.name, "uniqueId": p.unique(email), "email": email, "displayName": display,
		"oauth2ClientId": p.unique(email), "etag": "MDEwMjE5MjA=",
	}
	if policy != nil {
		config["iamPolicy"] = policy
	}
	p.add("iam.googleapis.com/ServiceAccount", "iam.googleapis.com", "serviceAccounts/"+p.unique(email), "global", config)
	p.lastUse("serviceAccount", "ServiceAccount", p.path("serviceAccounts/"+email), "//iam.googleapis.com/"+p.path("serviceAccounts/"+email), used)
	// Google makes and renews a key for itself.
	p.keyOf(email, "system", 9, "SYSTEM_MANAGED")
}

// keyOf adds a key of a service account.
func (p project) keyOf(email, seed string, age int, kind string) {
	key := p.hex("key/"+email+seed, 40)
	config := doc{
		"name": p.path("serviceAccounts/" + email + "/keys/" + key), "keyAlgorithm": "KEY_ALG_RSA_2048", "keyType": kind, "keyOrigin": "GOOGLE_PROVIDED",
		"validAfterTime": p.ago(age), "validBeforeTime": "9999-12-31T23:59:59Z",
	}
	if kind == "SYSTEM_MANAGED" {
		config["validBeforeTime"] = p.ago(age - 16)
	}
	a := p.add("iam.googleapis.com/ServiceAccountKey", "iam.googleapis.com", "serviceAccounts/"+p.unique(email)+"/keys/"+key, "global", config)
	if kind == "SYSTEM_MANAGED" {
		a.ManagedBy = "gcp"
	}
}

// userKey adds a key that somebody made and carried away.
func (p project) userKey(email, seed string, age, used int) {
	p.keyOf(email, seed, age, "USER_MANAGED")
	full := p.path("serviceAccounts/" + email + "/keys/" + p.hex("key/"+email+seed, 40))
	p.lastUse("serviceAccountKey", "ServiceAccountKey", full, "//iam.googleapis.com/"+full, used)
}

// lastUse adds what the policy analyzer tells of an account or a key. In the
// sandbox nobody may ask it.
func (p project) lastUse(member, kind, name, full string, used int) {
	if p.name == LabProject {
		return
	}
	activityType := member + "LastAuthentication"
	activity := doc{member: doc{"projectNumber": p.number64(), "serviceAccountId": p.unique(name), "fullResourceName": full}}
	if used >= 0 {
		activity["lastAuthenticatedTime"] = p.ago(used)
	}
	p.put(p.scope(), "policyanalyzer.googleapis.com/"+kind+"LastAuthentication", full+"/"+activityType, "global", doc{
		"fullResourceName": full, "activityType": activityType, "observationPeriod": doc{"startTime": p.ago(400), "endTime": p.ago(1)}, "activity": activity,
	}).Name = full
}

// unique is the number by which Google knows a service account.
func (p project) unique(email string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= 'a' {
			return '0' + (r-'a')%10
		}
		return r
	}, p.hex("unique/"+email, 20))
	return "1" + digits
}

// federation adds the pool that lets GitHub's workflows sign in; a condition of ""
// lets in those of everybody's repositories.
func (p project) federation(pool, condition string) {
	name := p.numbered("locations/global/workloadIdentityPools/" + pool)
	p.put(p.scope(), "iam.googleapis.com/WorkloadIdentityPool", "//iam.googleapis.com/"+name, "global", doc{"name": name, "displayName": pool, "state": "ACTIVE"})
	config := doc{
		"name": name + "/providers/github", "displayName": "GitHub", "state": "ACTIVE", "oidc": doc{"issuerUri": "https://token.actions.githubusercontent.com", "allowedAudiences": list{}},
		"attributeMapping": doc{"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"},
	}
	if condition != "" {
		config["attributeCondition"] = condition
	}
	p.put(p.scope(), "iam.googleapis.com/WorkloadIdentityPoolProvider", "//iam.googleapis.com/"+name+"/providers/github", "global", config)
}
