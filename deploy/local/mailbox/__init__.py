"""The local mailbox: takes every mail and shows it, on a page and as JSON. Nothing is sent on."""
