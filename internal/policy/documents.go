package policy

import (
	"encoding/binary"
	"math"
	"reflect"
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
)

// readDocument is a policy document that was read, with what was asked about it.
type readDocument struct {
	policy aws.Policy
	public *aws.Answer // of asked
	asked  *model.Asset
	trust  *aws.TrustAnswer // for trusted
	trusts trustView
	given  map[giving]given
}

// trustView is from where a trust policy is looked at: what else decides who may
// assume a role are the account that it is in, and the organization that the
// inventory tells.
type trustView struct {
	account   string
	inventory int // state.inventory
}

// giving is a question about what an identity policy gives; given is the answer,
// which nothing but the document decides.
type (
	giving struct{ question, about string }
	given  struct {
		value        aws.Truth
		why, missing []string
	}
)

type documentKey struct {
	at   uintptr
	kind aws.Kind
}

// heldDocument is a document by its address. It keeps the document alive, and so
// its address its own.
type heldDocument struct {
	value map[string]any
	*readDocument
}

// read parses the document, once for all questions about the asset at hand.
func (b *blob) read(kind aws.Kind) *readDocument {
	m, ok := b.value.(map[string]any)
	if !ok {
		return &readDocument{policy: aws.Parse(b.value, kind)}
	}
	key := documentKey{reflect.ValueOf(m).Pointer(), kind}
	d, ok := b.st.documents[key]
	if !ok {
		d = heldDocument{m, b.st.parse(m, kind)}
		if b.st.documents == nil {
			b.st.documents = map[documentKey]heldDocument{}
		}
		b.st.documents[key] = d
	}
	return d.readDocument
}

// Bounds of what is kept of documents over evaluations.
const (
	mostDocuments    = 1024
	mostDocumentSize = 16 << 10
)

// parse parses a document. Identity and trust policies are kept by their contents:
// roles that one template made, and managed policies in every account, have the
// same. Those of resources name the resource, and are not.
func (st *state) parse(m map[string]any, kind aws.Kind) *readDocument {
	if kind == aws.KindResource {
		return &readDocument{policy: aws.Parse(m, kind)}
	}
	contents, ok := appendContents(append(st.contents[:0], kind...), m)
	st.contents = contents[:0]
	if !ok {
		return &readDocument{policy: aws.Parse(m, kind)}
	}
	d := st.kept[string(contents)]
	if d == nil {
		d = &readDocument{policy: aws.Parse(m, kind)}
		if st.kept == nil || len(st.kept) >= mostDocuments {
			st.kept = map[string]*readDocument{}
		}
		st.kept[string(contents)] = d
	}
	return d
}

// appendContents appends a text that no other document has; ok is false for one
// that is too large, or holds what no document of a vendor does.
func appendContents(b []byte, v any) (_ []byte, ok bool) {
	if len(b) > mostDocumentSize {
		return b, false
	}
	text := func(kind byte, s string) []byte {
		return append(binary.AppendUvarint(append(b, kind), uint64(len(s))), s...)
	}
	switch t := v.(type) {
	case nil:
		return append(b, '0'), true
	case string:
		return text('s', t), true
	case bool:
		if t {
			return append(b, 't'), true
		}
		return append(b, 'f'), true
	case int64:
		return binary.LittleEndian.AppendUint64(append(b, 'i'), uint64(t)), true
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, 'd'), math.Float64bits(t)), true
	case []any:
		b = binary.AppendUvarint(append(b, 'l'), uint64(len(t)))
		for _, e := range t {
			if b, ok = appendContents(b, e); !ok {
				return b, false
			}
		}
		return b, true
	case map[string]any:
		var room [16]string
		keys := room[:0]
		for k := range t {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		b = binary.AppendUvarint(append(b, 'm'), uint64(len(keys)))
		for _, k := range keys {
			b = text('k', k)
			if b, ok = appendContents(b, t[k]); !ok {
				return b, false
			}
		}
		return b, true
	}
	return b, false
}

// gives asks what an identity policy gives from now on, once for each document.
func (b *blob) gives(question, about string, ask func(aws.Rights) given) ref.Val {
	d := b.read(aws.KindIdentity)
	key := giving{question, about}
	g, ok := d.given[key]
	if !ok {
		g = ask(aws.Rights{Identity: []aws.Policy{d.policy}, Now: b.st.now})
		if d.given == nil {
			d.given = map[giving]given{}
		}
		d.given[key] = g
	}
	return b.sure(b.tell(question, g), aws.KindIdentity)
}

// tell notes an answer and turns it into a value of CEL.
func (b *blob) tell(name string, g given) ref.Val {
	b.note(name, g.why)
	switch g.value {
	case aws.True:
		return types.True
	case aws.False:
		return types.False
	}
	return b.undecided(g.missing...)
}

// found is the answer of the engine.
func found(ans aws.Answer) given {
	why := make([]string, 0, min(len(ans.Because), maxReasons))
	for i := range ans.Because {
		if i == maxReasons {
			break // more are not noted
		}
		why = append(why, ans.Because[i].String())
	}
	return given{ans.Value, why, ans.Missing}
}
