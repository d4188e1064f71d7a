"""Links: frames and readouts as octets, no sockets, no clock."""
