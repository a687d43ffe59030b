"""What a cell shows: the style of plots, SVG, tables, quoted code and questions."""
