"""Parts that pages share: layout, menu, tables, charts, search forms, edit conflicts, files to download,
error pages.
"""
