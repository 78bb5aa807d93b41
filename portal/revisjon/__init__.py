"""The audit log's page: who did what, about whom, by what right. See `routes`."""
