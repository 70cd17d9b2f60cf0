"""How fast this machine computes, measured."""
