"""Real pcscd, real vpcd, our virtual card, and the programs that use them: all private to one test.

Nothing here touches the machine's own PC/SC service, its readers or its cards.
"""
