"""Accounts: e-mail, password, activation, login, sessions. The one owner of the e-mail address."""
