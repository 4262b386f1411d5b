"""How a person writes a JSON value: ``2026-05-14`` as "14 May", ``15:00`` as "3 pm", ``2`` as "two".

It works both ways. `say` picks a way to speak a value that can be read back without loss; `parts` lists
every way in which a value may have been written, to look for it in a text. What `say` says, `parts`
finds. Nothing here knows sentences, tools or dialogues.

Ours, all of it: the language is English; a date-time in UTC and one without an offset are said alike;
dates in bare numbers (05/06/2026) are found and never said.
"""

from toolflow.surface.dates import as_date_time, as_moment, read_date_in, shifted
from toolflow.surface.forms import Part, forms, parts, say
from toolflow.surface.numbers import as_decimal, spelled

__all__ = [
    "Part",
    "as_date_time",
    "as_decimal",
    "as_moment",
    "forms",
    "parts",
    "read_date_in",
    "say",
    "shifted",
    "spelled",
]
