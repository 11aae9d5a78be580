"""The demo programme that ``jifen run`` shows."""


def ensure_demo() -> list[str]:
    """Make the demo programme if it is not there yet; returns the lines to show."""
    from jifen.common import clock
    from jifen.faces import demo

    made = demo.ensure_demo(at=clock.now())
    return [
        f"Programme   {made.programme}",
        f"Sign in     {made.login} / {made.password}",
        f"API key     {made.key}",
    ]
