"""Whatever scores articles against categories, one package for each way to do it."""
