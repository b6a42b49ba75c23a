"""A report page made into something else: a bare page for whoever holds a link, or a PDF.

Both are made from the page itself, as it was rendered for its reader, so that they show the same
figures to the last digit and follow whatever a page shows next. Pure: HTML in, HTML or bytes out.

    bare(html, keep_comments=…) -> Bare      the content without navigation, forms and links
    pdf(html, about=…) -> bytes              set with typst
    png(svg, alt…) -> bytes                  a picture for a mail
"""

from analytics.printing.bare import Bare, bare
from analytics.printing.pdf import About, pdf
from analytics.printing.pictures import png

__all__ = ["About", "Bare", "bare", "pdf", "png"]
