"""Decisions: what one activity does, kind by kind.

Pure in the sense that matters here: they read states that were loaded before, touch no database
and no clock, and either answer a whole :class:`~jifen.earning.state.Decision` or raise a named
refusal, in which case nothing has changed.
"""
