"""What people see of an evaluation in their terminal: its progress, and its summary at the end."""
