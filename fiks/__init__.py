"""The house: everything that is true without web or queue. One package per Fiks service."""
