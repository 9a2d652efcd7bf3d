"""What cells, callbacks and visitors gave the traits of widgets, and how that is taken back and given again."""
