"""The memos of what cells did, and the bindings that they are compared with: bounded, and gone back over."""
