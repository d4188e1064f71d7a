"""The only room with sockets and clocks: one loop between links, conversations and the world, run in several ways."""
