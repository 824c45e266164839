"""Runs the whole site on one machine: web, workers, beat and the embedded Valkey under one supervisor."""
