"""The site's own rooms, for the pages of every service.

    visit       who looks at which page, in which language: one per request
    language    French, and English by a catalogue
    tokens      forms of another site are refused
    notices     what the page after a redirect says first
    form        what was typed, and what is wrong with it
    assets      the built style sheet and script
    headers     what a browser may do with our answers
    routing     the router of pages, and who must be logged in

Rendering itself is `services.chassis.rendering`. `docs/decisions/0007-site.md` tells how to write a page.
"""
