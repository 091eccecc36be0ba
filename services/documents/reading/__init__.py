"""Reads a signed confirmation back from its scan: whose it is, which version, dated, signed.

verdict     the result, and the rule that makes it of what was seen (pure)
pages       the file's first pages as pictures
codes       the printed code found in a picture
plane       homographies, and a picture sampled on the page's own millimetres
darkness    how dark each point is beside the paper around it
alignment   the page found in the picture, by the code and the bull's eyes
frames      the drawn frames found, and whether there is ink in them
beside      ink outside the frames: in a colour, or where nothing is printed
reader      all of it for one file

What is here runs in the inspectors' processes: it opens what strangers send. It knows of the form only the
marks that `registration` tells (`services.contracts.internal.ConfirmationMarks`).
"""
