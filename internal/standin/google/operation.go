package google

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// running is a long-running operation.
type running struct {
	name  string
	polls int
	Operation
}

// checkOperation refuses an operation on a method that answers none.
func (p *prepared) checkOperation(at string) error {
	s := p.m.doc.resolve(p.m.answer)
	if s == nil || s.Properties["done"] == nil && s.Properties["status"] == nil {
		return fmt.Errorf("%s: %s answers no operation", at, p.m.call())
	}
	if p.Operation.Error != nil {
		if p.Operation.Response != nil {
			return fmt.Errorf("%s: an operation ends with a response or an error", at)
		}
		return p.Operation.Error.check(at + ".error")
	}
	if s.Properties["done"] == nil && p.Operation.Response != nil {
		return fmt.Errorf("%s.response: operations of %s carry no response", at, p.m.api)
	}
	return nil
}

// startOperation notes an operation and answers it as not done.
func (s *Server) startOperation(req *request, o *Operation) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := fmt.Sprintf("operation-%d", len(s.operations)+1)
	op := &running{name: s.operationName(req, id), Operation: *o}
	s.operations[id] = op
	return op.state(req.m, false)
}

// operationName is a name under which an operations.get of the service answers.
func (s *Server) operationName(req *request, id string) string {
	service, err := s.lib.service(req.m.service)
	if err != nil {
		return id
	}
	_, version, _ := strings.Cut(req.m.api, ":")
	// Older services poll by a bare id beside the project, newer ones by a path.
	named := func(name string) bool {
		m, _ := service.route(http.MethodGet, "/"+version+"/"+name)
		return m != nil && isOperationGet(m) && slices.Equal(m.names, []string{"name"})
	}
	parts := strings.Split(scopeOf(req), "/")
	for n := len(parts) - len(parts)%2; n >= 0; n -= 2 {
		name := strings.TrimPrefix(strings.Join(parts[:n], "/")+"/operations/"+id, "/")
		if named(name) {
			return name
		}
	}
	// Cloud Asset names the kind of the export before the id.
	name := strings.Join(parts[:min(2, len(parts))], "/") + "/operations/" + req.m.name[strings.LastIndex(req.m.name, ".")+1:] + "/" + id
	if named(name) {
		return name
	}
	return id
}

func isOperationGet(m *method) bool {
	name := strings.ToLower(m.name)
	return strings.HasSuffix(name, "operations.get") || strings.HasSuffix(name, "operations.wait")
}

// operation answers the poll of an operation that this server started.
func (s *Server) operation(req *request) (map[string]any, *status) {
	if !isOperationGet(req.m) {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Backward(req.m.names) {
		v := req.params[name]
		if op := s.operations[v[strings.LastIndex(v, "/")+1:]]; op != nil {
			op.polls++
			return op.state(req.m, op.polls > op.Polls), nil
		}
	}
	return nil, nil
}

// state writes the operation in the form of the method's answer: google.longrunning
// has done, older services have a status.
func (op *running) state(m *method, done bool) map[string]any {
	out := map[string]any{"name": op.name}
	s := m.doc.resolve(m.answer)
	if s == nil {
		return out
	}
	if s.Properties["done"] != nil {
		out["done"] = done
		if op.Metadata != nil {
			out["metadata"] = maps.Clone(op.Metadata)
		}
		if !done {
			return out
		}
		if op.Error != nil {
			st := op.Error.status(m)
			out["error"] = map[string]any{"code": max(slices.Index(canonicalCodes, st.name), 2), "message": st.message}
			return out
		}
		out["response"] = maps.Clone(op.Response)
		if op.Response == nil {
			out["response"] = map[string]any{"@type": "type.googleapis.com/google.protobuf.Empty"}
		}
		return out
	}
	out["status"] = "RUNNING"
	if done {
		out["status"] = "DONE"
	}
	if done && op.Error != nil {
		st := op.Error.status(m)
		failure := map[string]any{"code": st.name, "message": st.message}
		if e := m.doc.resolve(s.Properties["error"]); e != nil && e.Properties["errors"] != nil {
			out["error"] = map[string]any{"errors": []any{failure}}
		} else if e != nil {
			out["error"] = map[string]any{"code": max(slices.Index(canonicalCodes, st.name), 2), "message": st.message}
		}
	}
	return out
}
