"""The rules of `registration`, without any part."""
