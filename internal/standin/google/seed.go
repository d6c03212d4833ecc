package google

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Seed is what a stand-in answers from. Its JSON form is described in
// docs/standins.md. Members that mirror Google's own objects are kept as they
// stand and are checked against the discovery documents by New.
type Seed struct {
	// Organizations, Folders and Projects are the tree: objects of Cloud Resource
	// Manager v3. A project needs name ("projects/NUMBER"), projectId and parent;
	// state is ACTIVE where it is left out.
	Organizations []json.RawMessage `json:"organizations,omitempty"`
	Folders       []json.RawMessage `json:"folders,omitempty"`
	Projects      []json.RawMessage `json:"projects,omitempty"`
	// Assets are Cloud Asset Inventory assets. Each node of the tree gets its own
	// asset; one that is given here by the same name adds to it.
	Assets []json.RawMessage `json:"assets,omitempty"`
	// AssetTypes are types that Cloud Asset Inventory is to know without holding
	// an asset of them.
	AssetTypes []string `json:"assetTypes,omitempty"`
	// Unchecked are asset types whose resource.data has no discovery document
	// (Kubernetes objects, say) and is taken as it is.
	Unchecked []string `json:"unchecked,omitempty"`
	// Responses answer the reads of single services.
	Responses []Response `json:"responses,omitempty"`
	// Denied are permissions that the caller lacks everywhere.
	Denied []string `json:"denied,omitempty"`
	// Faults is the fault plan; Server.Fault adds to it.
	Faults []Fault `json:"faults,omitempty"`
	// SignIn says who may sign in.
	SignIn SignIn `json:"signIn,omitzero"`
	// Synthetic adds generated projects with generated assets.
	Synthetic *Size `json:"synthetic,omitempty"`
}

// Response is the answer to one method for the requests that it fits. Exactly
// one of Items, Body (with or without Items), Error and Operation says what it is.
type Response struct {
	// Call is the method by API, version and id: "run:v2/projects.locations.services.list".
	Call string `json:"call"`
	// Params are path parameters by name; a star stands for any run of characters
	// other than a slash, and a star alone for anything. A parameter that is left
	// out fits any value. Only what lies in the tree is answered, whatever fits.
	Params map[string]string `json:"params,omitempty"`
	// Query are query parameters that the request must have.
	Query map[string]string `json:"query,omitempty"`
	// Items are the items of a list; an empty array answers an empty list. For
	// aggregated lists it is the object of scopes.
	Items json.RawMessage `json:"items,omitempty"`
	// Body is the answer, or for a list what it holds besides the items. Strings
	// in Items and Body may refer to path parameters of the request: "${project}".
	Body map[string]any `json:"body,omitempty"`
	// Error is an answer in Google's error form: what does not exist is a 404.
	Error *Failure `json:"error,omitempty"`
	// Operation answers a long-running operation, which is done when it was asked
	// for often enough.
	Operation *Operation `json:"operation,omitempty"`
}

// Failure is an error as Google sends it.
type Failure struct {
	Code    int    `json:"code"`
	Status  string `json:"status,omitempty"` // by Code where it is left out
	Reason  string `json:"reason,omitempty"` // goes into errors[].reason and the ErrorInfo
	Message string `json:"message,omitempty"`
}

// Operation is how a long-running operation goes.
type Operation struct {
	Polls    int            `json:"polls,omitempty"` // answers "not done" that often
	Response map[string]any `json:"response,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`
	Error    *Failure       `json:"error,omitempty"`
}

// SignIn says who may sign in and as whom.
type SignIn struct {
	// ServiceAccount is the account of ServiceAccountKey.
	ServiceAccount string `json:"serviceAccount,omitempty"`
	// Impersonate are the accounts that a signed-in caller may become.
	Impersonate []string `json:"impersonate,omitempty"`
	// FederateAs makes ExternalAccount impersonate this account; empty uses the
	// federated identity itself.
	FederateAs string `json:"federateAs,omitempty"`
	// SubjectTokens are taken by the token exchange besides the one that the
	// stand-in issues.
	SubjectTokens []string `json:"subjectTokens,omitempty"`
}

// Size is how much Synthetic generates.
type Size struct {
	Projects         int `json:"projects"`
	AssetsPerProject int `json:"assetsPerProject"`
}

// Synthetic is the seed of a generated organization. Its assets are computed
// when they are listed and never held, so that memory does not grow with their
// number; the lists that controls on absence read are answered, and empty.
func Synthetic(projects, assetsPerProject int) *Seed {
	return &Seed{Synthetic: &Size{Projects: projects, AssetsPerProject: assetsPerProject}}
}

// ReadSeed reads the seed in a file.
func ReadSeed(path string) (*Seed, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read seed: %w", err)
	}
	seed, err := ParseSeed(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return seed, nil
}

// ParseSeed reads a seed. It refuses members that a seed does not have; what
// stands inside Google's objects is checked by New.
func ParseSeed(data []byte) (*Seed, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	seed := &Seed{}
	if err := dec.Decode(seed); err != nil {
		return nil, fmt.Errorf("read seed: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read seed: more than one JSON value")
	}
	return seed, nil
}

// object decodes a raw member of a seed, or the body of a request.
func object(raw []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out map[string]any
	if err := dec.Decode(&out); err != nil {
		return nil, err
	}
	if out == nil {
		return nil, errors.New("want an object, not null")
	}
	return out, nil
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}
