package policy

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

// gapNode is a tree of the gaps of one asset by member name.
type gapNode struct {
	gap     *model.Gap
	members map[string]*gapNode
}

// gapTree arranges gaps by path; nil when there are none.
func gapTree(gaps []model.Gap) *gapNode {
	if len(gaps) == 0 {
		return nil
	}
	root := &gapNode{}
	for i := range gaps {
		n := root
		if gaps[i].Path != "" {
			for member := range strings.SplitSeq(gaps[i].Path, ".") {
				member, _, _ = strings.Cut(member, "[")
				if n.members == nil {
					n.members = map[string]*gapNode{}
				}
				next := n.members[member]
				if next == nil {
					next = &gapNode{}
					n.members[member] = next
				}
				n = next
			}
		}
		if n.gap == nil {
			n.gap = &gaps[i]
		}
	}
	return root
}

// staleGap covers the whole of an asset that is carried over.
func staleGap(a *model.Asset) *gapNode {
	return &gapNode{gap: &model.Gap{
		Scope: a.Scope, Type: a.Type, Asset: a.ID, Reason: model.Failed,
		Detail: "carried over from an earlier scan: its listing failed this time",
	}}
}

// state is what one evaluation gathers: the paths read, the notes of functions
// and the gaps met. It is reused, so an evaluation allocates little.
type state struct {
	subject *model.Asset
	view    *account
	now     time.Time

	reads []readOf
	notes []model.Evidence
	gaps  []*model.Gap
	found []model.Evidence // scratch of evidence
	text  []byte           // and of the path at hand

	objects arena[object]
	lists   arena[list]
	blobs   arena[blob]
	refs    arena[assetRef]
	listed  arena[assetList]

	room  []model.Evidence  // for evidence that is handed out
	names map[string]string // paths that were spelt, kept over evaluations

	// Policy documents of the asset at hand.
	documents map[documentKey]heldDocument
	// Those that are kept over evaluations, by contents, and scratch for these.
	kept     map[string]*readDocument
	contents []byte
	// How often another inventory was looked at; what follows from one holds as long
	// as this stays. homeQuery is home of homeView.
	inventory int
	homeQuery aws.PublicQuery
	homeView  trustView
	// The principal of AWS that was asked about last, and managed policies that were
	// parsed, kept over evaluations.
	held    *rights
	managed map[*model.Asset]managedPolicy
	// The control policies over the account at hand: of services, and of resources.
	rails, fences *guardrails
	// Gaps of other assets, kept over evaluations.
	trees map[*model.Asset]*gapNode
	// Allow policies of Google Cloud: of the asset at hand, and of what holds it.
	allowed allowPolicies

	// What questions about networks built, kept over evaluations.
	filters   map[*model.Asset]builtFilter
	chains    map[*model.Asset]builtChain
	firewalls map[firewallKey]*firewall
	atPlaces  map[placeKey]network.Filter
	subnets   map[string]builtSubnet
	exposures map[string]network.Exposure
	answers   map[answerKey]network.Answer
}

type readOf struct {
	o     *object
	name  string
	value any
}

func (st *state) reset() {
	clear(st.reads)
	st.reads = st.reads[:0]
	st.notes = st.notes[:0]
	clear(st.gaps)
	st.gaps = st.gaps[:0]
	st.objects.used, st.lists.used, st.blobs.used, st.refs.used, st.listed.used = 0, 0, 0, 0, 0
}

// arena holds the parts of documents that one evaluation looks at.
type arena[T any] struct {
	block []T
	used  int
}

// place returns where v is until the next evaluation.
func (a *arena[T]) place(v T) *T {
	if a.used == len(a.block) {
		// What was handed out stays where it is; a new block follows.
		a.block = make([]T, max(64, 2*len(a.block)))
		a.used = 0
	}
	p := &a.block[a.used]
	a.used++
	*p = v
	return p
}

// object places a part of a document.
func (st *state) object(o object) *object {
	o.st = st
	return st.objects.place(o)
}

func (st *state) read(o *object, name string, value any) {
	st.reads = append(st.reads, readOf{o, name, value})
}

func (st *state) hit(gap *model.Gap) { st.gaps = append(st.gaps, gap) }

// note adds evidence that a function found.
func (st *state) note(e model.Evidence) { st.notes = append(st.notes, e) }

// maxEvidence bounds the evidence of one finding; the last reads decided.
const maxEvidence = 12

// evidence returns what was read and found, notes first, without repetition.
func (st *state) evidence() []model.Evidence {
	out := st.found[:0]
	for i := range st.notes {
		n := &st.notes[i]
		if n.Asset == st.subject.ID {
			n.Asset = ""
		}
		if len(out) < maxEvidence && !slices.ContainsFunc(out, func(o model.Evidence) bool {
			return o.Asset == n.Asset && o.Path == n.Path && o.Note == n.Note && reflect.DeepEqual(o.Value, n.Value)
		}) {
			out = append(out, *n)
		}
	}
	reads := st.reads
	if extra := len(reads) - 3*maxEvidence; extra > 0 {
		reads = reads[extra:]
	}
	for i := range reads {
		if len(out) == maxEvidence {
			break
		}
		r := &reads[i]
		if repeats(reads[:i], r) {
			continue
		}
		asset := ""
		if r.o.owner != st.subject {
			asset = r.o.owner.ID
		}
		st.text = r.o.appendPath(st.text[:0], r.name)
		if !slices.ContainsFunc(out, func(o model.Evidence) bool { return o.Note == "" && o.Path == string(st.text) && o.Asset == asset }) {
			out = append(out, model.Evidence{Asset: asset, Path: st.path(r.name), Value: shorten(r.value)})
		}
	}
	st.found = out
	if len(st.room) < len(out) {
		st.room = make([]model.Evidence, 4*maxEvidence)
	}
	kept := st.room[:len(out):len(out)]
	st.room = st.room[len(out):]
	copy(kept, out)
	clear(out)
	return kept
}

// repeats reports whether the member was read before.
func repeats(before []readOf, r *readOf) bool {
	for i := range before {
		if before[i].o == r.o && before[i].name == r.name {
			return true
		}
	}
	return false
}

// path returns the path in text as a string; that of a member of the root is the
// member's name.
func (st *state) path(member string) string {
	if len(st.text) == len(member) {
		return member
	}
	path, ok := st.names[string(st.text)]
	if !ok {
		if st.names == nil || len(st.names) >= maxBuilt {
			st.names = map[string]string{}
		}
		path = string(st.text)
		st.names[path] = path
	}
	return path
}

// render returns a text with the values of an asset.
func (st *state) render(t template, a *model.Asset, params map[string]any) string {
	st.text = t.append(st.text[:0], a, params)
	return string(st.text)
}
