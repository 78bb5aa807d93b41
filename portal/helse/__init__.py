"""What supervisors and operations ask a process: does it live, can it work, how does everything stand."""
