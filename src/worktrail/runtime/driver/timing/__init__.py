"""Due times: one heap of reminders for a process, and what each kind of them asks."""
