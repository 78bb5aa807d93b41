"""The use cases of a draft: its facts and choices, the confirmation of its control, the wizard."""
