package aws

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

type operator uint8

const (
	opInvalid operator = iota
	opString
	opFold
	opLike
	opNumber
	opDate
	opBool
	opBinary
	opAddress
	opARN
	opNull
)

type comparison uint8

const (
	equal comparison = iota
	less
	lessEqual
	greater
	greaterEqual
)

func (o operator) takesVariables() bool {
	switch o {
	case opString, opFold, opLike, opARN:
		return true
	}
	return false
}

type operatorSpec struct {
	op      operator
	negated bool
}

// operators are the base operators; set prefixes and IfExists are apart.
var operators = map[string]operatorSpec{
	"StringEquals":              {opString, false},
	"StringNotEquals":           {opString, true},
	"StringEqualsIgnoreCase":    {opFold, false},
	"StringNotEqualsIgnoreCase": {opFold, true},
	"StringLike":                {opLike, false},
	"StringNotLike":             {opLike, true},
	"NumericEquals":             {opNumber, false},
	"NumericNotEquals":          {opNumber, true},
	"NumericLessThan":           {opNumberLess, false},
	"NumericLessThanEquals":     {opNumberLessEqual, false},
	"NumericGreaterThan":        {opNumberGreater, false},
	"NumericGreaterThanEquals":  {opNumberGreaterEqual, false},
	"DateEquals":                {opDate, false},
	"DateNotEquals":             {opDate, true},
	"DateLessThan":              {opDateLess, false},
	"DateLessThanEquals":        {opDateLessEqual, false},
	"DateGreaterThan":           {opDateGreater, false},
	"DateGreaterThanEquals":     {opDateGreaterEqual, false},
	"Bool":                      {opBool, false},
	"BinaryEquals":              {opBinary, false},
	"IpAddress":                 {opAddress, false},
	"NotIpAddress":              {opAddress, true},
	"ArnEquals":                 {opARN, false},
	"ArnLike":                   {opARN, false},
	"ArnNotEquals":              {opARN, true},
	"ArnNotLike":                {opARN, true},
	"Null":                      {opNull, false},
}

// Ordered operators carry their comparison in the high bits.
const (
	opNumberLess         = opNumber | operator(less)<<4
	opNumberLessEqual    = opNumber | operator(lessEqual)<<4
	opNumberGreater      = opNumber | operator(greater)<<4
	opNumberGreaterEqual = opNumber | operator(greaterEqual)<<4
	opDateLess           = opDate | operator(less)<<4
	opDateLessEqual      = opDate | operator(lessEqual)<<4
	opDateGreater        = opDate | operator(greater)<<4
	opDateGreaterEqual   = opDate | operator(greaterEqual)<<4
)

func (o operator) base() operator         { return o & 15 }
func (o operator) comparison() comparison { return comparison(o >> 4) }

// matcher is the compiled values of a condition: it says whether a value of the
// key agrees with one of them.
type matcher struct {
	op       operator
	globs    []glob
	numbers  []*big.Rat
	times    []time.Time
	prefixes []netip.Prefix
	wantNull []bool
}

func newMatcher(op operator, values []string) matcher {
	m := matcher{op: op}
	for _, v := range values {
		m.add(v)
	}
	return m
}

func (m *matcher) add(v string) {
	switch m.op.base() {
	case opString:
		m.globs = append(m.globs, literalGlob(plainText(v)))
	case opFold, opBool:
		m.globs = append(m.globs, literalGlob(strings.ToLower(plainText(v))))
	case opBinary:
		if b, err := base64.StdEncoding.DecodeString(v); err == nil {
			m.globs = append(m.globs, literalGlob(string(b)))
		}
	case opLike:
		m.globs = append(m.globs, newGlob(v))
	case opARN:
		if g, ok := conditionARNGlob(v); ok {
			m.globs = append(m.globs, g)
		}
	case opNumber:
		if n, ok := parseNumber(v); ok {
			m.numbers = append(m.numbers, n)
		}
	case opDate:
		if t, ok := parseDate(v); ok {
			m.times = append(m.times, t)
		}
	case opAddress:
		if p, ok := parsePrefix(v); ok {
			m.prefixes = append(m.prefixes, p)
		}
	case opNull:
		switch strings.ToLower(v) {
		case "true":
			m.wantNull = append(m.wantNull, true)
		case "false":
			m.wantNull = append(m.wantNull, false)
		}
	}
}

func (m matcher) null(absent bool) bool {
	for _, w := range m.wantNull {
		if w == absent {
			return true
		}
	}
	return false
}

// matches is the operator without negation: v agrees with one of the values.
func (m matcher) matches(v string) bool {
	switch m.op.base() {
	case opString, opLike, opARN:
		return matchAny(m.globs, v)
	case opFold, opBool:
		return matchAny(m.globs, strings.ToLower(v))
	case opBinary:
		b, err := base64.StdEncoding.DecodeString(v)
		return err == nil && matchAny(m.globs, string(b))
	case opNumber:
		n, ok := parseNumber(v)
		if !ok {
			return false
		}
		for _, w := range m.numbers {
			if compares(n.Cmp(w), m.op.comparison()) {
				return true
			}
		}
	case opDate:
		t, ok := parseDate(v)
		if !ok {
			return false
		}
		for _, w := range m.times {
			if compares(t.Compare(w), m.op.comparison()) {
				return true
			}
		}
	case opAddress:
		a, err := netip.ParseAddr(v)
		if err != nil {
			return false
		}
		for _, p := range m.prefixes {
			if p.Contains(a.Unmap()) {
				return true
			}
		}
	}
	return false
}

func compares(sign int, c comparison) bool {
	switch c {
	case less:
		return sign < 0
	case lessEqual:
		return sign <= 0
	case greater:
		return sign > 0
	case greaterEqual:
		return sign >= 0
	}
	return sign == 0
}

// parseNumber accepts plain decimals only: the fractions and exponents that
// big.Rat also reads are no numbers to AWS, and an exponent could be huge.
func parseNumber(s string) (*big.Rat, bool) {
	if s == "" || len(s) > 64 || strings.Trim(s, "+-0123456789.") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

var dateLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02Z07:00", "2006-01-02", "2006-01", "2006"}

// parseDate accepts the ISO 8601 forms of the W3C note, and epoch seconds. Four
// digits are a year.
func parseDate(s string) (time.Time, bool) {
	for _, l := range dateLayouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC(), true
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Unix(n, 0).UTC(), true
	}
	return time.Time{}, false
}

// parsePrefix accepts a CIDR block or a bare address.
func parsePrefix(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Masked(), true
		}
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), true
}
