// A page that was asked for to be printed opens the printer's window.
addEventListener("load", () => print());
