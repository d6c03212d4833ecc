package policy

import (
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/logpattern"
)

func init() { families = append(families, logFunctions) }

// logFunctions are the questions about log filters:
//
//	filter_covers(pattern, required)   does a filter match every event that the
//	    required pattern describes, however it is written?
func logFunctions() []cel.EnvOption {
	known := filterAnswers{decide: patternCovers}
	return []cel.EnvOption{
		cel.Function("filter_covers", cel.Overload("filter_covers_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(have, want ref.Val) ref.Val {
				return known.covers(filterPair{string(have.(types.String)), string(want.(types.String))})
			}))),
	}
}

func patternCovers(p filterPair) ref.Val {
	filter, err := logpattern.Parse(p.have)
	if err != nil {
		return types.False // what CloudWatch would refuse matches nothing
	}
	required, err := logpattern.Parse(p.want)
	if err != nil {
		return types.WrapErr(fmt.Errorf("required pattern: %w", err))
	}
	answer, missing := logpattern.Covers(filter, required)
	switch answer {
	case logpattern.True:
		return types.True
	case logpattern.False:
		return types.False
	}
	return types.NewErr("whether the filter covers %s cannot be decided", strings.Join(missing, ", "))
}

// filterPair is a filter and the one that it shall cover.
type filterPair struct{ have, want string }

// filterAnswers keeps answers about filters: the filters of one account are those
// of the next, and those of a central one are asked about by every account that
// sends to it. The two texts decide the answer. It is safe for concurrent use.
type filterAnswers struct {
	decide  func(filterPair) ref.Val
	mu      sync.RWMutex
	answers map[filterPair]ref.Val
}

// mostFilterAnswers bounds the memory, as filters may have thousands of characters.
const mostFilterAnswers = 4096

func (k *filterAnswers) covers(p filterPair) ref.Val {
	k.mu.RLock()
	v, ok := k.answers[p]
	k.mu.RUnlock()
	if ok {
		return ownError(v)
	}
	v = k.decide(p)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answers == nil || len(k.answers) >= mostFilterAnswers {
		k.answers = map[filterPair]ref.Val{}
	}
	k.answers[p] = v
	return ownError(v)
}

// ownError copies errors: CEL writes into them where they arose.
func ownError(v ref.Val) ref.Val {
	if err, ok := v.(*types.Err); ok {
		return types.NewErr("%s", err.Error())
	}
	return v
}
