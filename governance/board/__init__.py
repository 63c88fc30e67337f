"""The board: what is seen, each to their own reach. Has no models; nothing imports it."""
