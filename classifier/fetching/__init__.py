"""Web pages that a person names, fetched into files: the only code that asks servers for articles.

Start with `pages.fetch`. `addresses` knows URLs and which computers are private, `client` one
bounded request, `visits` the manners of a visitor: `robots.txt`, pauses, redirects.
"""
