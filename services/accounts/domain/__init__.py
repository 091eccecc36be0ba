"""The rules of accounts: pure, without a clock or I/O of their own."""
