"""群接龙: what a group wrote one under another in its chat, read as drafts of building reports."""
