"""Who may come in: by a token or a link; what is said where there is no way in."""
