package network

import "strconv"

// Protocol is an IP protocol number.
type Protocol uint8

// The protocols with rules of their own in the vendors' filters.
const (
	ICMP   Protocol = 1
	TCP    Protocol = 6
	UDP    Protocol = 17
	ICMPv6 Protocol = 58
)

// String returns the name in the vendor's spelling, else the number.
func (p Protocol) String() string {
	switch p {
	case ICMP:
		return "icmp"
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case ICMPv6:
		return "icmpv6"
	}
	return strconv.Itoa(int(p))
}

// protocolRange is a closed interval of protocols: one of them, or all.
type protocolRange struct{ from, to Protocol }

var allProtocols = protocolRange{0, 255}

func (r protocolRange) String() string {
	if r == allProtocols {
		return "all"
	}
	return r.from.String()
}

// parseProtocol reads a protocol as the APIs spell it: a name, a number, a
// number in a string, or -1 for all of them.
func parseProtocol(v any) (protocolRange, bool) {
	if name, ok := v.(string); ok {
		switch name {
		case "tcp", "TCP":
			return protocolRange{TCP, TCP}, true
		case "udp", "UDP":
			return protocolRange{UDP, UDP}, true
		case "icmp", "ICMP":
			return protocolRange{ICMP, ICMP}, true
		case "icmpv6", "ICMPv6", "ICMPV6", "icmp6":
			return protocolRange{ICMPv6, ICMPv6}, true
		case "all", "ALL":
			return allProtocols, true
		}
	}
	n, ok := integer(v)
	switch {
	case !ok || n < -1 || n > 255:
		return protocolRange{}, false
	case n == -1:
		return allProtocols, true
	}
	return protocolRange{Protocol(n), Protocol(n)}, true
}
