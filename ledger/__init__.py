"""The money: every channel's fen stays in its channel, and what is posted stays posted."""
