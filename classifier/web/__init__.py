"""What is served over HTTP. Starlette and uvicorn are imported when a server starts, not before."""
