package logalert

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/truth"
)

// tiny stands for what is above zero, by how much nobody knows.
const tiny = math.SmallestNonzeroFloat64

// bounds are the least and the greatest value that one entry, and no other, gives a
// time series, and how long it has it.
type bounds struct {
	least, greatest float64
	lasts           time.Duration
}

// one is what an entry adds to a counter that nobody aligned: the points of a
// log-based metric are a minute apart.
var one = bounds{least: 1, greatest: 1, lasts: time.Minute}

// per makes a rate of the count.
func (b bounds) per(d time.Duration) bounds {
	b.least, b.greatest = max(tiny, b.least/d.Seconds()), b.greatest/d.Seconds()
	return b
}

// diluted is a mean with values that may be zero.
func (b bounds) diluted() bounds {
	b.least = tiny
	return b
}

// counted counts points, of which there may be more than that of the entry.
func (b bounds) counted() bounds {
	b.least, b.greatest = 1, math.Inf(1)
	return b
}

// compare reports whether the value meets a comparison with a number. Below a
// threshold lies what happens when nothing does, so that tells nobody anything.
func (b bounds) compare(sign string, number float64) truth.Truth {
	switch sign {
	case ">":
		return between(number < b.least, number >= b.greatest)
	case ">=":
		return between(number <= b.least, number > b.greatest)
	case "!=":
		return between(number < b.least, false)
	case "==":
		return between(false, number < b.least || number > b.greatest)
	case "<", "<=":
		return truth.False
	}
	return truth.Unknown
}

func between(yes, no bool) truth.Truth {
	switch {
	case yes:
		return truth.True
	case no:
		return truth.False
	}
	return truth.Unknown
}

// sustained reports whether the value of one entry lasts as long as the condition
// asks. Whether a window that slides keeps it for its own length is not told.
func (b bounds) sustained(condition map[string]any) (truth.Truth, string) {
	const undecided = "whether one entry meets the alert for as long as its duration"
	d, ok := duration(condition["duration"])
	switch {
	case !ok:
		return truth.Unknown, "the duration of its alert"
	case d == 0:
		return truth.True, ""
	case d > b.lasts && text(condition["evaluationMissingData"]) != "EVALUATION_MISSING_DATA_ACTIVE":
		return truth.False, ""
	}
	return truth.Unknown, undecided
}

// triggered reports whether one time series is enough. An entry adds to one.
func triggered(condition map[string]any) (truth.Truth, string) {
	trigger, _ := condition["trigger"].(map[string]any)
	count, ok := number(trigger["count"])
	percent, okToo := number(trigger["percent"])
	switch {
	case !ok || !okToo:
		return truth.Unknown, "the trigger of its alert"
	case count > 1:
		return truth.False, ""
	case percent > 0:
		return truth.Unknown, "how many time series are the percentage that triggers its alert"
	}
	return truth.True, ""
}

// duration reads one of the API, such as "300s"; none is zero.
func duration(v any) (time.Duration, bool) {
	if v == nil {
		return 0, true
	}
	s, ok := strings.CutSuffix(text(v), "s")
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > 1e8 {
		return 0, false
	}
	return time.Duration(f * float64(time.Second)), true
}

// number reads one of a document; none is zero.
func number(v any) (float64, bool) {
	switch n := v.(type) {
	case nil:
		return 0, true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// all joins answers with what is undecided about them; a false one decides.
func all(parts ...func() (truth.Truth, string)) (truth.Truth, string) {
	answer, why := truth.True, ""
	for _, part := range parts {
		a, w := part()
		if a == truth.False {
			return a, ""
		}
		if a == truth.Unknown && why == "" {
			why = w
		}
		answer = answer.And(a)
	}
	return answer, why
}
