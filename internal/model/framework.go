package model

// Framework is a published set of requirements, mapped to controls. Ids are the
// publisher's; titles are in our own words.
type Framework struct {
	ID       string `json:"id" yaml:"id"`
	Title    string `json:"title" yaml:"title"`
	Version  string `json:"version" yaml:"version"`
	Provider string `json:"provider,omitempty" yaml:"provider,omitempty"`
	URL      string `json:"url,omitempty" yaml:"url,omitempty"`

	Requirements []Requirement `json:"requirements" yaml:"requirements"`
}

// Requirement is one requirement of a framework: decided by controls, or manual
// with the reason.
type Requirement struct {
	ID      string `json:"id" yaml:"id"`
	Section string `json:"section,omitempty" yaml:"section,omitempty"`
	Title   string `json:"title" yaml:"title"`
	// Controls are the ids of the controls that answer the requirement.
	Controls []string `json:"controls,omitempty" yaml:"controls,omitempty"`
	// Manual says why data alone cannot decide it and what a person must look
	// at. A requirement may have both: the data then proves only a part.
	Manual string `json:"manual,omitempty" yaml:"manual,omitempty"`
}

// RequirementRef names one requirement.
type RequirementRef struct {
	Framework   string `json:"framework"`
	Requirement string `json:"requirement"`
}
