"""HDLC addresses and frames for properties."""

from __future__ import annotations

from hypothesis import strategies as st

from anymeter.links.hdlc import Address, Frame

ADDRESSES = st.one_of(
    st.builds(Address, st.integers(0, 0x7F)),
    st.builds(Address, st.integers(0, 0x7F), st.integers(0, 0x7F), st.just(2)),
    st.builds(Address, st.integers(0, 0x3FFF), st.integers(0, 0x3FFF), st.just(4)),
)
ANY_FRAME = st.builds(
    Frame, ADDRESSES, ADDRESSES, st.integers(0, 255), st.binary(max_size=300), segmented=st.booleans()
)
