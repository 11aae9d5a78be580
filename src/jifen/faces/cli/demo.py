"""The demo programme that ``jifen run`` shows."""


def ensure_demo() -> list[str]:
    """Make the demo programme if it is not there yet; returns the lines to show."""
    from jifen.common import clock
    from jifen.faces import demo

    made = demo.ensure_demo(at=clock.now())
    password = made.password or "(the password that was set in the console)"
    return [
        f"Programme   {made.programme}",
        f"Sign in     {made.login} / {password}",
        f"API key     {made.key}",
    ]
