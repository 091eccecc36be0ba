"""The site in Debian's Chromium, on the whole running stack."""
