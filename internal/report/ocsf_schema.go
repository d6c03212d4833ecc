package report

import "github.com/stance-sec/stance/internal/model"

// ocsfEvent is a Compliance Finding (2003) or Detection Finding (2004), with
// the members that Stance fills. Empty strings, arrays and times are left out,
// as the schema wants; required members are always written. It is in parts,
// because the compliance object, which is most of it, is written by hand: as
// compliance between head and body, or first in unmapped.
type ocsfEvent struct {
	head     ocsfHead
	body     ocsfBody
	unmapped ocsfStance // as stance
}

type ocsfHead struct {
	ActivityID   int             `json:"activity_id"`
	ActivityName string          `json:"activity_name"`
	CategoryUID  int             `json:"category_uid"`
	CategoryName string          `json:"category_name"`
	ClassUID     int             `json:"class_uid"`
	ClassName    string          `json:"class_name"`
	TypeUID      int             `json:"type_uid"`
	Time         int64           `json:"time"`
	SeverityID   int             `json:"severity_id"`
	Severity     string          `json:"severity,omitempty"`
	StatusID     int             `json:"status_id"`
	Status       string          `json:"status"`
	StatusCode   string          `json:"status_code,omitempty"`
	StatusDetail string          `json:"status_detail,omitempty"`
	Message      string          `json:"message,omitempty"`
	Metadata     ocsfMetadata    `json:"metadata"`
	FindingInfo  ocsfFindingInfo `json:"finding_info"`
}

type ocsfBody struct {
	Resources   []ocsfResource   `json:"resources"`
	Cloud       *ocsfCloud       `json:"cloud,omitempty"`
	Evidences   []ocsfEvidence   `json:"evidences,omitempty"`
	Remediation *ocsfRemediation `json:"remediation,omitempty"`
	RiskDetails string           `json:"risk_details,omitempty"`
}

type ocsfMetadata struct {
	Version   string      `json:"version"`
	Profiles  []string    `json:"profiles,omitempty"`
	UID       string      `json:"uid,omitempty"`
	EventCode string      `json:"event_code"`
	Product   ocsfProduct `json:"product"`
}

type ocsfProduct struct {
	VendorName string `json:"vendor_name"`
	Name       string `json:"name"`
	Version    string `json:"version,omitempty"`
}

type ocsfFindingInfo struct {
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Desc          string   `json:"desc,omitempty"`
	CreatedTime   int64    `json:"created_time,omitzero"`
	FirstSeenTime int64    `json:"first_seen_time,omitzero"`
	LastSeenTime  int64    `json:"last_seen_time,omitzero"`
	ModifiedTime  int64    `json:"modified_time,omitzero"`
	Types         []string `json:"types"`
	DataSources   []string `json:"data_sources,omitempty"`
}

type ocsfResource struct {
	UID            string   `json:"uid"`
	Name           string   `json:"name,omitempty"`
	Type           string   `json:"type,omitempty"`
	Region         string   `json:"region,omitempty"`
	CloudPartition string   `json:"cloud_partition,omitempty"`
	Labels         []string `json:"labels,omitempty"`
}

type ocsfCloud struct {
	Provider string       `json:"provider"`
	Region   string       `json:"region,omitempty"`
	Account  *ocsfAccount `json:"account,omitempty"`
}

type ocsfAccount struct {
	UID  string `json:"uid"`
	Name string `json:"name,omitempty"`
}

type ocsfEvidence struct {
	Data any `json:"data"`
}

type ocsfRemediation struct {
	Desc       string   `json:"desc"`
	References []string `json:"references,omitempty"`
}

type ocsfStance struct {
	Verdict     model.Verdict       `json:"verdict"`
	State       model.State         `json:"state,omitempty"`
	RiskScore   int                 `json:"risk_score"`
	RiskFactors []string            `json:"risk_factors,omitempty"`
	KnownAs     map[string][]string `json:"known_as,omitempty"`
}

// ocsfEnum is a value of an enumeration with its caption.
type ocsfEnum struct {
	id   int
	name string
}

var (
	ocsfSeverities = map[model.Severity]ocsfEnum{
		model.Critical: {5, "Critical"}, model.High: {4, "High"}, model.Medium: {3, "Medium"},
		model.Low: {2, "Low"}, model.Info: {1, "Informational"},
	}
	ocsfVerdicts = map[model.Verdict]ocsfEnum{
		model.Pass: {1, "Pass"}, model.Fail: {3, "Fail"}, model.Unknown: {0, "Unknown"},
		model.Manual: {99, "Manual"}, model.NotApplicable: {99, "NotApplicable"},
	}
	ocsfActivities = map[int]string{1: "Create", 2: "Update", 3: "Close"}
	ocsfStatuses   = map[int]string{1: "New", 3: "Suppressed", 4: "Resolved", 6: "Deleted"}
)
