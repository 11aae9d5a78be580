"""The documentation of this repository, as pages at ``/docs/``.

It promises to serve the pages of ``docs/`` and their pictures, and nothing else: an address is
looked up among the files that are there, so none leads out of that folder. A page is read in the
language of the address; what is not there in Chinese is told in English, and says so.
"""
