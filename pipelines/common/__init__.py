"""What both sources share: declared tables, HTTP, Arrow, the raw layer's bookkeeping."""
