"""The checks behind `quality.rules`, by what they look at; each yields the reasons why a commentary breaks its rule."""
