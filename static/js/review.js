// The desk of reviews: its keys, its reason for sending back, its ten seconds of undo.
import "./keys.js";
import "./opened.js";
import "./undo.js";
