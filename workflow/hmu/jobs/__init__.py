"""Jobs as the rules of the workflow describe them, for who forgets without the workflow.

What they read, write and are told is the same, so that each takes up what the other has made;
a test holds the two together.
"""
