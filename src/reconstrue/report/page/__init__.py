"""The page: `content` (what it holds), `html` (how it is written), and its one style sheet and one script."""

from reconstrue.report.page.content import (
    Answer,
    Gallery,
    GalleryItem,
    Group,
    Page,
    PageFigure,
    benchmark_page,
)
from reconstrue.report.page.html import page_html, table_html, write_page

__all__ = [
    "Answer",
    "Gallery",
    "GalleryItem",
    "Group",
    "Page",
    "PageFigure",
    "benchmark_page",
    "page_html",
    "table_html",
    "write_page",
]
