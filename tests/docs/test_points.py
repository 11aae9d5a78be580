"""The worked examples of the pages on points that wait, are held and move."""

import pytest
from tests.docs.examples import Example, examples
from tests.docs.pages import DOCS
from tests.docs.points import PointsPlayer

PAGES = ("pending", "holds", "transfers")
EXAMPLES = [found for name in PAGES for found in examples(DOCS / f"{name}.md")]


def test_there_are_examples_on_each_page() -> None:
    assert {example.page for example in EXAMPLES} == {f"{name}.md" for name in PAGES}
    assert all(example.tables for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.page}: {each.heading}")
def test_an_example_comes_out_as_it_is_written(example: Example) -> None:
    player = PointsPlayer(example.rules)
    for table in example.tables:
        if "act" in table[0]:
            for row in table:
                player.play(row)
    player.world.verify()
