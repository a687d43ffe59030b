"""The static site: `python -m book.site` builds it, `python -m book.site serve` shows it live."""
