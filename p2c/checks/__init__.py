"""What is examined before anything is written: seeds, gates, held flows, the doctor's checks."""
