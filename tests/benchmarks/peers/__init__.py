"""What a team would otherwise use, doing the same work in the same run."""
