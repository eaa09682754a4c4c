"""Other processes: taking over their runs, answering their wishes."""
