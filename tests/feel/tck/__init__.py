"""DMN's compliance kit against the room, where its folder is given."""
