"""Login and logout with ID-porten, confirming one's identity, and choosing the organisation to act for."""
