"""The embedded driver, in parts. Its door is ``worktrail.runtime``."""
