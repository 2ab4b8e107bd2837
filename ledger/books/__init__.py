"""The books: Beancount text that is a pure function of the sealed record, one folder per book."""
