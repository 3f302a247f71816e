"""What the screen and the services read many times over is read once as of one moment; see ``data.storage.moment``."""

from pdd_audit.data.storage.moment import once, one_moment

__all__ = ["once", "one_moment"]
