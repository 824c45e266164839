"""The administrators' pages of policies."""
