// The desk of reviews: its keys, and its ten seconds of undo.
import "./keys.js";
import "./undo.js";
