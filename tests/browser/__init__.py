"""The web application in a real browser, over a real server on a real database."""
