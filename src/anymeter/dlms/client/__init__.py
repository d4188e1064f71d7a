"""The client end of the application layer, as conversations: generators without I/O and without a clock."""
