package google

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// validate refuses parameters and bodies that the method does not have, as the
// real front end does: a misspelt one must not pass for one without effect.
func (r *request) validate(data []byte) *status {
	for name, values := range r.query {
		if strings.HasPrefix(name, "$") {
			continue
		}
		p := r.m.params[name]
		if p == nil || p.Location != "query" {
			p = r.m.doc.Parameters[name]
		}
		if p == nil {
			return newStatus(r.m, http.StatusBadRequest, "Invalid JSON payload received. Unknown name %q: Cannot bind query parameter. Field %q could not be found in request message.", name, name).
				violation(name, "unknown name")
		}
		if len(values) > 1 && !p.Repeated {
			return newStatus(r.m, http.StatusBadRequest, "Invalid value for %s: it is given %d times.", name, len(values)).violation(name, "not repeated")
		}
		for _, v := range values {
			if !validParameter(p, v) {
				return newStatus(r.m, http.StatusBadRequest, "Invalid value at '%s': %q", name, v).violation(name, "invalid value")
			}
		}
	}
	for name, p := range r.m.params {
		if p.Required && p.Location == "query" && !r.query.Has(name) {
			return newStatus(r.m, http.StatusBadRequest, "Required parameter: %s", name).violation(name, "required")
		}
	}
	if alt := r.query.Get("alt"); alt != "" && alt != "json" {
		return newStatus(r.m, http.StatusBadRequest, "The stand-in answers JSON only, not %s.", alt)
	}
	if len(data) == 0 || r.m.request == nil {
		return nil
	}
	body, err := object(data)
	if err != nil {
		return newStatus(r.m, http.StatusBadRequest, "Invalid JSON payload received. %v", err)
	}
	if err := r.m.doc.check(r.m.request, body, "body"); err != nil {
		return newStatus(r.m, http.StatusBadRequest, "Invalid JSON payload received. %v", err)
	}
	r.body = body
	return nil
}

func validParameter(p *schema, v string) bool {
	if len(p.Enum) > 0 && !slices.Contains(p.Enum, v) {
		return false
	}
	var err error
	switch {
	case p.Type == "boolean":
		_, err = strconv.ParseBool(v)
	case p.Type == "integer":
		_, err = strconv.ParseInt(v, 10, 64)
	case p.Type == "number":
		_, err = json.Number(v).Float64()
	case p.Format == "google-datetime" || p.Format == "date-time":
		_, err = time.Parse(time.RFC3339Nano, v)
	}
	return err == nil
}
