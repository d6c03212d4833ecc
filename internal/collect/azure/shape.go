package azure

import (
	"reflect"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// resource is the shape of every document of Azure Resource Manager. The
// members are a closed set.
// https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types
type resource struct {
	ID               string            `json:"id"`
	Name             string            `json:"name"`
	Type             string            `json:"type"`
	Location         string            `json:"location"`
	Kind             string            `json:"kind"`
	ManagedBy        string            `json:"managedBy"`
	Zones            []string          `json:"zones"`
	Tags             map[string]string `json:"tags"`
	SKU              sku               `json:"sku"`
	Plan             plan              `json:"plan"`
	Identity         identity          `json:"identity"`
	ExtendedLocation extendedLocation  `json:"extendedLocation"`
	ETag             string            `json:"etag"`
}

type sku struct {
	Name     string `json:"name"`
	Tier     string `json:"tier"`
	Size     string `json:"size"`
	Family   string `json:"family"`
	Capacity int64  `json:"capacity"`
}

type plan struct {
	Name      string `json:"name"`
	Product   string `json:"product"`
	Publisher string `json:"publisher"`
}

type identity struct {
	Type                   string         `json:"type"`
	PrincipalID            string         `json:"principalId"`
	TenantID               string         `json:"tenantId"`
	UserAssignedIdentities map[string]any `json:"userAssignedIdentities"`
}

type extendedLocation struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// ref is a reference to another asset by its id.
type ref struct {
	ID string `json:"id"`
}

// Schemas returns the shape of the documents of every declared type.
func Schemas() map[string]*model.Schema {
	shapes := &collect.Shapes{}
	out := map[string]*model.Schema{}
	for _, c := range registry {
		for i := range c.Types {
			out[c.Types[i].Name] = c.Types[i].schema(shapes)
		}
	}
	return out
}

// arm returns the shape of an ARM document with these properties.
func arm(shapes *collect.Shapes, properties any) *model.Schema {
	s := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
	for name, f := range shapes.Of(reflect.TypeFor[resource]()).Fields {
		s.Fields[name] = f
	}
	if properties != nil {
		s.Fields["properties"] = shapes.Of(reflect.TypeOf(properties))
	}
	return s
}

// schema is the shape of the type's whole documents, side reads included.
func (t *Type) schema(shapes *collect.Shapes) *model.Schema {
	var s *model.Schema
	if t.Graph != nil {
		s = &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
		for name, f := range shapes.Of(reflect.TypeOf(t.Properties)).Fields {
			s.Fields[name] = f
		}
	} else {
		s = arm(shapes, t.Properties)
	}
	for i := range t.Side {
		r := &t.Side[i]
		var shape *model.Schema
		if r.Graph || r.Inner {
			shape = shapes.Of(reflect.TypeOf(r.Item))
		} else {
			shape = arm(shapes, r.Item)
		}
		if r.Items {
			shape = &model.Schema{Kind: model.List, Elem: shape}
		}
		collect.PutShape(s, r.Member, shape)
	}
	for _, path := range t.Secret {
		collect.PutShape(s, path, collect.RedactedSchema())
	}
	if t.Shape != nil {
		t.Shape(s)
	}
	return s
}
