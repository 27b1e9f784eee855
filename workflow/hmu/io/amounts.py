"""Seconds, joules and bytes as people say them."""


def duration(seconds: float) -> str:
    """``0.4 s``, ``2 min 5 s``, ``3 h 20 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def roughly(seconds: float) -> str:
    """The same without what an estimate cannot know: ``12 s``, ``2 min``, ``3 h 20 min``."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def energy(joules: float) -> str:
    """``0.4 J``, ``1.2 kJ``, ``3.5 MJ``."""
    for unit in ("J", "kJ", "MJ"):
        if joules < 1000:
            return f"{joules:.1f} {unit}"
        joules /= 1000
    return f"{joules:.1f} GJ"


def size(count: int) -> str:
    """``512 B``, ``1.2 MB``: decimal units."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
