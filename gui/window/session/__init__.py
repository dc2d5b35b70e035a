"""The session and what is written for it: saved, locked, brought back, tidied."""
