"""What a value is: its digest, what it reaches, the names that its code looks up. Imports nothing else of nbapp."""
