"""What the compound is built of: buildings, flats, public facilities, and what was found broken."""
