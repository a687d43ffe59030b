"""What comes in: folders and archives of notebooks, who handed in which, and the class list."""
