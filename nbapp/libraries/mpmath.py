"""mpmath: how precise its numbers are, and how they are shown."""

from __future__ import annotations

from nbapp.libraries.profile import Profile
from nbapp.libraries.slot import of_attributes

PROFILE = Profile(options=(of_attributes("mpmath", "mp", lambda mp: ("prec", "pretty", "trap_complex")),))
