"""One spider per portal; file, spider, YAML and test folder share one name."""
