"""What runs find out and what is kept of them: results, tables, folders, the packs of those that ship."""
