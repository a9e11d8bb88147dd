"""Taking over partners and contracts from files. A client of the services, as the gateway is."""
