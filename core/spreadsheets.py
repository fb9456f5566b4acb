"""CSV files that are safe to open in a spreadsheet."""

# Tells spreadsheets that a file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(cell: str) -> str:
    """Keep spreadsheets from reading what somebody wrote as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def escape_text(cell: str) -> str:
    """Do so for what is no number, in a way that unescape_text() takes back."""
    needs_quote = cell.lstrip("'").startswith(FORMULA_SIGNS) and not is_number(cell)
    return f"'{cell}" if needs_quote else cell


def unescape_text(cell: str) -> str:
    """Return what escape_text() was given."""
    is_escaped = cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_SIGNS)
    return cell[1:] if is_escaped else cell


def is_number(cell: str) -> bool:
    """Whether a spreadsheet reads it as a number, as "-3.2e-05"."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
