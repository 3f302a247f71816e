"""What is kept: imported files, and shops with their answers and audits."""
