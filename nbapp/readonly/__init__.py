"""Whether a piece of code can only read: then nothing that it can reach has changed, and nobody needs to look."""
