import pytest

from anymeter.mbus.devices import device, medium, table


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0x00, "other"),
        (0x02, "electricity"),
        (0x03, "gas"),
        (0x04, "heat"),
        (0x06, "warm water"),
        (0x07, "water"),
        (0x08, "heat cost allocator"),
        (0x0A, "cooling"),
        (0x0B, "cooling"),
        (0x0C, "heat"),
        (0x0D, "heat/cooling"),
        (0x15, "hot water"),
        (0x16, "cold water"),
        (0x1A, "smoke detector"),
        (0x28, "waste water"),
        (0x31, "gateway"),
        (0x37, "radio converter (meter side)"),
        (0x80, "reserved"),
        (0xFF, "wildcard"),
    ],
)
def test_media(code, name):
    assert medium(code) == name


def test_the_table_has_every_type_once_in_order():
    assert [d.code for d in table()] == list(range(256))
    assert all(d.name and d.category and d.meaning for d in table())
    assert all(d.name == d.name.strip() for d in table())


def test_where_the_volume_is_measured_is_kept():
    assert "return" in device(0x04).meaning
    assert "flow" in device(0x0C).meaning
    assert device(0x37).category == "adapter"
