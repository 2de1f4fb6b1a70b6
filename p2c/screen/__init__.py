"""What a person sees: text that fits the terminal, tables, bars."""
