"""The upper office's own workbooks: taken in, mapped once, filled each month from our sheets."""
