"""Use cases of the incident half: tell buyers, help them, appeal, learn."""
