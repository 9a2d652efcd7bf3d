"""Models of pydantic: classes that fill memos of their own as they are used, which are no content.

The way to set an attribute is kept when it is first set, and the signature when it is first asked for.
"""

from __future__ import annotations

from nbapp.libraries.profile import Profile, by_name
from nbapp.values.types import Adapter, reaches_nothing

_CLASSES = Adapter(memos=frozenset({"__pydantic_setattr_handlers__"}))
_LATER = Adapter(parts=lambda later: later.name, reach=reaches_nothing, shared=False)  # follows from the other members

PROFILE = Profile(lookups={"pydantic": by_name({"ModelMetaclass": _CLASSES, "LazyClassAttribute": _LATER})})
