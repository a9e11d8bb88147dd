"""Facts from one service to the others: nothing lost, nothing twice, in order per subject."""
