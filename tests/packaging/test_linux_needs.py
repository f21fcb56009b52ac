"""Which Debian packages a bundle is said to need."""

from __future__ import annotations

import pytest
import set_up
from linux import system_needs

OBJDUMP = """
libqxcb.so:     file format elf64-x86-64
Dynamic Section:
  NEEDED               libEGL.so.1
  NEEDED               libc.so.6
  SONAME               libqxcb.so
Version References:
  required from libc.so.6:
    0x069691b4 0x00 05 GLIBC_2.34
    0x09691a75 0x00 02 GLIBC_2.9
"""


def test_needed_libraries_and_the_oldest_c_library_are_read() -> None:
    assert system_needs.read(OBJDUMP) == ({"libEGL.so.1", "libc.so.6"}, "2.34")


def test_libraries_become_packages_without_what_is_optional() -> None:
    found = system_needs.from_debian({"libGL.so.1", "libc.so.6", "libm.so.6", "libwayland-client.so.0", "libxcb.so.1"})
    assert found == ["libgl1", "libxcb1"]


def test_a_library_that_no_known_package_brings_is_named() -> None:
    with pytest.raises(set_up.SetUpError, match=r"needs libodd\.so\.3"):
        system_needs.from_debian({"libodd.so.3", "libGL.so.1"})
