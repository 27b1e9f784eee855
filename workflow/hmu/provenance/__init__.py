"""Where every file came from, and whether it is still what it was.

``hashes`` says what a file holds, ``code`` which sources a step runs, ``behaviour`` what one source
does, ``machine`` what ran it.
Each job leaves these in a record (``lineage``). ``trace`` follows the records from a result back to
the raw data, ``verify`` compares them with the disk, and ``timestamps`` gives copied results their
times back.
"""
