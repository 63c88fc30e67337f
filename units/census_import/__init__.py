"""底册导入: head counts of many households from a workbook or from cells that were pasted."""
