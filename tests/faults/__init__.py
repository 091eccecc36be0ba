"""Nothing lost, nothing twice, judged justly: proven under faults."""
