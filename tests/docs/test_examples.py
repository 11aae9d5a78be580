"""Every worked example of the pages is played, act by act, and compared."""

import pytest
from tests.docs.examples import Example, Player, examples
from tests.docs.pages import DOCS, written

PAGES = ("ledger", "refunds", "expiry", "tiers", "offset")
EXAMPLES = [found for name in PAGES for found in examples(DOCS / f"{name}.md")]


def test_there_are_examples_on_each_page() -> None:
    assert {example.page for example in EXAMPLES} == {f"{name}.md" for name in PAGES}
    assert all(example.tables for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.page}: {each.heading}")
def test_an_example_comes_out_as_it_is_written(example: Example) -> None:
    player = Player(example.rules)
    for table in example.tables:
        if "posting" in table[0]:
            found = [{name: row[name] for name in table[0]} for row in player.postings()]
            assert found == table, "\n" + written(found)
        else:
            for row in table:
                player.play(row)
    player.world.verify()
