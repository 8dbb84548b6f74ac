"""The review page: one local server, one page, one `Review` behind both."""
