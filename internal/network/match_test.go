package network

import (
	"encoding/json"
	"testing"
)

func TestPermissionMatch(t *testing.T) {
	tests := []struct {
		name, want         string
		protocol, from, to any
	}{
		{"all as text", "all", "-1", nil, nil},
		{"all as number", "all", int64(-1), nil, nil},
		{"all with ports", "all", "-1", int64(22), int64(22)},
		{"missing protocol", "unreadable all", nil, int64(22), int64(22)},
		{"unknown protocol", "unreadable all", "https", nil, nil},
		{"protocol out of range", "unreadable all", int64(256), nil, nil},
		{"fraction", "unreadable all", 6.5, nil, nil},
		{"name", "tcp 22", "tcp", int64(22), int64(22)},
		{"number as text", "tcp 22", "6", "22", " 22 "},
		{"number", "udp 53-54", float64(17), 53, int32(54)},
		{"json number", "tcp 22", json.Number("6"), json.Number("22"), json.Number("22")},
		{"no ports", "tcp all", "tcp", nil, nil},
		{"port -1", "udp all", "udp", int64(-1), int64(-1)},
		{"port -1 alone", "udp all", "udp", int64(-1), nil},
		{"one port missing", "unreadable tcp", "tcp", int64(22), nil},
		{"backwards", "unreadable tcp", "tcp", int64(23), int64(22)},
		{"port out of range", "unreadable tcp", "tcp", int64(0), int64(65536)},
		{"all ICMP", "icmp", "icmp", int64(-1), int64(-1)},
		{"ICMP without type", "icmp", "1", nil, nil},
		{"ICMP type", "icmp type 8", "icmp", int64(8), int64(-1)},
		{"ICMP type, code missing", "icmp type 3", "icmp", int64(3), nil},
		{"ICMP type and code", "icmp type 3 code 4", "icmp", int64(3), int64(4)},
		{"ICMPv6 by number", "icmpv6 type 128 code 0", "58", int64(128), int64(0)},
		{"ICMP type out of range", "unreadable icmp", "icmp", int64(300), int64(0)},
		{"other protocol", "protocol 50", "50", int64(1), int64(2)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := permissionMatch(map[string]any{"IpProtocol": tt.protocol, "FromPort": tt.from, "ToPort": tt.to})
			if got.String() != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFlowSetString(t *testing.T) {
	s := FlowSetOf(
		Box{setOf(t, "10.0.0.0/8"), [2]Protocol{TCP, TCP}, Port(22)},
		Box{setOf(t, "11.0.0.0/8"), [2]Protocol{TCP, TCP}, PortRange{22, 23}},
		Box{setOf(t, "::/0"), [2]Protocol{200, 255}, AllPorts},
	)
	const want = "tcp 22 10.0.0.0/7; tcp 23 11.0.0.0/8; 200-255 all ::/0"
	if s.String() != want {
		t.Errorf("got %s, want %s", s, want)
	}
	if got := s.Only(IPv6).String(); got != "200-255 all ::/0" {
		t.Errorf("IPv6 is %s", got)
	}
	if got := AllFlows(AnyFamily).String() + " " + (FlowSet{}).String(); got != "all all 0.0.0.0/0,::/0 none" {
		t.Errorf("got %s", got)
	}
	if got := s.Ports().String(); got != "all" {
		t.Errorf("ports are %s", got)
	}
}
