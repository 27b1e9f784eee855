"""A caption as words, and which of them name a motion of a concept."""

from collections.abc import Sequence

from hmu.rephrasing import english
from hmu.rephrasing.book import book


class Caption:
    """The words and marks of a caption, ``words`` as they are and ``low`` in small letters.

    Compounds are the words to read instead ("kick boxing": "kickboxing"), and names of two words
    are one ("jumping jacks").
    """

    def __init__(self, text: str, keywords: Sequence[str]) -> None:
        self.book = book()
        self.text = text
        self.keywords = [word.lower() for word in keywords]
        names = self.book.names
        self._lemmas = {names[word][0] for word in self.keywords if word in names}
        self.words = self._simple(english.tokens(text))
        self.low = [word.lower() for word in self.words]

    def __len__(self) -> int:
        return len(self.words)

    def _simple(self, words: list[str]) -> list[str]:
        simple: list[str] = []
        at = 0
        while at < len(words):
            word, pair = words[at].lower(), " ".join(words[at : at + 2]).lower()
            if pair in self.book.compounds and pair != word:
                simple += self.book.compounds[pair].split()
                at += 2
                continue
            if pair in self.book.names and pair != word:
                simple.append(pair)
                at += 2
                continue
            held = word in self.book.compounds and self.holds(word)
            simple += self.book.compounds[word].split() if held else [words[at]]
            at += 1
        return simple

    def word(self, at: int) -> str:
        """The word at a place, in small letters; nothing outside of the caption."""
        return self.low[at] if 0 <= at < len(self.low) else ""

    def follows(self, at: int, text: str) -> bool:
        """Whether these words stand there."""
        words = text.split()
        return self.low[at : at + len(words)] == words

    def holds(self, text: str) -> bool:
        """Whether a text holds a keyword."""
        return any(keyword in text for keyword in self.keywords)

    def name(self, at: int) -> str:
        """The motion of the concept that a word names, or nothing."""
        word = self.word(at)
        if word not in self.book.names:
            return ""
        name, _ = self.book.names[word]
        return name if name in self._lemmas or self.holds(word) or self.holds(name) else ""

    def forms(self, at: int) -> tuple[str, ...]:
        """The forms that the word at a place, which names a motion, may have as a verb."""
        return self.book.names[self.low[at]][1]
