"""What waits on whom, over all clients a viewer sees."""
