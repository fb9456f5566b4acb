"""One page a task; `python -m docs.draw_rooms` draws the picture of architecture.md."""
