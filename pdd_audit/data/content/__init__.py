"""Checklists, rules and answers: YAML from people, read without trust."""
