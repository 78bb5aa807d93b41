"""SvarInn's end of a letter: it lies ready for its mottakersystem, is fetched, and is answered (svarut.md 4)."""
