"""Faculty development: programmes, their participants, attendance, certificates and evaluation."""
