"""The sign-in, its links, and *Mein Zugang*."""
