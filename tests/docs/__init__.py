"""The documentation, held against the code: what a page says is executed or looked up."""
