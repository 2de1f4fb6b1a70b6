"""What is to be written: plans from the changes models, retries, undos, and the guards."""
