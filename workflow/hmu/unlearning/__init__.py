"""What an unlearning method is given, what it gives back, and the codes of a concept."""
