"""The statements of the programmes room that are asked too often to be built each time."""
