// Nothing of its own: this target exists for its precompiled header.
