"""State of the process that code sets and other code obeys, in pieces that can be compared and put back."""
