"""The command line ``jifen``: each module here adds commands by a function ``register(app)``.

A module imports rooms inside its commands, not at its top, so that ``jifen --help`` does not
wait for Django. A command that finds nothing to do says so; one that cannot do its work raises
a named error, which ``main`` turns into one line and exit code 2.
"""
