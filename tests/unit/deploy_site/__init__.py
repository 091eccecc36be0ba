"""The build of the site's assets."""
