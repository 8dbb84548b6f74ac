"""Links to the pages of categories, put into the text of articles and taken out again."""
