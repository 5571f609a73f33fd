import ast
import zipfile

import convert_prices
import pytest

DATA = """
providers: list[Provider] = [
    Provider(
        id='p',
        model_match=ClauseContains(contains='Big'),
        models=[
            ModelInfo(
                id='m',
                match=ClauseAnd(and_=[ClauseEquals(equals='M'), ClauseRegex(regex='^(?!x(y|z))m')]),
                description='not kept',
                prices=[
                    ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('0.3'), audio_hours=Decimal('1'))),
                    ConditionalPrice(
                        constraint=StartDateConstraint(start_date=datetime.date(2026, 2, 9)),
                        prices=ModelPrice(
                            input_mtok=TieredPrices(base=Decimal('1'), tiers=[Tier(start=200000, price=Decimal('2'))]),
                            requests_kcount=Decimal('5'),
                            web_searches_kcount=Decimal('10'),
                        ),
                    ),
                ],
                price_variants=[PriceVariant(when={'processing': 'batch'}, prices=ModelPrice(input_mtok=Decimal('0.5')))],
            )
        ],
    )
]
"""


def test_table(tmp_path):
    wheel = tmp_path / "genai_prices-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("genai_prices/data.py", DATA)
    assert convert_prices.table(wheel) == {
        "source": "genai-prices 1.2.3",
        "providers": [
            {
                "id": "p",
                "model_match": {"contains": "big"},
                "models": [
                    {
                        "id": "m",
                        "match": {
                            "and": [{"equals": "m"}, {"and": [{"not": {"regex": "^x(y|z)"}}, {"regex": "^m"}]}],
                        },
                        "prices": [
                            {"input": 0.3, "uncounted": ["audio_hours"]},
                            {
                                "from": "2026-02-09",
                                "input": {"base": 1.0, "tiers": [{"above": 200000, "rate": 2.0}]},
                                "request": 0.005,
                            },
                        ],
                        "variants": [{"when": {"processing": "batch"}, "input": 0.5}],
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    "source",
    ["[1 + 1]", "[open('/etc/passwd').read()]", "[ModelInfo(id='m', match=x, prices=[ConditionalPrice(Week(), prices=p)])]"],
)
def test_what_is_no_data_is_refused(source):
    with pytest.raises((ValueError, AttributeError, TypeError, KeyError)):
        convert_prices.model(convert_prices.evaluate(ast.parse(source, mode="eval").body)[0])
