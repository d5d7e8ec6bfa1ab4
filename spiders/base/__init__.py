"""One base spider per way of publishing."""
