"""How many epochs, at which learning rate and batch size, and is it worth training longer?"""

from epochsearch.tasks.base import Task

__all__ = ["Task", "__version__"]
__version__ = "0.1.0"
