"""Presets: all load, and a broken one says what is wrong."""

import pytest

from jifen.earning import presets
from jifen.earning.rules.document import InvalidRuleSet, decode, encode

SCENARIOS = {
    "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8-multiply", "e8-best", "e9", "e10", "e14",
    "e12-bonus", "e12-points", "r1a", "r1b", "r1c", "r2", "r4", "r6", "r7", "r8", "r10", "t1", "t2",
    "t4", "l1", "l2", "l3", "l4", "l6",
}  # fmt: skip


def test_there_is_one_for_each_scenario() -> None:
    assert set(presets.names()) == SCENARIOS | {
        "starter",
        "online-retail",
        "tiers-in-time",
        "wallet",
        "points-only",
        "tea-house",
        "boutique",
    }


@pytest.mark.parametrize("name", presets.names())
def test_it_loads_and_can_be_published(name: str) -> None:
    preset = presets.load(name)
    units = {unit.code: unit.kind for unit in preset.units}
    assert decode(preset.rule_set, units=units) == preset.document
    assert decode(encode(preset.document)) == preset.document
    assert {store.merchant for store in preset.stores} <= {each.code for each in preset.merchants}


def test_starter_has_four_tiers_and_an_offset() -> None:
    document = presets.load("starter").document
    assert document.ladder is not None
    assert [rung.name.zh for rung in document.ladder.rungs] == ["普通", "高级", "VIP", "至尊VIP"]
    assert document.offset is not None


def test_what_is_offered_fits_a_new_programme_and_can_be_changed_in_the_first_place() -> None:
    offered = presets.offered()
    assert [offer.place for _, offer in offered] == [1, 2, 3, 4]
    for preset, offer in offered:
        # A new programme has one unit and no codes of stores or merchants that a file could know.
        known = decode(preset.rule_set, units={"points": "points"}, merchants=(), stores=())
        assert known == preset.document
        [rate] = [rule for rule in preset.rule_set["rules"] if rule["kind"] == "rate"]
        assert (rate["code"], rate["unit"]) == ("spend", "points")
        assert preset.document.offset is not None
        assert preset.document.expiry.keys() == {"points"}
        assert offer.about.zh.count("{one}") == offer.about.en.count("{one}") > 0


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(presets.UnknownPreset):
        presets.load("../starter")


GOOD = """
[programme]
name = "x"
time_zone = "UTC"
currency = "CNY"
[[merchants]]
code = "m"
name = "m"
[[stores]]
code = "s"
name = "s"
merchant = "m"
[[units]]
code = "points"
name_zh = "积分"
name_en = "points"
kind = "points"
[rule_set]
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(GOOD + "= 1", "preset 'x'", id="no-toml"),
        pytest.param(GOOD.replace('"UTC"', '"Mars/Base"'), "no time zone", id="zone"),
        pytest.param(GOOD.replace('"UTC"', '"../x"'), "no time zone", id="zone-path"),
        pytest.param(GOOD.replace('"CNY"', '"yuan"'), "currency", id="currency"),
        pytest.param(
            GOOD.replace('merchant = "m"', 'merchant = "n"'), "no merchant", id="merchant"
        ),
        pytest.param(GOOD + "[surprise]", "surprise", id="unknown-section"),
    ],
)
def test_a_broken_file_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(presets.InvalidPreset, match=sentence):
        presets.read("x", text)


def test_a_broken_rule_set_is_refused_with_its_path() -> None:
    with pytest.raises(InvalidRuleSet) as refused:
        presets.read("x", GOOD + 'offset = {unit = "tea", points = 1, worth_minor = 1}')
    assert refused.value.fields["path"] == "$.offset.unit"


def test_a_good_file_reads() -> None:
    assert presets.read("x", GOOD).document == decode({})
