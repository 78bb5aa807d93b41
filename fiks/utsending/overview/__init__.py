"""Pages across mailings: the list, one mailing's page, key figures, tasks."""
