"""The service: what a project can do, over HTTP and the Model Context Protocol."""
