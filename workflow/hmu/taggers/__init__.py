"""Taggers: from a sentence to HumanML3D's word/POS tokens, one file each.

A tagger is a file in ``hmu/taggers`` with a function ``tagger() -> Callable[[str], str]``: it
makes ready what tagging needs, and what it returns turns one sentence into tokens. The rules are
HumanML3D's (text_process.py): hyphens go, words of letters alone stay, nouns and verbs (but for
"left") give way to their lemma, and the parts of speech are the universal ones.
"""
