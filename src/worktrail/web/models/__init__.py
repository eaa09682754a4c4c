"""The documents of the API, as pydantic models: what OpenAPI says and what requests are read by."""
