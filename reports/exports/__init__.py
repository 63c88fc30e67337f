"""Files made from stored sheets: spreadsheet, comma-separated text, paper. Nothing is recounted."""
