"""A server: its lines, what they have in common, and what the package offers."""

from anymeter.dlms import server as package
from anymeter.dlms.server import Line, Server, Settings
from anymeter.links.events import Route, Unit
from dlms_meter import GAUGE, Meter, aarq


def test_what_the_package_offers():
    assert package.__all__ == ["Line", "Server", "Settings"]


def test_a_server_has_settings_of_its_own_or_the_usual_ones():
    device = Meter().device
    assert Server(device).settings == Settings()
    assert Server(device, Settings(window=3)).settings.window == 3
    assert isinstance(Server(device).line(), Line)


def test_all_lines_serve_the_same_device():
    meter = Meter().opened()
    other, route = meter.server.line(), Route(16, 1)
    other.answer(Unit(route, bytes.fromhex(aarq())), 0)
    assert meter.server.associations == 2
    other.answer(Unit(route, bytes.fromhex(f"C101C1 {GAUGE} 02 00 06 00000007")), 0)
    assert meter.ask(f"C001C1 {GAUGE} 02 00") == "C401C10006" + "00000007"
    other.closed(None, 0)
    assert meter.server.associations == 1


def test_servers_have_nothing_in_common():
    one, two = Meter().opened(), Meter()
    assert two.server.associations == 0
    one.ask(f"C301C1 {GAUGE} 04 00")
    assert len(one.server.faults) == 1
    assert not two.server.faults


def test_only_the_last_faults_are_kept():
    meter = Meter().opened()
    for _ in range(150):
        meter.ask(f"C301C1 {GAUGE} 04 00")
    assert len(meter.server.faults) == 100
