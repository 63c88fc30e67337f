"""What comes in as a file: the guard before it, and the process apart that reads it."""
