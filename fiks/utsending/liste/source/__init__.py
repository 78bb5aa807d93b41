"""From an uploaded csv or xlsx file to rows with named columns."""
