"""A labelled set of records that two systems have of the same customers, contacts and products.

Nothing here knows how the models compare: no code and no list of words is shared with them, and
some kinds of noise are such that no rule was written for them.
"""
