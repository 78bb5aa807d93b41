"""The audit log's page: who did what, about whom, and on what legal basis."""
