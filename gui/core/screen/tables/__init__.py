"""Tables on the screen: long ones, and how they leave the window."""
