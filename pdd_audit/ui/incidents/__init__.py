"""Parts of the pages Today and Appeals."""
