"""The site of the chassis: what pages of every service rest on."""
