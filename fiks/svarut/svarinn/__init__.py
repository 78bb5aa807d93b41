"""SvarInn's part of a letter: it waits for its mottakersystem, is fetched, and is answered (svarut.md 4)."""
