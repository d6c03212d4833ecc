package model

// Kind is the kind of a value in a vendor's document.
type Kind uint8

// The kinds of values. Any is a value without a declared shape, such as a
// policy document.
const (
	Any Kind = iota
	Bool
	Int
	Float
	String
	Time // RFC 3339 in UTC
	List
	Map // string keys that belong to the customer
	Object
)

// Schema describes the shape of a document or of a part of it. Sources derive
// it from the vendor's own types; controls are type-checked against it.
type Schema struct {
	Kind Kind
	// Elem is the shape of the elements of a List or the values of a Map.
	Elem *Schema
	// Fields are the members of an Object. Recursive shapes point back.
	Fields map[string]*Schema
	// Omitted says of a boolean or a number that the vendor leaves it out where
	// it is false or zero, as the JSON form of protocol buffers does: one that is
	// missing is known to be that.
	// https://protobuf.dev/programming-guides/json/
	Omitted bool
}

// Field returns the shape of a member of an Object, or nil.
func (s *Schema) Field(name string) *Schema {
	if s == nil {
		return nil
	}
	return s.Fields[name]
}
