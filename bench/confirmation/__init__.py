"""What drawing a confirmation, and finding where it is blank, keeps other requests of its process from."""
