"""High-level authentication: worked examples, passes 3 and 4 as mirrors, and peers that do not prove themselves."""

import pytest

import dlms_keys as k
from anymeter.dlms.security import Keys, Side, check_challenges, check_response, respond
from anymeter.errors import LocalError, SecurityError

CLIENT = Side(k.STOC, k.CTOS, k.OTHER_TITLE, k.TITLE)
SERVER = CLIENT.mirrored()
LONG = Side(b"s" * 32, b"c" * 32, k.OTHER_TITLE, k.TITLE)


@pytest.mark.parametrize("v", k.params("hls"))
def test_a_worked_example(v):
    mechanism, secret = v["mechanism"], k.octets(v.get("secret", ""))
    client = respond(mechanism, CLIENT, secret=secret, keys=k.KEYS, counter=1)
    assert client == k.octets(v["client"])
    assert check_response(mechanism, client, SERVER, secret=secret, keys=k.KEYS) == (1 if mechanism == 5 else None)
    if "server" in v:
        server = respond(mechanism, SERVER, secret=secret, keys=k.KEYS, counter=0x01234567)
        assert server == k.octets(v["server"])
        check_response(mechanism, server, CLIENT, secret=secret, keys=k.KEYS)


@pytest.mark.parametrize("mechanism", [2, 3, 4, 6])
def test_a_wrong_secret_does_not_prove_a_peer(mechanism):
    answer = respond(mechanism, CLIENT, secret=b"right secret 123")
    check_response(mechanism, answer, SERVER, secret=b"right secret 123")
    with pytest.raises(SecurityError, match="the secret is wrong"):
        check_response(mechanism, answer, SERVER, secret=b"wrong secret 123")


@pytest.mark.parametrize("mechanism", [2, 3, 4, 5, 6])
def test_the_answer_of_one_side_is_not_the_answer_of_the_other(mechanism):
    answer = respond(mechanism, CLIENT, secret=b"secret", keys=k.KEYS, counter=1)
    assert answer != respond(mechanism, SERVER, secret=b"secret", keys=k.KEYS, counter=1)


def test_mechanism_2_pads_to_whole_blocks():
    assert len(respond(2, Side(bytes(8)), secret=b"k")) == 16
    assert len(respond(2, Side(bytes(16)), secret=b"k")) == 16
    assert len(respond(2, Side(bytes(17)), secret=b"k")) == 32


@pytest.mark.parametrize("suite", [1, 2])
def test_signatures_prove_both_sides(suite):
    client, server = k.pair(suite)
    answer = respond(7, LONG, keys=client)
    assert len(answer) == 2 * k.SIZES[suite]
    check_response(7, answer, LONG.mirrored(), keys=server)
    with pytest.raises(SecurityError, match="the public signing key is wrong"):
        check_response(7, answer, LONG.mirrored(), keys=client)
    with pytest.raises(SecurityError, match="the peer does not prove itself"):
        check_response(7, answer, LONG, keys=server)


@pytest.mark.parametrize("suite", [0, 1, 2])
def test_the_security_control_of_mechanism_5_carries_the_suite(suite):
    keys = k.SUITE_2 if suite == 2 else k.KEYS
    answer = respond(5, CLIENT, keys=keys, suite=suite, counter=9)
    assert answer[0] == 0x10 | suite
    assert check_response(5, answer, SERVER, keys=keys) == 9


@pytest.mark.parametrize("at", range(17))
def test_every_octet_of_a_gmac_counts(at):
    answer = bytearray(respond(5, CLIENT, keys=k.KEYS, counter=1))
    answer[at] ^= 1
    with pytest.raises(SecurityError):
        check_response(5, bytes(answer), SERVER, keys=k.KEYS)


def test_a_gmac_of_another_size_is_refused():
    with pytest.raises(SecurityError, match="17 octets are needed, these are 3"):
        check_response(5, b"abc", CLIENT, keys=k.KEYS)
    with pytest.raises(SecurityError, match="security suite 15 is unknown"):
        check_response(5, b"\xff" * 17, CLIENT, keys=k.KEYS)


def test_keys_that_are_not_there_are_named():
    with pytest.raises(SecurityError, match="encryption key is needed"):
        respond(5, CLIENT)
    with pytest.raises(SecurityError, match="authentication key is needed"):
        respond(5, CLIENT, keys=Keys(encryption=k.EK))
    with pytest.raises(SecurityError, match="private signing key is needed"):
        respond(7, LONG)
    with pytest.raises(SecurityError, match="public signing key is needed"):
        check_response(7, bytes(64), LONG)
    with pytest.raises(SecurityError, match="system title"):
        respond(6, Side(k.STOC, k.CTOS))


@pytest.mark.parametrize("mechanism", [0, 1, 8])
def test_mechanisms_without_a_challenge_are_our_mistake(mechanism):
    with pytest.raises(LocalError, match="has no challenge to answer"):
        respond(mechanism, CLIENT)


def test_our_own_challenge_given_back_is_refused():
    check_challenges(5, k.CTOS, k.STOC)
    with pytest.raises(SecurityError, match="our own challenge back"):
        check_challenges(5, k.CTOS, k.CTOS)


@pytest.mark.parametrize(
    ("mechanism", "size", "fits"), [(5, 7, 0), (5, 8, 1), (5, 64, 1), (5, 65, 0), (7, 31, 0), (7, 32, 1)]
)
def test_the_size_of_a_challenge(mechanism, size, fits):
    if fits:
        check_challenges(mechanism, b"", b"x" * size)
        return
    with pytest.raises(SecurityError, match=f"not {size}"):
        check_challenges(mechanism, b"", b"x" * size)


def test_challenges_do_not_show():
    assert "K56" not in repr(CLIENT)
