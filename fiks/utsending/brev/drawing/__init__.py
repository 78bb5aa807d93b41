"""HTML to PDF with WeasyPrint: fonts, page boxes, accessibility. Loads WeasyPrint."""
